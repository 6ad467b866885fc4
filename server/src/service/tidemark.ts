import path from "node:path";
import { complete } from "../completion";
import type { SuggestionDoc, Suggestions } from "../completion/suggestion";
import type { HostScan, ScanReport } from "../hosts/model";
import { hoverMarkdown, hoverPlain } from "../knowledge/hover";
import { coverageOf } from "../persistence/coverage";
import { type PersistEdits, persistEdits } from "../persistence/edit";
import { checkFile, rules } from "../rules";
import type { Finding, SourceFile } from "../rules/rule";
import { buildReport, recommended } from "../scan/report";
import type { Grammar } from "../syntax/grammar";
import type { TextEdit } from "../syntax/span";
import { type FileAccess, FileStore } from "./fileStore";
import { type FileFinding, fromRule } from "./findings";
import { fixAll } from "./fixAll";
import { locksOldImpermanence } from "./flakeLock";
import { filesNamedAfter, filesOfHost, hostFilesOf, mentionedElsewhere, repositoryOf, standsAlone } from "./hostFiles";
import { type HostPeople, peopleOf, soleOf, usersIn } from "./hostPeople";
import { hoverAt } from "./hover";
import { type HoverText, plainText } from "./hover/text";
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
  cached: { readonly files: readonly SourceFile[]; readonly report: ScanReport } | null;
}

/** The whole of Tidemark behind plain functions. Editors and the command line are thin layers over this. */
export class Tidemark {
  readonly files: FileStore;
  settings: Settings = defaultSettings;
  /** Settings of single folders of the workspace, by absolute path; what is not in one goes by `settings`. */
  folderSettings: ReadonlyMap<string, Settings> = new Map();
  /** Roots of the workspace, absolute paths. */
  folders: readonly string[] = [];
  readonly #hosts = new Map<string, HostState>();

  constructor(grammar: Grammar, disk: FileAccess) {
    this.files = new FileStore(grammar, disk);
  }

  /** Everything to say about a file: what its text shows, then what the scanned hosts would lose. */
  findings(name: string): FileFinding[] {
    const file = this.files.get(name);
    if (file === null) return [];
    return [...this.#check(file).map(fromRule), ...this.#live(name)];
  }

  /** What the rules say about a file, or about another text of it. */
  #check(file: SourceFile): Finding[] {
    const { name } = file;
    const { files, whole: hostIsWhole } = hostFilesOf(this.files, name);
    const context = {
      file,
      host: files.map((one) => (one.name === name ? file : one)),
      hostIsWhole,
      standsAlone: () => standsAlone(this.files, name),
      mentionedElsewhere: (text: string) => mentionedElsewhere(this.files, name, text),
      oldImpermanence: () => this.#locksOldImpermanence(name),
    };
    return checkFile(context, this.settingsOf(name).levels);
  }

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
    const settings = this.settingsOf(name);
    const given = settings.levels["unpersisted"] ?? "default";
    if (given === "off") return [];
    const level = given === "default" ? "info" : given;
    return this.scannedHosts().flatMap((host) => {
      const files = this.filesOf(host);
      const report = this.report(host);
      const people = this.#hosts.get(host)?.people;
      if (report === null || people === undefined || !files.some((file) => file.name === name)) return [];
      return liveFindings(report, files, name, {
        limit: settings.limit,
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

  /** What the host would lose, given the configuration as it is in the editor now; null before a scan. */
  report(host: string): ScanReport | null {
    const state = this.#hosts.get(host);
    if (state === undefined) return null;
    const files = this.filesOf(host);
    const { cached } = state;
    if (cached?.files.length === files.length && files.every((file, index) => file === cached.files[index]))
      return cached.report;
    const { homes, hints } = state.people;
    const coverage = coverageOf(
      files.map((file) => file.persistence),
      homes,
      hints,
    );
    const report = buildReport(state.scan, coverage);
    state.cached = { files, report };
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
    const world = this.#world(name);
    return world === null ? null : hoverAt({ ...world, rules }, offset);
  }

  /** What can be typed at a place of a file. */
  complete(name: string, offset: number): Suggestions | null {
    const text = this.files.text(name);
    const world = this.files.lately(() => this.#world(name));
    if (text === null || world === null) return null;
    return complete({ ...world, file: { ...world.file, text }, offset, rules });
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
    const all = [file, ...hostFilesOf(this.files, name).files, ...hosts.flatMap((host) => this.filesOf(host))];
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
    this.files.dispose();
  }
}
