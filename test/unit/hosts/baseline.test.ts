import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { BaselineError, decodeBaseline, encodeBaseline } from "../../../server/src/hosts/baseline";
import { compareScans } from "../../../server/src/scan/compareScans";
import { keepBaseline, keptBaseline } from "../../../server/src/service/baselines";
import { scanOf } from "../scan/roots";

const scan = scanOf(
  `
/etc/passwd 900
/var/lib/forgejo/ @forgejo 0750
/var/lib/forgejo/data/forgejo.db @forgejo 5000
/home/josh/.link -> /persist/a
s:/run/x.sock
p:/run/pipe
lost /var/lib/gone/x 5
/var/lib/-\u{1f600}ä 3 0600
`,
  { prefix: "/mnt", ephemeralMounts: ["/home"], notes: ["note"], name: "juni" },
);

test("a baseline brings back the live paths of a scan", async () => {
  const bytes = await encodeBaseline(scan, 1_800_000_000);
  const { takenAt, scan: back } = await decodeBaseline(bytes);
  assert.equal(takenAt, 1_800_000_000);
  const { rebooted, changes } = compareScans(back, scan);
  assert.deepEqual([rebooted, changes], [false, []]);
  assert.deepEqual(compareScans(scan, back).changes, []);
  assert.deepEqual(
    [back.host, back.name, back.prefix, back.root, back.bootTime, back.mounts, back.ephemeralMounts],
    [scan.host, scan.name, scan.prefix, scan.root, scan.bootTime, scan.mounts, scan.ephemeralMounts],
  );
  assert.equal(back.tree.find("/var/lib/gone"), null);
  assert.equal(back.tree.target(back.tree.find("/home/josh/.link") ?? -1), "/persist/a");
  assert.equal(back.tree.type(back.tree.find("/run/pipe") ?? -1), "fifo");
});

test("folders that could not be read stay so", async () => {
  const before = scanOf([
    { path: "/root", type: "directory", mode: "0700", unread: true },
    { path: "/end", size: 1 },
    { path: "/end 2", size: 1 },
  ]);
  const { scan: back } = await decodeBaseline(await encodeBaseline(before, 1));
  assert.deepEqual(back.unread, ["/root"]);
  assert.ok(back.tree.unread(back.tree.find("/root") ?? -1));
  assert.deepEqual(compareScans(back, before).changes, []);
});

const rejected = async (bytes: Uint8Array, words: RegExp) =>
  assert.rejects(decodeBaseline(bytes), (error) => error instanceof BaselineError && words.test(error.message));

test("what is damaged, cut, of another version or no baseline at all is refused", async () => {
  const bytes = await encodeBaseline(scan, 1);
  const plain = gunzipSync(bytes);
  const changed = (change: (text: string) => string) =>
    gzipSync(Buffer.from(change(plain.toString("latin1")), "latin1"));
  await rejected(new Uint8Array(0), /./);
  await rejected(Buffer.from("hello"), /damaged/);
  await rejected(bytes.subarray(0, bytes.length - 20), /damaged/);
  await rejected(gzipSync(plain.subarray(0, plain.length - 9)), /missing/);
  await rejected(
    changed((text) => text.replace('"tidemark":2', '"tidemark":1')),
    /another version/,
  );
  await rejected(
    changed((text) => text.replace(/^\{/, "[")),
    /no baseline/,
  );
  await rejected(
    changed((text) => text.replace('"mounts":[', '"mounts":7,"x":[')),
    /header/,
  );
  await rejected(
    changed((text) => text.replace('"kind":"btrfs"', '"kind":"ntfs"')),
    /header/,
  );
  await rejected(
    changed((text) => text.replace("forgejo.db", "../passwd")),
    /broken record/,
  );
  await rejected(
    changed((text) => text.replace(/(\0f.* )(var\/lib\/)/, "$1$2not-there/")),
    /broken record/,
  );
  await rejected(
    changed((text) => text.replace(/end \d+/, "end 3")),
    /missing/,
  );
  await rejected(
    changed((text) => `${text}f0 0 0 0 644 x\0`),
    /follows/,
  );
  await rejected(gzipSync(Buffer.alloc(20 << 20, 0x61)), /too long/);
});

test("no damage goes further than a refusal", async () => {
  const plain = gunzipSync(await encodeBaseline(scan, 1));
  let seed = 11;
  for (let round = 0; round < 400; round += 1) {
    const copy = Buffer.from(plain);
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    copy[seed % copy.length] = (seed >> 8) & 0xff;
    await decodeBaseline(gzipSync(copy)).catch((error: unknown) =>
      assert.ok(error instanceof BaselineError, String(error)),
    );
  }
});

test("one is kept for each host, for the user alone", async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "tidemark-baseline-"));
  try {
    assert.equal(await keptBaseline(folder, "juni"), null);
    await keepBaseline(folder, scan, 5);
    await keepBaseline(folder, scan, 6);
    const odd = "../../x\n y";
    await keepBaseline(folder, { ...scan, host: odd }, 7);
    assert.equal((await keptBaseline(folder, "juni"))?.takenAt, 6);
    assert.equal((await keptBaseline(folder, odd))?.takenAt, 7);
    const kept = path.join(folder, "baselines");
    const names = readdirSync(kept);
    assert.deepEqual(readdirSync(folder), ["baselines"]);
    assert.equal(names.length, 2);
    for (const name of names) assert.equal(statSync(path.join(kept, name)).mode & 0o777, 0o600);
    assert.equal(statSync(kept).mode & 0o777, 0o700);
    for (const name of names) writeFileSync(path.join(kept, name), "x");
    await assert.rejects(keptBaseline(folder, "juni"), BaselineError);
    // A file that was made there by somebody is not followed.
    chmodSync(kept, 0o700);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
