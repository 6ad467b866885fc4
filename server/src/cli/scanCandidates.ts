import type { Candidate, ScanReport } from "../hosts/model";
import { agoOf, countOf, formatBytes } from "../knowledge/text";
import { visible } from "../syntax/visible";
import { paint } from "./terminal";

const verdicts = {
  persist: ["green", "Persist these"],
  probably: ["yellow", "Probably worth persisting"],
  declare: ["blue", "Better declared in Nix"],
  ignore: ["grey", "Better left to vanish"],
} as const;

/**
 * The candidates for people: by what to do about them, then by what they belong to (services, the system, each user), the most
 * important first.
 * @param now seconds since the epoch.
 */
export function candidateLines({ candidates, inventory }: ScanReport, all: boolean, now: number): string[] {
  const lines: string[] = [];
  for (const [verdict, [colour, title]] of Object.entries(verdicts)) {
    const found = candidates.filter((candidate) => candidate.verdict === verdict);
    if (found.length === 0) continue;
    if (verdict === "ignore" && !all) {
      lines.push("", paint("grey", `${countOf(found.length, "path")} better left to vanish (--all lists them).`));
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
