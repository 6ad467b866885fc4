import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { shellWord } from "../../server/src/hosts/probeQuote";
import { localConnection } from "./support/local";
import { mountinfo, recordedRoot, scan, statuses, temporaryFolder, write } from "./support/root";

test("thousands of mounts, as on a host full of containers, are all left out", async (context) => {
  const overlay = (index: number) =>
    `var/lib/containers/storage/overlay/${"0123456789abcdef".repeat(4)}${index}/merged`;
  const lines: string[] = [];
  const files: Record<string, string> = {};
  for (let index = 0; index < 3000; index += 1) {
    lines.push(`${100 + index} 22 0:${100 + index} / /${overlay(index)} rw - overlay overlay rw\n`);
    if (index % 500 === 0) files[`${overlay(index)}/inner/file`] = "";
  }
  const root = recordedRoot(context, {
    ...files,
    "var/lib/kept": "",
    "proc/self/mountinfo": mountinfo + lines.join(""),
  });
  const log: string[] = [];
  const result = await scan(localConnection(), root, { log: (line) => log.push(line) });
  const found = Object.keys(statuses(result.tree));
  assert.ok(found.includes("/var/lib/kept"));
  assert.equal(found.filter((each) => each.includes("overlay/")).length, 6);
  assert.ok(!found.some((each) => each.includes("merged")));
  // The host itself leaves them out; nothing below them crosses the wire.
  assert.ok(Number(/walk: (\d+) bytes/.exec(log.join("\n"))?.[1]) < 2500, log.join("\n"));
});

test("bcachefs: subvolumes mounted by X-mount.subdir have one device number, and are told apart all the same", async (context) => {
  const juni = [
    "/@root /",
    "/@nix /nix",
    "/@persist /persist",
    "/@snapshots /.snapshots",
    "/@persist/var/log /var/log",
  ];
  const lines = juni.map((each, at) => {
    const [root, point] = each.split(" ");
    return `${30 + at} 1 0:30 ${root} ${point} rw,relatime shared:1 - bcachefs /dev/sda2:/dev/sdb:/dev/nvme0n1p3 rw,metadata_replicas=2\n`;
  });
  const old = ".snapshots/old_roots/2026-11-21_09-30-00";
  const root = recordedRoot(context, {
    "proc/self/mountinfo": lines.join(""),
    "var/lib/forgejo/db": "1",
    "var/log/messages": "",
    "persist/var/log/messages": "",
    [`${old}/var/lib/bluetooth/info`]: "",
    [`${old}/var/log/messages`]: "",
  });
  const result = await scan(localConnection(), root);
  assert.deepEqual(
    [result.root.kind, result.root.subvolume, result.root.source, result.oldRoot],
    ["bcachefs", "/@root", "/dev/sda2:/dev/sdb:/dev/nvme0n1p3", `/${old}`],
  );
  const found = statuses(result.tree);
  assert.deepEqual([found["/var/lib/forgejo"], found["/var/lib/bluetooth/info"]], ["new", "lost"]);
  assert.ok(
    !Object.keys(found).some((each) => /^\/(persist|nix|var\/log|\.snapshots)/.test(each) && each !== "/.snapshots"),
  );
});

test("/boot is left out where it is a partition of its own", async (context) => {
  const root = recordedRoot(context, {
    "boot/keyfile": "",
    "proc/self/mountinfo": `${mountinfo}30 22 8:1 / /boot rw - vfat /dev/sda1 rw\n`,
  });
  const { tree } = await scan(localConnection(), root);
  assert.equal(tree.find("/boot"), null);
});

const mayMount =
  spawnSync("unshare", ["--mount", "--propagation", "private", "mount", "--bind", "/etc", "/mnt"]).status === 0;

test("real bind mounts from the same file system are not entered", {
  skip: !mayMount && "needs to be root and allowed to mount",
}, async (context) => {
  const root = temporaryFolder(context);
  write(root, {
    "etc/passwd": "root:x:0:0::/root:\n",
    "storage/var/state/file": "",
    "storage/key": "",
    "var/state/shadowed": "",
    "var/key": "",
    "var/key2": "",
  });
  // Each run of the shell gets a view of the mounts of its own, so nothing stays mounted after the test.
  const binds = [
    ["storage/var/state", "var/state"],
    ["storage/key", "var/key"],
  ]
    .map((pair) => `mount --bind ${pair.map((each) => shellWord(path.join(root, each))).join(" ")}`)
    .join(" && ");
  const shell = path.join(temporaryFolder(context), "shell");
  writeFileSync(
    shell,
    `#!/bin/sh\nexport COMMAND="$2"\nexec unshare --mount --propagation private /bin/sh -c ${shellWord(`${binds} && eval "$COMMAND"`)}\n`,
  );
  chmodSync(shell, 0o755);
  const result = await scan(localConnection({ shell: [shell] }), root);
  assert.deepEqual(
    result.mounts.map((mount) => mount.mountPoint),
    ["/", "/var/state", "/var/key"],
  );
  const state = result.mounts[1];
  assert.equal(state?.device, result.mounts[0]?.device);
  assert.ok(state?.root.endsWith("/storage/var/state"));
  const found = Object.keys(statuses(result.tree));
  assert.deepEqual(
    found.filter((each) => each.startsWith("/var")),
    ["/var", "/var/key2"],
  );
  assert.ok(found.includes("/storage/var/state/file"));
});
