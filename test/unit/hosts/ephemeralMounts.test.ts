import assert from "node:assert/strict";
import { test } from "node:test";
import { ephemeralMounts, mayBeEphemeral } from "../../../server/src/hosts/ephemeralMounts";
import type { HostUser, RootInfo } from "../../../server/src/hosts/model";
import { parseMountinfo } from "../../../server/src/hosts/mountinfo";
import { rootInfo } from "../../../server/src/hosts/mountinfoRoot";
import type { MountBirth } from "../../../server/src/hosts/recordsPlaces";

const users: HostUser[] = [{ name: "mia", uid: 1001, gid: 100, home: "/srv/people/mia" }];
const mounts = (...lines: readonly string[]) =>
  parseMountinfo(
    Buffer.from(
      lines
        .map((line, index) => {
          const [fsType = "", root = "", point = "", device = "0:30"] = line.split(" ");
          return `${index + 20} 1 ${device} ${root} ${point} rw - ${fsType} source rw\n`;
        })
        .join(""),
    ),
  );
const boot = 1_800_000_000;
const year = 365 * 86_400;
const birth = (path: string, born: number | null, more: Partial<MountBirth> = {}): MountBirth => ({
  path,
  born,
  inode: 256,
  created: null,
  ...more,
});
const wiped: RootInfo = { kind: "btrfs", source: "source", fsType: "btrfs", subvolume: "/@root", ephemeral: true };

test("what a person mounts could be wiped; what programs mount, and binds from elsewhere, could not", () => {
  const found = mayBeEphemeral(
    mounts(
      "btrfs /@root /",
      "btrfs /@nix /nix",
      "btrfs /@persist /persist",
      "btrfs /@persist/var/lib/forgejo /var/lib/forgejo",
      "btrfs /@home /home",
      "tmpfs / /var/lib 0:41",
      "tmpfs / /home/josh 0:42",
      "tmpfs / /srv/people/mia 0:43",
      "tmpfs / /var/lib/containers/storage/overlay-containers/a/userdata/shm 0:44",
      "tmpfs / /run 0:45",
      "tmpfs / /var/tmp 0:46",
      "tmpfs / /var/cache 0:47",
      "tmpfs /bound /opt 0:41",
      "ext4 / /data 8:1",
      "ext4 /var/log /var/log 8:1",
      "vfat / /boot 8:2",
      "overlay / /etc 0:48",
      "nfs4 / /mnt 0:49",
    ),
    users,
  );
  assert.deepEqual(
    found.map(({ mountPoint }) => mountPoint),
    ["/persist", "/home", "/var/lib", "/home/josh", "/srv/people/mia", "/data"],
  );
});

test("bcachefs gives all its subvolumes one number, and a bind is told by what it lies in", () => {
  const found = (...lines: readonly string[]) =>
    mayBeEphemeral(mounts(...lines), users).map(({ mountPoint }) => mountPoint);
  const juni = [
    "bcachefs /@root /",
    "bcachefs /@persist /persist",
    "bcachefs /@persist/var/log /var/log",
    "bcachefs /@home /home",
  ];
  assert.deepEqual(found(...juni), ["/persist", "/home"]);
  // With the top mounted as well nobody can tell a subvolume from a folder.
  assert.deepEqual(found(...juni, "bcachefs / /mnt/top"), ["/mnt/top"]);
});

test("in memory always; on disk where it was made together with the root at this boot", () => {
  const candidates = mounts(
    "btrfs /@home /home",
    "btrfs /@persist /persist",
    "tmpfs / /var/lib 0:41",
    "ext4 / /data 8:1",
  );
  const judged = (births: readonly MountBirth[], root: RootInfo = wiped, bootTime: number | null = boot) =>
    ephemeralMounts(candidates, births, root, bootTime);
  const old = [birth("/nix", boot - year), birth("/persist", boot - year), birth("/data", boot - year)];
  assert.deepEqual(judged([birth("/", boot + 40), birth("/home", boot + 41), ...old]), ["/home", "/var/lib"]);
  // Rolled back to an empty snapshot: what btrfs says of the subvolume counts, not the time of birth it kept.
  const rolledBack = [
    birth("/", boot - year, { created: boot + 5 }),
    birth("/home", boot - year, { created: boot + 5 }),
  ];
  assert.deepEqual(judged([...rolledBack, ...old]), ["/home", "/var/lib"]);
  // Made later than the root: someone added a disk to a running host.
  assert.deepEqual(judged([birth("/", boot + 40), birth("/home", boot + 4000), ...old]), ["/var/lib"]);
  // A folder bound from the top-level subvolume is no subvolume of its own.
  assert.deepEqual(judged([birth("/", boot + 40), birth("/home", boot + 40, { inode: 300 }), ...old]), ["/var/lib"]);
  // The first boot after an installation: the store is as young.
  const young = ["/", "/home", "/persist", "/nix", "/data"].map((path) => birth(path, boot - 100));
  assert.deepEqual(judged(young), ["/var/lib"]);
  assert.deepEqual(judged([]), ["/var/lib"]);
  assert.deepEqual(judged([birth("/home", boot + 5)], { ...wiped, ephemeral: true }, null), ["/var/lib"]);
  // Where only /home is wiped, it has to be close to the boot.
  const kept = { ...wiped, ephemeral: false };
  assert.deepEqual(judged([birth("/", boot - year), birth("/home", boot + 5), ...old], kept), ["/home", "/var/lib"]);
  assert.deepEqual(judged([birth("/", boot - year), birth("/home", boot + 500), ...old], kept), ["/var/lib"]);
});

test("the root: when btrfs made its subvolume counts more than the time of birth a snapshot keeps", () => {
  const root = (created: number | null, store: number | null, born = boot - year) => {
    const births = ["/", "/etc", "/var", "/root", "/etc/passwd"].map((path) => ({ path, born, changed: born }));
    return rootInfo(mounts("btrfs /@root /"), boot, births, { created, store }).ephemeral;
  };
  assert.equal(root(boot + 3, boot - year), true);
  assert.equal(root(boot - year, boot - year), false);
  assert.equal(root(null, boot - year, boot + 3), true);
  assert.equal(root(null, boot - 290, boot - 300), null, "installed a moment ago");
  assert.equal(root(boot - 290, boot - 300, boot - 300), null, "installed a moment ago");
});

test("nobody makes an ext4 anew at each boot, whatever is known of its times", () => {
  assert.equal(rootInfo(mounts("ext4 / /"), null, null).ephemeral, false);
  assert.equal(rootInfo(mounts("btrfs /@root /"), null, null).ephemeral, null);
  assert.equal(rootInfo(mounts("tmpfs / /"), null, null).ephemeral, true);
});
