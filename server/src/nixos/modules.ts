import { apply } from "../nix/apply";
import { boolFrom, listFrom } from "../nix/arguments";
import { pathOfTerm } from "../nix/libraryFiles";
import { span as spanOf } from "../nix/nodes";
import { rootScope } from "../nix/scope";
import { select } from "../nix/select";
import {
  attrs,
  type Call,
  forceRaw,
  newRun,
  type PathTerm,
  type Run,
  ready,
  spend,
  type Term,
  type Thunk,
  unknown,
  unknownPart,
} from "../nix/terms";
import { evaluatePath } from "../nix/text";
import type { UnknownValue } from "../nix/value";
import { aboutNodes } from "../syntax/node";
import { aheadOf, type Names } from "./ahead";
import { type Definition, type Definitions, definition, nothing } from "./definitions";

/** A module as the module system reads it. */
export interface Module {
  /** The file it is imported from; null where it is handed over as a value. */
  readonly file: string | null;
  /** The file it is written in; null where it is made by functions. */
  readonly writtenIn: string | null;
  readonly config: Definition | null;
  readonly options: Definition | null;
  readonly alias: { readonly from: readonly string[]; readonly to: readonly string[] } | null;
}

export interface Collected {
  /** In the order they were found: each before the modules it imports. */
  readonly modules: readonly Module[];
  /** Modules of this repository that are not known. */
  readonly unknown: readonly UnknownValue[];
}

/** More modules than any configuration of one repository has. */
const maximumModules = 5000;
/** What reading one takes. */
const stepsOfModule = 10;

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

/** Reads modules and all they import, each once. `given` is what module functions are called with. */
export function collectModules(start: readonly Definition[], argument: Term, call: Call): Collected {
  const given = new Given(argument);
  const disabled = new Set<string>();
  const reads = new Map<Definition, Read | NoModule>();
  const read = (one: Definition): Read | NoModule => {
    const found = reads.get(one) ?? readModule(one, given, call);
    reads.set(one, found);
    if (!("reason" in found)) for (const key of found.disabled) disabled.add(key);
    return found;
  };
  const all = closure(start, read, new Set(), call.run);
  // What a disabled module imports is not there either.
  return disabled.size === 0 ? all : closure(start, read, disabled, call.run);
}

function closure(
  start: readonly Definition[],
  read: (one: Definition) => Read | NoModule,
  disabled: ReadonlySet<string>,
  run: Run,
): Collected {
  const modules: Module[] = [];
  const unknowns: UnknownValue[] = [];
  const seen = new Set<string | Term>();
  let queue: readonly Definition[] = start;
  while (queue.length > 0) {
    const next: Definition[] = [];
    for (const one of queue) {
      if (modules.length >= maximumModules || !spend(run, stepsOfModule)) {
        unknowns.push({ kind: "unknown", reason: "it has too many modules to look at all", span: one.value.span });
        return { modules, unknown: unknowns };
      }
      const found = read(one);
      if ("reason" in found) {
        // Modules of other repositories persist nothing of this host.
        if (!found.foreign) unknowns.push({ kind: "unknown", reason: found.reason, span: one.value.span });
        continue;
      }
      const { key } = found;
      if (key !== null && (seen.has(key) || (typeof key === "string" && disabled.has(key)))) continue;
      if (key !== null) seen.add(key);
      modules.push(found.module);
      for (const imported of found.imports) next.push(imported);
      for (const part of found.unknown) if (part.foreign !== true) unknowns.push(part);
    }
    queue = next;
  }
  return { modules, unknown: unknowns };
}

interface Read {
  readonly key: string | Term | null;
  readonly module: Module;
  readonly imports: readonly Definition[];
  readonly disabled: readonly string[];
  readonly unknown: readonly UnknownValue[];
}

interface NoModule {
  readonly reason: string;
  readonly foreign: boolean;
}

function readModule(one: Definition, given: Given, call: Call): Read | NoModule {
  let term = forceRaw(one.value);
  let { conditional } = one;
  let file: string | null = null;
  let writtenIn: string | null = null;
  for (let turn = 0; turn < 10; turn++) {
    if (term.kind === "maybe") {
      conditional = true;
      term = term.value;
    } else if (term.kind === "path" || term.kind === "string") {
      const { world } = call.run;
      const text = term.kind === "string" ? pathOfTerm(term, call) : null;
      const path: PathTerm | null = term.kind === "path" ? term : text === null ? null : { kind: "path", text };
      const found = path === null || world === null ? null : world.fileAt(path);
      if (found === null || world === null) return failed(`\`${term.text}\` is not a file that is known`);
      file = found.path;
      writtenIn = found.writtenIn;
      term = world.load(file);
    } else if (term.kind === "lambda" || term.kind === "builtin") {
      if (term.kind === "lambda") writtenIn ??= term.scope.run.origin?.file ?? null;
      const read =
        term.kind === "lambda" ? unread(term, { ...one, conditional }, { file, writtenIn }, given, call) : null;
      if (read !== null) return read;
      term = apply(ready(term, one.value.span), [ready(given.argument, one.value.span)], call);
    } else if (term.kind === "open") {
      const functor = term.set.has("__functor") === true;
      term = functor
        ? apply(ready(term, one.value.span), [ready(given.argument, one.value.span)], call)
        : term.set.whole();
    } else break;
  }
  const key = file ?? (term.kind === "attrs" ? term : null);
  const plain: Omit<Read, "module"> = { key, imports: [], disabled: [], unknown: [] };
  if (term.kind === "attrs") writtenIn ??= (term.literals[0] ?? term.members[0]?.span)?.source?.file ?? null;
  const module: Module = { file, writtenIn: writtenIn ?? file, config: null, options: null, alias: null };
  const as = (value: Thunk): Definition => ({ ...definition(value, conditional), conditions: one.conditions });
  switch (term.kind) {
    case "alias":
      return { ...plain, module: { ...module, alias: term } };
    case "when":
    case "merge":
    case "marked":
      return { ...plain, module: { ...module, config: as(ready(term, one.value.span)) } };
    case "absent":
      return { ...plain, module };
    case "attrs":
      return { ...plain, ...parts(term, module, as, call) };
    case "unknown":
      return { reason: term.reason, foreign: term.foreign === true };
    default:
      return failed("it is no module");
  }
}

/** The module that a function gives, where its text shows what it sets: it is not called before that is asked for. Else null. */
function unread(
  term: Extract<Term, { kind: "lambda" }>,
  one: Definition,
  { file, writtenIn }: Pick<Module, "file" | "writtenIn">,
  given: Given,
  call: Call,
): Read | null {
  const { run } = term.scope;
  const ahead = aheadOf(term.node, run.source);
  if (ahead === null || (ahead.usesLibrary && !given.hasLibrary)) return null;
  const { conditions, conditional } = one;
  const { span } = one.value;
  const argument = ready(given.argument, span);
  run.world?.called(term.node, run.origin, argument);
  const module = new UnreadModule(
    term,
    argument,
    { file, writtenIn },
    { ...definition(argument, conditional), conditions },
    call,
  );
  return {
    key: file,
    module: {
      file,
      writtenIn,
      config: module.later(ahead.config, "config"),
      options: module.later(ahead.options, "options"),
      alias: null,
    },
    imports:
      ahead.imports.length === 0
        ? none
        : ahead.imports.map((path) => module.as(ready(pathAt(path, run.source), spanOf(path)))),
    disabled: none,
    unknown: none,
  };
}

const none: readonly never[] = [];

/** An absolute path as it is written in a file. */
const pathAt = aboutNodes((node, source): Term => {
  const origin = node.tree.source;
  return evaluatePath(node, rootScope(source, { ...newRun(source), origin }));
});

/** A module that is not called before one of its parts is asked for. */
class UnreadModule {
  #body: Module | Term | null = null;

  constructor(
    private readonly term: Term,
    private readonly argument: Thunk,
    private readonly place: Pick<Module, "file" | "writtenIn">,
    private readonly like: Definition,
    private readonly call: Call,
  ) {}

  as(value: Thunk): Definition {
    const { conditions, conditional } = this.like;
    return { value, conditions, conditional, priority: null, order: null, ahead: null };
  }

  later(names: Names | null, part: "config" | "options"): Definition | null {
    return names === null ? null : { ...this.like, ahead: new UnreadPart(this, part, names) };
  }

  read(part: "config" | "options", isNeeded: boolean): Definitions {
    this.#body ??= this.#called();
    const one = "kind" in this.#body ? this.as(ready(this.#body, this.argument.span)) : this.#body[part];
    return one === null || (isNeeded && isSwitchedOff(one)) ? nothing : { known: [one], unknown: [] };
  }

  #called(): Module | Term {
    const { span } = this.argument;
    const found = apply(ready(this.term, span), [this.argument], this.call);
    if (found.kind !== "attrs") return found;
    const empty: Module = { ...this.place, config: null, options: null, alias: null };
    return parts(found, empty, (value) => this.as(value), this.call).module;
  }
}

class UnreadPart {
  constructor(
    private readonly module: UnreadModule,
    private readonly part: "config" | "options",
    readonly names: Names,
  ) {}

  read(isNeeded: boolean): Definitions {
    return this.module.read(this.part, isNeeded);
  }
}

/** Whether all of a definition stands under a condition that does not hold: `config = lib.mkIf cfg.enable …`. */
function isSwitchedOff({ value }: Definition): boolean {
  const term = forceRaw(value);
  return term.kind === "when" && boolFrom(term.condition) === false;
}

/** What modules are called with. */
class Given {
  #hasLibrary: boolean | null = null;

  constructor(readonly argument: Term) {}

  /** Whether modules get nixpkgs' library as it is. */
  get hasLibrary(): boolean {
    if (this.#hasLibrary === null) {
      const library = this.argument.kind === "open" ? this.argument.set.member("lib") : null;
      this.#hasLibrary = library?.kind === "library" && !library.builtins;
    }
    return this.#hasLibrary;
  }
}

function failed(reason: string): NoModule {
  return { reason, foreign: false };
}

function parts(
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
