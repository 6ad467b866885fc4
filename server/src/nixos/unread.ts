import { apply } from "../nix/apply";
import { boolFrom } from "../nix/arguments";
import type { Source } from "../nix/nodes";
import { select } from "../nix/select";
import { type Call, forceRaw, ready, string, type Term, type Thunk } from "../nix/terms";
import { writtenPath } from "../nix/text";
import type { World } from "../nix/world";
import type { Span } from "../syntax/span";
import { type Ahead, aheadOf, aheadOfFile, type Import, type Names } from "./ahead";
import { type Definition, type Definitions, definition, nothing } from "./definitions";
import { type Module, parts, type Read } from "./moduleParts";
import { Shown } from "./parts";

/** What modules are called with. */
export class Given {
  #hasLibrary: boolean | null = null;
  readonly #sets = new Map<string, Term>();
  /** The argument, for all modules. */
  readonly handedOver: Thunk;

  constructor(
    readonly argument: Term,
    /** Hears of each file that a module is read from. */
    readonly onFile: (file: string) => void,
  ) {
    this.handedOver = ready(argument, nowhere);
  }

  /** Whether modules get nixpkgs' library as it is. */
  get hasLibrary(): boolean {
    if (this.#hasLibrary === null) {
      const library = this.argument.kind === "open" ? this.argument.set.member("lib") : null;
      this.#hasLibrary = library?.kind === "library" && !library.builtins;
    }
    return this.#hasLibrary;
  }

  /** Whether the option `path` is known to be false. */
  isOff(path: readonly string[], call: Call): boolean {
    const [set = "", name = ""] = path.slice(-2);
    const above = path.length < 3 ? null : this.#at(path, path.length - 2, call);
    if (above?.kind === "open" && above.set.isOff?.(set, name) === true) return true;
    const term = this.#at(path, path.length, call);
    return term !== null && boolFrom(ready(term, nowhere)) === false;
  }

  /** What the first names of a path lead to; most modules have options in the same few sets. */
  #at(path: readonly string[], length: number, call: Call): Term | null {
    if (length === 0) return select(this.argument, "config", call.run);
    const key = length <= path.length - 2 ? path.slice(0, length).join("\0") : null;
    const known = key === null ? undefined : this.#sets.get(key);
    if (known !== undefined) return known;
    const outer = this.#at(path, length - 1, call);
    const term = outer === null ? null : select(outer, path[length - 1] ?? "", call.run);
    if (key !== null && term?.kind === "open") this.#sets.set(key, term);
    return term;
  }
}

const nowhere = { start: 0, end: 0 };
const none: readonly never[] = [];

/** The module that is in a file, where its text shows what it sets: it is not even parsed before that is asked for. Else null. */
export function unreadFile(
  { path, writtenIn }: { readonly path: string; readonly writtenIn: string },
  one: Definition,
  given: Given,
  world: World,
  call: Call,
): Read | null {
  const source = world.sourceOf(writtenIn);
  const ahead = source === null ? null : aheadOfFile(source);
  if (source === null || ahead === null) return null;
  const imports = importsOf(ahead, source.text, source, given, call);
  return imports === null
    ? null
    : new UnreadModule(() => world.loadModule(path), path, writtenIn, source, ahead, imports, one, given, call);
}

/** The module that a function gives, where its text shows what it sets: it is not called before that is asked for. Else null. */
export function unreadFunction(
  term: Extract<Term, { kind: "lambda" }>,
  { file, writtenIn }: Pick<Module, "file" | "writtenIn">,
  one: Definition,
  given: Given,
  call: Call,
): Read | null {
  const { run } = term.scope;
  const ahead = aheadOf(term.node, run.source);
  const imports = ahead === null ? null : importsOf(ahead, run.source, run.origin, given, call);
  return ahead === null || imports === null
    ? null
    : new UnreadModule(() => term, file, writtenIn, run.origin, ahead, imports, one, given, call);
}

const imported = new WeakMap<Ahead, { readonly source: Source | null; readonly imports: readonly Definition[] }>();

/** What a module imports; null where that, or what it is, has to be evaluated. */
function importsOf(
  ahead: Ahead,
  text: string,
  source: Source | null,
  given: Given,
  { run }: Call,
): readonly Definition[] | null {
  if (ahead.usesLibrary && !given.hasLibrary) return null;
  if (ahead.imports.length === 0) return none;
  const ownPath = (at: Span): Term => writtenPath(text.slice(at.start, at.end), source);
  const imports = (termOf: (one: Import) => Term) =>
    ahead.imports.map((one) => definition(ready(termOf(one), placeOf(one, source))));
  if (ahead.imports.some(({ ofNixpkgs }) => ofNixpkgs !== null)) {
    const modules = select(given.argument, "modulesPath", run);
    if (modules?.kind !== "string") return null;
    return imports((one) => (one.ofNixpkgs === null ? ownPath(one) : string(modules.text + one.ofNixpkgs)));
  }
  // The same for all hosts.
  let known = imported.get(ahead);
  if (known === undefined || known.source !== source) {
    known = { source, imports: imports(ownPath) };
    imported.set(ahead, known);
  }
  return known.imports;
}

function placeOf({ start, end }: Span, source: Source | null) {
  return source === null ? { start, end } : { start, end, source };
}

/** A module that is not called before one of its parts is asked for. Hosts have hundreds of them: it is all that is read of it, too. */
class UnreadModule implements Module, Read {
  readonly alias = null;
  #body: Module | Term | null = null;
  #isAsked = false;

  constructor(
    private readonly function_: () => Term,
    readonly file: string | null,
    readonly writtenIn: string | null,
    source: Source | null,
    private readonly ahead: Ahead,
    private readonly imported: readonly Definition[],
    /** What it is handed over as: what stands around it holds for all it sets. */
    readonly like: Definition,
    private readonly given: Given,
    private readonly call: Call,
  ) {
    call.run.world?.called(ahead.offset, source, given.handedOver, like.value.span);
    this.config = ahead.config === null ? null : new UnreadPart(this, "config", ahead.config);
    this.options = ahead.options === null ? null : new UnreadPart(this, "options", ahead.options);
  }

  readonly config: UnreadPart | null;
  readonly options: UnreadPart | null;

  get key(): string | null {
    return this.file;
  }

  get module(): Module {
    return this;
  }

  get imports(): readonly Definition[] {
    const { conditions, conditional } = this.like;
    if (conditions.length === 0 && !conditional) return this.imported;
    return this.imported.map(({ value }) => this.#as(value));
  }

  get disabled(): readonly never[] {
    return none;
  }

  get unknown(): readonly never[] {
    return none;
  }

  #as(value: Thunk): Definition {
    const { conditions, conditional } = this.like;
    return { value, conditions, conditional, priority: null, order: null, ahead: null };
  }

  read(part: "config" | "options", isNeeded: boolean): Definitions {
    if (isNeeded && part === "config" && this.#body === null && this.#isOff()) return nothing;
    this.#body ??= this.#called();
    const one = "kind" in this.#body ? this.#as(ready(this.#body, this.like.value.span)) : this.#body[part];
    return one === null || (isNeeded && isSwitchedOff(one)) ? nothing : { known: [one], unknown: [] };
  }

  /** Whether the option that all it sets depends on is false: then it need not be called for what it sets. */
  #isOff(): boolean {
    const { switchedBy } = this.ahead;
    // An option that depends on itself is left to the evaluation.
    if (switchedBy === null || this.#isAsked) return false;
    this.#isAsked = true;
    const isOff = this.given.isOff(switchedBy, this.call);
    this.#isAsked = false;
    return isOff;
  }

  #called(): Module | Term {
    const { file, writtenIn } = this;
    const { span } = this.like.value;
    const found = apply(ready(this.function_(), span), [ready(this.given.argument, span)], this.call);
    if (found.kind !== "attrs") return found;
    const empty: Module = { file, writtenIn, config: null, options: null, alias: null };
    return parts(found, empty, (value) => this.#as(value), this.call).module;
  }
}

class UnreadPart extends Shown {
  constructor(
    private readonly module: UnreadModule,
    private readonly part: "config" | "options",
    names: Names,
  ) {
    super(names);
  }

  protected get like(): Definition {
    return this.module.like;
  }

  read(isNeeded: boolean): Definitions {
    return this.module.read(this.part, isNeeded);
  }
}

/** Whether all of a definition stands under a condition that does not hold: `config = lib.mkIf cfg.enable …`. */
function isSwitchedOff({ value }: Definition): boolean {
  const term = forceRaw(value);
  return term.kind === "when" && boolFrom(term.condition) === false;
}
