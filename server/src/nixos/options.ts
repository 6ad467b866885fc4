import { indexOf, select } from "../nix/select";
import { attrs, force, forceRaw, member, type Run, ready, type Term, type Thunk, unwrap } from "../nix/terms";
import { type Definition, type Definitions, definition, nothing } from "./definitions";
import { Parts } from "./parts";
import { any, combined, type NativeOption, type OptionType, typeOf } from "./types";

/** What modules declare at one place of the tree of options. */
export class Declarations {
  readonly #parts: Parts;
  #names: readonly string[] | null = null;
  #sets: readonly Thunk[] | null = null;
  #below: Map<string, Declarations> | null = null;

  constructor(
    definitions: Definitions,
    /** What nixpkgs declares here. */
    private readonly native: OptionType | null,
    private readonly run: Run,
    /** Whether it is an option only where something sets it. */
    readonly isFree = false,
    private readonly nativeDefault: NativeOption["default"] = undefined,
  ) {
    this.#parts = new Parts(definitions);
  }

  static none(run: Run): Declarations {
    return new Declarations(nothing, null, run);
  }

  below(name: string): Declarations {
    this.#below ??= new Map();
    let found = this.#below.get(name);
    if (found === undefined) {
      const tree = this.native?.kind === "tree" ? this.native : null;
      const listed = tree?.below.get(name) ?? null;
      const native = listed?.type ?? tree?.others ?? null;
      found = new Declarations(this.#parts.below(name), native, this.run, listed === null, listed?.default);
      this.#below.set(name, found);
    }
    return found;
  }

  /** Whether `name.option` is declared by one `mkEnableOption` and nothing else, as far as modules of the project say. */
  isOff(name: string, option: string): boolean {
    return this.native === null && this.#parts.isOff(name, option);
  }

  /** The sets given to `mkOption` for the option that is exactly here. */
  #options(): readonly Thunk[] {
    this.#sets ??= this.#parts.evaluated.flatMap(({ term }) => (term.kind === "option" ? [term.set] : []));
    return this.#sets;
  }

  /** Whether a module of the project declares the option that is exactly here. */
  get isOption(): boolean {
    return this.#options().length > 0;
  }

  /** The names below this place that lead to options. */
  get names(): readonly string[] {
    const native = this.native?.kind === "tree" ? this.native.below.keys() : [];
    this.#names ??= [...new Set([...this.#parts.names, ...native])];
    return this.#names;
  }

  /** Whether nixpkgs or a well-known module declares the option that is exactly here. */
  get isNative(): boolean {
    return this.native !== null && this.native.kind !== "tree";
  }

  /** Options declared below the option that is exactly here, where that takes modules: as modules that declare them. */
  get within(): readonly Definition[] {
    if (this.native?.kind !== "flake") return [];
    const types = this.#options().flatMap((set) => {
      const term = select(force(set), "type", this.run);
      const type = term === null ? any : typeOf(term, this.run);
      return type.kind === "submodule" ? type.modules : [];
    });
    const sets = this.#parts.plain().known.filter(({ term }) => term.kind !== "option");
    const declaring = sets.map(({ value }): Thunk => {
      const { span } = value;
      return ready(attrs([member("options", value, span)]), span);
    });
    return [...types, ...declaring].map((value) => definition(value));
  }

  /** The types that modules of the project declare the option that is exactly here with. */
  get declaredTypes(): readonly OptionType[] {
    return this.#options().flatMap((set) => {
      const term = select(force(set), "type", this.run);
      return term === null ? [] : [typeOf(term, this.run)];
    });
  }

  /** How definitions of the option that is exactly here are merged. */
  get type(): OptionType {
    if (this.native?.kind === "flake") return this.native;
    const types = this.declaredTypes;
    const native = this.isNative && !this.isFree && this.native !== null ? [this.native] : [];
    const [first, ...others] = [...native, ...types];
    if (first === undefined && this.native !== null) return this.native;
    return first === undefined ? any : others.reduce(combined, first);
  }

  /** What the option is where nothing sets it. */
  default(path: readonly string[]): Definition | null {
    const native = this.nativeDefault?.(path) ?? null;
    if (native !== null) return { ...definition(ready(native, nowhere)), priority: 1500 };
    for (const set of this.#options()) {
      const found = attribute(set, "default", this.run);
      if (found !== null) return { ...definition(found), priority: 1500 };
    }
    return null;
  }

  /** The function every value of the option goes through. */
  get apply(): Thunk | null {
    for (const set of this.#options()) {
      const found = attribute(set, "apply", this.run);
      if (found !== null) return found;
    }
    return null;
  }
}

const nowhere = { start: 0, end: 0 };

function attribute(set: Thunk, name: string, run: Run): Thunk | null {
  const term = unwrap(forceRaw(set));
  if (term.kind !== "attrs") return null;
  const [member] = indexOf(term).get(name) ?? [];
  if (member === undefined) return null;
  if (member.path.length === 1) return member.value;
  const found: Term | null = select(term, name, run);
  return found === null ? null : { state: found, span: member.value.span };
}
