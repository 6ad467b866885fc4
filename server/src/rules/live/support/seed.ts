import type { HostScan, HostUnit } from "../../../hosts/model";
import { isBelow } from "../../../persistence/paths";
import type { LiveContext, LiveFix } from "../rule";
import { remark, type Step, sheetOf, step, unlessThere } from "./commands";
import { foldersAbove, privatePath, storedPath } from "./paths";
import { isLasting, liveAt, storedAt } from "./state";

export interface Copy {
  /** Where the data lies now. */
  readonly from: string;
  readonly storage: string;
  /** The path it is persisted as. */
  readonly path: string;
  /** The path it gets in the storage, where that is another one. */
  readonly as?: string;
  readonly kind: "directory" | "file";
}

/** The fix that shows how to copy data into a storage; nothing that is there is overwritten. None where that cannot be written safely. */
export function copyFix(
  context: LiveContext,
  title: string,
  copy: Copy,
  after: readonly (Step | null)[] = [],
): LiveFix[] {
  const { path, storage, from, as = path } = copy;
  const writing = from === path ? activeUnitsOf(context, path).map(({ name }) => name) : [];
  const stops = writing.length <= mostStopped && !writing.some((name) => carriesConnection.test(name));
  const names = stops ? writing : [];
  const stored = storedPath(storage, as);
  return commandsFix(context, title, [
    ...(from === path && copy.kind === "directory" && names.length === 0 ? [remark(whatWrites(path, writing))] : []),
    ...(names.length === 0
      ? []
      : [
          step(
            `Stops ${names.join(" and ")}, so that nothing is written meanwhile.`,
            ...["systemctl", "stop", "--", ...names],
          ),
        ]),
    ...foldersFor(context, storage, as),
    copyStep(context, { ...copy, path: as }),
    copy.kind === "directory"
      ? step("Compares them: says nothing if all is there.", "diff", "-rq", "--no-dereference", "--", from, stored)
      : step("Compares them: says nothing if they are the same.", "cmp", "--", from, stored),
    ...after,
    ...(names.length === 0
      ? []
      : [
          remark("Switch to the new configuration now."),
          step(
            `Starts ${names.join(" and ")} again, unless the switch did.`,
            ...["systemctl", "start", "--", ...names],
          ),
        ]),
  ]);
}

/** Units that are stopped by a command; more of them are the system itself. */
const mostStopped = 3;
/** Who stops these over SSH may not get in any more. */
const carriesConnection =
  /^(?:sshd?|tailscaled|netbird|zerotierone|nebula|openvpn|wg-quick|NetworkManager|systemd-networkd|systemd-resolved|connman|dhcpcd|iwd|wpa_supplicant)\b/;

/** For people: what to do before a copy where no command does it. */
function whatWrites(path: string, units: readonly string[]): string {
  const [unit] = units;
  if (unit === undefined) return `Stop first what writes to ${path}, so that the copy is whole.`;
  const named = units.slice(0, mostStopped).join(", ") + (units.length > mostStopped ? ", …" : "");
  return `The copy is surely whole only while ${named} ${units.length === 1 ? "is" : "are"} stopped. Not over a connection that needs ${units.length === 1 ? "it" : "them"}.`;
}

/** A fix of commands; none where one of them cannot be written safely, or where it is not known that they would run on that root. */
export function commandsFix(
  { scan, severalHosts }: LiveContext,
  title: string,
  steps: readonly (Step | null)[],
): LiveFix[] {
  const isItsRoot = scan.deployed !== null && scan.prefix === undefined;
  const sheet = isItsRoot ? sheetOf(title, scan.host, steps) : null;
  return sheet === null
    ? []
    : [
        {
          kind: "commands",
          title: `Show the commands that ${lowerFirst(title)}${severalHosts ? ` (${scan.host})` : ""}`,
          sheet,
        },
      ];
}

/** What has to be done before anything is put into a storage; empty where that is nothing. */
export function mountFirst({ scan }: LiveContext, storage: string): string {
  if (isLasting(scan, storage)) return "";
  return ` But ${storage} is not mounted on ${scan.host}: what is put there now lies on the root itself, and goes when that is wiped. Mount the storage before.`;
}

/** Makes the folders above a path in the storage, each like the one on the root. Nothing is put where it would be wiped: null. */
export function foldersFor(context: LiveContext, storage: string, path: string): (Step | null)[] {
  if (!isLasting(context.scan, storage)) return [null];
  return foldersAbove(path)
    .filter((folder) => [null, "absent"].includes(kindOf(storedAt(context, storage, folder))))
    .map((folder) => folderStep(context, storage, folder));
}

/** Folders that nobody but root may enter, or systemd starts no unit with DynamicUser. */
const closedFolders = ["/var/lib/private", "/var/cache/private", "/var/log/private"];

/** Makes one folder in the storage, with the owner and mode it has on the root. */
export function folderStep(context: LiveContext, storage: string, folder: string): Step | null {
  const stored = storedPath(storage, folder);
  const live = liveAt(context, folder);
  const like = live !== null && live !== "absent" && live.type === "directory" ? live : null;
  const closed = closedFolders.includes(folder);
  const { user, group, mode } =
    like === null || closed ? { user: "root", group: "root", mode: closed ? "0700" : "0755" } : like;
  const what = `Makes ${stored}${like === null || closed ? "" : `, with the owner and mode of ${folder}`}.`;
  return step(what, ...unlessThere(stored), "install", "-d", "-o", user, "-g", group, "-m", mode, "--", stored);
}

function copyStep(context: LiveContext, { from, storage, path, kind }: Copy): Step | null {
  const stored = storedPath(storage, path);
  const there = storedAt(context, storage, path);
  const copy = ["--reflink=auto", "-T", "--", from, stored];
  if (there === null || there === "absent")
    return step(`Copies ${from} to ${stored}, unless something is there.`, ...unlessThere(stored), "cp", "-a", ...copy);
  if (kind === "directory")
    return step(`Copies what lies in ${from}, over nothing that is there.`, "cp", "-an", ...copy);
  const unlessFilled = [{ syntax: "[" }, "-s", stored, { syntax: "]" }, { syntax: "||" }];
  return step(`Copies ${from} over the empty file ${stored}.`, ...unlessFilled, "cp", "-a", ...copy);
}

function kindOf(seen: ReturnType<typeof storedAt>): "absent" | "there" | null {
  return seen === null || seen === "absent" ? seen : "there";
}

/** The units that have a path as one of their directories and run now. */
function activeUnitsOf(context: LiveContext, path: string): readonly HostUnit[] {
  return unitsOf(context, path).filter(({ state }) => state === "active");
}

/** The units that have a path, a part of it or a folder above it as one of their directories; of those with DynamicUser by either of its names. */
export function unitsOf({ scan }: LiveContext, path: string): readonly HostUnit[] {
  const names = (one: string) => [one, privatePath(one) ?? one];
  return (scan.deployed?.units ?? []).filter(
    ({ stateDirectories, cacheDirectories, logsDirectories, configurationDirectories }) =>
      [...stateDirectories, ...cacheDirectories, ...logsDirectories, ...configurationDirectories]
        .flatMap(names)
        .some((one) => one === path || isBelow(one, path) || isBelow(path, one)),
  );
}

/** Where the older root still has a path; null where it does not, or no older root is known. */
export function oldCopy({ scan }: LiveContext, path: string): string | null {
  const folder = oldFolder(scan);
  const node = folder === null ? null : scan.tree.find(path);
  if (folder === null || node === null) return null;
  return ["lost", "changed"].includes(scan.tree.status(node)) ? `${folder}${path}` : null;
}

/** The folder that the older root is, without a `/` at its end; null where it is no folder of the host. */
export function oldFolder({ oldRoot }: HostScan): string | null {
  return oldRoot?.startsWith("/") === true ? oldRoot.replace(/\/$/, "") : null;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
