// Hosts without the GNU tools: what they tell is the same as what GNU find tells, as far as they can.
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type TestContext, test } from "node:test";
import type { HostScan } from "../../server/src/hosts/model";
import { localConnection } from "./support/local";
import { recordedRoot, scan, statuses, temporaryFolder } from "./support/root";
import { busybox, busyboxPath, posixPath, toolsWithout } from "./support/tools";

const asRoot = process.getuid?.() === 0;
const someone = asRoot ? { uid: 65_534, gid: 65_534 } : {};
const old = ".snapshots/old_roots/2026-11-21_09-30-00";
const kinds = [
  ["busybox", busyboxPath, busybox === undefined && "busybox is not installed"],
  ["only what POSIX has", (context: TestContext) => posixPath(context), false],
] as const;

const hostile = [
  "quote'\"`",
  "${HOME}",
  "$(touch pwned)",
  "-rf",
  "--",
  "back\\slash\\012",
  " leading and trailing ",
  "tab\t\r\u0007",
  "*?[a]",
  "n".repeat(255),
  "ünï\u{1f600}",
  "...",
  "arrow -> arrow",
  "81a4 5 1 0 0 .",
];

function hostileRoot(context: TestContext): string {
  const root = recordedRoot(context, {
    "var/lib/forgejo/app.ini": { text: "secret", mode: 0o640 },
    "var/lib/sticky": { text: "x", mode: 0o4755 },
    "var/log/messages": "",
    "srv/od d\\(x)*": "kept",
    [`${old}/etc/gone`]: "1",
    [`${old}/etc/same`]: "1",
    "etc/same": "1",
    [`${old}/etc/other`]: "1",
    "etc/other": "2",
  });
  for (const base of ["", old]) {
    const folder = path.join(root, base, "home");
    mkdirSync(folder, { recursive: true });
    for (const name of hostile) {
      writeFileSync(path.join(folder, name), "same");
      symlinkSync(`to ${name}`.slice(0, 255), path.join(folder, `link ${name}`.slice(0, 255)));
    }
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/bad`), Buffer.from([0xff, 0xfe])]), "same");
    symlinkSync("line\nbreak' -> 'x", path.join(folder, "breaks"));
    symlinkSync(
      "x\n-rw-r--r-- 1 0 0 5 Nov 21 09:30 ./etc/forged\n81a4 5 1 0 0 ./etc/forged",
      path.join(folder, "forges"),
    );
    mkdirSync(path.join(folder, "with\nbreak"));
    writeFileSync(path.join(folder, "with\nbreak/inner"), "");
    writeFileSync(path.join(folder, "81a4 5 1 0 0 x\n81a4 5 1 0 0 ."), "");
  }
  return root;
}

/** Everything that is told of a path, but for times finer than a minute. */
function told({ tree }: HostScan): Record<string, string> {
  return Object.fromEntries(
    Object.entries(statuses(tree)).map(([at, status]) => {
      const node = tree.find(at) ?? -1;
      const minute = Math.floor(tree.mtime(node) / 60);
      const size = tree.bytes(node);
      return [
        at,
        [
          status,
          tree.type(node),
          size,
          tree.uid(node),
          tree.gid(node),
          tree.mode(node),
          minute,
          tree.target(node),
        ].join(" "),
      ];
    }),
  );
}

test("a link whose name has an arrow and whose target has line breaks hides no other path", async (context) => {
  const target = "x\n -> y\n-rw-r--r-- 1 0 0 5 Nov 21 09:30 ./etc/forged";
  const root = recordedRoot(context, {
    "home/a -> b": { link: target },
    "home/c -> d/link": { link: target },
    "home/plain": { link: target },
    "home/one -> line": { link: "x -> y" },
  });
  const { tree, notes } = await scan(localConnection({ env: { PATH: posixPath(context) } }), root);
  assert.deepEqual(
    ["/home/a -> b", "/home/c -> d/link", "/etc/forged"].map((at) => tree.find(at)),
    [null, null, null],
  );
  const targets = ["/home/plain", "/home/one -> line"].map((at) => tree.target(tree.find(at) ?? tree.root));
  assert.deepEqual(targets, [target, "x -> y"]);
  assert.match(notes.join("\n"), /2 names with a line break are left out/);
});

for (const [name, pathOf, skip] of kinds) {
  test(`${name}: tells the same as the GNU tools, but for names with a line break`, { skip }, async (context) => {
    const root = hostileRoot(context);
    const plain = await scan(localConnection({ env: { PATH: pathOf(context) } }), root);
    const gnu = told(await scan(localConnection(), root));
    const expected = Object.entries(gnu).filter(([at]) => !at.includes("\n"));
    assert.ok(Object.keys(gnu).length > expected.length);
    assert.deepEqual(told(plain), Object.fromEntries(expected));
    assert.equal(plain.tree.find("/etc/forged"), null);
    const notes = plain.notes.join("\n");
    // In each root a folder and a file.
    assert.match(notes, /No GNU findutils and coreutils there .* slower, and .*4 names with a line break are left out/);
    assert.equal(plain.oldRoot, `/${old}`);
  });

  test(`${name}: lists what may not be read, whatever the old root has there`, { skip }, async (context) => {
    const root = recordedRoot(context, {
      "var/lib/closed/inner": "",
      "var/lib/open/inner": "",
      [`${old}/var/lib/closed/inner`]: "",
    });
    chmodSync(path.join(root, "var/lib/closed"), asRoot ? 0o700 : 0);
    const result = await scan(localConnection({ ...someone, env: { PATH: pathOf(context) } }), root).finally(() =>
      chmodSync(path.join(root, "var/lib/closed"), 0o755),
    );
    assert.deepEqual(result.unread, ["/var/lib/closed"]);
    assert.equal(result.tree.find("/var/lib/closed/inner"), null);
    assert.ok(result.tree.find("/var/lib/open/inner") !== null);
    assert.ok(!result.notes.some((note) => note.startsWith("Some paths")), result.notes.join("\n"));
  });
}

test("without cmp nothing is compared, and that is said", async (context) => {
  const root = recordedRoot(context, { "etc/x": "1", [`${old}/etc/x`]: "1" });
  const PATH = toolsWithout(temporaryFolder(context), ["sort"], ["date", "ls"]);
  const result = await scan(localConnection({ env: { PATH } }), root);
  assert.deepEqual([result.oldRoot, result.oldRoots, statuses(result.tree)["/etc/x"]], [null, [], "new"]);
  assert.match(result.notes.join("\n"), /nothing is compared with an older root, for want of cmp/);
  assert.equal(result.tree.find(`/${old}`), null);
});
