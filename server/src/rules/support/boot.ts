import { normalise } from "../../persistence/paths";
import type { SourceFile } from "../rule";
import { type Definition, definitionsAt, isSure } from "./hostOptions";

/** Shell code that runs in the initrd: of a hook of the scripted one, or of a systemd service. */
export interface BootScript {
  /** The option's own definition; its fact's value is the code, as far as it is known. */
  readonly definition: Definition;
  /** `postDeviceCommands` and the like; null for a service. */
  readonly hook: string | null;
  /** The service's name; null for a hook, or where it is computed. */
  readonly service: string | null;
  /** The code without comments, `${…}` left as written. */
  readonly code: string;
}

export const hooks = [
  "preDeviceCommands",
  "preLVMCommands",
  "postDeviceCommands",
  "postResumeCommands",
  "postMountCommands",
] as const;

/** More than any script needs; the rest of it is not looked at. */
const maximumCode = 50_000;

/** The scripts of the initrd that files of a host write out. */
export function bootScripts(host: readonly SourceFile[]): BootScript[] {
  const ofHooks = hooks.flatMap((hook) =>
    definitionsAt(host, ["boot", "initrd", hook]).flatMap((definition): BootScript[] =>
      definition.fact.path.length === 3 && definition.fact.path[2] === hook
        ? [{ definition, hook, service: null, code: codeOf(definition) }]
        : [],
    ),
  );
  const services = ["boot", "initrd", "systemd", "services"];
  const ofServices = definitionsAt(host, services).flatMap((definition): BootScript[] => {
    const [, , , , service, ...rest] = definition.fact.path;
    if (rest.join(".") !== "script" && rest.join(".") !== "serviceConfig.ExecStart") return [];
    return [{ definition, hook: null, service: service ?? null, code: codeOf(definition) }];
  });
  return [...ofHooks, ...ofServices];
}

function codeOf({ file, fact: { value } }: Definition): string {
  const whole = value.kind === "string" ? value.text : file.text.slice(value.span.start, value.span.end);
  return whole
    .slice(0, maximumCode)
    .split("\n")
    .filter((line) => !line.trimStart().startsWith("#"))
    .join("\n");
}

/** Commands that make an ephemeral root new. The program may come with its path: `${pkgs.btrfs-progs}/bin/btrfs`. */
export function isWipe({ code }: BootScript): boolean {
  return /\b(?:btrfs|bcachefs)["}]? +sub\w* +(?:delete|create|snapshot)\b|\bzfs["}]? +rollback\b/.test(code);
}

/** A file system that files of a host declare, with all that is known of it. */
export interface Mount {
  readonly mountPoint: string;
  /** By the option's name: `fsType`, `options`, `neededForBoot`. */
  readonly settings: ReadonlyMap<string, readonly Definition[]>;
  /** False where parts of it are not known. */
  readonly whole: boolean;
}

/** The file systems of a host; null where some of them are not known. */
export function mountsOn(host: readonly SourceFile[]): readonly Mount[] | null {
  const found = new Map<string, { settings: Map<string, Definition[]>; whole: boolean }>();
  for (const definition of definitionsAt(host, ["fileSystems"])) {
    const [, mountPoint, setting] = definition.fact.path;
    if (mountPoint === undefined || mountPoint === null) return null;
    const mount = found.get(normalise(mountPoint)) ?? { settings: new Map<string, Definition[]>(), whole: true };
    found.set(normalise(mountPoint), mount);
    if (setting === undefined || setting === null) mount.whole = false;
    else if (!mount.settings.get(setting)?.push(definition)) mount.settings.set(setting, [definition]);
  }
  return [...found].map(([mountPoint, { settings, whole }]) => ({ mountPoint, settings, whole }));
}

/** The type that a file system surely has; null where it is not stated, or not known. */
export function fsTypeOf(mount: Mount): string | null {
  const [first, ...rest] = mount.settings.get("fsType") ?? [];
  if (first === undefined || rest.length > 0 || !isSure(first)) return null;
  return first.fact.value.kind === "string" ? first.fact.value.text : null;
}

/** True for a file system on a disk: nothing of it is lost by itself at a reboot. */
export function isOnDisk(mount: Mount): boolean {
  const type = fsTypeOf(mount);
  const options = (mount.settings.get("options") ?? []).some(({ fact: { value } }) =>
    value.kind === "list"
      ? value.elements.some(({ value: option }) => option.kind === "string" && /^r?bind$/.test(option.text))
      : true,
  );
  return !options && type !== null && onDisk.has(type);
}

const onDisk = new Set([
  "bcachefs",
  "btrfs",
  "ext2",
  "ext3",
  "ext4",
  "exfat",
  "f2fs",
  "ntfs",
  "ntfs3",
  "vfat",
  "xfs",
  "zfs",
]);

export interface EphemeralRoot {
  readonly kind: "tmpfs" | "wiped";
  readonly definition: Definition;
}

/** What makes the root of the host ephemeral; null where the known files do not tell for sure. */
export function ephemeralRoot(host: readonly SourceFile[]): EphemeralRoot | null {
  const types = [
    ["fileSystems", "/", "fsType"],
    ["disko", "devices", "nodev", "/", "fsType"],
  ].flatMap((path) =>
    definitionsAt(host, path).filter(
      (definition) =>
        definition.fact.value.kind === "string" && definition.fact.value.text === "tmpfs" && isSure(definition),
    ),
  );
  const [tmpfs] = types;
  if (tmpfs !== undefined) return { kind: "tmpfs", definition: tmpfs };
  const wipe = bootScripts(host).find((script) => isWipe(script) && isSure(script.definition));
  return wipe === undefined ? null : { kind: "wiped", definition: wipe.definition };
}
