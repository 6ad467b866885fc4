/** Roots of hosts as a scan sees them, written as short lines. */
import type { HostScan, HostUser, Mount, ScanReport } from "../../../server/src/hosts/model";
import { buildTree, type TreeRecord } from "../../../server/src/hosts/tree";
import type { Coverage } from "../../../server/src/persistence/coverage";

export const boot = 1_763_800_000;

const accounts: readonly (readonly [string, number, string])[] = [
  ["root", 0, "/root"],
  ["josh", 1000, "/home/josh"],
  ["headscale", 990, "/var/lib/headscale"],
  ["forgejo", 991, "/var/lib/forgejo"],
  ["postgres", 71, "/var/lib/postgresql"],
  ["vaultwarden", 992, "/var/empty"],
  ["trilium", 993, "/var/lib/trilium"],
  ["dnsmasq", 994, "/var/lib/dnsmasq"],
  ["nixbld1", 30_001, "/var/empty"],
  ["nobody", 65_534, "/var/empty"],
];
export const users: readonly HostUser[] = accounts.map(([name, uid, home]) => ({ name, uid, gid: uid, home }));

/**
 * One line for each path: `[status ]path[ -> target][ @owner][ size][ mode]`; a path that ends in `/` is a folder.
 * Types other than these are given by a leading `s:` (socket) or `p:` (pipe).
 */
export function records(lines: string): TreeRecord[] {
  return lines
    .trim()
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line): TreeRecord => {
      const words = line.trim().split(/\s+/);
      const status = (["new", "changed", "regenerated", "lost"] as const).find((each) => each === words[0]);
      if (status !== undefined) words.shift();
      let path = words.shift() ?? "";
      const special = path.startsWith("s:") ? "socket" : path.startsWith("p:") ? "fifo" : null;
      if (special !== null) path = path.slice(2);
      const arrow = words.indexOf("->");
      const target = arrow === -1 ? null : (words[arrow + 1] ?? "");
      const owner = words.find((word) => word.startsWith("@"))?.slice(1);
      const uid = users.find((user) => user.name === owner)?.uid ?? Number(owner ?? 0);
      const mode = words.find((word) => /^0[0-7]{3}$/.test(word));
      const size = words.find((word) => /^[1-9]\d*$/.test(word));
      const type = special ?? (target !== null ? "symlink" : path.endsWith("/") ? "directory" : "file");
      return {
        path: path.replace(/(?<=.)\/$/, ""),
        type,
        target,
        uid,
        gid: uid,
        size: type === "directory" ? 0 : Number(size ?? 10),
        mtime: boot + 100,
        ...(status === undefined ? {} : { status }),
        ...(mode === undefined ? {} : { mode }),
      };
    });
}

export function scanOf(lines: string | readonly TreeRecord[], more: Partial<HostScan> = {}): HostScan {
  return {
    host: "juni",
    name: "juni",
    root: { kind: "btrfs", source: "/dev/sda2", fsType: "btrfs", subvolume: "/@root", ephemeral: true },
    bootTime: boot,
    mounts: [mount("/"), mount("/nix"), mount("/persist"), mount("/boot", "vfat"), mount("/run", "tmpfs")],
    ephemeralMounts: [],
    users,
    groups: new Map(users.map((user) => [user.gid, user.name])),
    tree: buildTree(typeof lines === "string" ? records(lines) : lines),
    oldRoot: null,
    oldRoots: [],
    blank: null,
    unread: [],
    notes: [],
    deployed: null,
    ...more,
  };
}

export function mount(mountPoint: string, fsType = "btrfs"): Mount {
  return { mountPoint, root: "/", fsType, source: "/dev/sda2", device: "0:30" };
}

export function coverage(directories: readonly string[] = [], files: readonly string[] = []): Coverage {
  return { directories: new Set(directories), files: new Set(files), storages: new Set(["/persist"]) };
}

/** The candidates as `verdict path` lines, in their order. */
export function outline(report: ScanReport): string[] {
  return report.candidates.map((candidate) => {
    const slash = candidate.kind === "directory" ? "/" : "";
    const status = candidate.status === "new" ? "" : ` (${candidate.status})`;
    return `${candidate.verdict} ${candidate.path}${slash}${status}`;
  });
}

/** What NixOS and systemd make on every root: nothing here is worth keeping. */
export const activation = `
/bin/sh -> /nix/store/a-bash/bin/sh
/usr/bin/env -> /nix/store/a-coreutils/bin/env
/lib64/ld-linux-x86-64.so.2 -> /nix/store/a-ld/lib/ld.so
/etc/static -> /nix/store/a-etc/etc
/etc/fstab -> /etc/static/fstab
/etc/nix/nix.conf -> /etc/static/nix/nix.conf
/etc/ssh/sshd_config -> /etc/static/ssh/sshd_config
/etc/ssh/authorized_keys.d/josh 0444
/etc/systemd/system -> /etc/static/systemd/system
/etc/pam.d/login -> /etc/static/pam.d/login
/etc/passwd 900
/etc/passwd- 900
/etc/group 900
/etc/shadow 900 0640
/etc/subuid
/etc/subgid
/etc/sudoers 0440
/etc/.clean
/etc/.updated
/etc/.pwd.lock 0600
/etc/NIXOS
/etc/resolv.conf
/etc/hostname -> /etc/static/hostname
/etc/mtab -> /proc/mounts
/etc/localtime -> /etc/zoneinfo/Europe/Berlin
/etc/credstore/
/var/.updated
/var/empty/
/var/run -> /run
/var/lock -> /run/lock
/var/lib/logrotate.status
/var/lib/systemd/catalog/database 500000
/var/lib/systemd/ephemeral-trees/
/var/lib/dbus/machine-id -> /etc/machine-id
/var/lib/portables/
/var/lib/machines/
/var/cache/ldconfig/aux-cache
/var/tmp/systemd-private-1/tmp/x
/var/spool/cron/
/root/.nix-channels
/root/.nix-defexpr/channels -> /nix/var/nix/profiles/per-user/root/channels
/root/.cache/nix/eval.sqlite 4000
/tmp/x/y
/srv/
/home/
/nix/store/a
/persist/x
`;
