import type { Advice } from "../knowledge/advice";
import { rewriteText } from "../knowledge/atomic";
import type { Role } from "../knowledge/catalog";
import { isUnknown } from "../knowledge/nearest";
import { countOf, formatBytes } from "../knowledge/text";
import type { Basis, Find } from "./find";
import type { Judgement } from "./verdict";

const subjects: Record<Role, string> = {
  state: "State of",
  config: "Settings of",
  secret: "Secrets of",
  cache: "Cache of",
  log: "Logs of",
  runtime: "Run-time files of",
};
/** Titles that name what is kept rather than the program that keeps it. */
const saysItself =
  /applications|stat(?:e|us)\b|history|data\b|files|folder|director|database|settings|layout|keys?\b|credential|password|cache|logs\b/i;
/** Words that keep their capital in the middle of a sentence, besides those like `SSH`. */
const properNames = /^(?:Picard|Plex|Samba|Thunderbolt|Wi-Fi|Onion)/;

/** What a person reads next to a candidate: what it is, what is lost without it, and what the scan saw. */
export function reasonFor(
  find: Find,
  judgement: Judgement,
  owner: string,
  { bootTime, inventory }: { readonly bootTime: number | null; readonly inventory: boolean },
): string {
  return `${explain(find, judgement, owner)} ${evidence(find, owner, bootTime, inventory)}`;
}

function explain(find: Find, { because, rewrite, verdict }: Judgement, owner: string): string {
  const { advice, kind } = find;
  const thing = kind === "file" ? "file" : "folder";
  if (rewrite !== null && verdict !== "ignore") {
    const known = advice === null || isUnknown(advice) ? "" : `${knownText(advice, find.basis)} `;
    return known + rewriteText(rewrite);
  }
  switch (because) {
    case "etc":
      return `A plain ${thing} in /etc: NixOS can make it from the configuration, with environment.etc or an option of the service.`;
    case "etc-secret":
      return `${kind === "file" ? "A file in /etc that only its owner can read" : "A folder in /etc with files that only their owner can read"}: keep it, or hand it to a secrets tool; environment.etc would make it readable by all.`;
    case "etc-owned":
      return `A ${thing} in /etc that belongs to ${owner}, so probably written by a service while it runs.`;
    case "root-file":
      return "Not made by NixOS. A single file directly below / cannot be listed with current nixpkgs: move it into a folder.";
    case "cache":
      return "A cache, going by its name and place: made again when it is missing.";
    default:
      if (advice === null) return "Not known: look at it before deciding.";
      return isUnknown(advice) ? `By its place: ${lowerFirst(advice.title)}.` : knownText(advice, find.basis);
  }
}

function knownText(advice: Advice, basis: Basis): string {
  const subject = subjectOf(advice);
  const lead =
    basis === "own"
      ? subject
      : basis === "above"
        ? `Part of ${advice.title}`
        : `Holds, among others: ${lowerFirst(subject)}`;
  if (advice.impactIfLost !== null) return `${lead}. If lost: ${lowerFirst(advice.impactIfLost)}`;
  return advice.role === "cache" ? `${lead}: made again when it is missing.` : `${lead}.`;
}

/** `State of Headscale`; the title alone for parts of the system and where it says what is kept. */
function subjectOf(advice: Advice): string {
  if (advice.kind === "system" || saysItself.test(advice.title)) return advice.title;
  return `${subjects[advice.role]} ${advice.title}`;
}

/** Where no boot wipes the root (`inventory`), what is gone was not lost at a boot. */
function evidence(find: Find, owner: string, bootTime: number | null, inventory: boolean): string {
  const { totals, status } = find;
  const files = (count: number): string[] => (find.kind === "file" ? [] : [countOf(count, "file")]);
  if (status === "lost") {
    const lost = [...files(totals.lostFiles), formatBytes(totals.lostBytes), `owned by ${owner}`].join(", ");
    return inventory
      ? `Only the older root has it (${lost}).`
      : `Lost at the last boot (${lost}); the older root still has it.`;
  }
  const seen =
    totals.files > 0
      ? [...files(totals.files), formatBytes(totals.bytes)]
      : [totals.unread > 0 ? "nothing that could be read" : "only links"];
  seen.push(`owned by ${owner}`);
  if (bootTime !== null && totals.mtime >= bootTime) seen.push("written since boot");
  const when = inventory ? "Since the older root" : "At the last boot";
  const lost = totals.lost > 0 ? ` ${when}, ${countOf(totals.lost, "path")} in it got lost.` : "";
  const unread = totals.unread > 0 ? ` ${countOf(totals.unread, "folder")} in it could not be read.` : "";
  return `On the host: ${seen.join(", ")}.${lost}${unread}`;
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z ]/.test(text) && !properNames.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}
