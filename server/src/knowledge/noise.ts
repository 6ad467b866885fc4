import data from "./noise.json";

/** Why a path is not worth a decision, as shown to people after a count, of one or of many. */
export const noiseReasons = {
  store: "linked into the Nix store",
  activation: "made by NixOS at activation",
  boot: "regenerated at each boot",
  bootloader: "belonging to the boot loader",
  containers: "in container images and layers",
  snapshots: "in snapshots of older roots",
  special: "without contents (sockets, pipes, devices)",
  cache: "in caches",
  temporary: "temporary",
  lock: "for locking (lock and pid files)",
  log: "in logs",
  empty: "empty",
  storage: "linked into the storage",
  link: "linked to another path",
  useless: "known not to need keeping",
  many: "among many loose paths in one folder",
  user: "ignored by you, in .tidemarkignore or the settings",
} as const;

export type NoiseReason = keyof typeof noiseReasons;

/** Known noise by its place: the path and all below it. Absolute, and relative to each home. */
export const noisePaths = flatten(data.paths);
export const noiseHomePaths = flatten(data.homePaths);

/** Names of folders that hold nothing but a cache, wherever they lie. */
export const cacheFolderNames: readonly string[] = data.cacheFolders;

/** Names, and endings of names, of regular files that are noise wherever they lie. */
export const noiseFileNames = flatten(data.fileNames);
export const noiseFileEndings = flatten(data.fileEndings);

/** What the commands Tidemark shows put aside, once the storage has the same, is called the same with this at its end. */
export const putAsideEnding = ".before-persist";

/** Where a symbolic link points, as far as the target alone says: into the store, or into what NixOS made from it. */
export function noiseByTarget(target: string): NoiseReason | null {
  if (target.startsWith("/nix/store/") || target === "/nix/store") return "store";
  if (target === "/etc/static" || target.startsWith("/etc/static/")) return "activation";
  return null;
}

function flatten(groups: Partial<Record<NoiseReason, readonly string[]>>): ReadonlyMap<string, NoiseReason> {
  const flat = new Map<string, NoiseReason>();
  for (const [reason, values] of Object.entries(groups)) {
    for (const value of values) flat.set(value, reason as NoiseReason);
  }
  return flat;
}
