import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { HostError } from "../../server/src/hosts/port";
import { readJournal } from "../../server/src/hosts/readJournal";
import { localConnection } from "./support/local";
import { temporaryFolder } from "./support/root";
import { toolsWithout } from "./support/tools";

const noJournalctl = spawnSync("journalctl", ["--version"]).status !== 0 && "journalctl is not installed";
/** A journal of two boots, as systemd-journal-remote 252 writes entries in its export format. */
const journal = path.join(__dirname, "../fixtures/journal/boot.journal.gz");

function withJournal(context: TestContext): string {
  const root = temporaryFolder(context);
  const folder = path.join(root, "var/log/journal", "c".repeat(32));
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "system.journal"), gunzipSync(readFileSync(journal)));
  return root;
}

const options = () => ({ elevate: "no" as const, signal: new AbortController().signal, log: () => undefined });

test("a real journal tells which paths were missed in this boot", { skip: noJournalctl }, async (context) => {
  const root = withJournal(context);
  const sent: Buffer[] = [];
  const tamper = (chunk: Buffer) => {
    sent.push(Buffer.from(chunk));
    return chunk;
  };
  const records = await readJournal(localConnection({ tamper }), { root, ...options() });
  assert.deepEqual(records.map(({ unit, path: at, what, count }) => `${count} ${unit} ${what} ${at}`).sort(), [
    "1 forgejo.service missing /var/lib/forgejo",
    "1 home-assistant.service missing /var/lib/hass/a b",
    "1 x.service denied /srv/data/x",
    "3 headscale.service missing /var/lib/headscale/noise_private.key",
  ]);
  assert.equal(records[0]?.time, 1_796_000_003);
  assert.equal(
    records.find(({ unit }) => unit === "x.service")?.message,
    "error: Permission denied /srv/data/x, token=…",
  );
  const all = Buffer.concat(sent).toString("latin1");
  assert.doesNotMatch(all, /nothing to do with files|var\/lib\/debug|old\.service/, "other entries stay on the host");
});

test("a journal that cannot be read is a failure in words", { skip: noJournalctl }, async (context) => {
  const root = temporaryFolder(context);
  const failsWith = (words: RegExp) => (error: unknown) => error instanceof HostError && words.test(error.message);
  const tools = toolsWithout(path.join(temporaryFolder(context), "bin"), []);
  const bare = localConnection({ env: { PATH: tools } });
  await assert.rejects(readJournal(bare, { root, ...options() }), failsWith(/has no journalctl/));
  await assert.rejects(
    readJournal(localConnection(), { root: "/nowhere/at all", ...options() }),
    failsWith(/could not be read/),
  );
});
