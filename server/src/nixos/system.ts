import { packages } from "../nix/libraryFiles";
import { select } from "../nix/select";
import {
  attrs,
  bool,
  type Call,
  delay,
  type Element,
  list,
  made,
  member,
  ready,
  string,
  type Term,
  type Thunk,
  unknown,
  unwrap,
} from "../nix/terms";
import type { UnknownValue } from "../nix/value";
import type { SystemKind } from "../nix/world";
import { type Alias, aliased, rewrapped } from "./aliases";
import { Config } from "./config";
import { below, type Definition, type Definitions, definition, takeApart } from "./definitions";
import { homeDefault } from "./homeDefaults";
import type { SubmoduleType } from "./merging";
import type { Module } from "./moduleParts";
import { type Collected, collectModules } from "./modules";
import { flakeOptions, flakePartsOptions, homeOptions, nixosOptions } from "./native";
import { Declarations } from "./options";
import { Parts } from "./parts";
import type { OptionType } from "./types";

/** The default of an option of nixpkgs, by its path; null where it is not known. */
export type Upstream = (path: readonly string[]) => string | null;

/** What modules are called with besides `config`, `lib` and so on. */
export interface Given {
  readonly start: readonly Definition[];
  readonly special: Term | null;
  /** Arguments that win over `special`, by name. */
  readonly own: ReadonlyMap<string, Term>;
  /** Options that nixpkgs declares, where they are others than those of the kind of system. */
  readonly native?: OptionType | null;
}

const native: Readonly<Record<SystemKind, OptionType | null>> = {
  nixos: nixosOptions,
  "home-manager": homeOptions,
  "flake-parts": flakePartsOptions,
  flake: flakeOptions,
  modules: null,
};

const circular = "modules are imported depending on `config`";

/** Modules evaluated together: a NixOS host, a Home Manager user, a flake made with flake-parts, or a submodule. */
export class ModuleSystem {
  /** All that the modules set, as an open set. */
  readonly config: Term;
  /** The Home Manager users that were looked at, by name. */
  readonly homes = new Map<string, ModuleSystem>();
  #root: Config | null = null;
  #declaredOptions: Declarations | null = null;
  #collected: Collected | null = null;
  #collecting = false;
  #aliases: readonly Alias[] | null = null;
  /** The systems in it. */
  readonly #within: ModuleSystem[] = [];

  constructor(
    readonly kind: SystemKind,
    private readonly given: Given,
    private readonly call: Call,
    private readonly upstream: Upstream,
    /** Home Manager's user, or null. */
    readonly user: string | null = null,
    private readonly outer: ModuleSystem | null = null,
  ) {
    this.config = {
      kind: "open",
      set: {
        // Which modules there are must not depend on what they set: Nix does not end there.
        member: (name) => (this.#collecting ? unknown(circular) : this.#config().set.member(name)),
        has: (name) => (this.#collecting ? null : this.#config().set.has(name)),
        whole: () => (this.#collecting ? unknown(circular) : this.#config().set.whole()),
      },
    };
  }

  /** Forgets what was worked out, to be worked out again when it is asked for: it takes much memory. */
  forget(): void {
    this.#declaredOptions = null;
    this.#root = null;
    this.#collected = null;
    this.#aliases = null;
    // They are remembered as what functions were called with.
    for (const one of this.#within) one.forget();
    this.#within.length = 0;
    this.homes.clear();
  }

  /** The modules, each before those it imports. */
  get modules(): readonly Module[] {
    return this.#collect().modules;
  }

  /** Modules that are not known. */
  get unknown(): readonly UnknownValue[] {
    return this.#collect().unknown;
  }

  /** The value of the option `path`. */
  read(path: readonly string[]): Term {
    let term: Term = this.config;
    for (const name of path)
      term = select(term, name, this.call.run) ?? unknown(`\`config.${path.join(".")}\` is not set`);
    return term;
  }

  /**
   * What modules of the project declare of `path`, an option of a well-known module that takes sets with `names`: `more` options of such a
   * set, or that option itself `instead` of the module; null where they declare nothing.
   */
  declares(path: readonly string[], names: readonly string[]): "more" | "instead" | null {
    const declared = this.#declaredAt(path);
    if (!declared.isOption) return null;
    const isMore = declared.declaredTypes.every((type) => {
      const set = type.kind === "attrs" ? type.of : type;
      if (set.kind !== "submodule") return false;
      const inner = this.#inner(
        "modules",
        { start: [this.#importingAll(set.modules)], special: null, own: new Map() },
        null,
      );
      return !names.some((name) => inner.#declaredAt([name]).isOption);
    });
    return isMore ? "more" : "instead";
  }

  #declared(): Declarations {
    this.#declaredOptions ??= new Declarations(
      this.#declarations(),
      this.given.native ?? native[this.kind],
      this.call.run,
    );
    return this.#declaredOptions;
  }

  /** The system it is a part of: a host, for its Home Manager users and submodules. */
  get #top(): ModuleSystem {
    return this.outer === null ? this : this.outer.#top;
  }

  #config(): Config {
    this.call.run.world?.reads.asked(this.#top);
    if (this.#root === null) {
      const declared = this.#declared();
      const environment = {
        call: this.call,
        isWhole: this.kind === "modules",
        aliased: (path: readonly string[]) => this.#aliased(path),
        upstream: (path: readonly string[]) => this.#upstream(path),
        submodule: (type: SubmoduleType, definitions: readonly Definition[], path: readonly string[]) =>
          this.#submodule(type, definitions, path),
      };
      this.#root = new Config(this.#place(), () => this.#definitions(), declared, environment);
    }
    return this.#root;
  }

  #aliased(path: readonly string[]): Term | null {
    if (this.#collecting) return null;
    this.#aliases ??= this.#collect().modules.flatMap(({ alias }) => alias ?? []);
    const alias = this.#aliases.find(
      ({ from }) => from.length === path.length && from.every((name, index) => name === path[index]),
    );
    return alias === undefined ? null : this.read(alias.to);
  }

  /** Options of nixpkgs in a submodule may be named after it. */
  #place(): readonly string[] {
    const name = this.given.own.get("name");
    return this.given.native != null && name?.kind === "string" ? [name.text] : [];
  }

  #collect(): Collected {
    if (this.#collected !== null) return this.#collected;
    if (this.#collecting) return { modules: [], unknown: [] };
    this.#collecting = true;
    const argument: Term = {
      kind: "open",
      set: {
        member: (name) => this.#argument(name),
        has: (name) => this.#hasArgument(name),
        whole: () => unknown("the arguments of a module are not all known"),
      },
    };
    const reads = this.call.run.world?.reads;
    this.#collected = this.#asPerson(() =>
      collectModules(this.given.start, argument, this.call, (file) => reads?.module(this.#top, file)),
    );
    this.#collecting = false;
    return this.#collected;
  }

  /** What is called meanwhile is called for Home Manager's user, where there is one. */
  #asPerson<T>(work: () => T): T {
    const { world } = this.call.run;
    if (world === null || this.user === null) return work();
    const before = world.person;
    world.person = this.user;
    const result = work();
    world.person = before;
    return result;
  }

  /** What is handed over by name is all there is, but for arguments that only nixpkgs knows. */
  #hasArgument(name: string): boolean | null {
    if (this.#argument(name).kind !== "unknown") return true;
    const { special } = this.given;
    return special !== null && special.kind === "attrs" && select(special, name, this.call.run) === null ? false : null;
  }

  #argument(name: string): Term {
    if (name === "config") return this.config;
    if (name === "specialArgs" && this.given.special !== null) return this.given.special;
    if (name === "options") return this.#optionsAt([]);
    const own = this.given.own.get(name);
    if (own !== undefined) return own;
    const special = this.given.special === null ? null : select(this.given.special, name, this.call.run);
    if (special !== null && special.kind !== "unknown") return special;
    if (name === "lib") return this.outer === null ? { kind: "library", builtins: false } : this.outer.#argument("lib");
    if (name === "pkgs") return packages("it depends on `pkgs`", this.#isLinux ? "linux" : null);
    if (name === "modulesPath") return string("/nix/store/nixpkgs/nixos/modules");
    if (!this.#collecting) {
      const set = this.read(["_module", "args", name]);
      if (set.kind !== "unknown" && !(set.kind === "open" && set.set.whole().kind === "unknown")) return set;
    }
    return special ?? unknown(`\`${name}\` is an argument`);
  }

  /** NixOS runs on nothing else, and Home Manager in it neither. */
  get #isLinux(): boolean {
    if (this.outer === null) return this.kind === "nixos";
    return this.kind === "nixos" || this.outer.#isLinux;
  }

  /** `options.a.b`: of an option the definitions are known, for `mkAliasDefinitions`. */
  #optionsAt(path: readonly string[]): Term {
    const reason = "it depends on `options`";
    return {
      kind: "open",
      set: {
        member: (name) => {
          if (name === "definitions") return this.#said(path);
          const isOption = !this.#collecting && this.#declaredAt(path).isOption;
          if (isOption && (name === "value" || name === "isDefined")) return this.#ofOption(path, name);
          return this.#optionsAt([...path, name]);
        },
        has: (name) => (!this.#collecting && this.#isDeclared([...path, name]) ? true : null),
        whole: () => ({ ...unknown(reason), lasting: true }),
      },
    };
  }

  #declaredAt(path: readonly string[]): Declarations {
    return path.reduce((at, name) => at.below(name), this.#declared());
  }

  #isDeclared(path: readonly string[]): boolean {
    const declared = this.#declaredAt(path);
    return declared.isOption || declared.names.length > 0;
  }

  #ofOption(path: readonly string[], what: "value" | "isDefined"): Term {
    if (what === "value") return this.read(path);
    const defined = path.reduce((at, name) => at.child(name), this.#config()).isDefined;
    return defined === null ? unknown("whether the option is set is not known") : bool(defined);
  }

  /** All that modules say of an option, as one definition. */
  #said(path: readonly string[]): Term {
    const { at } = this.call;
    let found = takeApart(this.#definitions());
    for (const name of path) found = takeApart(below(found, name));
    const parts = found.known.map((one) => made(ready(rewrapped(one), one.value.span), one.value.span));
    const from = ready(list(parts, found.unknown), at);
    return { kind: "merge", from, settled: delay(at, () => this.read(path)), run: this.call.run };
  }

  /** nixpkgs merges what is found last first. */
  #definitions(): Definitions {
    const { modules, unknown: unknowns } = this.#collect();
    let written: Parts | null = null;
    const all = (): Parts => {
      const configs = modules.flatMap(({ config }) => config ?? []);
      written ??= new Parts({ known: configs, unknown: [] });
      return written;
    };
    const known: Definition[] = [];
    for (const { config, alias } of modules) {
      if (config !== null) known.push(config);
      if (alias !== null) for (const one of aliased(all(), alias, this.call.at)) known.push(one);
    }
    return { known: known.reverse(), unknown: unknowns };
  }

  #declarations(): Definitions {
    const { modules } = this.#collect();
    const known: Definition[] = [];
    for (const { options } of modules) if (options !== null) known.push(options);
    return { known, unknown: [] };
  }

  #upstream(path: readonly string[]): Term | null {
    if (this.kind === "home-manager" && this.user !== null) {
      const home = () => this.outer?.read(["users", "users", this.user ?? "", "home"]) ?? null;
      const own = homeDefault(path, this.user, home, () => this.read(["home", "homeDirectory"]));
      if (own !== undefined) return own;
    }
    const known = this.kind === "nixos" ? this.upstream(path) : null;
    return known === null ? null : string(known);
  }

  #submodule(type: SubmoduleType, definitions: readonly Definition[], path: readonly string[]): Term {
    const name = path[path.length - 1] ?? "";
    const own = new Map<string, Term>([["name", string(name)]]);
    if (type.kind === "submodule") {
      const start = [this.#importingAll(type.modules), ...definitions];
      return this.#inner("modules", { start, special: null, own, native: type.native }, null).config;
    }
    if (type.kind === "flake") return this.#inner("flake", { start: definitions, special: null, own }, null).config;
    let system = this.homes.get(name);
    if (system === undefined) {
      own.set("osConfig", this.config).set("nixosConfig", this.config);
      const shared = unwrap(this.read(["home-manager", "sharedModules"]));
      const special = this.read(["home-manager", "extraSpecialArgs"]);
      const start = [
        this.#importing(shared.kind === "list" ? shared.elements : [], shared.kind === "list" ? shared.unknown : []),
        ...definitions,
      ];
      system = this.#inner("home-manager", { start, special, own }, name);
      this.homes.set(name, system);
    }
    return system.config;
  }

  #importingAll(modules: readonly Thunk[]): Definition {
    return this.#importing(
      modules.map((module) => made(module, module.span)),
      [],
    );
  }

  /** The modules of an option's type are imported by one: they come after its definitions. */
  #importing(modules: readonly Element[], others: readonly UnknownValue[]): Definition {
    const { at } = this.call;
    const imports = ready(list(modules, others), at);
    return definition(ready(attrs([member("imports", imports, at)]), at));
  }

  #inner(kind: SystemKind, given: Given, user: string | null): ModuleSystem {
    const made = new ModuleSystem(kind, given, this.call, this.upstream, user, this);
    this.#within.push(made);
    return made;
  }
}
