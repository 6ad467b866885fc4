import { apply } from "../nix/apply";
import { listFrom } from "../nix/arguments";
import { child } from "../nix/nodes";
import { select } from "../nix/select";
import {
  attrs,
  type Builtin,
  type Call,
  delay,
  force,
  member,
  newEffort,
  type OpenSet,
  ready,
  string,
  type Term,
  type Thunk,
  unknown,
  unwrap,
} from "../nix/terms";
import { type Files, type SystemKind, World } from "../nix/world";
import { definition } from "./definitions";
import { foreignInput, lasting, openSet, textOf } from "./inputs";
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
  readonly #flakes = new Map<string, Term>();
  /** Steps that were taken before, and those that the one at work may not take of its share. */
  #spent = 0;
  #given = 0;
  /** What was made with flake-parts. */
  readonly parts: ModuleSystem[] = [];

  /**
   * `root` is the absolute folder of the repository; inputs by URL whose `?dir=` is a flake below it are taken for its own
   * where `isOwn` says that the URL is this repository's.
   */
  constructor(
    files: Files,
    private readonly root: string,
    private readonly upstream: Upstream,
    private readonly isOwn: (url: string) => boolean,
  ) {
    const effort = { ...newEffort(stepsOfOne), scanned: Number.POSITIVE_INFINITY };
    this.world = new World(files, effort, (kind, given, call) => this.#system(kind, given, call));
    this.call = { run: { source: "", origin: null, world: this.world, effort }, at: { start: 0, end: 0 } };
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
    const outputs = this.flakeTerm(folder);
    const found = select(outputs, "nixosConfigurations", this.call.run);
    const set = found === null ? null : unwrap(found);
    if (set?.kind !== "attrs") return [];
    const names = [...new Set(set.members.flatMap(({ path }) => path[0]?.name ?? []))];
    return names.flatMap((name) => {
      const system = this.#systemOf(select(set, name, this.call.run));
      return system === null ? [] : [{ name, system }];
    });
  }

  /** Why the hosts of a flake are not known; null where they are. */
  whyNoHosts(folder: string): string | null {
    const found = select(this.flakeTerm(folder), "nixosConfigurations", this.call.run);
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
    return this.parts.flatMap((system) => system.unknown)[0]?.reason ?? null;
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

  /** The outputs of the flake in a folder, with what every flake has. */
  flakeTerm(folder: string): Term {
    const known = this.#flakes.get(folder);
    if (known !== undefined) return known;
    const file = this.world.load(`${folder}/flake.nix`);
    const { call } = this;
    const inputs: Thunk = delay(call.at, () => this.#inputs(folder, file, () => self));
    const outputs = delay(call.at, () => {
      const f = select(file, "outputs", call.run);
      return f === null || f.kind === "unknown"
        ? lasting("the flake has no outputs that are known")
        : apply(ready(f, call.at), [inputs], call);
    });
    const ofOutputs = (name: string): Term | null => {
      const term = force(outputs);
      return term.kind === "attrs" || term.kind === "open" ? select(term, name, call.run) : term;
    };
    const self: Term = {
      kind: "open",
      set: {
        member: (name) => {
          if (name === "outPath") return string(folder);
          if (name === "inputs") return force(inputs);
          if (name === "outputs") return self;
          if (["rev", "shortRev", "dirtyRev", "lastModified", "narHash", "sourceInfo"].includes(name))
            return lasting(`\`self.${name}\` depends on the checkout`);
          return ofOutputs(name);
        },
        has: (name) => {
          const found = ofOutputs(name);
          return found === null ? false : found.kind === "unknown" ? null : true;
        },
        whole: () => unwrap(force(outputs)),
      },
    };
    this.#flakes.set(folder, self);
    return self;
  }

  /** What `outputs` is called with: `self` and all inputs, declared or only named as an argument. */
  #inputs(folder: string, file: Term, self: () => Term): Term {
    const { call } = this;
    const declared = select(file, "inputs", call.run);
    const known = new Map<string, Term>();
    const arguments_ = argumentNames(select(file, "outputs", call.run));
    const input = (name: string): Term | null => {
      if (name === "self") return self();
      if (!arguments_.has(name) && (declared === null || select(declared, name, call.run) === null)) return null;
      let found = known.get(name);
      if (found === undefined) {
        found = this.#input(folder, name, declared === null ? null : select(declared, name, call.run));
        known.set(name, found);
      }
      return found;
    };
    const set: OpenSet = {
      member: input,
      has: (name) => input(name) !== null,
      whole: () => {
        const written = declared === null ? null : unwrap(declared);
        const names = written?.kind === "attrs" ? written.members.flatMap(({ path }) => path[0]?.name ?? []) : [];
        const all = [...new Set(["self", ...names, ...arguments_])];
        return attrs(
          all.map((name) =>
            member(
              name,
              delay(call.at, () => input(name) ?? lasting(`there is no input \`${name}\``)),
              call.at,
            ),
          ),
        );
      },
    };
    return { kind: "open", set };
  }

  #input(folder: string, name: string, written: Term | null): Term {
    const url = textOf(written, "url", this.call) ?? (written?.kind === "string" ? written.text : null);
    const own = url === null ? null : this.#ownFolder(folder, url);
    const flake = own === null || written === null ? null : select(written, "flake", this.call.run);
    // With `flake = false` it is only a folder.
    if (own !== null && flake?.kind === "bool" && !flake.value)
      return openSet({ outPath: () => string(own) }, `\`${name}\` is a folder`);
    return own === null ? foreignInput(name, url, this.world) : this.flakeTerm(own);
  }

  /** The folder of this repository that an input's URL means; null where it means another one. */
  #ownFolder(folder: string, url: string): string | null {
    const relative = /^(?:path:)?(\.\.?(?:\/[^?#]*)?)(?:\?.*)?$/.exec(url)?.[1];
    const below = relative === undefined ? /[?&]dir=([^&#]+)/.exec(url)?.[1] : undefined;
    const path =
      relative !== undefined
        ? joined(folder, relative)
        : below !== undefined && this.isOwn(url)
          ? `${this.root}/${below}`
          : null;
    if (path === null || (path !== this.root && !path.startsWith(`${this.root}/`))) return null;
    return this.world.files.kind(path) === "folder" ? path : null;
  }

  /** What `lib.nixosSystem` and its kin give. */
  #system(kind: SystemKind, given: Thunk, call: Call): Term {
    if (kind === "flake-parts") return this.#flakeParts(given, call);
    const start = this.#modules(given, "modules", call);
    const special = select(force(given), kind === "home-manager" ? "extraSpecialArgs" : "specialArgs", call.run);
    const system = new ModuleSystem(kind, { start, special, own: new Map() }, this.call, this.upstream);
    const result = openSet({ config: () => system.config }, "only `config` is known of an evaluated system");
    if (result.kind === "open") this.#systems.set(result.set, system);
    if (system.config.kind === "open") this.#systems.set(system.config.set, system);
    return result;
  }

  #modules(given: Thunk, name: string, call: Call) {
    const modules = select(force(given), name, call.run);
    const list = modules === null ? null : listFrom(ready(modules, call.at));
    const unknowns = (list?.unknown ?? []).map((part) => definition(ready(lasting(part.reason), part.span)));
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
    ]);
    const special = select(given, "specialArgs", call.run);
    const start = [definition(ready(module, call.at))];
    const system = new ModuleSystem("flake-parts", { start, special, own }, this.call, this.upstream);
    this.parts.push(system);
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

/** The names of `{ self, nixpkgs, … }:`; an input need not be declared to be one. */
function argumentNames(outputs: Term | null): ReadonlySet<string> {
  const names = new Set<string>();
  if (outputs?.kind !== "lambda") return names;
  const { source } = outputs.scope.run;
  for (const formal of child(outputs.node, "formals")?.namedChildren ?? []) {
    const name = formal.type === "formal" ? child(formal, "name") : null;
    if (name !== null && child(formal, "default") === null) names.add(source.slice(name.startIndex, name.endIndex));
  }
  return names;
}

/** flake-parts' `withSystem system f`: what `perSystem` makes for it is not known. */
const withSystem: Builtin = {
  arity: 2,
  run: ([system, f], call) => {
    if (system === undefined || f === undefined) return null;
    const given = openSet({ system: () => force(system) }, "it depends on `perSystem`");
    return apply(f, [ready(given, call.at)], call);
  },
};

/** `base/relative` without `.` and `..`; null where that leads above `/`. */
function joined(base: string, relative: string): string | null {
  const kept: string[] = [];
  for (const segment of `${base}/${relative}`.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment !== "..") kept.push(segment);
    else if (kept.pop() === undefined) return null;
  }
  return `/${kept.join("/")}`;
}
