import type { Writer } from "../hosts/model";
import type { Advice } from "../knowledge/advice";
import { rewriteText } from "../knowledge/atomic";
import type { Role } from "../knowledge/catalog";
import { isUnknown } from "../knowledge/nearest";
import { agoOf, countOf, formatBytes } from "../knowledge/text";
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
const properNames = /^(?:Picard|Plex|Samba|Thunderbolt|Wi-Fi|Onion|[A-Z][a-z]+[A-Z])/;

/** What is told of a find besides its place in the tree. */
export interface Told {
  readonly by: Writer | null;
  /** Owner by name. */
  readonly owner: string;
  /** Seconds since the epoch: when the host booted, and when it was scanned; null where that is not known. */
  readonly bootTime: number | null;
  readonly now: number | null;
  /** True where no boot wipes the root: what is gone was then not lost at a boot. */
  readonly inventory: boolean;
}

/** What a find is, who keeps it, and what is lost without it. */
export function aboutOf(find: Find, judgement: Judgement, told: Told): string {
  const guarded = find.path.startsWith("/var/lib/private/") && judgement.verdict !== "ignore";
  return (
    explain(find, judgement, told) +
    (guarded ? " Keep /var/lib/private itself at 0700, or systemd refuses to start the service." : "")
  );
}

function explain(find: Find, { because, rewrite, verdict }: Judgement, { by, owner }: Told): string {
  const { advice, kind } = find;
  const thing = kind === "file" ? "file" : "folder";
  if (rewrite !== null && verdict !== "ignore") {
    const known = advice === null || isUnknown(advice) ? "" : `${knownText(advice, find.basis, by)} `;
    return known + rewriteText(rewrite);
  }
  switch (because) {
    case "etc":
      return `A plain ${thing} in /etc: NixOS can make it from the configuration, with environment.etc or an option of the service.`;
    case "etc-secret":
      return `${kind === "file" ? "A file in /etc that only its owner can read" : "A folder in /etc with files that only their owner can read"}: keep it, or hand it to a secrets tool; environment.etc would make it readable by all.`;
    case "etc-owned":
      return `A ${thing} in /etc that belongs to ${owner}, so probably written by a service while it runs.`;
    case "unit":
      return `State of ${by?.unit ?? owner} (its StateDirectory).`;
    case "root-key":
      return "A key, going by its name: what it opens stays shut without it. A single file directly below / cannot be listed with current nixpkgs: move it into a folder.";
    case "root-file":
      return "Not made by NixOS. A single file directly below / cannot be listed with current nixpkgs: move it into a folder.";
    case "cache":
      return by?.source === "CacheDirectory"
        ? `Cache of ${by.unit ?? owner}: made again when it is missing.`
        : "A cache, going by its name and place: made again when it is missing.";
    default:
      if (advice === null) return "Not known: look at it before deciding.";
      return isUnknown(advice) ? placeText(advice, by) : knownText(advice, find.basis, by);
  }
}

/** What the place of a path says, made definite where the host tells whose it is. */
function placeText(advice: Advice, by: Writer | null): string {
  if (by?.source === "LogsDirectory") return `Logs of ${by.unit ?? by.user ?? "a service"}.`;
  const ran = by?.source === "owner" || (by?.source === "tmpfiles" && by.unit !== null);
  if (ran && by.user !== null && advice.role === "state") {
    return by.unit === null
      ? `Probably state of the service that runs as ${by.user}.`
      : `Probably state of ${by.unit}, which runs as ${by.user}.`;
  }
  return `By its place: ${withEvidence(lowerFirst(advice.title), by)}.`;
}

/** A subject with the evidence of the host behind it, where that says more than the catalog and the owner do. */
function withEvidence(subject: string, by: Writer | null): string {
  if (by === null || by.source === "catalog" || by.source === "home") return subject;
  const text = by.source === "owner" ? by.unit : by.text;
  if (text === null) return subject;
  return subject.endsWith(")") ? `${subject}, ${text}` : `${subject} (${text})`;
}

function knownText(advice: Advice, basis: Basis, by: Writer | null): string {
  const subject = basis === "own" ? withEvidence(subjectOf(advice), by) : subjectOf(advice);
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

/** What the scan saw of a find. */
export function seenOf(find: Find, { owner, bootTime, now, inventory }: Told): string {
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
  if (now !== null) seen.push(`changed ${agoOf(totals.mtime, now)}`);
  else if (bootTime !== null && totals.mtime >= bootTime) seen.push("written since boot");
  const when = inventory ? "Since the older root" : "At the last boot";
  const lost = totals.lost > 0 ? ` ${when}, ${countOf(totals.lost, "path")} in it got lost.` : "";
  const unread = totals.unread > 0 ? ` ${countOf(totals.unread, "folder")} in it could not be read.` : "";
  return `On the host: ${seen.join(", ")}.${lost}${unread}`;
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z ]/.test(text) && !properNames.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}
