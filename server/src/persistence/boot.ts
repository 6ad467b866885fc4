import type { EntryKind, PersistenceModule, Setting } from "./model";

/**
 * Directories that impermanence mounts in the initrd: those nixpkgs counts as needed for boot
 * (`pathsNeededForBoot` in nixos/lib/utils.nix). All others are mount units of the running system.
 */
const early: ReadonlySet<string> = new Set([
  "/",
  "/nix",
  "/nix/store",
  "/var",
  "/var/log",
  "/var/lib",
  "/var/lib/nixos",
  "/etc",
  "/usr",
]);

/** Whether impermanence mounts a persisted directory in the initrd, where a source that is missing stops the boot. */
export function isMountedInInitrd(path: string): boolean {
  return early.has(path);
}

/**
 * When in the boot an entry's path is there, as a sentence or two. From impermanence's nixos.nix (7b1d382) and preservation's lib.nix (93416f4).
 * `path` is absolute and normalised.
 */
export function availableText(
  module: PersistenceModule,
  kind: EntryKind,
  path: string,
  settings: readonly Setting[],
): string {
  if (module === "preservation") {
    const set = settings.find(({ name }) => name.name === "inInitrd")?.value;
    if (set?.kind === "bool" && set.value) return "Available from the initrd on (`inInitrd`).";
    if (set !== undefined && set.kind !== "bool")
      return "When it is available depends on `inInitrd`, which is computed here.";
    return "Available before `sysinit.target`, so to all ordinary services, but not to the initrd or to activation scripts; with `inInitrd = true` to these as well.";
  }
  if (kind === "file")
    return "Bound or linked at activation by `persist-files`, after users are set up. A script that reads it at activation (secrets, password files) has to run after that, or read it in the storage.";
  if (early.has(path)) return "Mounted in the initrd, before activation: everything sees it.";
  return "Mounted before `local-fs.target`: services see it, activation scripts (secrets, password files) do not. These read it in the storage instead.";
}
