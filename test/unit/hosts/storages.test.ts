import assert from "node:assert/strict";
import { test } from "node:test";
import type { RawMount } from "../../../server/src/hosts/mountinfo";
import { boundPaths } from "../../../server/src/hosts/storages";

const mount = (mountPoint: string, root: string, device = "0:30", subvolume: string | null = null): RawMount => ({
  mountPoint,
  root,
  device,
  subvolume,
  fsType: "btrfs",
  source: "/dev/sda2",
});
const found = (...mounts: RawMount[]) => boundPaths(mounts).map(({ storage, path }) => `${storage} ${path}`);

test("a storage is known by the mount that shows it", () => {
  assert.deepEqual(
    found(
      mount("/", "/@root"),
      mount("/nix", "/@nix"),
      mount("/persist", "/@persist"),
      mount("/var/log", "/@persist/var/log"),
      mount("/etc/machine-id", "/@persist/etc/machine-id"),
      mount("/home/josh/.ssh", "/@persist/deep/home/josh/.ssh"),
    ),
    ["/persist /var/log", "/persist /etc/machine-id", "/persist/deep /home/josh/.ssh"],
  );
});

test("a storage that is a file system of its own, or a folder of one", () => {
  assert.deepEqual(found(mount("/", "/", "0:25"), mount("/persist", "/"), mount("/var/log", "/var/log")), [
    "/persist /var/log",
  ]);
  assert.deepEqual(found(mount("/", "/", "0:25"), mount("/nix", "/"), mount("/var/lib/x", "/persist/var/lib/x")), [
    "/nix/persist /var/lib/x",
  ]);
  assert.deepEqual(found(mount("/", "/"), mount("/var/lib/x", "/data/persist/var/lib/x")), [
    "/data/persist /var/lib/x",
  ]);
});

test("of several mounts that show it the nearest counts", () => {
  assert.deepEqual(
    found(mount("/", "/", "0:1"), mount("/top", "/"), mount("/persist", "/@persist"), mount("/srv", "/@persist/srv")),
    ["/persist /srv"],
  );
});

test("what no mount shows, what lies elsewhere and what is no bind mount is left out", () => {
  assert.deepEqual(found(mount("/", "/@root"), mount("/var/log", "/@log/var/log")), []);
  assert.deepEqual(
    found(mount("/", "/@root", "0:1"), mount("/persist", "/@persist", "0:2"), mount("/srv", "/@persist/srv", "0:3")),
    [],
  );
  assert.deepEqual(
    found(mount("/", "/@root"), mount("/persist", "/@persist"), mount("/media", "/@persist/photos")),
    [],
  );
  assert.deepEqual(
    found(mount("/", "/", "0:1"), mount("/top", "/", "0:2"), mount("/home", "/home", "0:2", "/home")),
    [],
  );
  assert.deepEqual(
    found(mount("/", "/", "0:1"), mount("/nix", "/"), mount("/nix/store", "/nix/store"), mount("/run/x", "/run/x")),
    [],
  );
  assert.deepEqual(found(mount("/", "/", "0:1"), mount("/usr", "/usr"), mount("/lib", "/usr/lib")), []);
  // A container's view of a folder at its own path.
  assert.deepEqual(found(mount("/", "/"), mount("/etc/hosts", "/etc/hosts")), []);
});
