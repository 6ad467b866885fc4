import type { HostUser } from "./model";

/** An account that owns many files of a host, so that find need not print it for each of them: that is a tenth of a walk. */
export interface UsualOwner {
  readonly uid: number;
  readonly gid: number;
}

/** What a letter of a file's record says, which then leaves it out. */
export interface UsualFile extends UsualOwner {
  /** Null where the record has it. */
  readonly mode: number | null;
}

/** Permissions that most files have. */
const usualMode = 0o644;
/** Of letters that find itself uses for no type. With each owner every file is tested once more. */
const letters = [
  ["A", "N"],
  ["B", "O"],
  ["C", "P"],
] as const;
const firstPerson = 1000;
const firstReserved = 60_000;

/** root, and who logs in, in the order of their numbers. */
export function usualOwners(users: readonly HostUser[]): readonly UsualOwner[] {
  const people = users.filter(({ uid }) => uid >= firstPerson && uid < firstReserved);
  const owners = [{ uid: 0, gid: 0 }, ...people.sort((a, b) => a.uid - b.uid).map(({ uid, gid }) => ({ uid, gid }))];
  return owners.slice(0, letters.length);
}

/** A line for each owner, for the probe: the letter with the usual mode, the one with another, their numbers. */
export function usualLines(owners: readonly UsualOwner[]): string {
  return lettered(owners)
    .map(({ usual, other, uid, gid }) => `${usual} ${other} ${uid} ${gid}\n`)
    .join("");
}

/** What a letter says, at its code. */
export function usualFiles(owners: readonly UsualOwner[]): readonly (UsualFile | undefined)[] {
  const files = new Array<UsualFile | undefined>(256).fill(undefined);
  for (const { usual, other, uid, gid } of lettered(owners)) {
    files[usual.charCodeAt(0)] = { uid, gid, mode: usualMode };
    files[other.charCodeAt(0)] = { uid, gid, mode: null };
  }
  return files;
}

function lettered(owners: readonly UsualOwner[]) {
  return letters.flatMap(([usual, other], index) => {
    const owner = owners[index];
    return owner === undefined ? [] : [{ usual, other, ...owner }];
  });
}
