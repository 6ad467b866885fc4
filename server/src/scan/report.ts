import type { Candidate, HostScan, NodeId, ScanReport } from "../hosts/model";
import { noiseReasons } from "../knowledge/noise";
import type { Coverage } from "../persistence/coverage";
import type { Find } from "./find";
import { type IgnoreRule, ignoredBy } from "./ignore";
import { keptBy } from "./kept";
import { compareFinds } from "./rank";
import { aboutOf, seenOf } from "./reason";
import { sectionOf } from "./section";
import { judge } from "./verdict";
import { walk } from "./walk";
import { writerOf } from "./writer";

export interface ReportOptions {
  /** What the user does not want to hear of, with all below it; the last rule that speaks of a path counts. */
  readonly ignore?: readonly IgnoreRule[];
  /** Bytes from which on a cache is shown rather than only counted; 10 MB unless told. */
  readonly cacheFrom?: number;
  /** When the host was scanned, seconds since the epoch, so that ages can be told. */
  readonly now?: number;
}

const defaultCacheFrom = 10_000_000;

/**
 * What would be lost, ranked: from every path of a scan to those a person would write. The first report of a scan takes time
 * linear in its size; later ones, after an edit, look only at the folders shared by many programs.
 */
export function buildReport(scan: HostScan, coverage: Coverage, options: ReportOptions = {}): ScanReport {
  const { finds, ignored } = walk(scan, keptBy(scan, coverage), {
    ignore: ignoredBy(options.ignore ?? []),
    cacheFrom: options.cacheFrom ?? defaultCacheFrom,
  });
  const users = new Map([...scan.users].reverse().map((user) => [user.uid, user.name]));
  const nameOf = (names: ReadonlyMap<number, string>, id: number): string =>
    id === 0 ? "root" : (names.get(id) ?? String(id));
  const inventory = scan.root.ephemeral === false;
  const judged = finds.map((find) => {
    const uid = scan.tree.uid(find.node);
    const owner = nameOf(users, uid);
    const by = writerOf(scan, find, owner);
    const told = { by, owner, bootTime: scan.bootTime, now: options.now ?? null, inventory };
    return { find, told, judgement: judge(scan.tree, find, by) };
  });
  judged.sort((a, b) => compareFinds(a.find, a.judgement.verdict, b.find, b.judgement.verdict));
  return {
    version: 1,
    host: scan.host,
    root: scan.root,
    bootTime: isoTime(scan.bootTime),
    inventory,
    candidates: judged.map(({ find, told, judgement }): Candidate => {
      const about = aboutOf(find, judgement, told);
      const lost = find.status === "lost";
      const user = find.home?.user ?? null;
      return {
        path: find.path,
        kind: find.kind,
        status: find.status,
        verdict: judgement.verdict,
        reason: `${about} ${seenOf(find, told)}`,
        about,
        by: told.by,
        section: sectionOf(find, told.by),
        bytes: lost ? find.totals.lostBytes : find.totals.bytes,
        files: lost ? find.totals.lostFiles : find.totals.files,
        user: told.owner,
        group: nameOf(scan.groups, scan.tree.gid(find.node)),
        mode: scan.tree.mode(find.node),
        mtime: lost ? find.totals.lostMtime : find.totals.mtime,
        homeOf: user === null ? null : { user: user.name, home: user.home },
        unwritable: unwritable(scan, find),
      };
    }),
    ignored: Object.fromEntries([...ignored].map(([reason, count]) => [noiseReasons[reason], count])),
    unread: scan.unread,
  };
}

/** The candidates that "persist all recommended" takes. */
export function recommended(report: ScanReport): readonly Candidate[] {
  return report.candidates.filter((candidate) => candidate.verdict === "persist" && candidate.unwritable === null);
}

/** A Nix string holds any UTF-8 text without NUL. */
function unwritable(scan: HostScan, find: Find): string | null {
  for (let node: NodeId = find.node; node !== scan.tree.root; node = scan.tree.parent(node)) {
    if (!scan.tree.validUtf8(node)) return "Its name is not valid UTF-8, which a Nix string cannot hold.";
  }
  return find.path.includes("\0") ? "Its name holds a NUL character, which a Nix string cannot hold." : null;
}

function isoTime(seconds: number | null): string | null {
  const time = new Date((seconds ?? Number.NaN) * 1000);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}
