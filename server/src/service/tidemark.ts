import path from "node:path";

import { complete } from "../completion";
import type { SuggestionDoc, Suggestions } from "../completion/suggestion";
import { hoverMarkdown, hoverPlain } from "../knowledge/hover";
import { coverageOf } from "../persistence/coverage";
import { checkFile, rules } from "../rules";
import { liveRules } from "../rules/live";
import type { Finding, RuleContext, SourceFile } from "../rules/rule";
import { isIgnoreFile } from "../scan/ignore";
import type { Grammar } from "../syntax/grammar";
import type { TextEdit } from "../syntax/span";
import type { ReadFile } from "./declarations";
import { HostEvaluations } from "./evaluations";
import { type FileAccess, FileStore } from "./fileStore";
import { type FileFinding, fromRule, withLevels } from "./findings";
import { fixAll } from "./fixAll";
import { locksOldImpermanence, locksOldNixpkgs } from "./flakeLock";
import type { Brought } from "./forwarding";
import { hostFilesOf, mentionedElsewhere, repositoryOf, standsAlone } from "./hostFiles";
import { soleOf, usersIn } from "./hostPeople";
import { filesOfConfiguration, isWhole } from "./hostSources";
import { hoverAt } from "./hover";
import { type HoverText, plainText } from "./hover/text";
import { fromLive, isShown } from "./live";
import { type FoundHost, Projects } from "./projects";
import { ScannedHosts } from "./scannedHosts";
import { defaultSettings, type Settings } from "./settings";

/** The whole of Tidemark behind plain functions. Editors and the command line are thin layers over this. */
export class Tidemark {
  readonly files: FileStore;
  readonly projects: Projects;
  settings: Settings = defaultSettings;
  /** What Nix said of hosts. */
  readonly evaluations: HostEvaluations;
  /** Settings of single folders of the workspace, by absolute path; what is not in one goes by `settings`. */
  folderSettings: ReadonlyMap<string, Settings> = new Map();
  readonly hosts: ScannedHosts;
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
    this.hosts = new ScannedHosts(this);
  }

  /** Roots of the workspace, absolute paths. */
  get folders(): readonly string[] {
    return this.projects.folders;
  }

  set folders(folders: readonly string[]) {
    const gone = this.projects.folders.filter((folder) => !folders.includes(folder));
    const isGone = (name: string | null) => gone.some((folder) => name?.startsWith(folder + path.sep));
    // What was found from a folder goes with it.
    this.hosts.forgetWhere(isGone);
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
    const live = this.#live(name);
    return [
      ...this.#check(file)
        .map(fromRule)
        .filter((finding) => !isShown(finding, live)),
      ...live,
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
      mentionedElsewhere: (...texts: readonly string[]) => mentionedElsewhere(this.files, name, texts),
      oldImpermanence: () => locksOldImpermanence(this.#lockOf(name)),
      oldNixpkgs: () => locksOldNixpkgs(this.#lockOf(name)),
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

  /** The text of an ignore file, as the editor has it where it is open; null where there is none. */
  ignoreText = (name: string): string | null => this.#ignoreTexts.get(name) ?? this.files.readText(name);

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

  /** The text of the lock file of the flake a file is in; empty where there is none. */
  #lockOf(name: string): string {
    const repository = repositoryOf(this.files, name);
    return repository === null ? "" : (this.files.readText(path.join(repository, "flake.lock")) ?? "");
  }

  #live(name: string): FileFinding[] {
    return this.hosts
      .names()
      .flatMap((host) =>
        this.hosts.filesOf(host).some((file) => file.name === name)
          ? fromLive(host, this.hosts.liveFindings(host), name)
          : [],
      );
  }

  /** Files on disk came, went or changed. */
  filesChanged(): void {
    this.projects.changed(null);
    this.hosts.filesChanged();
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
    const reports = this.hosts.names().flatMap((host) => this.hosts.report(host) ?? []);
    const live = reports.flatMap(({ candidates }) => candidates).find(({ path }) => path === doc.path) ?? null;
    const context = { home: doc.home, live };
    const markdown = hoverMarkdown(doc.path, context);
    return markdown === null ? null : { markdown, plain: hoverPlain(doc.path, context) ?? "" };
  }

  /** A file with all that is known of the hosts it belongs to. */
  #world(name: string) {
    const file = this.files.get(name);
    if (file === null) return null;
    const hosts = this.hosts.names().filter((host) => this.hosts.filesOf(host).some((one) => one.name === name));
    const companions = (this.projects.modelOf(name)?.companionsOf(name) ?? []).flatMap(
      (one) => this.files.get(one) ?? [],
    );
    const all = [
      file,
      ...hostFilesOf(this.files, name).files,
      ...companions,
      ...hosts.flatMap((host) => this.hosts.filesOf(host)),
    ];
    const host = [...new Map(all.map((one) => [one.name, one])).values()];
    const states = hosts.flatMap((one) => this.hosts.scanOf(one) ?? []);
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
      reports: hosts.flatMap((one) => this.hosts.report(one) ?? []),
    };
  }

  dispose(): void {
    this.projects.dispose();
    this.files.dispose();
  }
}
