import type { Difference } from "../evaluation/compare";
import type { HostScan, ScanReport } from "../hosts/model";
import { type Coverage, coverageOf, withEntries } from "../persistence/coverage";
import { type EditFile, type EditHints, type PersistEdits, persistEdits } from "../persistence/edit";
import type { PersistTarget } from "../persistence/target";
import { checkHost } from "../rules/live";
import type { LiveFinding } from "../rules/live/rule";
import { targetOf } from "../rules/live/support/candidates";
import type { SourceFile } from "../rules/rule";
import { addIgnored, ignoreLine } from "../scan/ignoreEdit";
import { buildReport, recommended } from "../scan/report";
import { declarationsOf } from "./declarations";
import { evaluatedText, type HostText, hostText } from "./declared";
import { filesNamedAfter, filesOfHost, hostFilesOf } from "./hostFiles";
import { configurationNames } from "./hostNames";
import { type HostPeople, peopleOf } from "./hostPeople";
import { coveredBy, filesOfConfiguration, isWhollyKnown } from "./hostSources";
import { type IgnoreEdit, type Ignoring, ignoreRules, ignoringOf, isSameIgnoring } from "./ignoring";
import { liveContext } from "./live";
import type { FoundHost } from "./projects";
import { sinceScan } from "./sinceScan";
import type { Tidemark } from "./tidemark";

interface HostState {
  readonly scan: HostScan;
  readonly people: HostPeople;
  /** The file it was scanned from. */
  readonly from: string | null;
  /** Seconds since the epoch. */
  readonly scannedAt: number;
  /** What is different since the scan before; null for the first. */
  readonly since: string | null;
  /** Files named after the host; searched for again only when files come or go. */
  named: readonly string[] | null;
  /** The last report and the files it was made from, to make it anew only when one changed. */
  cached: {
    readonly files: readonly SourceFile[];
    readonly evaluated: readonly Difference[];
    readonly ignoring: Ignoring;
    readonly report: ScanReport;
    readonly coverage: Coverage;
  } | null;
  /** What live rules said, and what they were asked with. */
  live: { readonly key: readonly unknown[]; readonly findings: readonly LiveFinding[] } | null;
}

/** The hosts that were scanned, each with the configuration it belongs to, and what follows from the two: reports, findings, edits. */
export class ScannedHosts {
  readonly #hosts = new Map<string, HostState>();

  constructor(
    private readonly service: Pick<
      Tidemark,
      "files" | "projects" | "evaluations" | "settings" | "folderSettings" | "settingsOf" | "ignoreText"
    >,
  ) {}

  /** Keeps a scan; the host's findings and reports are derived from it until it is replaced or forgotten. */
  setScan(host: string, scan: HostScan, from: string | null, scannedAt: number): void {
    // Compared here, so that the one before is let go of at once.
    const before = this.#hosts.get(host)?.scan;
    const since = before === undefined ? null : sinceScan(before, scan);
    const people = peopleOf(scan);
    this.#hosts.set(host, { scan, people, from, scannedAt, since, named: null, cached: null, live: null });
  }

  /** What is different since the scan before, for people; null where there was none. */
  sinceLastScan(host: string): string | null {
    return this.#hosts.get(host)?.since ?? null;
  }

  forget(host: string): void {
    this.#hosts.delete(host);
  }

  /** Forgets from which files hosts were scanned, where that holds for them. */
  forgetWhere(isGone: (from: string | null) => boolean): void {
    for (const [host, state] of this.#hosts) if (isGone(state.from)) this.#hosts.set(host, { ...state, from: null });
  }

  /** Files on disk came, went or changed. */
  filesChanged(): void {
    for (const state of this.#hosts.values()) state.named = null;
  }

  /** A host's scan, with the people it has. */
  scanOf(host: string): Pick<HostState, "scan" | "people"> | null {
    return this.#hosts.get(host) ?? null;
  }

  /** The hosts that were scanned. */
  names(): string[] {
    return [...this.#hosts.keys()];
  }

  scannedAt(host: string): number | null {
    return this.#hosts.get(host)?.scannedAt ?? null;
  }

  /** What the live rules say about a scanned host, in all its files. */
  liveFindings(host: string): readonly LiveFinding[] {
    const state = this.#hosts.get(host);
    const basis = this.#basisOf(host);
    if (state === undefined || basis === null) return [];
    const { report, coverage, files } = basis;
    const found = this.#found(host, state);
    const configuration = this.configurationOf(host);
    const severalHosts = this.#hosts.size > 1;
    const key = [
      report,
      found?.model,
      found?.changed?.size,
      severalHosts,
      this.service.settings,
      this.service.folderSettings,
    ];
    if (state.live?.key.every((one, index) => one === key[index])) return state.live.findings;
    const [first] = files;
    const context = liveContext({
      scan: state.scan,
      scannedAt: state.scannedAt,
      people: { ...state.people, hints: this.#hints(host, state) },
      report,
      coverage,
      found,
      files,
      shared: this.#withOthers(host, files),
      added: this.service.evaluations.added(configuration),
      doubtful: new Set(
        this.service.evaluations
          .differences(configuration)
          .flatMap(({ kind, path }) => (kind === "only-text" ? [path] : [])),
      ),
      whole:
        isWhollyKnown(found, files) &&
        (found !== null || (first !== undefined && hostFilesOf(this.service.files, first.name).whole)),
      severalHosts,
      limit: this.service.settingsOf(state.from ?? first?.name ?? "").limit,
    });
    const findings = checkHost(
      context,
      (file) => (file === null ? this.service.settings : this.service.settingsOf(file)).levels,
    );
    state.live = { key, findings };
    return findings;
  }

  /** The name a host has in the configuration, `from` being the file the user works in; the name it is reached by where none is known. */
  configurationOf(host: string, from: string | null = null): string {
    const state = this.#hosts.get(host);
    return this.#found(host, { scan: state?.scan ?? null, from: state?.from ?? from })?.host.name ?? host;
  }

  /**
   * The configuration of a host: of the name it is reached by or calls itself, else the only one that the file it was scanned from
   * is a part of.
   */
  #found(host: string, { scan, from }: { scan: Pick<HostScan, "name"> | null; from: string | null }): FoundHost | null {
    const [only, ...others] = from === null ? [] : (this.service.projects.modelOf(from)?.hostsOf(from) ?? []);
    const names = configurationNames(host, scan?.name ?? null);
    for (const name of only !== undefined && others.length === 0 ? [...names, only.name] : names) {
      const found = this.service.projects.hostNamed(name, from);
      if (found !== null) return found;
    }
    return null;
  }

  #hints(host: string, { people }: HostState): EditHints {
    return { ...people.hints, host: this.configurationOf(host) };
  }

  /** The files that make up a scanned host's configuration. */
  filesOf(host: string): SourceFile[] {
    const state = this.#hosts.get(host);
    if (state === undefined) return [];
    const found = this.#found(host, state);
    if (found !== null) return filesOfConfiguration(this.service.files, found, state.from);
    state.named ??= configurationNames(host, state.scan.name).flatMap((name) =>
      filesNamedAfter(this.service.files, name, this.service.projects.folders),
    );
    return filesOfHost(this.service.files, state.named, state.from);
  }

  /** The files a host's configuration is known from, whether it was scanned or not; `from` is the file the user works in. */
  filesFor(host: string, from: string | null): SourceFile[] {
    if (this.#hosts.has(host)) return this.filesOf(host);
    const found = this.service.projects.hostNamed(host, from);
    if (found !== null) return filesOfConfiguration(this.service.files, found, from);
    return filesOfHost(
      this.service.files,
      filesNamedAfter(this.service.files, host, this.service.projects.folders),
      from,
    );
  }

  /** What the configuration of a host keeps that says this much of itself: what to look at there. `from` is the file the user works in. */
  keptOn({ host, name, users }: Pick<HostScan, "host" | "name" | "users">, from: string | null): Coverage {
    const found = this.#found(host, { scan: { name }, from });
    const { homes, hints } = peopleOf({ host: found?.host.name ?? host, users });
    const kept =
      found === null
        ? this.filesFor(host, from).map((file) => file.persistence)
        : coveredBy(found, filesOfConfiguration(this.service.files, found, from));
    return withEntries(coverageOf(kept, homes, hints), this.service.evaluations.added(hints.host ?? host));
  }

  /** What the texts of a host say, to be compared with what Nix says of it. */
  textOf(host: string, from: string | null, homes: ReadonlyMap<string, string>): HostText {
    const files = this.filesFor(host, from);
    const found = this.service.projects.hostNamed(host, from);
    return found === null ? hostText(host, files, homes) : evaluatedText(declarationsOf(found.host, files), files);
  }

  /** What the host would lose, given the configuration as it is in the editor now; null before a scan. */
  report(host: string): ScanReport | null {
    return this.#basisOf(host)?.report ?? null;
  }

  /** The report with the files and what they keep. */
  #basisOf(host: string): HostState["cached"] {
    const state = this.#hosts.get(host);
    if (state === undefined) return null;
    const files = this.filesOf(host);
    const configuration = this.configurationOf(host);
    const evaluated = this.service.evaluations.differences(configuration);
    const ignoring = this.#ignoring(state, files);
    const { cached } = state;
    if (
      cached?.evaluated === evaluated &&
      isSameIgnoring(cached.ignoring, ignoring) &&
      cached.files.length === files.length &&
      files.every((file, index) => file === cached.files[index])
    )
      return cached;
    const { homes } = state.people;
    const found = this.#found(host, state);
    const kept = found === null ? files.map((file) => file.persistence) : coveredBy(found, files);
    const coverage = withEntries(
      coverageOf(kept, homes, this.#hints(host, state)),
      this.service.evaluations.added(configuration),
    );
    const ignore = ignoreRules(ignoring, [host, configuration]);
    const report = buildReport(state.scan, coverage, { ignore, now: state.scannedAt });
    state.cached = { files, evaluated, ignoring, coverage, report };
    return state.cached;
  }

  /** What the user does not want to hear of a scanned host with these files. */
  #ignoring(state: HostState, files: readonly SourceFile[]): Ignoring {
    const names = files.map(({ name }) => name);
    const from = state.from ?? names[0];
    const settings = from === undefined ? this.service.settings : this.service.settingsOf(from);
    return ignoringOf(this.service.projects, this.service.ignoreText, names, settings);
  }

  /**
   * The edit that has a path of a scanned host ignored from now on, everywhere or on that host only: the file, its text as it is (null where
   * there is none yet), and what to write. Null where it cannot be written.
   */
  ignore(host: string, path: string, everywhere: boolean): IgnoreEdit | null {
    const basis = this.#basisOf(host);
    const candidate = basis?.report.candidates.find((one) => one.path === path);
    if (basis === null || basis === undefined || candidate === undefined || basis.ignoring.file === null) return null;
    const line = ignoreLine(path, candidate.homeOf?.home ?? null, candidate.kind === "directory");
    if (line === null) return null;
    const { file, text } = basis.ignoring;
    return { file, text, edit: addIgnored(text ?? "", line, everywhere ? null : this.configurationOf(host)) };
  }

  recommendedCount(host: string): number {
    const report = this.report(host);
    return report === null ? 0 : recommended(report).length;
  }

  /** The edits that persist paths of a scanned host, over all its files. */
  persist(host: string, paths: readonly string[]): PersistEdits {
    const state = this.#hosts.get(host);
    const offered = this.liveFindings(host).flatMap(({ fixes = [] }) =>
      fixes.flatMap((fix) => (fix.kind === "persist" ? fix.targets : [])),
    );
    const candidates = this.report(host)?.candidates.map(targetOf) ?? [];
    const byPath = new Map([...offered, ...candidates].map((target): [string, PersistTarget] => [target.path, target]));
    return persistEdits(
      this.#withOthers(host, this.filesOf(host)),
      paths.flatMap((one) => byPath.get(one) ?? []),
      state === undefined ? undefined : this.#hints(host, state),
    );
  }

  /** Files of a host with the other hosts that use them. */
  #withOthers(host: string, files: readonly SourceFile[]): readonly EditFile[] {
    const state = this.#hosts.get(host);
    const found = state === undefined ? null : this.#found(host, state);
    if (found === null) return files;
    return files.map((file) => {
      const names = found.model.hostsOf(file.name).map(({ name }) => name);
      return { ...file, alsoOn: names.filter((name) => name !== found.host.name) };
    });
  }
}
