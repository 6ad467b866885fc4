// Every kind of root that this machine can be made to have, each on a real host with a real sshd.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { probeFrame } from "../../server/src/hosts/probeFrame";
import { protocolVersion } from "../../server/src/hosts/probeScript";
import { probeText } from "../../server/src/hosts/probeText";
import { placesReader } from "../../server/src/hosts/recordsPlaces";
import { tidemark } from "./support/cli";
import { type EphemeralHost, type HostOptions, startEphemeralHost } from "./support/host";
import { HOSTILE } from "./support/host-content";
import { copyWorkspace, type Workspace } from "./support/workspace";

/** What `tidemark scan --json` prints, as far as it is looked at here. */
interface Report {
  readonly root: { readonly kind: string; readonly ephemeral: boolean | null };
  readonly inventory: boolean;
  readonly ephemeralMounts: readonly string[];
  readonly oldRoot: string | null;
  readonly oldRoots: readonly string[];
  readonly blank: string | null;
  readonly notes: readonly string[];
  readonly unread: readonly string[];
  readonly candidates: readonly { readonly path: string; readonly status: string; readonly user: string }[];
}

let workspace: Workspace;
before(() => {
  workspace = copyWorkspace();
});
after(() => workspace.remove());

function scan(host: EphemeralHost, ...more: readonly string[]): Report {
  const given = ["--config", workspace.hostFile, "--ssh-config", host.sshConfigFile, "--json"];
  const result = tidemark("scan", "juni", ...more, ...given);
  assert.equal(result.code, 0, result.stderr);
  return JSON.parse(result.stdout) as Report;
}

const statusOf = (report: Report, at: string) => report.candidates.find((each) => each.path === at)?.status;

function onHost(options: HostOptions, name: string, what: (host: EphemeralHost) => void): void {
  test(name, async () => {
    const host = await startEphemeralHost(options);
    try {
      what(host);
    } finally {
      await host.stop();
    }
  });
}

/** As udev would have made them. */
function makeLoopDevices(host: EphemeralHost): void {
  host.run(
    "mknod /dev/loop-control c 10 237; for each in /sys/block/loop*; do mknod /dev/${each##*/} b $(tr : ' ' < $each/dev); done",
  );
}

/** What this host's older root has, the live one has not, and the other way round: the same in all layouts. */
function assertCompared(report: Report): void {
  assert.equal(statusOf(report, "/var/lib/bluetooth"), "lost");
  assert.equal(statusOf(report, "/var/lib/fail2ban"), "lost");
  assert.equal(statusOf(report, "/var/lib/forgejo"), "changed");
  assert.equal(statusOf(report, "/var/lib/headscale"), "new");
  assert.equal(statusOf(report, "/etc/passwd"), undefined);
}

describe("older roots", () => {
  onHost(
    { kind: "btrfs", keeps: "moved" },
    "moved away, on the top-level subvolume, with colons and unpadded days",
    (host) => {
      const report = scan(host);
      assertCompared(report);
      assert.equal(report.oldRoot, host.oldRoot);
      assert.deepEqual(report.oldRoots, [host.oldRoot, "/btrfs_tmp/old_roots/2026-11-9_23:00:00"]);
      assert.match(report.notes.join("\n"), /half made.*2026-11-30_10:00:00/);
      const doctor = tidemark("doctor", "juni", "--ssh-config", host.sshConfigFile);
      assert.match(doctor.stdout, /older root \/btrfs_tmp\/old_roots\/2026-11-21_09:30:00, the newest of 2/);

      const named = scan(host, "--snapshots", "/btrfs_tmp/old_roots/../old_roots");
      assert.deepEqual([named.oldRoot, statusOf(named, "/var/lib/bluetooth")], [host.oldRoot, "lost"]);
      const elsewhere = scan(host, "--snapshots", "/srv");
      assert.deepEqual([elsewhere.oldRoot, statusOf(elsewhere, "/var/lib/forgejo")], [null, "new"]);
      assert.match(elsewhere.notes.join("\n"), /no older root in \/srv/);

      // Programs for encrypted containers put the time back after they wrote.
      host.run(`head -c 200000 /dev/zero > /srv/vault && head -c 200000 /dev/zero > /srv/untouched &&
        mount -o remount,bind,rw /btrfs_tmp && btrfs -q subvolume snapshot -r / /btrfs_tmp/old_roots/2026-11-22_09:30:00 &&
        touch -r /srv/vault /tmp/time && printf x | dd of=/srv/vault conv=notrunc status=none && touch -r /tmp/time /srv/vault`);
      const later = scan(host);
      assert.match(later.oldRoot ?? "", /2026-11-22/);
      const inside = later.candidates.map(({ path: at, status }) => `${at} ${status}`);
      assert.ok(inside.includes("/srv/vault changed"), inside.join("\n"));
      assert.ok(!inside.some((each) => each.startsWith("/srv/untouched")), inside.join("\n"));
    },
  );

  onHost({ kind: "btrfs", keeps: "unmounted" }, "mounted nowhere: named, with a command that works", (host) => {
    const before = scan(host);
    assert.deepEqual([before.oldRoot, statusOf(before, "/var/lib/forgejo")], [null, "new"]);
    const note = before.notes.find((each) => each.includes("not mounted")) ?? "";
    assert.match(note, /old_roots\/2026-11-21_09:30:00/);
    const command = /mkdir .*$/.exec(note)?.[0] ?? "";
    makeLoopDevices(host);
    host.run(command);
    assertCompared(scan(host));
    assert.match(host.run("touch /run/tidemark-top/x 2>&1 || true"), /Read-only/);
  });

  onHost(
    { kind: "btrfs", keeps: "blank" },
    "only a blank snapshot: what differs from it is new, nothing is lost",
    (host) => {
      host.run("mkdir /etc/kept && echo x > /etc/kept/file && rm /etc/blank && mkdir /etc/blank2");
      const report = scan(host);
      assert.deepEqual([report.oldRoot, report.blank], [null, "/btrfs_tmp/@blank"]);
      assert.equal(statusOf(report, "/var/lib/forgejo"), "new");
      assert.ok(report.candidates.every(({ status }) => status !== "lost"));
    },
  );
});

describe("file systems of their own", () => {
  onHost(
    { kind: "btrfs", home: "tmpfs" },
    "a /home in memory is looked into, and what is bound into it is kept",
    (host) => {
      host.run(
        "install -d -o mia -g users /home/mia/.config/thing && head -c 5000 /dev/urandom > /home/mia/.config/thing/data",
      );
      const report = scan(host);
      assert.deepEqual(report.ephemeralMounts, ["/home"]);
      const paths = report.candidates.map((each) => each.path);
      assert.ok(paths.includes("/home/josh/.mozilla/firefox"), paths.join("\n"));
      assert.ok(paths.includes("/home/mia/.config/thing"));
      assert.ok(!paths.some((each) => each.startsWith("/home/josh/projects")));
      assert.match(report.notes.join("\n"), /looked into: \/home/);
    },
  );

  onHost(
    { kind: "tmpfs" },
    "mounted over a part of a root in memory: kept where it is on disk, passed over where programs mount it",
    (host) => {
      host.run(
        `mkdir -p /data /var/lib/containers/storage/overlay-containers/a/shm &&
      mount -t tmpfs none /data && echo x > /data/file &&
      mount -t tmpfs shm /var/lib/containers/storage/overlay-containers/a/shm && echo x > /var/lib/containers/storage/overlay-containers/a/shm/x`,
      );
      const report = scan(host);
      assert.deepEqual(report.ephemeralMounts, ["/data"]);
      assert.equal(statusOf(report, "/data"), "new");
      assert.ok(!report.candidates.some(({ path: at }) => at.includes("shm")));
    },
  );
});

test("btrfs tells when a subvolume was made, which a snapshot's time of birth does not, and which subvolumes there are", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "tidemark-places-"));
  const script = `set -eu
cd "$1"
truncate -s 200M disk
mkfs.btrfs -q disk > log 2>&1
mkdir top
mount -o loop disk top
btrfs -q subvolume create top/@root-blank
mkdir top/old_roots
btrfs -q subvolume snapshot top/@root-blank top/old_roots/2026-11-1_09:30:00
# By the file system's own clock, which lags a few milliseconds behind that of programs.
while touch top/now; [ "$(stat -c %Y top/now)" -le "$(stat -c %W top/@root-blank)" ]; do :; done
btrfs -q subvolume snapshot top/@root-blank top/@root
umount top
mount -o loop,subvol=@root disk top
sh -c "$2" tidemark root me 1 "$1/top" btrfs disk 0
umount top
`;
  try {
    const shell = ["--mount", "--propagation", "private", "sh", "-c", script, "sh", folder, probeText("places")];
    const { stdout, stderr, status } = spawnSync("unshare", shell, { timeout: 60_000 });
    assert.equal(status, 0, `${stdout}${stderr}`);
    const reader = placesReader([]);
    const frame = probeFrame("1", protocolVersion, reader.onRecord, 1 << 20);
    frame.push(stdout);
    assert.equal(frame.status, 0);
    const { births, subvolumes } = reader.read();
    assert.deepEqual(subvolumes, ["@root-blank", "old_roots/2026-11-1_09:30:00", "@root"]);
    const [root] = births;
    assert.ok(root !== undefined && root.born !== null && root.created !== null);
    assert.deepEqual([root.path, root.inode, root.created > root.born], ["/", 256, true]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

describe("a root that does not run", () => {
  let host: EphemeralHost;
  before(async () => {
    host = await startEphemeralHost({ kind: "btrfs" });
  });
  after(() => host.stop());

  test("an older root, as if it were /", () => {
    const report = scan(host, "--root", host.oldRoot ?? "");
    assert.equal(statusOf(report, "/var/lib/bluetooth"), "new");
    assert.equal(statusOf(report, "/var/lib/headscale"), undefined);
    assert.equal(report.oldRoot, null);
    assert.equal(report.root.ephemeral, null);
  });

  test("an installer's /mnt: mounts below it count, its users are its own, links do not lead out", () => {
    host.run(`mkdir -p /mnt && mount -t tmpfs none /mnt && cd /mnt && mkdir -p etc persist var/log var/lib/forgejo home/eve &&
      mount --bind /persist persist && mount --bind /persist/var/log var/log &&
      echo 'eve:x:992:992::/home/eve:/bin/sh' > etc/passwd && echo x > var/lib/forgejo/db && chown 992 var/lib/forgejo var/lib/forgejo/db &&
      mkdir -p .snapshots && ln -s ${host.oldRoot?.replace(/\/[^/]*$/, "")} .snapshots/old_roots && ln -s /var/lib/headscale var/lib/headscale`);
    const report = scan(host, "--root", "/mnt");
    assert.deepEqual([report.root.kind, report.root.ephemeral, report.oldRoot], ["tmpfs", true, null]);
    assert.equal(report.candidates.find((each) => each.path === "/var/lib/forgejo")?.user, "eve");
    assert.deepEqual(
      report.candidates
        .map((each) => each.path)
        .filter((each) => /headscale|^\/var\/log|^\/persist|bluetooth/.test(each)),
      [],
    );
    host.run("umount -R /mnt");
  });

  test("a plain file system gives an inventory, and nobody speaks of losing it", () => {
    makeLoopDevices(host);
    host.run(`truncate -s 64M /run/disk && PATH=$PATH:/sbin:/usr/sbin mkfs.ext4 -q /run/disk && mkdir -p /mnt && mount -o loop /run/disk /mnt &&
      mkdir -p /mnt/etc /mnt/var/lib/headscale && echo x > /mnt/var/lib/headscale/db.sqlite`);
    try {
      const report = scan(host, "--root", "/mnt");
      assert.deepEqual([report.root.kind, report.root.ephemeral, report.inventory], ["plain", false, true]);
      assert.equal(statusOf(report, "/var/lib/headscale"), "new");
      const { stdout } = tidemark(
        "scan",
        "juni",
        "--root",
        "/mnt",
        "--config",
        workspace.hostFile,
        "--ssh-config",
        host.sshConfigFile,
      );
      assert.match(stdout, /not wiped at boot/);
      assert.match(stdout, /inventory/);
      assert.doesNotMatch(stdout, /next reboot|would be lost|Nothing would/);
    } finally {
      host.run("umount -d /mnt && rm /run/disk");
    }
  });
});

/** This kernel has no zfs: the list of mounts and what \`zfs\` prints are recorded, all else is real. */
function pretendZfs(host: EphemeralHost, diff: string): void {
  host.run(`mkdir -p /run/proc/self && sed 's#^\\([^-]* / / .* - \\)[^ ]* [^ ]* #\\1zfs rpool/root #' /proc/self/mountinfo > /run/proc/self/mountinfo &&
    cp /proc/stat /run/proc/stat && ln -s ../../dev/fd /run/proc/self/fd
    cat > /run/wrappers/bin/zfs <<'END'
#!/bin/sh
case "$*" in
  "list -H -o name -t snapshot -d 1 -- rpool/root") printf 'rpool/root@2026-11-21\\nrpool/root@blank\\nrpool/root@start\\n' ;;
  "diff -FH rpool/root@blank rpool/root" | "diff -FH rpool/root@start rpool/root") ${diff} ;;
  *) exit 2 ;;
esac
END
    chmod 755 /run/wrappers/bin/zfs && mount --bind /run/proc /proc`);
}

describe("a zfs root that is rolled back", () => {
  const lines = [
    "M\t/\t/",
    "+\t/\t/var/lib/headscale",
    "+\tF\t/var/lib/headscale/db.sqlite",
    "M\tF\t/var/lib/forgejo/data/forgejo.db",
    "R\t/\t/elsewhere\t/bao-keys",
    "-\tF\t/var/lib/bluetooth/info",
    '+\tF\t/var/lib/say\\0040"${hello}"/state.db',
  ];
  const said = `cat <<'LINES'\n${lines.join("\n")}\nLINES\n`;

  onHost(
    { kind: "tmpfs", live: HOSTILE },
    "has what zfs diff tells of its blank snapshot, or of the one that is named",
    (host) => {
      pretendZfs(host, said);
      for (const [named, blank] of [
        [[], "blank"],
        [["--snapshots", "rpool/root@start"], "start"],
      ] as const) {
        const report = scan(host, ...named);
        assert.deepEqual([report.root.kind, report.oldRoot, report.blank], ["zfs", null, `rpool/root@${blank}`]);
        assert.equal(statusOf(report, "/var/lib/headscale"), "new");
        assert.equal(statusOf(report, "/var/lib/forgejo"), "changed");
        assert.equal(statusOf(report, "/bao-keys"), "new");
        assert.equal(statusOf(report, '/var/lib/say "${hello}"'), "new");
        // The same as in the snapshot: it comes back.
        assert.equal(statusOf(report, "/var/lib/postgresql"), undefined);
        assert.ok(report.candidates.every(({ status }) => status !== "lost"));
      }
    },
  );

  onHost({ kind: "tmpfs" }, "counts everything as new where zfs refuses, and says how to allow it", (host) => {
    pretendZfs(host, "echo 'Unable to obtain diffs: permission denied' >&2; exit 1");
    const report = scan(host);
    assert.deepEqual([report.blank, statusOf(report, "/var/lib/postgresql")], [null, "new"]);
    assert.match(report.notes.join("\n"), /permission denied.*zfs allow root diff rpool\/root/);
  });
});

describe("a host without the GNU tools", () => {
  onHost(
    { kind: "btrfs", tools: "busybox", live: HOSTILE },
    "is read all the same, and what is missing is said",
    (host) => {
      assert.match(host.run("find --help 2>&1"), /BusyBox/);
      const report = scan(host);
      assertCompared(report);
      assert.match(report.notes.join("\n"), /No GNU findutils.*1 name with a line break is left out/);
      const doctor = tidemark("doctor", "juni", "--ssh-config", host.sshConfigFile, "--json");
      assert.equal(doctor.code, 0, doctor.stdout + doctor.stderr);
      assert.match(doctor.stdout, /"name": "tools",\s+"state": "warning"/);
    },
  );
});
