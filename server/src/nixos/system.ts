import { packages } from "../nix/libraryFiles";
import type { Place } from "../nix/nodes";
import { select } from "../nix/select";
import { type Call, type OpenSet, ready, string, type Term, type Thunk, unknown, unwrap } from "../nix/terms";
import type { UnknownValue } from "../nix/value";
import type { SystemKind } from "../nix/world";
import { Config, type SubmoduleKind } from "./config";
import { below, type Definition, type Definitions, definition, type PlainDefinitions, takeApart } from "./definitions";
import { type Collected, collectModules, type Module } from "./modules";
import { flakeOptions, flakePartsOptions, homeOptions, nixosOptions } from "./native";
import { Declarations } from "./options";
import type { OptionType } from "./types";

/** The default of an option of nixpkgs, by its path; null where it is not known. */
export type Upstream = (path: readonly string[]) => string | null;

/** What modules are called with besides `config`, `lib` and so on. */
export interface Given {
  readonly start: readonly Definition[];
  readonly special: Term | null;
  /** Arguments that win over `special`, by name. */
  readonly own: ReadonlyMap<string, Term>;
}

const native: Readonly<Record<SystemKind, OptionType | null>> = {
  nixos: nixosOptions,
  "home-manager": homeOptions,
  "flake-parts": flakePartsOptions,
  flake: flakeOptions,
  modules: null,
};

/** Modules evaluated together: a NixOS host, a Home Manager user, a flake made with flake-parts, or a submodule. */
export class ModuleSystem {
  /** All that the modules set, as an open set. */
  readonly config: Term;
  /** The Home Manager users that were looked at, by name. */
  readonly homes = new Map<string, ModuleSystem>();
  #root: OpenSet | null = null;
  #collected: Collected | null = null;
  #collecting = false;

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
        member: (name) => this.#config().member(name),
        has: (name) => this.#config().has(name),
        whole: () => this.#config().whole(),
      },
    };
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

  #config(): OpenSet {
    if (this.#root === null) {
      const declared = new Declarations(this.#declarations(), native[this.kind], this.call.run);
      const environment = {
        call: this.call,
        upstream: (path: readonly string[]) => this.#upstream(path),
        submodule: (modules: readonly Definition[], path: readonly string[], kind: SubmoduleKind) =>
          this.#submodule(modules, path, kind),
      };
      this.#root = new Config([], () => this.#definitions(), declared, environment).set;
    }
    return this.#root;
  }

  #collect(): Collected {
    if (this.#collected !== null) return this.#collected;
    if (this.#collecting) return { modules: [], unknown: [] };
    this.#collecting = true;
    const argument: Term = {
      kind: "open",
      set: {
        member: (name) => this.#argument(name),
        has: (name) => (this.#argument(name).kind === "unknown" ? null : true),
        whole: () => unknown("the arguments of a module are not all known"),
      },
    };
    this.#collected = collectModules(this.given.start, argument, this.call);
    this.#collecting = false;
    return this.#collected;
  }

  #argument(name: string): Term {
    if (name === "config") return this.config;
    const own = this.given.own.get(name);
    if (own !== undefined) return own;
    const special = this.given.special === null ? null : select(this.given.special, name, this.call.run);
    if (special !== null && special.kind !== "unknown") return special;
    if (name === "lib") return { kind: "library", builtins: false };
    if (name === "pkgs") return packages("it depends on `pkgs`", this.#isLinux);
    if (name === "options") return { ...unknown("it depends on `options`"), lasting: true };
    if (name === "modulesPath") return string("/nix/store/nixpkgs/nixos/modules");
    if (!this.#collecting) {
      const set = this.read(["_module", "args", name]);
      if (set.kind !== "unknown" && !(set.kind === "open" && set.set.whole().kind === "unknown")) return set;
    }
    return special ?? unknown(`\`${name}\` is an argument`);
  }

  /** NixOS runs on nothing else, and Home Manager in it neither. */
  get #isLinux(): boolean {
    return this.kind === "nixos" || (this.outer !== null && this.outer.#isLinux);
  }

  /** nixpkgs merges what is found last first. */
  #definitions(): Definitions {
    const { modules, unknown: unknowns } = this.#collect();
    const configs = modules.flatMap(({ config }) => (config === null ? [] : [config]));
    const written = takeApart({ known: configs, unknown: [] });
    const known = modules.flatMap(({ config, alias }) => [
      ...(config === null ? [] : [config]),
      ...(alias === null ? [] : aliased(written, alias, this.call.at)),
    ]);
    return { known: known.reverse(), unknown: unknowns };
  }

  #declarations(): Definitions {
    const { modules } = this.#collect();
    return { known: modules.flatMap(({ options }) => (options === null ? [] : [options])), unknown: [] };
  }

  #upstream(path: readonly string[]): Term | null {
    if (this.kind === "home-manager" && this.user !== null) {
      const home = (): Term =>
        this.outer?.read(["users", "users", this.user ?? "", "home"]) ?? string(`/home/${this.user}`);
      const [first, second] = path;
      if (path.length === 2 && first === "home" && second === "username") return string(this.user);
      if (path.length === 2 && first === "home" && second === "homeDirectory") return home();
      const below = path.length === 2 && first === "xdg" ? xdg.get(second ?? "") : undefined;
      if (below !== undefined) {
        const folder = this.read(["home", "homeDirectory"]);
        return folder.kind === "string" ? string(`${folder.text}/${below}`) : null;
      }
    }
    const known = this.kind === "nixos" ? this.upstream(path) : null;
    return known === null ? null : string(known);
  }

  #submodule(modules: readonly Definition[], path: readonly string[], kind: SubmoduleKind): Term {
    const name = path[path.length - 1] ?? "";
    const own = new Map<string, Term>([["name", string(name)]]);
    if (kind !== "home-manager") return this.#inner(kind, { start: modules, special: null, own }, null).config;
    let system = this.homes.get(name);
    if (system === undefined) {
      own.set("osConfig", this.config).set("nixosConfig", this.config);
      const shared = unwrap(this.read(["home-manager", "sharedModules"]));
      const start = shared.kind === "list" ? shared.elements.map(({ value }) => definition(value)) : [];
      const special = this.read(["home-manager", "extraSpecialArgs"]);
      system = this.#inner("home-manager", { start: [...start, ...modules], special, own }, name);
      this.homes.set(name, system);
    }
    return system.config;
  }

  #inner(kind: SystemKind, given: Given, user: string | null): ModuleSystem {
    return new ModuleSystem(kind, given, this.call, this.upstream, user, this);
  }
}

/** What is set under the old name is set under the new one. */
function aliased(
  written: PlainDefinitions,
  { from, to }: { readonly from: readonly string[]; readonly to: readonly string[] },
  at: Place,
): Definition[] {
  let found = written;
  for (const name of from) found = takeApart(below(found, name));
  return found.known.map((one) => {
    const value = to.reduceRight<Thunk>(
      (inner, name) => ready({ kind: "attrs", members: [aliasMember(name, inner)], ...bareSet }, at),
      one.value,
    );
    return { ...one, value };
  });
}

const bareSet = { recursive: false, literals: [], unknown: [], shared: true } as const;

function aliasMember(name: string, value: Thunk) {
  const { span } = value;
  return { path: [{ name, span, quoted: false }], value, span, conditional: false, shared: true };
}

/** `xdg.<name>` of Home Manager, below the home directory. */
const xdg: ReadonlyMap<string, string> = new Map([
  ["configHome", ".config"],
  ["dataHome", ".local/share"],
  ["cacheHome", ".cache"],
  ["stateHome", ".local/state"],
]);
