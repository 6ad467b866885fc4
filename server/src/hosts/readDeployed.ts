import { printable } from "./failures";
import type { Deployed, HostUser, RootSpace, StoredTree } from "./model";
import { decodeBytes, encodeBytes, isAtOrBelow } from "./mountinfo";
import { type HostConnection, HostError, type Log } from "./port";
import { outermost, prunePatterns } from "./probePrune";
import { runProbe } from "./probeRun";
import type { Elevation } from "./probeScript";
import { plainNotes, plainParameters, type StoragePlaces, withFoldersMarked } from "./readDeployedPlain";
import { type DeployedRecords, deployedReader, type PlainTools } from "./recordsDeployed";
import type { Situation } from "./scanHostLayout";
import { liveOf, namesOf, treeOf } from "./seenPaths";
import { boundPaths } from "./storages";
import { tmpfilesRules } from "./tmpfilesRules";
import { parseSystemctl, unitsFromFiles } from "./units";

/** What a configuration keeps on a host: absolute, normalised paths. */
export interface ConfiguredPaths {
  readonly storages: Iterable<string>;
  readonly directories: Iterable<string>;
  readonly files: Iterable<string>;
}

export interface DeployedOptions {
  /** The scanned root without links, a byte string. */
  readonly root: string;
  readonly situation: Pick<Situation, "mounts" | "recorded" | "here">;
  readonly users: readonly HostUser[];
  readonly groups: ReadonlyMap<number, string>;
  readonly configured: ConfiguredPaths;
  /** Of a host without the GNU tools; null where it has them. */
  readonly plain: PlainTools | null;
  readonly elevate: Elevation;
  readonly signal: AbortSignal;
  readonly log: Log;
  /** Milliseconds after which it is given up, as where an entry lies on a network file system that does not answer; a minute where left out. */
  readonly patience?: number;
}

/** Paths of one storage that are looked at; the folders that entries lie in come first. */
const mostStored = 20_000;
const mostStorages = 16;
const mostEntries = 5000;
/** One word of a command line may have 128 kB. */
const patternLimit = 100_000;
/** Texts of units are said as one record. */
const textLimit = 16 << 20;

/**
 * What a root runs from, besides the paths on it. Reads only. A part that cannot be read is empty and told of in `notes`; rejects with
 * HostError only where it is cancelled or the connection is lost.
 */
export async function readDeployed(connection: HostConnection, options: DeployedOptions): Promise<Deployed> {
  const { situation, configured } = options;
  const bound = boundPaths(situation.mounts);
  const entries = [...new Set([...configured.directories, ...configured.files])].filter(isPath).slice(0, mostEntries);
  const storages = [...new Set([...configured.storages, ...bound.map(({ storage }) => storage)])]
    .filter((storage) => isPath(storage) && storage !== "/")
    .slice(0, mostStorages);
  const points = situation.mounts.map(({ mountPoint }) => decodeBytes(mountPoint));
  const keptIn = (storage: string) => bound.filter((each) => each.storage === storage).map(({ path }) => path);
  const asked = withFolders([...entries, ...bound.map(({ path }) => path)]).filter(
    (path) => !isUnseen(path, situation),
  );

  const places = storages.map((storage): StoragePlaces => {
    const kept = outermost([...entries, ...keptIn(storage)].map(encodeBytes));
    const inside = points
      .filter((point) => point.startsWith(`${storage}/`))
      .map((point) => point.slice(storage.length));
    const whole = new Set(kept);
    return {
      storage: encodeBytes(storage),
      descend: withFolders(kept).filter((path) => path !== "/" && !whole.has(path)),
      stop: outermost([...kept, ...inside.map(encodeBytes)]),
    };
  });
  const { plain } = options;
  const reader = deployedReader(plain);
  const notes: string[] = [];
  let records: DeployedRecords | null = null;
  const late = AbortSignal.timeout(options.patience ?? 60_000);
  try {
    const { status, result } = await runProbe(connection, {
      task: {
        ...(plain === null
          ? { what: "deployed", parameters: [options.root, String(mostStored), ...places.flatMap(parametersOf)] }
          : { what: "plaindeployed", parameters: plainParameters(plain, options.root, places) }),
        elevate: options.elevate,
        list: asked.map((path) => Buffer.from(listed(path, plain))),
      },
      signal: AbortSignal.any([options.signal, late]),
      log: options.log,
      onRecord: reader.onRecord,
      limit: textLimit,
    });
    if (status === 0) records = plain === null ? reader.read() : withFoldersMarked(reader.read());
    else notes.push(`What the host runs from could not be read: ${printable(result.stderr) || `status ${status}`}.`);
  } catch (error) {
    if (options.signal.aborted || !connection.alive || !(error instanceof Error)) throw error;
    const isLate = late.aborted && error instanceof HostError && error.kind === "cancelled";
    notes.push(`What the host runs from could not be read: ${isLate ? "it took too long." : error.message}`);
  }
  if (records === null) return { units: [], tmpfiles: [], storages: [], live: new Map(), space: null, notes };
  return deployedOf(records, asked, options, notes);
}

function deployedOf(
  records: DeployedRecords,
  asked: readonly string[],
  { situation, users, groups, root }: DeployedOptions,
  notes: string[],
): Deployed {
  const names = namesOf(users, groups);
  const units = records.systemctl === null ? unitsFromFiles(records.unitFiles) : parseSystemctl(records.systemctl);
  if (records.lacks.includes("awk")) notes.push("Units and tmpfiles rules were not read: the host has no awk.");
  else if (units.length === 0) notes.push("No units of systemd were found on the host.");
  else if (records.lacks.includes("systemctl"))
    notes.push(
      "systemctl gives no answer on the host; its units were read from their files, so what runs is not known.",
    );
  const unknown = new Set(records.liveUnknown.map((path) => path.slice(1)));
  notes.push(...plainNotes(unknown, records.storages));
  const stored: StoredTree[] = [];
  for (const { storage, present, looks } of records.storages) {
    // What is mounted there on the recorded host need not be here.
    const unseen = isUnseen(storage, situation) && !looks.some((look) => look.records.length > 1);
    if (present === null) notes.push(`What is stored in ${printable(storage)} could not be read.`);
    else if (!unseen) stored.push(treeOf(storage, present, looks, names, mostStored));
  }
  return {
    units,
    tmpfiles: tmpfilesRules(records.tmpfiles.map(({ path, lines }) => ({ name: path, lines }))),
    storages: stored,
    live: liveOf(asked, records.live, names, { isRealRoot: root === "/", unknown }),
    unknown,
    space: situation.recorded ? null : spaceOf(records.space),
    notes,
  };
}

function parametersOf({ storage, descend, stop }: StoragePlaces): string[] {
  return [
    storage,
    pattern(["\\.", ...prunePatterns(descend)]) ?? "\\.",
    // Without knowing where to stop there is no second look.
    pattern(prunePatterns(stop)) ?? ".*",
  ];
}

function listed(path: string, plain: PlainTools | null): string {
  const from = `.${path}${path === "/" ? "." : ""}`;
  return plain === null ? from : from.replaceAll("\n", "\0+");
}

/** Whether a recorded list of mounts has something at or above `path` that is not really mounted: what is seen there is not what the host had. */
function isUnseen(path: string, { recorded, mounts, here }: DeployedOptions["situation"]): boolean {
  if (!recorded) return false;
  const real = new Set(here.map(({ mountPoint }) => mountPoint));
  return mounts.some(
    ({ mountPoint }) => mountPoint !== "/" && !real.has(mountPoint) && isAtOrBelow(encodeBytes(path), mountPoint),
  );
}

function spaceOf(text: string): RootSpace | null {
  const [, size, blocks, free] = /^(\d{1,12}) (\d{1,15}) (\d{1,15})$/.exec(text) ?? spaceOfDf(text);
  if (Number(size) * Number(blocks) > 0)
    return { total: Number(size) * Number(blocks), free: Number(size) * Number(free) };
  return null;
}

/** Of a line of `df -Pk`: device, kilobytes, those that are used and free, percent, folder. */
function spaceOfDf(text: string): readonly string[] {
  const [, blocks = "0", free = "0"] = /^\S+ +(\d{1,15}) +\d+ +(\d{1,15}) +\d+% \//.exec(text) ?? [];
  return ["", "1024", blocks, free];
}

/** The paths and every folder above them, `/` first. */
function withFolders(paths: Iterable<string>): string[] {
  const all = new Set<string>(["/"]);
  for (const path of paths) for (let at = path; at !== ""; at = at.slice(0, at.lastIndexOf("/"))) all.add(at);
  return [...all].sort();
}

function isPath(path: string): boolean {
  return (
    path.startsWith("/") && path.length < 4096 && !path.includes("\0") && !/(^|\/)\.{1,2}(\/|$)|\/\/|.\/$/.test(path)
  );
}

/** One pattern for find instead of several; null where it would be too long. None at all match nothing. */
function pattern(patterns: readonly string[]): string | null {
  const whole = patterns.length === 0 ? "/" : `(${patterns.join("|")})`;
  return whole.length > patternLimit ? null : whole;
}
