// The script of the btrfs template, as real Nix hands it to systemd, on a real btrfs: boots come and go, what is persistent stays.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { fillIn } from "../../server/src/completion/suggestion";
import { btrfs } from "../../server/src/completion/templates/btrfs";

/** Makes a file system with an old root in which systemd made a subvolume of its own, and boots five times; at most three old roots are kept. */
const boots = `set -eu
cd "$1"
truncate -s 300M disk
mkfs.btrfs -q disk > mkfs.log 2>&1
device=$(losetup --find --show disk)
trap 'losetup --detach "$device"' EXIT
mkdir top look bin
# One boot a day; the clock of the last one stands still.
printf '#!/bin/sh\necho 2026-01-0$((BOOT < 4 ? BOOT : 4))_00-00-00\n' > bin/date
chmod +x bin/date
mount "$device" look
for name in @root @persist @root/nested @persist/nested; do btrfs subvolume create "look/$name" > /dev/null; done
echo kept > look/@persist/nested/file
umount look
sed -e "s#/dev/disk/by-label/nixos#$device#; s#/btrfs#$1/top#g; s/-gt 10/-gt 3/" < script > wipe
for boot in 1 2 3 4 5; do
  PATH="$1/bin:$PATH" BOOT=$boot LC_ALL=C bash -e wipe > "log.$boot" 2>&1 || { cat "log.$boot"; exit 1; }
  mount "$device" look
  [ -z "$(ls look/@root)" ] || echo "boot $boot: the root is not empty"
  echo "$boot" > look/@root/boot
  btrfs subvolume create look/@root/nested > /dev/null
  mkdir -p look/@snapshots/old_roots/0-plain/folder
  umount look
done
mount "$device" look
trap 'umount look; losetup --detach "$device"' EXIT
echo "persistent: $(cat look/@persist/nested/file)"
echo "plain: $(ls look/@snapshots/old_roots/0-plain)"
for old in look/@snapshots/old_roots/2*; do echo "old: $(cat "$old/boot")"; done
`;

test("the template's script wipes the root at each boot, keeps the newest old roots, and touches nothing else", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "tidemark-wipe-"));
  try {
    const module = path.join(folder, "module.nix");
    writeFileSync(module, `{\n${fillIn(btrfs.text).insert}\n}\n`);
    const attribute = "boot.initrd.systemd.services.wipe-root.script";
    const nix = spawnSync("nix-instantiate", ["--eval", "--json", "-A", attribute, module], { encoding: "utf8" });
    assert.equal(nix.status, 0, nix.stderr);
    writeFileSync(path.join(folder, "script"), JSON.parse(nix.stdout) as string);
    writeFileSync(path.join(folder, "boots"), boots);
    const shell = ["--mount", "--propagation", "private", "bash", path.join(folder, "boots"), folder];
    const { stdout, stderr, status } = spawnSync("unshare", shell, { encoding: "utf8", timeout: 60_000 });
    assert.equal(status, 0, stdout + stderr);
    const lines = stdout.trim().split("\n");
    // Three folders are kept, and the plain one counts; the newest come last.
    assert.deepEqual(lines, ["persistent: kept", "plain: folder", "old: 2", "old: 3", "old: 4"]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
