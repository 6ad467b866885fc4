import path from "node:path";

import { complete } from "../completion";
import type { SuggestionDoc, Suggestions } from "../completion/suggestion";
import type { Difference } from "../evaluation/compare";
import type { HostScan, ScanReport } from "../hosts/model";
import { hoverMarkdown, hoverPlain } from "../knowledge/hover";
import { type Coverage, coverageOf, withEntries } from "../persistence/coverage";
import { type EditFile, type EditHints, type PersistEdits, persistEdits } from "../persistence/edit";
import type { PersistTarget } from "../persistence/target";
import { checkFile, rules } from "../rules";
import { checkHost, liveRules } from "../rules/live";
import type { LiveFinding } from "../rules/live/rule";
import { targetOf } from "../rules/live/support/candidates";
import type { Finding, RuleContext, SourceFile } from "../rules/rule";
import { isIgnoreFile } from "../scan/ignore";
import { addIgnored, ignoreLine } from "../scan/ignoreEdit";
import { buildReport, recommended } from "../scan/report";
import type { Grammar } from "../syntax/grammar";
import type { TextEdit } from "../syntax/span";
import { declarationsOf, type ReadFile } from "./declarations";
import { evaluatedText, type HostText, hostText } from "./declared";
import { HostEvaluations } from "./evaluations";
import { type FileAccess, FileStore } from "./fileStore";
import { type FileFinding, fromRule, withLevels } from "./findings";
import { fixAll } from "./fixAll";
import { locksOldImpermanence } from "./flakeLock";
import type { Brought } from "./forwarding";
import { filesNamedAfter, filesOfHost, hostFilesOf, mentionedElsewhere, repositoryOf, standsAlone } from "./hostFiles";
import { configurationNames } from "./hostNames";
import { type HostPeople, peopleOf, soleOf, usersIn } from "./hostPeople";
import { coveredBy, filesOfConfiguration, isWhole, isWhollyKnown } from "./hostSources";
import { hoverAt } from "./hover";
import { type HoverText, plainText } from "./hover/text";
import { type IgnoreEdit, type Ignoring, ignoreRules, ignoringOf, isSameIgnoring } from "./ignoring";
import { fromLive, liveContext } from "./live";
import { type FoundHost, Projects } from "./projects";
import { defaultSettings, type Settings } from "./settings";
import { sinceScan } from "./sinceScan";

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

/** The whole of Tidemark behind plain functions. Editors and the command line are thin layers over this. */
export class Tidemark {
  readonly files: FileStore;
  readonly projects: Projects;
  settings: Settings = defaultSettings;
  /** What Nix said of hosts. */
  readonly evaluations: HostEvaluations;
  /** Settings of single folders of the workspace, by absolute path; what is not in one goes by `settings`. */
  folderSettings: ReadonlyMap<string, Settings> = new Map();
  readonly #hosts = new Map<string, HostState>();
  /** Ignore files that the editor has open. */
  readonly #ignoreTexts = new Map<string, string>();

  constructor(
    grammar: Grammar,
    readonly disk: FileAccess,
  ) {
    this.files = new FileStore(grammar, disk);
    this.projects = new Projects(disk, this.files);
    this.files.readings = this.projects;
    this.evaluations = new HostEvaluations(this.files);
  }

  /** Roots of the workspace, absolute paths. */
  get folders(): readonly string[] {
    return this.projects.folders;
  }

  set folders(folders: readonly string[]) {
    const gone = this.projects.folders.filter((folder) => !folders.includes(folder));
    const isGone = (name: string | null) => gone.some((folder) => name?.startsWith(folder + path.sep));
    // What was found from a folder goes with it.
    for (const [host, state] of this.#hosts) if (isGone(state.from)) this.#hosts.set(host, { ...state, from: null });
    this.projects.folders = folders;
    this.projects.changed(null);
  }

  /** Takes the editor's text of a file, new or changed. */
  setText(name: string, text: string): void {
    if (isIgnoreFile(name)) {
      this.#ignoreTexts.set(name, text);
      return;
    }
    const before = this.files.openText(name);
    this.files.setText(name, text);
    if (before !== text) this.projects.changed(name);
  }

  /** The editor closed a file. */
  close(name: string): void {
    if (this.#ignoreTexts.delete(name)) return;
    this.files.close(name);
    this.projects.changed(name);
  }

  /** Everything to say about a file: what its text shows, then what the scanned hosts would lose. */
  findings(name: string): FileFinding[] {
    const file = this.files.get(name);
    if (file === null) return [];
    return [
      ...this.#check(file).map(fromRule),
      ...this.#live(name),
      ...withLevels(this.evaluations.findings(name), this.settingsOf(name).levels),
    ];
  }

  /** What the rules say about a file, or about another text of it. */
  #check(file: SourceFile): Finding[] {
    const { name } = file;
    const context = {
      file,
      ...this.#around(file),
      standsAlone: () => standsAlone(this.files, name),
      mentionedElsewhere: (text: string) => mentionedElsewhere(this.files, name, text),
      oldImpermanence: () => this.#locksOldImpermanence(name),
    };
    return checkFile(context, this.settingsOf(name).levels);
  }

  /** The host a file belongs to, as rules see it: as it is evaluated, else by the imports that can be read without evaluation. */
  #around(file: SourceFile): Pick<RuleContext, "host" | "hostIsWhole" | "evaluated"> {
    const evaluated = this.projects.modelOf(file.name)?.hostsOf(file.name) ?? [];
    const [chosen] = evaluated;
    if (chosen === undefined) {
      const { files, whole } = hostFilesOf(this.files, file.name);
      return { host: [file, ...files.filter(({ name }) => name !== file.name)], hostIsWhole: whole, evaluated };
    }
    const others = chosen.files.filter((name) => name !== file.name).flatMap((name) => this.files.alone(name) ?? []);
    return { host: [file, ...others], hostIsWhole: evaluated.length === 1 && isWhole(chosen), evaluated };
  }

  /** A file with all that is needed to list what it declares. */
  readFile(file: SourceFile): ReadFile {
    const { name } = file;
    return { file, alone: this.files.alone(name) ?? file, people: this.files.forPeople(name) };
  }

  /** The entries that hosts have from a file. */
  broughtFrom = (name: string): readonly Brought[] => this.projects.modelOf(name)?.broughtFrom(name) ?? [];

  /** The settings of the folder a file lies in. */
  settingsOf(name: string): Settings {
    const folders = [...this.folderSettings.keys()].filter((folder) => name.startsWith(folder + path.sep));
    const [nearest] = folders.sort((a, b) => b.length - a.length);
    return (nearest === undefined ? undefined : this.folderSettings.get(nearest)) ?? this.settings;
  }

  /** The edits that apply all fixes of a file that need no looking at; empty where there are none. */
  fixAll(name: string): readonly TextEdit[] {
    const file = this.files.get(name);
    if (file === null) return [];
    return fixAll(
      file,
      (text) => this.files.withText(name, text),
      (one) => this.#check(one),
    );
  }

  #locksOldImpermanence(name: string): boolean {
    const repository = repositoryOf(this.files, name);
    return repository !== null && locksOldImpermanence(this.files.readText(path.join(repository, "flake.lock")) ?? "");
  }

  #live(name: string): FileFinding[] {
    return this.scannedHosts().flatMap((host) =>
      this.filesOf(host).some((file) => file.name === name) ? fromLive(host, this.liveFindings(host), name) : [],
    );
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
    const key = [report, found?.model, found?.changed?.size, severalHosts, this.settings, this.folderSettings];
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
      added: this.evaluations.added(configuration),
      doubtful: new Set(
        this.evaluations.differences(configuration).flatMap(({ kind, path }) => (kind === "only-text" ? [path] : [])),
      ),
      whole:
        isWhollyKnown(found, files) &&
        (found !== null || (first !== undefined && hostFilesOf(this.files, first.name).whole)),
      severalHosts,
      limit: this.settingsOf(state.from ?? first?.name ?? "").limit,
    });
    const findings = checkHost(context, (file) => (file === null ? this.settings : this.settingsOf(file)).levels);
    state.live = { key, findings };
    return findings;
  }

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

  /** Files on disk came, went or changed. */
  filesChanged(): void {
    this.projects.changed(null);
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

  /** The evaluated host of a name, in the repositories that files belong to; null where there is none. */
  hostNamed(name: string, files: readonly string[]): FoundHost | null {
    for (const file of files) {
      const found = this.projects.hostNamed(name, file);
      if (found !== null) return found;
    }
    return this.projects.hostNamed(name, null);
  }

  /** The files of an evaluated host, read as parts of it. */
  filesOfConfiguration(found: FoundHost, from: string | null = null): SourceFile[] {
    return filesOfConfiguration(this.files, found, from);
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
    const [only, ...others] = from === null ? [] : (this.projects.modelOf(from)?.hostsOf(from) ?? []);
    const names = configurationNames(host, scan?.name ?? null);
    for (const name of only !== undefined && others.length === 0 ? [...names, only.name] : names) {
      const found = this.projects.hostNamed(name, from);
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
    if (found !== null) return this.filesOfConfiguration(found, state.from);
    state.named ??= configurationNames(host, state.scan.name).flatMap((name) =>
      filesNamedAfter(this.files, name, this.folders),
    );
    return filesOfHost(this.files, state.named, state.from);
  }

  /** The files a host's configuration is known from, whether it was scanned or not; `from` is the file the user works in. */
  filesFor(host: string, from: string | null): SourceFile[] {
    if (this.#hosts.has(host)) return this.filesOf(host);
    const found = this.projects.hostNamed(host, from);
    if (found !== null) return this.filesOfConfiguration(found, from);
    return filesOfHost(this.files, filesNamedAfter(this.files, host, this.folders), from);
  }

  /** What the configuration of a host keeps that says this much of itself: what to look at there. `from` is the file the user works in. */
  keptOn({ host, name, users }: Pick<HostScan, "host" | "name" | "users">, from: string | null): Coverage {
    const found = this.#found(host, { scan: { name }, from });
    const { homes, hints } = peopleOf({ host: found?.host.name ?? host, users });
    const kept =
      found === null
        ? this.filesFor(host, from).map((file) => file.persistence)
        : coveredBy(found, this.filesOfConfiguration(found, from));
    return withEntries(coverageOf(kept, homes, hints), this.evaluations.added(hints.host ?? host));
  }

  /** What the texts of a host say, to be compared with what Nix says of it. */
  textOf(host: string, from: string | null, homes: ReadonlyMap<string, string>): HostText {
    const files = this.filesFor(host, from);
    const found = this.projects.hostNamed(host, from);
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
    const evaluated = this.evaluations.differences(configuration);
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
      this.evaluations.added(configuration),
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
    const settings = from === undefined ? this.settings : this.settingsOf(from);
    const read = (name: string) => this.#ignoreTexts.get(name) ?? this.files.readText(name);
    return ignoringOf(this.projects, read, names, settings);
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

  hover(name: string, offset: number): HoverText | null {
    const world = this.#world(name);
    return world === null ? null : hoverAt({ ...world, rules: [...rules, ...liveRules] }, offset);
  }

  /** What can be typed at a place of a file. */
  complete(name: string, offset: number): Suggestions | null {
    const text = this.files.text(name);
    const world = this.files.lately(() => this.#world(name));
    if (text === null || world === null) return null;
    return complete({ ...world, file: { ...world.file, text }, offset, rules: [...rules, ...liveRules] });
  }

  /** What is known of an absolute path, for the list of what can be typed; null where that is nothing. */
  describe(doc: SuggestionDoc): { readonly markdown: string; readonly plain: string } | null {
    if (doc.kind === "text") return { markdown: doc.markdown, plain: plainText(doc.markdown) };
    const reports = this.scannedHosts().flatMap((host) => this.report(host) ?? []);
    const live = reports.flatMap(({ candidates }) => candidates).find(({ path }) => path === doc.path) ?? null;
    const context = { home: doc.home, live };
    const markdown = hoverMarkdown(doc.path, context);
    return markdown === null ? null : { markdown, plain: hoverPlain(doc.path, context) ?? "" };
  }

  /** A file with all that is known of the hosts it belongs to. */
  #world(name: string) {
    const file = this.files.get(name);
    if (file === null) return null;
    const hosts = this.scannedHosts().filter((host) => this.filesOf(host).some((one) => one.name === name));
    const companions = (this.projects.modelOf(name)?.companionsOf(name) ?? []).flatMap(
      (one) => this.files.get(one) ?? [],
    );
    const all = [
      file,
      ...hostFilesOf(this.files, name).files,
      ...companions,
      ...hosts.flatMap((host) => this.filesOf(host)),
    ];
    const host = [...new Map(all.map((one) => [one.name, one])).values()];
    const states = hosts.flatMap((one) => this.#hosts.get(one) ?? []);
    const homes = new Map(states.flatMap(({ people }) => [...people.homes]));
    const people = new Set(states.flatMap((state) => state.people.people));
    const soleUser = soleOf([...people]);
    const persistence = host.map((one) => one.persistence);
    const users = new Set([...people, ...persistence.flatMap(usersIn)]);
    return {
      file,
      host,
      homes,
      soleUser,
      users: [...users],
      coverage: coverageOf(persistence, homes, { soleUser }),
      scans: states.map(({ scan }) => scan),
      reports: hosts.flatMap((one) => this.report(one) ?? []),
    };
  }

  dispose(): void {
    this.projects.dispose();
    this.files.dispose();
  }
}
