import { apply } from "../nix/apply";
import { pathOfTerm } from "../nix/libraryFiles";
import { type Call, forceRaw, type PathTerm, type Run, ready, spend, type Term, type Thunk } from "../nix/terms";
import type { UnknownValue } from "../nix/value";
import { type Definition, definition } from "./definitions";
import { type Module, parts, type Read } from "./moduleParts";
import { Given, unreadFile, unreadFunction } from "./unread";

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

/** Reads modules and all they import, each once. `argument` is what module functions are called with; `onFile` hears of each file. */
export function collectModules(
  start: readonly Definition[],
  argument: Term,
  call: Call,
  onFile: (file: string) => void,
): Collected {
  const given = new Given(argument, onFile);
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

interface NoModule {
  readonly reason: string;
  readonly foreign: boolean;
}

function readModule(one: Definition, given: Given, call: Call): Read | NoModule {
  let term = forceRaw(one.value);
  let { conditional } = one;
  let file: string | null = null;
  let writtenIn: string | null = null;
  /** Where the function is that gives it, which may be a wrapper around another's. */
  let givenIn: string | null = null;
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
      given.onFile(found.writtenIn);
      const read = unreadFile(found, under(one, conditional), given, world, call);
      if (read !== null) return read;
      term = world.loadModule(file);
    } else if (term.kind === "lambda" || term.kind === "builtin") {
      if (term.kind === "lambda") givenIn = term.scope.run.origin?.file ?? null;
      const place = { file, writtenIn: writtenIn ?? givenIn };
      const read = term.kind === "lambda" ? unreadFunction(term, place, under(one, conditional), given, call) : null;
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
  const module: Module = { file, writtenIn: writtenIn ?? givenIn ?? file, config: null, options: null, alias: null };
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

function failed(reason: string): NoModule {
  return { reason, foreign: false };
}

function under(one: Definition, conditional: boolean): Definition {
  return one.conditional === conditional ? one : { ...one, conditional };
}
