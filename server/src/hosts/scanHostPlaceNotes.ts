import { printable } from "./failures";
import { decodeBytes } from "./mountinfo";
import { folderMeant } from "./oldRootChoice";
import { isBlankName, timeInName } from "./oldRootNames";
import type { Facts } from "./recordsFacts";
import { type Situation, shownPath } from "./scanHostLayout";
import type { Places } from "./scanHostPlaces";

export interface PlaceNoteInputs {
  readonly situation: Situation;
  readonly places: Places;
  /** The folder of older roots as it was asked for; null for the usual places. */
  readonly snapshots: string | null;
}

/** What the user should know about what a scan compares with, and about the root itself. */
export function placeNotes(facts: Facts, { situation, places, snapshots }: PlaceNoteInputs): string[] {
  const { old, answer, ephemeral } = places;
  const notes: string[] = [];
  const shown = (folder: string) => printable(shownPath(folder, facts.root));
  const login = printable(facts.login) || "this user";
  if (ephemeral.length > 0) {
    notes.push(
      `Wiped at boot like the root, and looked into: ${ephemeral.map((each) => printable(decodeBytes(each))).join(", ")}.`,
    );
  }
  const [used] = old.usable;
  if (used === undefined && answer.closed.some(({ hint }) => hint !== true)) {
    notes.push(
      `The folder of older roots may not be read by ${login}, so everything counts as new. To compare, connect as root.`,
    );
  } else if (used === undefined && snapshots !== null && places.zfsBlank === null) {
    notes.push(
      `There is no older root in ${printable(snapshots)}, so everything counts as new. ${whereElse(places, snapshots, situation.bootTime)}`,
    );
  }
  if (old.unusable.length > 0) {
    notes.push(`No older root, since it is empty, half made or closed to us: ${listed(old.unusable.map(shown))}.`);
  }
  if (used === undefined && old.blank !== null) {
    notes.push(
      `There is no older root; compared with the empty root ${shown(old.blank)}: what differs is new since boot, and nothing is known of what was lost.`,
    );
  }
  if (used === undefined && snapshots === null) notes.push(...notMounted(situation, answer.subvolumes));
  return notes;
}

/** What to name instead of a folder without older roots. */
function whereElse({ answer }: Places, snapshots: string, bootTime: number | null): string {
  const meant = folderMeant(answer.found, answer.now, bootTime);
  if (meant !== null) return `There are some in ${printable(decodeBytes(meant))}: name that folder.`;
  const named = answer.found.find(({ place }) => place.hint !== true);
  if (snapshots !== "/" && named?.entries.some(({ name }) => name === "etc"))
    return "It looks like a root itself: name the folder that it lies in.";
  return "Check the setting for where older roots are kept.";
}

const mostListed = 3;

function listed(names: readonly string[]): string {
  const more = names.length - mostListed;
  return more > 0 ? `${names.slice(0, mostListed).join(", ")} and ${more} more` : names.join(", ");
}

/** A source that means the same in any shell. */
const plainSource = /^[\w/.:@+=-]+$/;

/** Older roots that the file system has and no mount shows. Tidemark mounts nothing, so it says how. */
function notMounted({ mounts, recorded }: Situation, subvolumes: readonly string[]): string[] {
  const root = mounts.find((mount) => mount.mountPoint === "/");
  if (root === undefined || recorded) return [];
  const names = subvolumes.filter((path) => {
    const name = decodeBytes(path.slice(path.lastIndexOf("/") + 1));
    return isBlankName(name) || (timeInName(name) !== null && /(?:^|\/)[^/]*(?:old|snap)[^/]*\/[^/]+$/i.test(path));
  });
  if (names.length === 0) return [];
  const what = listed([...names].reverse().map((path) => printable(decodeBytes(path))));
  const source = decodeBytes(root.source);
  const where = plainSource.test(source) ? source : "DEVICE";
  return [
    `On the disk but not mounted, so not compared with: ${what}. To compare, mount the top of the file system read-only and scan again: mkdir -p /run/tidemark-top && mount -o ro,subvol=/ ${where} /run/tidemark-top`,
  ];
}
