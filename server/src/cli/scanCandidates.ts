import type { Candidate, ScanReport, Verdict } from "../hosts/model";
import { noiseReasons } from "../knowledge/noise";
import { agoOf, countOf, formatBytes } from "../knowledge/text";
import { visible } from "../syntax/visible";
import { paint } from "./terminal";

const colours = { persist: "green", probably: "yellow", declare: "blue", ignore: "grey" } as const;

/** What to do about each verdict, on a root that a boot wipes, that none wipes, or of which that is not known. */
function titlesFor({ root }: ScanReport): Readonly<Record<Verdict, string>> {
  const persist =
    root.ephemeral === true
      ? "Persist these"
      : root.ephemeral === null
        ? "Persist these if a boot wipes this root"
        : "Persist these before this root is wiped at boot";
  return {
    persist,
    probably: "Probably worth persisting",
    declare: "Better declared in Nix",
    ignore: root.ephemeral === true ? "Better left to vanish" : "Not worth persisting",
  };
}

/**
 * The candidates for people: by what to do about them, then by what they belong to (services, the system, each user), the most
 * important first.
 * @param now seconds since the epoch.
 */
export function candidateLines(report: ScanReport, all: boolean, now: number): string[] {
  const { candidates, inventory } = report;
  const titles = titlesFor(report);
  const lines: string[] = [];
  for (const verdict of ["persist", "probably", "declare", "ignore"] as const) {
    const [colour, title] = [colours[verdict], titles[verdict]];
    const found = candidates.filter((candidate) => candidate.verdict === verdict);
    if (found.length === 0) continue;
    if (verdict === "ignore" && !all) {
      lines.push(
        "",
        paint(
          "grey",
          `${countOf(found.length, "path")} ${title.charAt(0).toLowerCase()}${title.slice(1)} (--all lists them).`,
        ),
      );
      continue;
    }
    lines.push("", paint(colour, `${title} (${found.length})`));
    const width = Math.min(48, Math.max(...found.map((candidate) => visible(candidate.path).length)));
    const sections = sectionsOf(found);
    for (const [section, members] of sections) {
      lines.push("", paint("bold", `  ${titleOf(section)} (${members.length})`));
      for (const candidate of members) lines.push(...row(candidate, width, now, inventory));
    }
  }
  return lines;
}

/** What is not listed, and why; null where that is nothing. What a person ignores is counted as it is named, the rest by files. */
export function leftOutLine({ ignored }: ScanReport): string | null {
  const { [noiseReasons.user]: byUser = 0, ...others } = ignored;
  const counts = Object.entries(others)
    .sort(([, a], [, b]) => b - a)
    .map(([reason, count]) => `${count.toLocaleString("en")} ${reason}`);
  const parts = [
    ...(byUser === 0 ? [] : [`${countOf(byUser, "path")} ${noiseReasons.user}, with all below`]),
    ...(counts.length === 0 ? [] : [`files, links and empty folders: ${counts.join(", ")}`]),
  ];
  return parts.length === 0 ? null : `Left out: ${parts.join("; ")}.`;
}

/** In the order of what matters most in each. */
function sectionsOf(candidates: readonly Candidate[]): [string, Candidate[]][] {
  const sections = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    const members = sections.get(candidate.section) ?? [];
    members.push(candidate);
    sections.set(candidate.section, members);
  }
  return [...sections];
}

function titleOf(section: string): string {
  if (section === "services") return "System services";
  return section === "system" ? "System" : `User ${visible(section.slice(section.indexOf(":") + 1))}`;
}

function row(candidate: Candidate, width: number, now: number, inventory: boolean): string[] {
  const shown = visible(candidate.path).padEnd(width);
  const { status, bytes, mtime, user, group, mode } = candidate;
  const lost =
    status === "lost" ? paint("red", inventory ? "only in the older root, " : "lost at the last boot, ") : "";
  const facts = `${formatBytes(bytes)}, ${status === "lost" ? "last " : ""}changed ${agoOf(mtime, now)}, ${visible(`${user}:${group}`)} ${mode}`;
  return [`    ${shown}  ${lost}${paint("grey", facts)}`, `      ${visible(candidate.about)}`];
}
