import type { UnknownValue, Value } from "../nix/value";
import { homesOf, moduleFiles, readValue, unknownUsers } from "../nixos/hostValues";
import type { HostModules, Project } from "../nixos/project";
import type { ModuleSystem } from "../nixos/system";
import { type EvaluatedPersistence, readEvaluated } from "../persistence/evaluated";
import type { Entry, PersistenceModule, StorageBlock } from "../persistence/model";
import { defaultHome } from "../persistence/paths";
import { schemas } from "../persistence/schema";

/** What a host's modules make together, as plain data. */
export interface HostConfiguration {
  readonly name: string;
  /** The files its modules are in, those of Home Manager users with them; absolute paths. */
  readonly files: readonly string[];
  /** The same with the Home Manager users they are modules of; null stands for the system. */
  readonly users: ReadonlyMap<string, ReadonlySet<string | null>>;
  /** Its storages as they are evaluated; an entry's origin tells where it is written. */
  readonly storages: readonly StorageBlock[];
  /** Storage paths by module and name of the storage: `impermanence main`. */
  readonly storagePaths: ReadonlyMap<string, string>;
  /** The modules whose option it declares itself, or adds options to. */
  readonly ownModules: ReadonlyMap<PersistenceModule, "more" | "instead">;
  /** Home directories by user, as far as they are known. */
  readonly homes: ReadonlyMap<string, string>;
  /** Modules of this repository that could not be followed, and storages and users that may be there besides. */
  readonly unknown: readonly { readonly reason: string }[];
}

/** Reads a host of an evaluation. */
export function readHost(project: Project, host: HostModules): HostConfiguration {
  const { system } = host;
  const homes = homesOf(host);
  const parts: EvaluatedPersistence[] = [
    { module: "impermanence", user: null, value: readValue(project, system, ["environment", "persistence"]) },
    { module: "preservation", user: null, value: readValue(project, system, ["preservation", "preserveAt"]) },
    ...[...homes].map(([user, home]): EvaluatedPersistence => {
      const value = readValue(project, home, ["home", "persistence"]);
      return { module: "home-manager", user, value };
    }),
  ];
  const known = new Map<string, string>();
  const homeOf = (user: string | null): string | null => {
    if (user === null) return null;
    const before = known.get(user);
    if (before !== undefined) return before;
    const value = readValue(project, system, ["users", "users", user, "home"]);
    const home = value.kind === "string" ? value.text : defaultHome(user);
    if (home !== null) known.set(user, home);
    return home;
  };
  const enabled = readValue(project, system, ["preservation", "enable"]);
  const evaluated = readEvaluated(parts, homeOf);
  const storagePaths = new Map(
    evaluated.flatMap(({ name, block: { module, storagePath } }) =>
      name === null || storagePath === null ? [] : [[`${module} ${name}`, storagePath] as const],
    ),
  );
  const ownModules = modulesDeclared(host, [...homes.values()]);
  const isInstead = (module: PersistenceModule) => ownModules.get(module) === "instead";
  const handedOn = placesOf(evaluated.map(({ block }) => block));
  const storages = evaluated.flatMap(({ block: read }): StorageBlock[] => {
    const block = isInstead(read.module) ? { ...withoutThose(read, handedOn), conditional: true } : read;
    if (block.module !== "preservation") return [block];
    if (enabled.kind === "bool") return enabled.value ? [block] : [];
    return [{ ...block, conditional: true }];
  });
  const users = moduleFiles(host);
  return {
    name: host.name,
    files: [...users.keys()],
    users,
    storages,
    storagePaths,
    ownModules,
    homes: known,
    unknown: [
      ...[system, ...homes.values()].flatMap((one) => one.unknown),
      ...unknownUsers(host),
      ...parts.flatMap(({ value }) => notRead(value)),
    ].flatMap(({ reason, foreign }) => (foreign === true ? [] : [{ reason }])),
  };
}

function modulesDeclared({ system }: HostModules, homes: Iterable<ModuleSystem>): HostConfiguration["ownModules"] {
  const declared = new Map<PersistenceModule, "more" | "instead">();
  for (const { module, option } of schemas) {
    for (const one of module === "home-manager" ? homes : [system]) {
      const found = one.declares(option, ["directories", "files"]);
      if (found !== null && declared.get(module) !== "instead") declared.set(module, found);
    }
  }
  return declared;
}

/** Where the entries of impermanence and preservation themselves are written. */
function placesOf(blocks: readonly StorageBlock[]): ReadonlySet<string> {
  return new Set(
    blocks.flatMap(({ module, lists }) =>
      module === "home-manager" ? [] : lists.flatMap(({ entries }) => entries.flatMap(originOf)),
    ),
  );
}

function originOf({ origin, kind }: Entry): string[] {
  return origin === undefined ? [] : [`${kind} ${origin.file} ${origin.span.start}`];
}

/** Home Manager's part of a storage without what it hands on to another module: it is an entry there. */
function withoutThose(block: StorageBlock, handedOn: ReadonlySet<string>): StorageBlock {
  if (block.module !== "home-manager") return block;
  const lists = block.lists.map((list) => ({
    ...list,
    entries: list.entries.filter((entry) => !originOf(entry).some((place) => handedOn.has(place))),
  }));
  return { ...block, lists };
}

/** The files that a host's entries are written in, modules and data files. */
export function filesWithEntries({ storages }: HostConfiguration): ReadonlySet<string> {
  return new Set(
    storages.flatMap(({ lists }) =>
      lists.flatMap(({ entries }) => entries.flatMap(({ origin }) => origin?.file ?? [])),
    ),
  );
}

/** The storages that an option may have besides those that are known. */
function notRead(value: Value): readonly UnknownValue[] {
  if (value.kind === "unknown") return [value];
  return value.kind === "attrs" ? value.unknown : [];
}

/** How many parts of what a host persists, and of its modules, are not known. */
export function unknownParts({ unknown, storages }: HostConfiguration): number {
  return storages.reduce(
    (sum, block) => block.lists.reduce((inner, list) => inner + list.unknown.length, sum + block.unknown.length),
    unknown.length,
  );
}
