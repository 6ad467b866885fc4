import { type Baseline, BaselineError } from "../hosts/baseline";
import type { HostScan } from "../hosts/model";
import { agoOf, countOf, formatBytes } from "../knowledge/text";
import { compareScans, type ScanChange, type ScanComparison } from "../scan/compareScans";
import { readBaseline } from "../service/baselines";
import { sinceScan } from "../service/sinceScan";
import { visible } from "../syntax/visible";
import { CommandError } from "./command";
import { paint } from "./terminal";

/** The scan that `--since FILE` names; null where none is named. */
export async function savedScan(file: string | undefined): Promise<Baseline | null> {
  if (file === undefined) return null;
  const found = await readBaseline(file).catch((error: unknown) => {
    if (!(error instanceof BaselineError)) throw error;
    throw new CommandError(`${file} is no scan that --save wrote, or is damaged: ${error.message}.`, { cause: error });
  });
  if (found === null)
    throw new CommandError(`${file} does not exist: \`tidemark scan HOST --save ${file}\` writes it.`);
  return found;
}

/** What is not as at an earlier scan of the same root. */
export interface Since extends ScanComparison {
  /** Seconds since the epoch. */
  readonly takenAt: number;
  /** For people: how much differs. */
  readonly text: string;
}

/** Compares a scan with one that was saved. Throws CommandError where they are of two hosts or roots. */
export function since({ scan: before, takenAt }: Baseline, after: HostScan): Since {
  const isOther = before.host !== after.host && (before.name === null || before.name !== after.name);
  if (isOther) throw new CommandError(`The saved scan is one of ${before.host}, not of ${after.host}.`);
  const text = sinceScan(before, after, "saved");
  if (text === null)
    throw new CommandError(`The saved scan is one of ${before.prefix ?? "/"}, not of ${after.prefix ?? "/"}.`);
  return { ...compareScans(before, after), takenAt, text };
}

/** As JSON has it. */
export function sinceRow({ takenAt, rebooted, added, changed, removed, changes }: Since) {
  return { takenAt: new Date(takenAt * 1000).toISOString(), rebooted, added, changed, removed, changes };
}

/** So many changes are printed unless all are asked for. */
const mostShown = 50;
const marks = { added: ["green", "+"], changed: ["yellow", "~"], removed: ["red", "-"] } as const;

/** For people: how much differs, then each path; a folder that came or went stands for all below it. */
export function sinceLines({ changes, takenAt, text }: Since, all: boolean, now: number): string[] {
  const shown = all ? changes : changes.slice(0, mostShown);
  const more = changes.length - shown.length;
  return [
    "",
    paint("bold", `${text} (${agoOf(takenAt, now)})`),
    ...shown.map(line),
    ...(more === 0 ? [] : [paint("grey", `  … and ${more.toLocaleString("en")} more (--all lists them).`)]),
  ];
}

function line({ kind, path, type, parts, paths, bytes }: ScanChange): string {
  const [colour, mark] = marks[kind];
  const what = kind === "changed" ? parts.join(", ") : type === "directory" ? countOf(paths, "path") : type;
  const size = kind === "changed" || bytes === 0 ? "" : `, ${formatBytes(bytes)}`;
  return `  ${paint(colour, mark)} ${visible(path)}  ${paint("grey", `${what}${size}`)}`;
}
