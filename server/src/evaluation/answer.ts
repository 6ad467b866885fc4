import type { PersistenceModule, Scope } from "../persistence/model";
import { join, normalise } from "../persistence/paths";
import { type Json, parseJson, record, records, string, strings } from "./json";
import type {
  EvaluatedEntry,
  EvaluatedFileSystem,
  EvaluatedHost,
  EvaluatedService,
  EvaluatedStorage,
  EvaluatedUser,
} from "./model";

const modules = new Set<unknown>(["impermanence", "home-manager", "preservation"] satisfies PersistenceModule[]);

/**
 * Reads Nix's answer to the question. What is not as expected is left out; null where the answer is none at all. A user's paths are
 * made absolute with the homes Nix knows; without a home, such a path is left out too.
 */
export function readAnswer(text: string): EvaluatedHost | null {
  const answer = record(parseJson(text));
  if (answer["version"] !== 1) return null;
  const failed = ["storages", "fileSystems", "users", "services"].flatMap((part) =>
    records(answer[part]).flatMap((value) => string(value["failed"]) ?? []),
  );
  const users = records(answer["users"]).flatMap(readUser);
  const storages = records(answer["storages"]).flatMap((value) => {
    const storage = readStorage(value);
    return storage === null ? [] : [{ storage, value }];
  });
  return {
    storages: storages.map(({ storage }) => storage),
    entries: storages.flatMap(({ storage, value }) => (storage.enabled ? readEntries(storage, value, users) : [])),
    fileSystems: records(answer["fileSystems"]).flatMap(readFileSystem),
    users,
    services: records(answer["services"]).flatMap(readService),
    failed,
  };
}

function readStorage(value: Json): EvaluatedStorage | null {
  const name = string(value["name"]);
  const { module } = value;
  if (name === null || !isModule(module)) return null;
  const path = normalise(string(value["path"]) ?? name);
  return { module, name, path, enabled: value["enable"] !== false };
}

function isModule(value: unknown): value is PersistenceModule {
  return modules.has(value);
}

function readEntries(storage: EvaluatedStorage, value: Json, users: readonly EvaluatedUser[]): EvaluatedEntry[] {
  return records(value["lists"]).flatMap((list) => {
    const user = string(list["user"]);
    const known = users.find((candidate) => candidate.name === user);
    const home = string(list["home"]) ?? known?.home ?? null;
    const scope: Scope = user === null ? { kind: "system" } : { kind: "user", user };
    const entry = (kind: "directory" | "file") => (given: Json) => {
      const path = pathOf(given, storage.module, user === null ? "/" : home);
      // Folders preservation makes on the way to others; they are not kept themselves.
      if (path === null || given["how"] === "_intermediate") return [];
      const one: EvaluatedEntry = {
        module: storage.module,
        kind,
        path,
        storagePath: normalise(string(given["storage"]) ?? storage.path),
        scope,
        // The Home Manager module leaves owner and group to the system's, which takes the user's.
        user: string(given["user"]) ?? (storage.module === "home-manager" && kind === "directory" ? user : null),
        group:
          string(given["group"]) ??
          (storage.module === "home-manager" && kind === "directory" ? (known?.group ?? null) : null),
        mode: string(given["mode"]),
      };
      return [one];
    };
    return [
      ...records(list["directories"]).flatMap(entry("directory")),
      ...records(list["files"]).flatMap(entry("file")),
    ];
  });
}

/** impermanence says the whole path; preservation has joined a user's paths with the home already; older modules leave it to us. */
function pathOf(given: Json, module: PersistenceModule, home: string | null): string | null {
  const path = string(given["path"]);
  if (path !== null) return normalise(path);
  const written = string(given["written"]);
  if (written === null) return null;
  if (module === "preservation") return written.startsWith("/") ? normalise(written) : null;
  return home === null ? null : join(home, written);
}

function readFileSystem(value: Json): EvaluatedFileSystem[] {
  const mountPoint = string(value["mountPoint"]);
  if (mountPoint === null) return [];
  const one: EvaluatedFileSystem = {
    mountPoint: normalise(mountPoint),
    device: string(value["device"]),
    fsType: string(value["fsType"]),
    neededForBoot: value["neededForBoot"] === true,
    options: strings(value["options"]),
  };
  return [one];
}

function readUser(value: Json): EvaluatedUser[] {
  const name = string(value["name"]);
  return name === null ? [] : [{ name, home: string(value["home"]), group: string(value["group"]) }];
}

function readService(value: Json): EvaluatedService[] {
  const name = string(value["name"]);
  const stateDirectories = strings(value["directories"]).flatMap((text) =>
    text.split(/\s+/).filter((part) => part !== ""),
  );
  if (name === null || stateDirectories.length === 0) return [];
  const dynamic = value["dynamic"];
  const dynamicUser = dynamic === true || (typeof dynamic === "string" && /^(?:1|yes|true|on)$/i.test(dynamic));
  return [{ name, stateDirectories, dynamicUser, user: string(value["user"]) }];
}
