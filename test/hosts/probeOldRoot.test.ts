import assert from "node:assert/strict";
import { chmodSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import type { ScanProgress } from "../../server/src/hosts/scanHost";
import { localConnection } from "./support/local";
import { recordedRoot, scan, statuses } from "./support/root";

const old = ".snapshots/old_roots/2026-11-21_09-30-00";

test("the root is compared with the newest old root", async (context) => {
  const root = recordedRoot(context, {
    [`.snapshots/old_roots/2026-11-20_23-00-00/var/older`]: "",
    [`.snapshots/old_roots/zzz/var/other`]: "",
    "etc/same": "contents",
    [`${old}/etc/same`]: "contents",
    "etc/same-size": "contents",
    [`${old}/etc/same-size`]: "CONTENTS",
    "etc/grown": "contents and more",
    [`${old}/etc/grown`]: "contents",
    "etc/mode": { text: "x", mode: 0o600 },
    [`${old}/etc/mode`]: { text: "x", mode: 0o644 },
    "etc/link": { link: "/nix/store/b" },
    [`${old}/etc/link`]: { link: "/nix/store/a" },
    "etc/same-link": { link: "/nix/store/a" },
    [`${old}/etc/same-link`]: { link: "/nix/store/a" },
    "etc/empty": "",
    [`${old}/etc/empty`]: "",
    "var/lib/new/file": "",
    [`${old}/var/lib/gone/file`]: { text: "12345", mode: 0o600 },
    "var/lib/became-file": "",
    [`${old}/var/lib/became-file/inner`]: "",
    // Mounted now, or never of interest: not lost.
    [`${old}/var/log/messages`]: "",
    [`${old}/nix/x`]: "",
    [`${old}/etc/machine-id`]: "",
  });
  const progress: ScanProgress[] = [];
  const result = await scan(localConnection(), root, { onProgress: (each) => progress.push(each) });
  assert.equal(result.oldRoot, `/${old}`);
  assert.deepEqual(result.oldRoots, [
    `/${old}`,
    "/.snapshots/old_roots/2026-11-20_23-00-00",
    "/.snapshots/old_roots/zzz",
  ]);
  // Whoever is not root is told so; nothing else is worth a note.
  assert.deepEqual(
    result.notes.filter((note) => !note.startsWith("Scanned as ")),
    [],
  );
  assert.deepEqual(statuses(result.tree), {
    "/etc": "regenerated",
    "/etc/empty": "regenerated",
    "/etc/group": "new",
    "/etc/grown": "changed",
    "/etc/link": "changed",
    "/etc/mode": "changed",
    "/etc/passwd": "new",
    "/etc/same": "regenerated",
    "/etc/same-link": "regenerated",
    "/etc/same-size": "changed",
    "/var": "regenerated",
    "/var/lib": "regenerated",
    "/var/lib/became-file": "changed",
    "/var/lib/became-file/inner": "lost",
    "/var/lib/gone": "lost",
    "/var/lib/gone/file": "lost",
    "/var/lib/new": "new",
    "/var/lib/new/file": "new",
  });
  const lost = result.tree.find("/var/lib/gone/file") ?? -1;
  assert.deepEqual([result.tree.bytes(lost), result.tree.mode(lost)], [5, "0600"]);
  assert.equal(result.tree.type(result.tree.find("/var/lib/became-file") ?? -1), "file");
  assert.equal(progress.at(-1)?.phase, "comparing");
});

test("contents and digests stay on the host", async (context) => {
  const secret = "a secret of this very test";
  const root = recordedRoot(context, { "etc/key": secret, [`${old}/etc/key`]: secret });
  let output = "";
  const { tree } = await scan(
    localConnection({
      tamper: (chunk) => {
        output += chunk.toString("latin1");
        return chunk;
      },
    }),
    root,
  );
  assert.equal(tree.status(tree.find("/etc/key") ?? -1), "regenerated");
  assert.match(output, /\.\/etc\/key/);
  assert.ok(!output.includes(secret));
  assert.ok(!/[0-9a-f]{64}/.test(output));
});

test("a list longer than a shell reads ahead, and than one batch, is compared whole", async (context) => {
  const files: Record<string, string> = {};
  for (let index = 0; index < 2500; index += 1) {
    const name = `var/lib/service/${"x".repeat(60)}${index}`;
    files[name] = `content ${index}`;
    files[`${old}/${name}`] = index % 100 === 7 ? `CONTENT ${index}` : `content ${index}`;
  }
  const result = await scan(localConnection(), recordedRoot(context, files));
  const counts: Record<string, number> = {};
  for (const status of Object.values(statuses(result.tree))) counts[status] = (counts[status] ?? 0) + 1;
  assert.deepEqual(counts, { regenerated: 2475 + 3, changed: 25, new: 3 });
});

test("a file that cannot be compared counts as changed", async (context) => {
  const root = recordedRoot(context, {
    "etc/key": "12",
    [`${old}/etc/key`]: "12",
    "etc/key2": "12",
    [`${old}/etc/key2`]: "12",
  });
  const asRoot = process.getuid?.() === 0;
  for (const base of [root, path.join(root, old)]) chmodSync(path.join(base, "etc/key"), 0);
  const { tree } = await scan(localConnection(asRoot ? { uid: 65_534, gid: 65_534 } : {}), root);
  assert.equal(tree.status(tree.find("/etc/key") ?? -1), "changed");
  assert.equal(tree.status(tree.find("/etc/key2") ?? -1), "regenerated");
  assert.equal(asRoot ? readFileSync(path.join(root, "etc/key"), "utf8") : "12", "12");
});

test("a place for old roots that is asked for and has none is said, with the folder that was meant", async (context) => {
  const root = recordedRoot(context, { [`${old}/etc/x`]: "", "etc/x": "", "srv/roots/old_roots/20261120/etc/x": "" });
  const told = async (snapshots: string) => {
    const result = await scan(localConnection(), root, { snapshots });
    assert.equal(result.oldRoot, null);
    assert.equal(result.tree.find("/.snapshots"), null, "older roots are no part of the root");
    return result.notes.filter((note) => /older root/.test(note)).join("\n");
  };
  const none = (folder: string) => `There is no older root in ${folder}, so everything counts as new. `;
  const there = `There are some in ${root}/.snapshots/old_roots: name that folder.`;
  for (const folder of ["/elsewhere/old", `${root}/.snapshots`, path.join(root, old)])
    assert.equal(await told(folder), none(folder) + there);
  const above = `${root}/srv/roots`;
  assert.equal(await told(above), `${none(above)}There are some in ${above}/old_roots: name that folder.`);
});

test("where nothing is found, an older root that is named itself is known by what is in it", async (context) => {
  const root = recordedRoot(context, { "srv/first/etc/x": "", "srv/empty/": "" });
  const told = async (snapshots: string) =>
    (await scan(localConnection(), root, { snapshots })).notes.filter((note) => /older root/.test(note));
  assert.match((await told(`${root}/srv/first`)).join("\n"), /in .*\/srv\/first, .* a root itself: name the folder/);
  assert.match((await told(`${root}/srv/empty`)).join("\n"), /in .*\/srv\/empty, .*Check the setting/);
});
