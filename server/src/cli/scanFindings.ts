import path from "node:path";
import type { HostScan, ScanReport } from "../hosts/model";
import type { Coverage } from "../persistence/coverage";
import { checkHost, liveRules } from "../rules/live";
import type { LiveFinding } from "../rules/live/rule";
import type { SourceFile } from "../rules/rule";
import { hostFilesOf } from "../service/hostFiles";
import { peopleOf } from "../service/hostPeople";
import { isWhollyKnown } from "../service/hostSources";
import { liveContext } from "../service/live";
import type { FoundHost } from "../service/projects";
import type { Tidemark } from "../service/tidemark";
import { LineIndex } from "../syntax/lines";
import { visible } from "../syntax/visible";
import { levelColours, paint } from "./terminal";

interface ScannedHost {
  readonly scan: HostScan;
  readonly report: ScanReport;
  readonly coverage: Coverage;
  readonly files: readonly SourceFile[];
  readonly found: FoundHost | null;
}

/** In what a host, its storage and its configuration disagree. What would be lost is the report's. */
export function findingsOf(service: Tidemark, host: ScannedHost): LiveFinding[] {
  const { files, found } = host;
  const [first] = files;
  const context = liveContext({
    ...host,
    scannedAt: Math.floor(Date.now() / 1000),
    people: peopleOf(host.scan),
    shared: files,
    added: [],
    doubtful: new Set(),
    whole:
      isWhollyKnown(found, files) &&
      (found !== null || (first !== undefined && hostFilesOf(service.files, first.name).whole)),
    severalHosts: false,
    limit: Number.POSITIVE_INFINITY,
  });
  return checkHost(
    context,
    () => ({}),
    liveRules.filter(({ id }) => id !== "unpersisted"),
  );
}

/** The findings as JSON has them; file and range are null where nothing in the configuration stands for one. */
export function rowsOf(findings: readonly LiveFinding[], files: readonly SourceFile[]) {
  return findings.map(({ code, level, about, message, place, fixes = [] }) => {
    const file = files.find(({ name }) => name === place?.file);
    return {
      code,
      level,
      path: about ?? null,
      message,
      file: place === null ? null : path.relative("", place.file),
      range: file === undefined || place === null ? null : new LineIndex(file.text).range(place.span),
      fixes: fixes.map((fix) =>
        fix.kind === "commands" ? { title: fix.title, commands: fix.sheet.steps } : { title: fix.title },
      ),
    };
  });
}

/** For people: each with its place; what was lost at the last boot is among the candidates, and here only for its commands. */
export function renderFindings(
  findings: readonly LiveFinding[],
  files: readonly SourceFile[],
  commands: boolean,
): string {
  const shown = findings.filter((finding) => finding.code !== "lost-last-boot" || (commands && hasCommands(finding)));
  const hidden = commands ? 0 : findings.filter(hasCommands).length;
  const hint =
    hidden === 0 ? [] : ["", paint("grey", "`--commands` prints what mends it on the host; nothing is run.")];
  if (shown.length === 0) return hint.map((line) => `${line}\n`).join("");
  const lines = shown.flatMap((finding) => {
    const { level, code, message } = finding;
    const head = `  ${paint(levelColours[level], level.padEnd(7))} ${visible(message)} ${paint("grey", code)}`;
    const place = placeText(finding, files);
    return [
      head,
      ...(place === null ? [] : [paint("grey", `          ${visible(place)}`)]),
      ...(commands ? commandLines(finding) : []),
    ];
  });
  return `\n${[paint("bold", `Configuration, host and storage (${shown.length})`), ...lines, ...hint].join("\n")}\n`;
}

function hasCommands({ fixes = [] }: LiveFinding): boolean {
  return fixes.some(({ kind }) => kind === "commands");
}

function placeText({ place }: LiveFinding, files: readonly SourceFile[]): string | null {
  const file = files.find(({ name }) => name === place?.file);
  if (file === undefined || place === null) return null;
  const { line, character } = new LineIndex(file.text).position(place.span.start);
  return `${path.relative("", file.name)}:${line + 1}:${character + 1}`;
}

function commandLines({ fixes = [] }: LiveFinding): string[] {
  return fixes.flatMap((fix) =>
    fix.kind === "commands"
      ? fix.sheet.steps.flatMap(({ what, command }) => [
          paint("grey", `          # ${what}`),
          ...(command === null ? [] : [`          ${command}`]),
        ])
      : [],
  );
}
