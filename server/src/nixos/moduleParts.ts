import { listFrom } from "../nix/arguments";
import { pathOfTerm } from "../nix/libraryFiles";
import { select } from "../nix/select";
import { attrs, type Call, forceRaw, ready, type Term, type Thunk, unknown, unknownPart } from "../nix/terms";
import type { UnknownValue } from "../nix/value";
import type { Alias } from "./aliases";
import type { Definition } from "./definitions";

/** A module as the module system reads it. */
export interface Module {
  /** The file it is imported from; null where it is handed over as a value. */
  readonly file: string | null;
  /** The file it is written in; null where it is made by functions. */
  readonly writtenIn: string | null;
  readonly config: Definition | null;
  readonly options: Definition | null;
  readonly alias: Alias | null;
}

/** A module with what it brings besides. */
export interface Read {
  readonly key: string | Term | null;
  readonly module: Module;
  readonly imports: readonly Definition[];
  readonly disabled: readonly string[];
  readonly unknown: readonly UnknownValue[];
}

/** What a module may have at its top when it has `config` or `options` there; else all but these are options it sets. */
const reserved = [
  "imports",
  "options",
  "config",
  "disabledModules",
  "_file",
  "key",
  "freeformType",
  "require",
  "_class",
];

/** The module that a set is. */
export function parts(
  term: Extract<Term, { kind: "attrs" }>,
  module: Module,
  as: (value: Thunk) => Definition,
  call: Call,
): Pick<Read, "module" | "imports" | "disabled" | "unknown" | "key"> {
  const { run, at } = call;
  const member = (name: string): Thunk | null => {
    const found = memberRaw(term, name, call);
    return found === null ? null : ready(found, at);
  };
  const [config, options, imports] = [member("config"), member("options"), member("imports")];
  const isLong = config !== null || options !== null;
  const own = term.members.filter(({ path }) => !reserved.includes(path[0]?.name ?? ""));
  const short = isLong ? null : ready({ ...attrs(own, term.unknown), shared: term.shared }, at);
  const list = imports === null ? null : listFrom(imports);
  const unknowns: UnknownValue[] = [...(list?.unknown ?? [])];
  if (imports !== null && list === null) unknowns.push(reasonOf(imports));
  const key = select(term, "key", run);
  return {
    key: key?.kind === "string" ? key.text : (module.file ?? term),
    module: {
      ...module,
      config: config === null ? (short === null ? null : as(short)) : as(config),
      options: options === null ? null : as(options),
    },
    imports: (list?.elements ?? []).map((element) => {
      const imported = as(element.value);
      return { ...imported, conditional: imported.conditional || element.conditional };
    }),
    disabled: disabledIn(member("disabledModules"), call),
    unknown: unknowns,
  };
}

/** The attribute as it is written, with `mkIf` and the like; null where there is none. */
function memberRaw(term: Extract<Term, { kind: "attrs" }>, name: string, { at }: Call): Term | null {
  const members = term.members.filter(({ path }) => path[0]?.name === name);
  const [first] = members;
  if (first === undefined) return null;
  if (members.length === 1 && first.path.length === 1 && !first.conditional) return forceRaw(first.value);
  // `options.a = …; options.b = …;` or `config = …; config.b = …;`
  const rest = members.flatMap((member) => {
    if (member.path.length > 1) return [{ ...member, path: member.path.slice(1) }];
    const inner = forceRaw(member.value);
    return inner.kind === "attrs" ? inner.members : [];
  });
  return rest.length > 0 ? attrs(rest) : unknown(`\`${name}\` at ${at.start} is not resolved`);
}

/** The keys of disabled modules: paths, or what they call themselves. Those of nixpkgs by name are none of the project's. */
function disabledIn(given: Thunk | null, call: Call): string[] {
  const list = given === null ? null : listFrom(given);
  return (list?.elements ?? []).flatMap(({ value }) => {
    const term = forceRaw(value);
    const key = term.kind === "attrs" ? select(term, "key", call.run) : null;
    return key?.kind === "string" ? key.text : (pathOfTerm(term, call) ?? []);
  });
}

function reasonOf(thunk: Thunk): UnknownValue {
  const term = forceRaw(thunk);
  return unknownPart(term.kind === "unknown" ? term : unknown("it is not a list"), thunk.span);
}
