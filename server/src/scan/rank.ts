import type { Verdict } from "../hosts/model";
import type { Persist } from "../knowledge/catalog";
import { isUnknown } from "../knowledge/nearest";
import type { Find } from "./find";
import { isRootKey } from "./verdict";

const verdicts: Record<Verdict, number> = { persist: 0, probably: 1, declare: 2, ignore: 3 };
const needs: Record<Persist, number> = { required: 0, recommended: 1, optional: 2, never: 3 };
/** Without these the host or everything else on it goes wrong. */
const firstOfAll: ReadonlyMap<string, number> = new Map([
  ["luks-key-files", 10],
  ["cryptsetup-keys", 10],
  ["var-lib-nixos", 9],
  ["machine-id", 8],
  ["openssh-host-keys", 7],
]);
/** A name that promises something to keep closed. */
const closed = /password|vault|wallet|private key|\bkeys?\b|secret|credential|token/i;
/** A loss that nothing brings back, or that locks people out. */
const forGood =
  /password|wallet|(?:private|secret) keys?|(?:master|network|host|encryption|server|signing) key|decrypt|undecryptable|every database|all databases|\b(?:all|every|uploaded|archived|user)\b[^,.;]{0,30}\b(?:mail|photos|notes|documents|gists|files|databases|calendars|vault|secrets|volumes|state)|repositor|these keys/i;
/** A loss that costs work to mend. */
const forLong =
  /account|login|logged out|users|paired|identity|chats|workflow|certificate|bookmark|settings|history and|playlists|new id\b/i;

/** The order of two finds with their verdicts: negative when `a` comes first. Total, so the list does not jump between scans. */
export function compareFinds(a: Find, verdictA: Verdict, b: Find, verdictB: Verdict): number {
  return (
    verdicts[verdictA] - verdicts[verdictB] ||
    need(a) - need(b) ||
    (a.status === "lost" ? 0 : 1) - (b.status === "lost" ? 0 : 1) ||
    impact(b) - impact(a) ||
    magnitude(b) - magnitude(a) ||
    newest(b) - newest(a) ||
    (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)
  );
}

function need(find: Find): number {
  if (isRootKey(find) || (find.advice !== null && firstOfAll.has(find.advice.id))) return -1;
  return needs[find.advice?.persist ?? "optional"];
}

/** How bad the loss is, as far as the words of the catalog or the name tell: 4 for what nothing brings back, 0 for what nobody misses. */
function impact(find: Find): number {
  const { advice } = find;
  if (advice === null || isUnknown(advice)) return closed.test(find.path.replace(/[-_.]/g, " ")) ? 3 : 0;
  const first = firstOfAll.get(advice.id);
  if (first !== undefined) return first;
  const loss = advice.impactIfLost ?? "";
  if (forGood.test(loss)) return 4;
  if (advice.role === "secret" || closed.test(advice.title)) return 3;
  if (forLong.test(loss)) return 2;
  return advice.role === "state" ? 1 : 0;
}

/** Size as a power of ten, so that time decides among things of about one size. */
function magnitude(find: Find): number {
  return Math.floor(Math.log10(1 + (find.status === "lost" ? find.totals.lostBytes : find.totals.bytes)));
}

function newest(find: Find): number {
  return find.status === "lost" ? find.totals.lostMtime : find.totals.mtime;
}
