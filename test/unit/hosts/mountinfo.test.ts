import assert from "node:assert/strict";
import { test } from "node:test";
import { mountsBelow, parseMountinfo, toMount } from "../../../server/src/hosts/mountinfo";
import { type Birth, rootInfo } from "../../../server/src/hosts/mountinfoRoot";

const text = String.raw`1 1 0:2 / / rw - rootfs rootfs rw
22 1 0:30 /@root / rw,relatime shared:1 - btrfs /dev/sda2 rw,subvolid=256,subvol=/@root
23 22 0:30 /@persist /persist rw shared:2 master:1 - btrfs /dev/sda2 rw,subvol=/@persist
24 22 0:30 /@persist/var/my\040logs /var/my\040logs rw - btrfs /dev/sda2 rw
25 22 0:30 /@persist/a\134b /mnt/a\134b\011\012c rw - btrfs /dev/sda2 rw
26 22 0:40 / /proc/sys/fs/binfmt_misc rw - autofs systemd-1 rw
27 26 0:41 / /proc/sys/fs/binfmt_misc rw - binfmt_misc binfmt_misc rw
28 22 0:42 / /mnt/x rw - ext4 /dev/loop0 rw
29 28 0:43 / /mnt/x/home rw - tmpfs none rw
30 28 0:43 / /mnt/xy rw - tmpfs none rw
broken line
31 22 0:44 / relative rw - tmpfs none rw
`;
const mounts = parseMountinfo(Buffer.from(text));

test("mountinfo: escapes are decoded, the topmost mount of a point stays, broken lines go", () => {
  assert.deepEqual(
    mounts.map((mount) => [mount.mountPoint, mount.root, mount.fsType, mount.source, mount.device]),
    [
      ["/", "/@root", "btrfs", "/dev/sda2", "0:30"],
      ["/persist", "/@persist", "btrfs", "/dev/sda2", "0:30"],
      ["/var/my logs", "/@persist/var/my logs", "btrfs", "/dev/sda2", "0:30"],
      ["/mnt/a\\b\t\nc", "/@persist/a\\b", "btrfs", "/dev/sda2", "0:30"],
      ["/proc/sys/fs/binfmt_misc", "/", "binfmt_misc", "binfmt_misc", "0:41"],
      ["/mnt/x", "/", "ext4", "/dev/loop0", "0:42"],
      ["/mnt/x/home", "/", "tmpfs", "none", "0:43"],
      ["/mnt/xy", "/", "tmpfs", "none", "0:43"],
    ],
  );
});

test("mountinfo: bytes that are not ASCII are kept for matching and decoded for people", () => {
  const [mount] = parseMountinfo(Buffer.from("9 1 0:5 / /srv/é rw - tmpfs none rw\n"));
  assert.ok(mount !== undefined);
  assert.equal(Buffer.from(mount.mountPoint, "latin1").toString("utf8"), "/srv/é");
  assert.equal(toMount(mount).mountPoint, "/srv/é");
});

test("mounts seen from a folder: those below it, and the one it lies on as /", () => {
  const seen = (prefix: string) => mountsBelow(mounts, prefix).map((mount) => [mount.mountPoint, mount.root]);
  assert.deepEqual(seen("/mnt/x"), [
    ["/", "/"],
    ["/home", "/"],
  ]);
  assert.deepEqual(seen("/mnt/x/srv/root"), [["/", "/srv/root"]]);
  assert.deepEqual(seen("/srv/root"), [["/", "/@root/srv/root"]]);
  assert.equal(seen("/").length, mounts.length);
  assert.deepEqual(seen("/")[0], ["/", "/@root"]);
});

const root = (fsType: string) => parseMountinfo(Buffer.from(`9 1 0:5 /@root / rw - ${fsType} /dev/sda2 rw\n`));
const boot = 1_800_000_000;
const day = 86_400;
const births = (spec: Readonly<Record<string, number>>): Birth[] =>
  Object.entries(spec).map(([path, at]) => ({ path, born: at, changed: at }));

test("the kind of the root", () => {
  const kind = (fsType: string) => rootInfo(root(fsType), null, null).kind;
  assert.deepEqual(["tmpfs", "btrfs", "bcachefs", "zfs", "ext4", "xfs", "overlay"].map(kind), [
    "tmpfs",
    "btrfs",
    "bcachefs",
    "zfs",
    "plain",
    "plain",
    "unknown",
  ]);
  assert.deepEqual(rootInfo(root("bcachefs"), null, null), {
    kind: "bcachefs",
    source: "/dev/sda2",
    fsType: "bcachefs",
    subvolume: "/@root",
    ephemeral: null,
  });
  assert.equal(rootInfo([], null, null).kind, "unknown");
});

test("wiped at boot, or not, or not known", () => {
  const judged = (fsType: string, bootTime: number | null, found: readonly Birth[] | null) =>
    rootInfo(root(fsType), bootTime, found).ephemeral;
  const fresh = births({ "/": boot - 20, "/etc": boot + 2, "/var": boot + 3 });
  const rolledBack = births({ "/": boot - 90 * day, "/etc": boot + 2, "/var": boot + 2, "/root": boot + 3 });
  const old = births({
    "/": boot - 90 * day,
    "/etc": boot - 80 * day,
    "/var": boot - 80 * day,
    "/etc/passwd": boot - 9 * day,
  });
  const young = births({ "/": boot - 3600, "/etc": boot - 3600, "/var": boot - 3600, "/etc/passwd": boot - 3600 });

  assert.equal(judged("tmpfs", null, null), true);
  assert.equal(judged("tmpfs", boot, old), true);
  assert.equal(judged("btrfs", boot, fresh), true);
  assert.equal(judged("zfs", boot, rolledBack), true);
  assert.equal(judged("btrfs", boot, old), false);
  assert.equal(judged("ext4", boot, old), false);
  // A clock that was wrong during boot makes everything look an hour old.
  assert.equal(judged("btrfs", boot, young), null);
  assert.equal(judged("ext4", boot, young), null);
  assert.equal(judged("btrfs", null, fresh), null);
  assert.equal(judged("btrfs", boot, null), null);
  assert.equal(judged("btrfs", boot, []), null);
});

test("an ordinary root that holds the store was not made anew by a boot, however young it is", () => {
  const fresh = births({ "/": boot - 20, "/etc": boot - 15, "/var": boot - 10, "/root": boot - 9 });
  const judged = (more: string) =>
    rootInfo(parseMountinfo(Buffer.from(`9 1 8:2 / / rw - ext4 /dev/sda2 rw\n${more}`)), boot, fresh).ephemeral;
  assert.equal(judged(""), null);
  assert.equal(judged("10 9 8:2 /nix/store /nix/store ro - ext4 /dev/sda2 rw\n"), null, "read-only, of itself");
  assert.equal(judged("10 9 8:3 / /nix rw - ext4 /dev/sda3 rw\n"), true, "made anew by something in the initrd");
});

test("where no times of birth are kept, old changes still tell", () => {
  const unborn = (at: number, paths: readonly string[]): Birth[] =>
    paths.map((path) => ({ path, born: null, changed: at }));
  const paths = ["/", "/etc", "/var", "/root", "/etc/passwd"];
  assert.equal(rootInfo(root("zfs"), boot, unborn(boot - 2 * day, paths)).ephemeral, false);
  assert.equal(rootInfo(root("zfs"), boot, unborn(boot + 60, paths)).ephemeral, null);
});
