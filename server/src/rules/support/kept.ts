import type { Value } from "../../nix/value";
import { coverageOf, covers as isCovered } from "../../persistence/coverage";
import type { StorageBlock } from "../../persistence/model";
import { isBelow, normalise, usualSystemPaths } from "../../persistence/paths";
import type { RuleContext, SourceFile } from "../rule";
import { declaredOn, reliableUntil } from "./declared";
import { isOn, optionOn } from "./hostOptions";

/** How many of the usual system paths, or something below them, are kept. */
export function usualKept(kept: readonly string[]): number {
  return usualSystemPaths.filter((known) => kept.some((path) => path === known || isBelow(path, known))).length;
}

/** Whether a file may persist more of the system than is understood: then nothing can be said to be missing. */
export function isOpen({ persistence, text }: SourceFile): boolean {
  return persistence.blocks.some((block) => {
    if (Number.isFinite(reliableUntil(block))) return true;
    if (block.module === "home-manager") return false;
    return (
      block.unit !== "" ||
      block.storagePath === null ||
      block.unknown.length > 0 ||
      block.lists.some(({ scope, unknown }) => scope.kind === "system" && unknown.length > 0) ||
      block.settings.some(({ name, value }) => name.name === "enableWarnings" && !isTrue(value)) ||
      /\bmk(?:Force|Override)\b/.test(text.slice(block.span.start, block.span.end))
    );
  });
}

function isTrue(value: Value): boolean {
  return value.kind === "bool" && value.value;
}

/**
 * Which of the system's paths outlive a reboot on a host, or have a part that does: the answer for a path, absolute and normalised.
 * Null where it is not known, since other files or lists that are not understood may keep more, or where the host keeps so little that
 * it may not be wiped at all.
 */
export function keptOn(context: RuleContext): ((path: string) => boolean) | null {
  const { host, hostIsWhole, evaluated } = context;
  if (!hostIsWhole) return null;
  // An evaluated host is only whole where all of its modules and lists are known.
  if (evaluated.length === 0 ? host.some(isBlurred) : !host.every(({ persistence }) => persistence.optionsWhole))
    return null;
  const declared = declaredOn(context).filter(({ block }) => block.enabled);
  const coverage = coverageOf(evaluated.map(({ storages }) => ({ blocks: storages })));
  // A module that no file switches on does nothing: the host may well keep its root.
  const isOff =
    optionOn(host, ["preservation", "enable"]).kind === "unset" || isOn(host, ["preservation", "enable"]) === false;
  const inUse = ({ module }: StorageBlock): boolean => module !== "preservation" || !isOff;
  const certain = declared.flatMap((one) => (one.certain && inUse(one.block) ? (one.path ?? []) : []));
  const kept = evaluated.flatMap(({ storages }) => certainlyKept(storages.filter(inUse)));
  if (usualKept([...certain, ...kept]) === 0) return null;
  const mounts = mountsOn(host);
  if (mounts === null) return null;
  const storages = host.flatMap(({ persistence }) =>
    persistence.blocks.flatMap(({ storagePath }) => (storagePath === null ? [] : [normalise(storagePath)])),
  );
  const roots = new Set([...mounts, ...storages, ...declared.flatMap(({ path }) => path ?? [])]);
  roots.delete("/");
  const covers = (path: string): boolean => {
    for (let at = path; at !== ""; at = at.slice(0, at.lastIndexOf("/"))) if (roots.has(at)) return true;
    // Whoever keeps a part of it has thought of the rest.
    for (const root of roots) if (isBelow(root, path)) return true;
    for (const root of [...coverage.directories, ...coverage.files]) if (isBelow(root, path)) return true;
    return isCovered(coverage, path);
  };
  // State of a unit with DynamicUser may be kept by its public name; that this fails is said elsewhere.
  const publicName = (path: string) => path.replace(/^(\/var\/(?:lib|cache|log))\/private\//, "$1/");
  // Or the other way about, where the service had DynamicUser once.
  const privateNames = new Set(
    [...roots, ...coverage.directories].filter((root) => publicName(root) !== root).map(publicName),
  );
  return (path) => covers(path) || covers(publicName(path)) || privateNames.has(path);
}

/** The paths that storages of an evaluated host keep under no condition that is left open. */
function certainlyKept(storages: readonly StorageBlock[]): string[] {
  return storages.flatMap(({ enabled, conditional, lists }) =>
    enabled && !conditional
      ? lists.flatMap((list) =>
          list.conditional ? [] : list.entries.flatMap((entry) => (entry.conditional ? [] : (entry.path ?? []))),
        )
      : [],
  );
}

function isBlurred(file: SourceFile): boolean {
  const { facts, optionsWhole, syntaxError } = file.persistence;
  return facts.importsUnknown || !optionsWhole || syntaxError !== null || isOpen(file);
}

/** Mount points of file systems with a disk behind them, also under a condition; null where some are not known. */
function mountsOn(host: readonly SourceFile[]): readonly string[] | null {
  const mounts: string[] = [];
  for (const { persistence } of host) {
    const volatile = persistence.facts.fileSystems.filter(({ fsType }) => fsType === "tmpfs" || fsType === "ramfs");
    for (const { path, value } of persistence.options) {
      const [head, second] = path;
      if (head === "fileSystems") {
        if (second == null) return null;
        if (!volatile.some(({ mountPoint }) => mountPoint === second)) mounts.push(normalise(second));
      } else if (head === "disko") {
        const isMount = path[path.length - 1] === "mountpoint";
        if (isMount && value.kind === "string") mounts.push(normalise(value.text));
        // Disks that are not written out here may be mounted anywhere.
        else if (isMount || (value.kind === "unknown" && path.length < 4)) return null;
      } else if (head === "systemd" && second === "mounts") return null;
      else if (head === "boot" && second === "zfs" && path[2] === "extraPools") return null;
    }
  }
  return mounts;
}
