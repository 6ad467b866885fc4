import type { Candidate } from "../hosts/model";
import { formatBytes } from "../knowledge/text";
import { optionsOf, wantedOf } from "../persistence/edit/wanted";
import type { OptionPlace } from "../persistence/optionPlace";
import { isBelow, join, normalise, usualSystemPaths } from "../persistence/paths";
import type { PersistTarget } from "../persistence/target";
import type { Place } from "../syntax/place";
import { quote, unwritableReason } from "../syntax/strings";
import { visible } from "../syntax/visible";
import { type KnownPath, knownPaths } from "./catalogPaths";
import { homeOfScope, keptIn } from "./kept";
import type { CompletionRequest } from "./request";
import type { Suggestion, Suggestions } from "./suggestion";

type PathsPlace = Extract<OptionPlace, { kind: "paths" }>;

/** A path on offer. Of two with the same path the first counts. */
interface Offer {
  /** As the list holds it. */
  readonly written: string;
  readonly detail: string;
  /** With the owner and mode that an entry should set; null where nothing is known. */
  readonly target: Pick<PersistTarget, "user" | "group" | "mode"> | null;
}

const hostKeys = ["ed25519", "rsa"].flatMap((type) => [
  `/etc/ssh/ssh_host_${type}_key`,
  `/etc/ssh/ssh_host_${type}_key.pub`,
]);
const essential: ReadonlySet<string> = new Set([
  ...usualSystemPaths.filter((path) => path !== "/etc/ssh"),
  ...hostKeys,
]);

/**
 * Paths for a list: those of services this configuration turns on, then what scanned hosts have, then what nearly every host needs, then
 * what is well known. Never one that is kept already.
 */
export function pathSuggestions(request: CompletionRequest, option: PathsPlace, place: Place): Suggestions {
  const kind = option.list === "directories" ? "directory" : "file";
  const home = homeOfScope(request, option.scope);
  const absolute = (written: string) => (home === null ? normalise(written) : join(home, written));
  const isKept = keptIn(request, option.scope, place.strings);
  const known = knownPaths(option.scope.kind, kind);
  const isOn = enabledIn(request);
  const offers = [
    ...known.filter((one) => isOn(one)).map((one) => offerOf(one, "turned on here", true)),
    ...liveOffers(request, option, kind, home),
    ...known.filter(({ path }) => essential.has(path.path)).map((one) => offerOf(one, "nearly every host", false)),
    ...known.map((one) => offerOf(one, null, option.scope.kind === "user")),
  ];
  const seen = new Set<string>();
  const items: Suggestion[] = [];
  for (const offer of offers) {
    const { written } = offer;
    if (seen.has(written)) continue;
    seen.add(written);
    const path = absolute(written);
    if (isKept(path)) continue;
    const target: PersistTarget = {
      path,
      kind,
      user: offer.target?.user ?? null,
      group: offer.target?.group ?? null,
      mode: offer.target?.mode ?? null,
      homeOf: home === null ? null : { user: userOf(request, option), home },
    };
    const texts = textsOf(target, option, place, written);
    if (texts === null) continue;
    items.push({ kind, label: visible(written), detail: offer.detail, ...texts, doc: { kind: "path", path, home } });
  }
  return { replace: place.word, items };
}

/** What is put in: the rest of a string, or a whole entry. Null where the path cannot be written. */
function textsOf(
  target: PersistTarget,
  option: PathsPlace,
  place: Place,
  written: string,
): Pick<Suggestion, "insert" | "snippet"> | null {
  if (unwritableReason(written) !== null) return null;
  if (place.string !== null) {
    const { quote: mark, closed } = place.string;
    const inner = quote(written).slice(1, -1);
    // An indented string has other escapes; such a path is rare enough to be left out.
    if (mark === "''" && (inner !== written || written.includes("''"))) return null;
    return { insert: closed ? inner : inner + mark, snippet: null };
  }
  const options = place.at === "element" ? optionsOf(wantedOf(target), option.schema.module) : [];
  if (options.length === 0) return { insert: quote(written), snippet: null };
  const pairs = [[target.kind, quote(written)] as const, ...options].map(([name, value]) => `${name} = ${value};`);
  return { insert: `{ ${pairs.join(" ")} }`, snippet: null };
}

function offerOf({ entry, path }: KnownPath, why: string | null, withOwner: boolean): Offer {
  const detail = [entry.title, why ?? path.role].join(" · ");
  return { written: path.path, detail, target: withOwner && !path.dynamicUser ? path : null };
}

/** Whether the option that turns a program on is set to true somewhere in the host's files. */
function enabledIn({ host }: CompletionRequest): (known: KnownPath) => boolean {
  const on = new Set<string>();
  for (const { persistence } of host) {
    for (const [option, value] of persistence.facts.switches) {
      if (!value) continue;
      on.add(option);
      // Home Manager's options may stand below its users.
      const inHome = /^home-manager\.users\.[^.]+\.(.+)$/.exec(option)?.[1];
      if (inHome !== undefined) on.add(inHome);
    }
  }
  return ({ entry }) => entry.nixosOption !== null && on.has(entry.nixosOption);
}

function liveOffers(
  { reports, soleUser }: CompletionRequest,
  { scope }: PathsPlace,
  kind: Candidate["kind"],
  home: string | null,
): Offer[] {
  return reports.flatMap((report) =>
    report.candidates.flatMap((candidate): Offer[] => {
      const { path, homeOf, verdict, unwritable } = candidate;
      if (candidate.kind !== kind || verdict === "ignore" || unwritable !== null) return [];
      const detail = `${report.host} · ${formatBytes(candidate.bytes)}${candidate.status === "lost" ? " · lost at the last boot" : ""}`;
      if (scope.kind === "system") return homeOf === null ? [{ written: path, detail, target: candidate }] : [];
      const user = scope.user ?? soleUser;
      if (homeOf === null || (user !== null && homeOf.user !== user) || !isBelow(path, homeOf.home)) return [];
      return home === null ? [] : [{ written: path.slice(homeOf.home.length + 1), detail, target: candidate }];
    }),
  );
}

function userOf({ soleUser }: CompletionRequest, { scope }: PathsPlace): string {
  return (scope.kind === "user" ? scope.user : null) ?? soleUser ?? "<user>";
}
