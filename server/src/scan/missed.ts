import type { HostScan, JournalRecord } from "../hosts/model";
import type { Coverage } from "../persistence/coverage";
import { homesOf } from "./homes";
import { keptBy } from "./kept";
import { ancestorsOf, levelOf } from "./levels";

/** A path that nothing keeps and that something missed in this boot. */
export interface MissedPath {
  /** At the level a person would write it: a folder that one of the unit's settings names, else that of a candidate. */
  readonly path: string;
  /** `lost`: an older root had what was missed; `absent`: it is not there now; `there`: something made it since. */
  readonly state: "lost" | "absent" | "there";
  readonly units: readonly string[];
  /** What the journal says, most telling first. */
  readonly records: readonly JournalRecord[];
}

const order = ["lost", "absent", "there"] as const;

/**
 * What the journal says was missed, of what would not survive the next boot either. What is missing says more than what may not be used: a
 * path with no such record is left out, since rights are another matter. Lost ones first, then those missed most often.
 */
export function missedPaths(records: readonly JournalRecord[], scan: HostScan, coverage: Coverage): MissedPath[] {
  const kept = keptBy(scan, coverage);
  const level = levels(scan);
  const groups = new Map<string, JournalRecord[]>();
  for (const record of records) {
    if (kept.at(record.path)) continue;
    const path = level(record);
    if (path === null || kept.at(path)) continue;
    groups.set(path, [...(groups.get(path) ?? []), record]);
  }
  const found = [...groups].flatMap(([path, group]): MissedPath[] => {
    if (!group.some(({ what }) => what === "missing" || what === "failed")) return [];
    const states = group
      .filter(({ what }) => what === "missing" || what === "failed")
      .map((one) => stateOf(scan, one.path));
    const state = order.find((each) => states.includes(each)) ?? "there";
    const units = [...new Set(group.flatMap(({ unit }) => unit ?? []))].sort();
    return [{ path, state, units, records: [...group].sort((a, b) => weight(a) - weight(b) || b.count - a.count) }];
  });
  const times = (missed: MissedPath) => missed.records.reduce((sum, { count }) => sum + count, 0);
  return found.sort(
    (a, b) => order.indexOf(a.state) - order.indexOf(b.state) || times(b) - times(a) || (a.path < b.path ? -1 : 1),
  );
}

function weight({ what }: JournalRecord): number {
  return ["missing", "failed", "read-only", "denied"].indexOf(what);
}

function stateOf({ tree }: HostScan, path: string): MissedPath["state"] {
  const node = tree.find(path);
  if (node === null) return "absent";
  return tree.status(node) === "lost" ? "lost" : "there";
}

/** The path a person would write for a record; null where that is a folder many programs share. */
function levels(scan: HostScan): (record: JournalRecord) => string | null {
  const homes = homesOf(scan);
  const aboveHomes = ancestorsOf(homes.map(({ path }) => path).filter((path) => path !== "/root"));
  const units = new Map((scan.deployed?.units ?? []).map((unit) => [unit.name, unit]));
  return ({ path, unit }) => {
    const { stateDirectories = [], logsDirectories = [], configurationDirectories = [] } = units.get(unit ?? "") ?? {};
    const own = [...stateDirectories, ...logsDirectories, ...configurationDirectories]
      .filter((folder) => path === folder || path.startsWith(`${folder}/`))
      .sort((a, b) => a.length - b.length);
    if (own[0] !== undefined) return own[0];
    const home = homes.find((each) => path === each.path || path.startsWith(`${each.path}/`)) ?? null;
    const names = path.split("/").slice(1);
    for (let depth = 1; depth <= names.length; depth += 1) {
      const at = `/${names.slice(0, depth).join("/")}`;
      const inHome = home !== null && (at === home.path || at.startsWith(`${home.path}/`)) ? home : null;
      const kind = levelOf(at, inHome, aboveHomes);
      if (kind === "unit") return at;
      if (kind === "cache") return null;
    }
    return null;
  };
}
