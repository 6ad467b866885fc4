import { attrsFrom, textFrom, textsFrom } from "./arguments";
import { builtin, partlyKnown } from "./known";
import { pathOfTerm } from "./libraryFiles";
import { select } from "./select";
import { type Builtin, bool, type Call, force, string, type Term, unknown } from "./terms";
import { pathOf } from "./text";

/** `lib.path`, `lib.sources` and `builtins`: functions over paths. */
export const paths: Readonly<Record<string, Builtin>> = {
  pathIsDirectory: kindTest("folder"),
  pathIsRegularFile: kindTest("file"),
  /** What is filtered out is no module. */
  cleanSource: { arity: 1, run: ([path]) => (path === undefined ? null : force(path)) },
  path: {
    arity: 1,
    run: ([given], call) => {
      const set = attrsFrom(given);
      const found = set === null ? null : select(set, "path", call.run);
      return set === null || found === null || select(set, "filter", call.run) !== null ? null : asPath(found, call);
    },
  },
  /** A path made of a string; JavaScript has none of Nix's string contexts to lose. */
  toPath: { arity: 1, run: ([path], call) => (path === undefined ? null : asPath(force(path), call)) },
  unsafeDiscardStringContext: { arity: 1, run: ([text]) => (text === undefined ? null : force(text)) },
};

function kindTest(wanted: "file" | "folder"): Builtin {
  return {
    arity: 1,
    run: ([path], call) => {
      const [at, { world }] = [path === undefined ? null : pathOfTerm(force(path), call), call.run];
      return at === null || world === null ? null : bool(world.files.kind(at) === wanted);
    },
  };
}

function asPath(term: Term, call: Call): Term | null {
  if (term.kind === "path") return term;
  const path = pathOfTerm(term, call);
  return path === null ? null : pathOf(path);
}

const others = unknown("this function is not followed");

/** `lib.path`: its functions have names that others of `lib` have, too. */
export const pathLibrary: Term = partlyKnown(
  {
    append: () =>
      builtin(2, ([path, below]) => {
        const [term, text] = [path === undefined ? null : force(path), textFrom(below)];
        if (term?.kind !== "path" || text === null) return null;
        return pathOf(`${term.text}/${text}`, term.base === undefined ? {} : { base: term.base });
      }),
    subpath: () =>
      partlyKnown(
        {
          join: () =>
            builtin(1, ([parts]) => {
              const texts = textsFrom(parts);
              const joined = texts === null ? null : pathOf(`./${texts.join("/")}`);
              return joined?.kind === "path" ? string(joined.text === "./" ? "./." : joined.text) : null;
            }),
        },
        others,
      ),
  },
  others,
);
