import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMountinfo } from "../../../server/src/hosts/mountinfo";
import { chooseOldRoots } from "../../../server/src/hosts/oldRootChoice";
import { isBlankName, timeInName } from "../../../server/src/hosts/oldRootNames";
import { placesToLook } from "../../../server/src/hosts/oldRootPlaces";
import { placesReader } from "../../../server/src/hosts/recordsPlaces";

const at = (...parts: Parameters<typeof Date.UTC>) => Date.UTC(...parts) / 1000;

test("the time in a name, however the usual scripts write it", () => {
  const half = at(2026, 10, 21, 9, 30);
  for (const name of [
    "2026-11-21_09-30-00",
    "2026-11-21T09:30:00",
    "2026-11-21-09:30",
    "2026-11-21_09:30:00",
    "2026-11-21 09.30",
    "2026-11-21_9:30:00",
    "2026.11.21-09.30.00",
    "2026-11-21T09:30:00Z",
    "2026-11-21T09:30:00+0000",
    "2026-11-21T09:30:00.123456789",
    "@root-2026-11-21_09-30-00",
    "root.20261121T0930",
    "20261121T093000",
    "20261121093000",
    `root_${half}`,
  ])
    assert.equal(timeInName(name), half, name);
  assert.equal(timeInName("2026-11-21"), at(2026, 10, 21));
  // As in impermanence's README, whose days are not padded: not in order of name.
  assert.ok((timeInName("2026-11-9_10:00:00") ?? 0) < (timeInName("2026-11-10_10:00:00") ?? 0));
  for (const name of [
    "",
    "zzz",
    "1",
    "2026-13-01_00-00-00",
    "2026-02-30",
    "2026-11-21_25-00-00",
    "root-blank",
    "2026-11-21_09-30-00.bak",
    "2026-11-21_09-30-00.tmp",
    ".2026-11-21",
    "v1.2.3",
  ])
    assert.equal(timeInName(name), name === ".2026-11-21" ? at(2026, 10, 21) : null, name);
});

test("names of the empty root", () => {
  for (const name of ["root-blank", "@blank", "@root-blank", "blank", "@root_blank", "rootfs-empty", "empty"])
    assert.ok(isBlankName(name), name);
  for (const name of ["@root", "blanket", "home-blank", "not-empty", "@home-blank"])
    assert.ok(!isBlankName(name), name);
});

const mounts = parseMountinfo(
  Buffer.from(`22 1 0:30 /@root / rw - btrfs /dev/sda2 rw
23 22 0:30 / /mnt/top rw - btrfs /dev/sda2 rw
24 22 0:30 /@snapshots /.snapshots rw - btrfs /dev/sda2 rw
25 22 0:30 /@persist /persist rw - btrfs /dev/sda2 rw
26 22 0:31 / /other rw - btrfs /dev/sdb1 rw
27 22 0:30 /@old_roots /var/old rw - btrfs /dev/sda2 rw
`),
);

test("older roots are looked for in the usual places and on mounts of the root's own file system", () => {
  const places = placesToLook(mounts, null).map(
    ({ folder, onlyOldRoots }) => `${folder}${onlyOldRoots ? "" : " (mixed)"}`,
  );
  for (const folder of [
    ".snapshots/old_roots",
    "btrfs_tmp/old_roots",
    "mnt/top/old_roots",
    "mnt/top/@snapshots/old_roots",
    "mnt/top (mixed)",
    ".snapshots (mixed)",
    "var/old",
  ])
    assert.ok(places.includes(folder), `${folder} in ${places}`);
  assert.ok(!places.some((folder) => folder.startsWith("other") || folder.startsWith("nix")));
  const [named, ...others] = placesToLook(mounts, "/srv/roots");
  assert.deepEqual(named, { folder: "/srv/roots", onlyOldRoots: true });
  assert.ok(others.length > 0 && others.every(({ hint }) => hint === true));
});

/** What the probe would answer: for each place its folder and its entries with their signs. */
function answered(found: Readonly<Record<string, readonly string[]>>, mixed: readonly string[] = []) {
  const places = Object.keys(found).map((folder) => ({ folder, onlyOldRoots: !mixed.includes(folder) }));
  const reader = placesReader(places);
  const send = (text: string) => reader.onRecord(Buffer.from(text), 0, Buffer.byteLength(text));
  for (const [index, { folder }] of places.entries()) {
    for (const text of ["folder", `${index}`, "at", `/${folder}`]) send(text);
    for (const entry of found[folder] ?? []) for (const text of ["entry", entry]) send(text);
  }
  return reader.read().found;
}

const now = at(2026, 10, 22, 12);
const boot = at(2026, 10, 21, 9, 30);
const usable = (...given: Parameters<typeof answered>) =>
  chooseOldRoots(answered(...given), now, boot).usable.map(({ folder }) => folder);

test("the newest by its time comes first, over all places, and never a broken one", () => {
  assert.deepEqual(
    usable({
      old: ["+2026-11-9_10:00:00", "+2026-11-10_10:00:00", "-2026-11-20_10:00:00", "!2026-11-19_10:00:00", "+manual"],
      ".snapshots/old_roots": ["+2026-11-18_10-00-00"],
    }),
    ["/.snapshots/old_roots/2026-11-18_10-00-00", "/old/2026-11-10_10:00:00", "/old/2026-11-9_10:00:00", "/old/manual"],
  );
  assert.deepEqual(chooseOldRoots(answered({ old: ["-2026-11-20_10:00:00", "!x"] }), now, boot).unusable, [
    "/old/2026-11-20_10:00:00",
    "/old/x",
  ]);
});

test("a name from a clock that was wrong is the last choice", () => {
  assert.deepEqual(usable({ old: ["+2099-01-01_00-00-00", "+2026-11-20_00-00-00", "+1970-01-01_00-00-05"] }), [
    "/old/2026-11-20_00-00-00",
    "/old/1970-01-01_00-00-05",
    "/old/2099-01-01_00-00-00",
  ]);
});

test("among other snapshots those of the running root do not count, nor names without a time", () => {
  assert.deepEqual(
    usable({ snaps: ["+root.20261121T0900", "+root.20261122T0900", "+@root", "+@persist"] }, ["snaps"]),
    ["/snaps/root.20261121T0900"],
  );
});

test("the empty root is found beside them", () => {
  const { blank, usable: found } = chooseOldRoots(
    answered({ top: ["+@root", "-root-blank", "+@nix"] }, ["top"]),
    now,
    boot,
  );
  assert.deepEqual([blank, found], ["/top/root-blank", []]);
});

test("what the host tells of folders is not taken on trust", () => {
  const reader = (...texts: string[]) => {
    const { onRecord, read } = placesReader([{ folder: "a", onlyOldRoots: true }]);
    for (const text of texts) onRecord(Buffer.from(text), 0, Buffer.byteLength(text));
    return read();
  };
  assert.throws(() => reader("folder", "7"), /not asked for/);
  assert.throws(() => reader("folder", "0", "at", "relative"), /no place/);
  assert.throws(() => reader("folder", "0", "at", "/a", "entry", "+../../etc"), /broken name/);
  assert.throws(() => reader("folder"), /halfway/);
  const { births, subvolumes, closed } = reader(
    "closed",
    "0",
    "births",
    "1795388283 1 256 .\n- 1 256 ./home\n5 6 7 ./a b\nbroken",
    "created",
    ".\n@root\n\tName: \t\t\t@root\n\tCreation time: \t\t2026-11-21 09:30:00 +0000\n",
    "subvolumes",
    "ID 256 gen 9 top level 5 path @root\nID 300 gen 9 top level 5 path old_roots/2026-11-1_09:30:00\n",
  );
  assert.deepEqual(births, [
    { path: "/", born: 1_795_388_283, inode: 256, created: boot },
    { path: "/home", born: null, inode: 256, created: null },
    { path: "/a b", born: 5, inode: 7, created: null },
  ]);
  assert.deepEqual(subvolumes, ["@root", "old_roots/2026-11-1_09:30:00"]);
  assert.equal(closed.length, 1);
});
