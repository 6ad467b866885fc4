import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import type { ScanProgress } from "../../server/src/hosts/scanHost";
import { localConnection } from "./support/local";
import { bootTime, recordedRoot, scan, statuses, write } from "./support/root";

test("a recorded root is read as if it ran", async (context) => {
  const root = recordedRoot(context, {
    "var/lib/forgejo/app.ini": { text: "secret", mode: 0o640 },
    "etc/static": { link: "/etc/hosts" },
    "home/josh/": "",
    "nix/store/x": "",
    "run/user": "",
    "tmp/x": "",
    "boot/keyfile_nvme0n1p1": "",
    "persist/var/log/messages": "",
    "var/log/messages": "",
  });
  utimesSync(path.join(root, "var/lib/forgejo/app.ini"), 1_700_000_000, 1_700_000_000);
  const progress: ScanProgress[] = [];
  const result = await scan(localConnection(), root, { onProgress: (each) => progress.push(each) });

  assert.deepEqual(result.root, {
    kind: "btrfs",
    source: "/dev/sda2",
    fsType: "btrfs",
    subvolume: "/@root",
    // The times of the folder say nothing about the root that was recorded.
    ephemeral: null,
  });
  assert.equal(result.bootTime, bootTime);
  assert.deepEqual(
    result.users.map((user) => [user.name, user.uid, user.home]),
    [
      ["root", 0, "/root"],
      ["josh", 1000, "/home/josh"],
      ["nobody", 65_534, "/var/empty"],
    ],
  );
  assert.equal(result.groups.get(100), "users");
  assert.deepEqual(Object.keys(statuses(result.tree)), [
    "/boot",
    "/boot/keyfile_nvme0n1p1",
    "/etc",
    "/etc/group",
    "/etc/passwd",
    "/etc/static",
    "/home",
    "/home/josh",
    "/var",
    "/var/lib",
    "/var/lib/forgejo",
    "/var/lib/forgejo/app.ini",
  ]);
  assert.ok(Object.values(statuses(result.tree)).every((status) => status === "new"));
  assert.deepEqual([result.oldRoot, result.unread, result.host], [null, [], "test"]);
  const file = result.tree.find("/var/lib/forgejo/app.ini") ?? -1;
  assert.deepEqual(
    [result.tree.bytes(file), result.tree.mode(file), result.tree.mtime(file), result.tree.uid(file)],
    [6, "0640", 1_700_000_000, lstatSync(path.join(root, "etc/passwd")).uid],
  );
  assert.equal(result.tree.target(result.tree.find("/etc/static") ?? -1), "/etc/hosts");
  assert.deepEqual(progress[0], { paths: 0, phase: "reading" });
});

test("a recorded root may tell when its folders were made", async (context) => {
  const made = (when: number) => recordedRoot(context, { "proc/births": `${when} ${when} .\n${when} ${when} etc\n` });
  const ephemeral = async (root: string) => (await scan(localConnection(), root)).root.ephemeral;
  assert.equal(await ephemeral(made(bootTime + 5)), true);
  assert.equal(await ephemeral(made(bootTime - 7_000_000)), null);
});

test("a first look has the first levels of the folders that were asked for, and not all the rest", async (context) => {
  const deep = "srv/a/b/c/d/e/f/g";
  const root = recordedRoot(context, { "var/lib/forgejo/data/x/y": "", "home/josh/.config/app/z": "", [deep]: "" });
  const looks: { readonly shared: boolean; readonly all: boolean; readonly users: number }[] = [];
  const asked: string[] = [];
  const result = await scan(localConnection(), root, {
    walks: 1,
    firstLook: {
      holds(folder, users) {
        asked.push(folder);
        return folder !== "/srv" && users.length > 0;
      },
      onRead: ({ tree, users }) =>
        looks.push({
          shared: ["/etc/passwd", "/var/lib/forgejo", "/home/josh/.config/app"].every(
            (each) => tree.find(each) !== null,
          ),
          all: tree.find(`/${deep}`) !== null,
          users: users.length,
        }),
    },
  });
  assert.deepEqual(asked.sort(), ["/etc", "/home", "/srv", "/var"]);
  assert.deepEqual(looks, [{ shared: true, all: false, users: 3 }]);
  assert.notEqual(result.tree.find(`/${deep}`), null);
});

test("mounts are told by device and root, and nothing in or below them is shown", async (context) => {
  const odd = "srv/od d\\(x)*\ny";
  const root = recordedRoot(context, {
    "etc/machine-id": "0123",
    "etc/machine-id.bak": "0123",
    [`${odd}/hidden`]: "",
    "srv/od d\\(x)*": "kept",
    "srv/od dd": "kept",
    "persist-not/x": "kept",
    ".snapshots/x": "",
  });
  const result = await scan(localConnection(), root);
  assert.deepEqual(
    Object.keys(statuses(result.tree)).filter((each) => !/^\/etc\/(group|passwd)$/.test(each)),
    ["/etc", "/etc/machine-id.bak", "/persist-not", "/persist-not/x", "/srv", "/srv/od d\\(x)*", "/srv/od dd"],
  );
  const log = result.mounts.find((mount) => mount.mountPoint === "/var/log");
  assert.deepEqual(log, {
    mountPoint: "/var/log",
    root: "/@persist/var/log",
    fsType: "btrfs",
    source: "/dev/sda2",
    device: "0:30",
  });
  assert.ok(result.mounts.some((mount) => mount.mountPoint === `/${odd}`));
  assert.equal(result.mounts[0]?.mountPoint, "/");
});

const hostile = [
  "new\nline",
  "quote'\"`",
  "${HOME}",
  "$(touch pwned)",
  "-rf",
  "--",
  "-",
  "back\\slash\\012",
  " leading and trailing ",
  "tab\t\r\u0007",
  "*?[a]",
  "n".repeat(255),
  "ünï\u{1f600}",
  "...",
  ".end:0",
  "#1",
  "!d1 0 0 0 0 755 x",
];

test("hostile names arrive as they are, also from an old root whose contents are compared", async (context) => {
  const root = recordedRoot(context);
  const bad = Buffer.concat([Buffer.from("bad"), Buffer.from([0xff, 0xfe, 0xc3])]);
  for (const base of ["", ".snapshots/old_roots/2026-11-21_09-30-00"]) {
    const folder = path.join(root, base, "var");
    mkdirSync(folder, { recursive: true });
    for (const name of hostile) writeFileSync(path.join(folder, name), "same");
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), bad]), "same");
    writeFileSync(path.join(root, base, "-"), base);
  }
  const { tree } = await scan(localConnection(), root);
  const folder = tree.find("/var") ?? -1;
  const names = [...tree.children(folder)].map((node) => tree.name(node));
  assert.deepEqual(new Set(names), new Set([...hostile, bad.toString("utf8")]));
  for (const node of tree.children(folder)) {
    assert.equal(tree.status(node), "regenerated", tree.name(node));
    assert.equal(tree.validUtf8(node), tree.name(node) !== bad.toString("utf8"));
  }
  assert.equal(tree.status(tree.find("/-") ?? -1), "changed");
  assert.ok(!readdirSync(root).includes("pwned") && !readdirSync(".").includes("pwned"));
});

test("paths given to the probe are words, never script", async (context) => {
  const parent = recordedRoot(context);
  const name = 'it\'s $(touch pwned) `touch pwned`\n; \\ "x" é';
  const old = "o'l\nd $(touch pwned)/r";
  const root = path.join(parent, name);
  write(root, {
    "etc/passwd": "root:x:0:0::/root:\n",
    "a/b": "1",
    [`${old}/b c'd/a/b`]: "1",
    [`${old}/b c'd/etc/`]: "",
  });
  const result = await scan(localConnection(), root, { snapshots: path.join(root, old) });
  assert.equal(result.oldRoot, `/${old}/b c'd`);
  assert.equal(statuses(result.tree)["/a/b"], "regenerated");
  assert.equal(result.tree.find(`/${old}`), null);
  assert.equal(result.users.length, 1);
});

test("a root without recorded files has the mounts of this machine below it", async (context) => {
  const parent = recordedRoot(context);
  const root = path.join(parent, "etc");
  const result = await scan(localConnection(), root);
  assert.notEqual(result.root.kind, "btrfs");
  assert.equal(result.mounts[0]?.mountPoint, "/");
  assert.ok(result.mounts[0]?.root.endsWith(root) || result.root.kind === "tmpfs");
  assert.deepEqual(Object.keys(statuses(result.tree)), ["/group", "/passwd"]);
  assert.notEqual(result.bootTime, bootTime);
});

test("links do not lead out of the root", async (context) => {
  const outside = recordedRoot(context, { "old_roots/2026-11-21_09-30-00/x": "" });
  const root = recordedRoot(context, {
    "var/lib": { link: outside },
    ".snapshots": { link: outside },
    "usr/": "",
  });
  const inner = path.join(root, "inner");
  write(inner, { proc: { link: path.join(outside, "proc") }, etc: { link: path.join(outside, "etc") }, file: "" });

  const first = await scan(localConnection(), root);
  assert.equal(first.oldRoot, null);
  assert.equal(first.tree.type(first.tree.find("/var/lib") ?? -1), "symlink");
  assert.equal(first.tree.find("/var/lib/etc"), null);
  const second = await scan(localConnection(), inner);
  assert.deepEqual([second.users, second.groups.size], [[], 0]);
  assert.notEqual(second.bootTime, bootTime);
});

test("a scan reads only", async (context) => {
  const old = ".snapshots/old_roots/2026-11-21_09-30-00";
  const root = recordedRoot(context, {
    "var/lib/a": "one",
    "var/lib/b": "two",
    [`${old}/var/lib/a`]: "one",
    [`${old}/var/lib/b`]: "owt",
    [`${old}/var/lib/link`]: { link: "x" },
  });
  const before = fingerprint(root);
  const { tree } = await scan(localConnection(), root);
  assert.deepEqual(fingerprint(root), before);
  assert.equal(tree.status(tree.find("/var/lib/b") ?? -1), "changed");
});

/** Names, contents, and times to the nanosecond of everything below `folder`. */
function fingerprint(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of ["", ...readdirSync(folder, { recursive: true, encoding: "utf8" })]) {
    const at = path.join(folder, name);
    const stat = lstatSync(at, { bigint: true });
    const content = stat.isFile() ? readFileSync(at) : stat.isSymbolicLink() ? readlinkSync(at) : "";
    const digest = createHash("sha256").update(content).digest("hex");
    found[name] = [stat.mode, stat.uid, stat.gid, stat.size, stat.mtimeNs, stat.ctimeNs, digest].join(" ");
  }
  return found;
}
