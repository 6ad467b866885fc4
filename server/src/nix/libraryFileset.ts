import { boolFrom, later, wholeFrom } from "./arguments";
import { builtin, partlyKnown } from "./known";
import { filesBelow, pathOfTerm } from "./libraryFiles";
import {
  attrs,
  bool,
  type Call,
  force,
  list,
  made,
  member,
  type OpenSet,
  ready,
  string,
  type Term,
  type Thunk,
  unknown,
} from "./terms";

/** The files of sets that `lib.fileset` made. */
const filesets = new WeakMap<OpenSet, ReadonlySet<string>>();

function filesetOf(files: Iterable<string>): Term {
  const opaque = unknown("it is a set of files");
  const set: OpenSet = {
    member: (name) => (name === "_type" ? string("fileset") : null),
    has: (name) => name === "_type",
    whole: () => opaque,
  };
  filesets.set(set, new Set(files));
  return { kind: "open", set };
}

/** A path stands for itself and all files below. Null where it is not known. */
function filesIn(thunk: Thunk | undefined, call: Call): ReadonlySet<string> | null {
  const term = thunk === undefined ? null : force(thunk);
  if (term?.kind === "open") return filesets.get(term.set) ?? null;
  const [path, { world }] = [term?.kind === "path" ? pathOfTerm(term, call) : null, call.run];
  const kind = path === null || world === null ? null : world.files.kind(path);
  if (path === null || world === null || kind === null) return null;
  const files = kind === "file" ? [path] : filesBelow(path, world, call.run);
  return files === null ? null : new Set(files);
}

/** What two sets of files make together. */
function together(of: (a: ReadonlySet<string>, b: ReadonlySet<string>) => Iterable<string>): Term {
  return builtin(2, ([a, b], call) => {
    const [x, y] = [filesIn(a, call), filesIn(b, call)];
    return x === null || y === null ? null : filesetOf(of(x, y));
  });
}

const others = unknown("this function of `lib.fileset` is not followed");

/** `lib.fileset`: sets of files, as modules are collected with them. */
export const filesetLibrary: Term = partlyKnown(
  {
    union: () => together((a, b) => [...a, ...b]),
    intersection: () => together((a, b) => [...a].filter((file) => b.has(file))),
    difference: () => together((a, b) => [...a].filter((file) => !b.has(file))),
    unions: () =>
      builtin(1, ([from], call) => {
        const all = new Set<string>();
        for (const { value } of wholeFrom(from) ?? [{ value: undefined }]) {
          const files = filesIn(value, call);
          if (files === null) return null;
          for (const file of files) all.add(file);
        }
        return filesetOf(all);
      }),
    fileFilter: () =>
      builtin(2, ([predicate, path], call) => {
        const kept: string[] = [];
        for (const file of filesIn(path, call) ?? [null]) {
          const keep = file === null ? null : boolFrom(later(predicate, [ready(described(file, call), call.at)], call));
          if (file === null || keep === null) return null;
          if (keep) kept.push(file);
        }
        return filesetOf(kept);
      }),
    maybeMissing: () =>
      builtin(1, ([path], call) => {
        const term = path === undefined ? null : force(path);
        const at = term?.kind === "path" ? pathOfTerm(term, call) : null;
        if (at === null || call.run.world === null) return null;
        const files = call.run.world.files.kind(at) === null ? [] : filesIn(path, call);
        return files === null ? null : filesetOf(files);
      }),
    /** Flakes see tracked files only. */
    gitTracked: () =>
      builtin(1, ([path], call) => {
        const files = filesIn(path, call);
        return files === null ? null : filesetOf(files);
      }),
    toList: () =>
      builtin(1, ([from], call) => {
        const files = filesIn(from, call);
        return files === null ? null : list([...files].map((file) => made({ kind: "path", text: file }, call.at)));
      }),
  },
  others,
);

/** What a filter is asked about a file. */
function described(file: string, { at }: Call): Term {
  const name = file.slice(file.lastIndexOf("/") + 1);
  const hasExt = builtin(1, ([extension]) => {
    const term = extension === undefined ? null : force(extension);
    return term?.kind === "string" ? bool(name.endsWith(`.${term.text}`)) : null;
  });
  return attrs([
    member("name", ready(string(name), at), at),
    member("type", ready(string("regular"), at), at),
    member("hasExt", ready(hasExt, at), at),
  ]);
}
