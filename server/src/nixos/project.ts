import { apply } from "../nix/apply";
import { listFrom } from "../nix/arguments";
import { builtin } from "../nix/known";
import { layered } from "../nix/layers";
import { packages } from "../nix/libraryFiles";
import { select } from "../nix/select";
import {
  attrs,
  type Builtin,
  type Call,
  force,
  member,
  newEffort,
  type OpenSet,
  ready,
  type Term,
  type Thunk,
  unknown,
  unwrap,
} from "../nix/terms";
import { type Files, type SystemKind, World } from "../nix/world";
import { type Definition, definition } from "./definitions";
import { Flakes } from "./flakes";
import { lasting, openSet } from "./inputs";
import { pinsIn } from "./pins";
import { ModuleSystem, type Upstream } from "./system";

/** More work than any host of one person's repository needs, one of a thousand modules takes 20,000 steps; about two seconds. */
const stepsOfOne = 500_000;
/** All hosts together. */
const stepsOfAll = 6_000_000;

/** A NixOS configuration of the project. */
export interface HostModules {
  readonly name: string;
  readonly system: ModuleSystem;
}

/** One evaluation of a project's files. Everything it hands out is valid as long as the trees of its files are. */
export class Project {
  readonly world: World;
  readonly call: Call;
  readonly #systems = new WeakMap<OpenSet, ModuleSystem>();
  /** Steps that were taken before, and those that the one at work may not take of its share. */
  #spent = 0;
  #given = 0;
  readonly #flakes: Flakes;
  /** What was made with flake-parts. */
  readonly #parts: ModuleSystem[] = [];

  /**
   * `root` is the absolute folder of the repository; inputs by URL whose `?dir=` is a flake below it are taken for its own
   * where `isOwn` says that the URL is this repository's.
   */
  constructor(
    files: Files,
    root: string,
    private readonly upstream: Upstream,
    isOwn: (url: string) => boolean,
  ) {
    const effort = { ...newEffort(stepsOfOne), scanned: Number.POSITIVE_INFINITY };
    this.world = new World(files, effort, (kind, given, call) => this.#system(kind, given, call), pinsIn);
    this.call = { run: { source: "", origin: null, world: this.world, effort }, at: { start: 0, end: 0 } };
    this.#flakes = new Flakes(root, isOwn, this.world, this.call);
  }

  /**
   * From now on a host is worked out: it has a share of the steps to itself, so that one that takes too many takes none from others.
   * `purpose` is its name, under which calls are remembered.
   */
  begin(purpose: string): void {
    const { effort } = this.world;
    this.world.purpose = purpose;
    this.#spent += effort.steps - this.#given;
    this.#given = stepsOfOne - Math.max(0, Math.min(stepsOfOne, stepsOfAll - this.#spent));
    effort.steps = this.#given;
  }

  /** Whether what is worked out took all its steps: what it worked out for others, too, may then not be known. */
  get isExhausted(): boolean {
    return this.world.effort.steps > stepsOfOne;
  }

  /** The hosts a flake has under `nixosConfigurations`; empty where there are none that are known. */
  hostsOfFlake(folder: string): HostModules[] {
    return this.#systemsOf(folder, "nixosConfigurations");
  }

  /** The configurations of Home Manager that a flake has by themselves, outside any host. */
  homesOfFlake(folder: string): HostModules[] {
    return this.#systemsOf(folder, "homeConfigurations");
  }

  /**
   * The hosts that a file other than a flake gives, as `nixosConfigurations` or by themselves; a function is called without arguments.
   * Whoever does without flakes names the file to `nixos-rebuild`: files that evaluate no system are not looked at.
   */
  hostsOfFileItself(file: string): HostModules[] {
    const evaluates = /eval-config\.nix|nixosSystem/.test(this.world.files.text(file) ?? "");
    if (!evaluates && !file.endsWith("/default.nix")) return [];
    const given = this.world.load(file);
    const { at } = this.call;
    const called = given.kind === "lambda" ? apply(ready(given, at), [ready(attrs([]), at)], this.call) : given;
    const named = this.#systemsIn(select(called, "nixosConfigurations", this.call.run));
    return named.length > 0 || !evaluates ? named : this.#systemsIn(called);
  }

  #systemsOf(folder: string, output: string): HostModules[] {
    return this.#systemsIn(select(this.#flakes.of(folder), output, this.call.run));
  }

  #systemsIn(found: Term | null): HostModules[] {
    const set = found === null ? null : unwrap(found);
    if (set?.kind !== "attrs") return [];
    const names = [...new Set(set.members.flatMap(({ path }) => path[0]?.name ?? []))];
    return names.flatMap((name) => {
      const system = this.world.inPart(() => this.#systemOf(select(set, name, this.call.run)));
      return system === null ? [] : [{ name, system }];
    });
  }

  /** Why the hosts of a flake are not known; null where they are. */
  whyNoHosts(folder: string): string | null {
    const found = select(this.#flakes.of(folder), "nixosConfigurations", this.call.run);
    if (found === null) return null;
    const set = unwrap(found);
    if (set.kind === "unknown") return set.reason;
    if (set.kind !== "attrs") return "`nixosConfigurations` is not a set";
    const [part] = set.unknown;
    if (part !== undefined) return part.reason;
    for (const one of set.members) {
      const term = force(one.value);
      if (term.kind === "unknown") return term.reason;
    }
    return this.#parts.flatMap((system) => system.unknown)[0]?.reason ?? null;
  }

  /** The host a file is the configuration of, taken by itself. */
  hostOfFile(name: string, file: string): HostModules {
    const start = [definition(ready({ kind: "path", text: file }, this.call.at))];
    const given = { start, special: null, own: new Map() };
    return { name, system: new ModuleSystem("nixos", given, this.call, this.upstream) };
  }

  #systemOf(term: Term | null): ModuleSystem | null {
    if (term === null) return null;
    if (term.kind === "open") return this.#systems.get(term.set) ?? null;
    const config = term.kind === "attrs" ? select(term, "config", this.call.run) : null;
    return config?.kind === "open" ? (this.#systems.get(config.set) ?? null) : null;
  }

  /** What `lib.nixosSystem` and its kin give. */
  #system(kind: SystemKind, given: Thunk, call: Call): Term {
    if (kind === "flake-parts") return this.#flakeParts(given, call);
    const start = this.#modules(given, "modules", call);
    const own = select(force(given), kind === "home-manager" ? "extraSpecialArgs" : "specialArgs", call.run);
    const lib = select(force(given), "lib", call.run);
    const special =
      lib === null || lib.kind === "unknown"
        ? own
        : layered(own ?? attrs([]), attrs([member("lib", ready(lib, call.at), call.at)]), call.run);
    return this.#evaluated(kind, start, special);
  }

  /** What an evaluated system is used for: its configuration, and to be evaluated with more modules. */
  #evaluated(kind: SystemKind, start: readonly Definition[], special: Term | null): Term {
    const { call } = this;
    const system = new ModuleSystem(kind, { start, special, own: new Map() }, call, this.upstream);
    const extend = builtin(1, ([given]) => {
      const more = given === undefined ? null : force(given);
      if (given === undefined || more === null) return null;
      const added = select(more, "specialArgs", call.run);
      const all = added === null ? special : layered(added, special ?? attrs([]), call.run);
      return this.#evaluated(kind, [...start, ...this.#modules(given, "modules", call)], all);
    });
    const known = {
      config: () => system.config,
      extendModules: () => extend,
      pkgs: () => packages("it depends on `pkgs`", kind === "nixos" ? "linux" : null),
    };
    const result = openSet(known, "only `config` is known of an evaluated system");
    if (result.kind === "open") this.#systems.set(result.set, system);
    if (system.config.kind === "open") this.#systems.set(system.config.set, system);
    return result;
  }

  #modules(given: Thunk, name: string, call: Call) {
    const modules = select(force(given), name, call.run);
    const list = modules === null ? null : listFrom(ready(modules, call.at));
    const unknowns = (list?.unknown ?? [])
      .filter((part) => part.foreign !== true)
      .map((part) => definition(ready(lasting(part.reason), part.span)));
    const failed =
      modules !== null && list === null
        ? [definition(ready(unknown("the list of modules is not known"), call.at))]
        : [];
    return [
      ...(list?.elements ?? []).map((element) => definition(element.value, element.conditional)),
      ...unknowns,
      ...failed,
    ];
  }

  #flakeParts(both: Thunk, call: Call): Term {
    const pair = force(both);
    const given = select(pair, "given", call.run) ?? lasting("`mkFlake` has no arguments");
    const module = select(pair, "module", call.run) ?? lasting("`mkFlake` has no module");
    const inputs = select(given, "inputs", call.run) ?? lasting("`mkFlake` has no inputs");
    const self = select(given, "self", call.run) ?? select(inputs, "self", call.run) ?? lasting("`self` is not known");
    const own = new Map<string, Term>([
      ["inputs", inputs],
      ["self", self],
      ["flake-parts-lib", { kind: "library", builtins: false }],
      ["withSystem", { kind: "builtin", builtin: withSystem, given: [] }],
      ["moduleWithSystem", { kind: "builtin", builtin: moduleWithSystem, given: [] }],
    ]);
    const special = select(given, "specialArgs", call.run);
    const start = [definition(ready(module, call.at))];
    const system = new ModuleSystem("flake-parts", { start, special, own }, this.call, this.upstream);
    this.#parts.push(system);
    const flake = (): Term => system.read(["flake"]);
    return {
      kind: "open",
      set: {
        member: (name) => select(flake(), name, call.run),
        has: (name) => {
          const term = flake();
          return term.kind === "open" ? term.set.has(name) : null;
        },
        whole: () => unwrap(flake()),
      },
    };
  }
}

/** flake-parts' `moduleWithSystem f` is the module that `f` gives; what it is given of `perSystem` is not known. */
const moduleWithSystem: Builtin = {
  arity: 1,
  run: ([f], call) =>
    f === undefined ? null : apply(f, [ready(openSet({}, "it depends on `perSystem`"), call.at)], call),
};

/** flake-parts' `withSystem system f`: what `perSystem` makes for it is not known. */
const withSystem: Builtin = {
  arity: 2,
  run: ([system, f], call) => {
    if (system === undefined || f === undefined) return null;
    const given = openSet({ system: () => force(system) }, "it depends on `perSystem`");
    return apply(f, [ready(given, call.at)], call);
  },
};
