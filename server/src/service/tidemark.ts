import path from "node:path";
import type { Difference } from "../evaluation/compare";
import type { HostScan, ScanReport } from "../hosts/model";
import { coverageOf, withEntries } from "../persistence/coverage";
import { type PersistEdits, persistEdits } from "../persistence/edit";
import { checkFile } from "../rules";
import type { SourceFile } from "../rules/rule";
import { buildReport, recommended } from "../scan/report";
import type { Grammar } from "../syntax/grammar";
import { HostEvaluations } from "./evaluations";
import { type FileAccess, FileStore } from "./fileStore";
import { type FileFinding, fromRule, withLevels } from "./findings";
import { locksOldImpermanence } from "./flakeLock";
import { filesNamedAfter, filesOfHost, hostFilesOf, mentionedElsewhere, repositoryOf, standsAlone } from "./hostFiles";
import { type HostPeople, peopleOf } from "./hostPeople";
import { type HoverText, hoverAt } from "./hover";
import { liveFindings, targetOf } from "./live";
import { defaultSettings, type Settings } from "./settings";

interface HostState {
  readonly scan: HostScan;
  readonly people: HostPeople;
  /** The file it was scanned from. */
  readonly from: string | null;
  /** Seconds since the epoch. */
  readonly scannedAt: number;
  /** Files named after the host; searched for again only when files come or go. */
  named: readonly string[] | null;
  /** The last report and the files it was made from, to make it anew only when one changed. */
  cached: {
    readonly files: readonly SourceFile[];
    readonly evaluated: readonly Difference[];
    readonly report: ScanReport;
  } | null;
}

/** The whole of Tidemark behind plain functions. Editors and the command line are thin layers over this. */
export class Tidemark {
  readonly files: FileStore;
  settings: Settings = defaultSettings;
  /** Roots of the workspace, absolute paths. */
  folders: readonly string[] = [];
  /** What Nix said of hosts. */
  readonly evaluations: HostEvaluations;
  readonly #hosts = new Map<string, HostState>();

  constructor(grammar: Grammar, disk: FileAccess) {
    this.files = new FileStore(grammar, disk);
    this.evaluations = new HostEvaluations(this.files);
  }

  /** Everything to say about a file: what its text shows, then what the scanned hosts would lose. */
  findings(name: string): FileFinding[] {
    const file = this.files.get(name);
    if (file === null) return [];
    const { files: host, whole: hostIsWhole } = hostFilesOf(this.files, name);
    const context = {
      file,
      host,
      hostIsWhole,
      standsAlone: () => standsAlone(this.files, name),
      mentionedElsewhere: (text: string) => mentionedElsewhere(this.files, name, text),
      oldImpermanence: () => this.#locksOldImpermanence(name),
    };
    return [
      ...checkFile(context, this.settings.levels).map(fromRule),
      ...this.#live(name),
      ...withLevels(this.evaluations.findings(name), this.settings.levels),
    ];
  }

  #locksOldImpermanence(name: string): boolean {
    const repository = repositoryOf(this.files, name);
    return repository !== null && locksOldImpermanence(this.files.readText(path.join(repository, "flake.lock")) ?? "");
  }

  #live(name: string): FileFinding[] {
    const given = this.settings.levels["unpersisted"] ?? "default";
    if (given === "off") return [];
    const level = given === "default" ? "info" : given;
    return this.scannedHosts().flatMap((host) => {
      const files = this.filesOf(host);
      const report = this.report(host);
      const people = this.#hosts.get(host)?.people;
      if (report === null || people === undefined || !files.some((file) => file.name === name)) return [];
      return liveFindings(report, files, name, {
        limit: this.settings.limit,
        level,
        hints: people.hints,
        severalHosts: this.#hosts.size > 1,
      });
    });
  }

  /** Keeps a scan; the host's findings and reports are derived from it until it is replaced or forgotten. */
  setScan(host: string, scan: HostScan, from: string | null, scannedAt: number): void {
    this.#hosts.set(host, { scan, people: peopleOf(scan), from, scannedAt, named: null, cached: null });
  }

  /** Files on disk came, went or changed. */
  filesChanged(): void {
    for (const state of this.#hosts.values()) state.named = null;
  }

  forget(host: string): void {
    this.#hosts.delete(host);
  }

  scannedHosts(): string[] {
    return [...this.#hosts.keys()];
  }

  scannedAt(host: string): number | null {
    return this.#hosts.get(host)?.scannedAt ?? null;
  }

  /** The files that make up a scanned host's configuration. */
  filesOf(host: string): SourceFile[] {
    const state = this.#hosts.get(host);
    if (state === undefined) return [];
    state.named ??= filesNamedAfter(this.files, host, this.folders);
    return filesOfHost(this.files, state.named, state.from);
  }

  /** The files a host's configuration is known from, whether it was scanned or not; `from` is the file the user works in. */
  filesFor(host: string, from: string | null): SourceFile[] {
    if (this.#hosts.has(host)) return this.filesOf(host);
    return filesOfHost(this.files, filesNamedAfter(this.files, host, this.folders), from);
  }

  /** What the host would lose, given the configuration as it is in the editor now; null before a scan. */
  report(host: string): ScanReport | null {
    const state = this.#hosts.get(host);
    if (state === undefined) return null;
    const files = this.filesOf(host);
    const evaluated = this.evaluations.differences(host);
    const { cached } = state;
    if (
      cached?.evaluated === evaluated &&
      cached.files.length === files.length &&
      files.every((file, index) => file === cached.files[index])
    )
      return cached.report;
    const { homes, hints } = state.people;
    const coverage = coverageOf(
      files.map((file) => file.persistence),
      homes,
      hints,
    );
    const report = buildReport(state.scan, withEntries(coverage, this.evaluations.added(host)));
    state.cached = { files, evaluated, report };
    return report;
  }

  recommendedCount(host: string): number {
    const report = this.report(host);
    return report === null ? 0 : recommended(report).length;
  }

  /** The edits that persist paths of a scanned host, over all its files. */
  persist(host: string, paths: readonly string[]): PersistEdits {
    const report = this.report(host);
    const wanted = new Set(paths);
    const candidates = report?.candidates.filter((candidate) => wanted.has(candidate.path)) ?? [];
    return persistEdits(this.filesOf(host), candidates.map(targetOf), this.#hosts.get(host)?.people.hints);
  }

  hover(name: string, offset: number): HoverText | null {
    const file = this.files.get(name);
    if (file === null) return null;
    const reports = this.scannedHosts().flatMap((host) => this.report(host) ?? []);
    return hoverAt(file, offset, reports);
  }

  dispose(): void {
    this.files.dispose();
  }
}
