import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import path from "node:path";
import { after, describe, test } from "node:test";
import { checkHost } from "../../../../server/src/rules/live";
import { sheetOf, sheetText, shellWord, step } from "../../../../server/src/rules/live/support/commands";
import { quote } from "../../../../server/src/syntax/strings";
import { hostOf } from "./host";
import { commands, contextOf } from "./support";

const hostile = [
  "/var/lib/x",
  "it's",
  "'",
  "''\\''",
  "$(touch pwned)",
  "`touch pwned`",
  "a b\\ c",
  "*?[a-z]{1,2}",
  "-rf",
  "~root",
  "!!",
  "#x",
  "=ls",
  "a;b&c|d>e<f",
  'say "hi"',
  "$HOME",
  "ä日本語🦊",
  "",
];
const refused = [
  "a\nb",
  "a\rb",
  "a\tb",
  "a\0b",
  "\u001b[2J",
  "\u009b1m",
  "a\u202eb",
  "a\u200bb",
  "\u2028",
  "\ufffd",
  "\ud800",
];

describe("words", () => {
  for (const text of hostile)
    test(`${JSON.stringify(text)} means itself to a shell`, () => {
      const { stdout } = spawnSync("/bin/sh", ["-c", `printf '%s' ${shellWord(text)}`], { encoding: "utf8" });
      assert.equal(stdout, text);
    });

  test("what nobody can see or check is refused, and with it the whole sheet", () => {
    for (const text of refused) {
      assert.equal(shellWord(text), null, JSON.stringify(text));
      assert.equal(sheetOf("x", "juni", [step("fine", "true"), step("not", "rm", text)]), null);
    }
  });

  test("comments stay comments, whatever names are in them", () => {
    const sheet = sheetOf("Copy a\nrm -rf /", "ju\nni", [step("Copies a\nrm -rf /.", "true")]);
    assert.ok(sheet !== null);
    const lines = sheetText(sheet).split("\n");
    assert.deepEqual(
      lines.filter((line) => line !== "" && !line.startsWith("#")),
      ["true"],
    );
  });
});

describe("copying into the storage, run for real", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "it's $(touch pwned) "));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const { username } = userInfo();
  const live = path.join(folder, "root", "state");
  const storage = path.join(folder, "persist");
  const stored = path.join(storage, live);

  /** The commands for the state of the folder above, which the host has and its storage lacks. */
  async function sheet(): Promise<string> {
    const made = hostOf("/x/y 10");
    const seen = { type: "directory", size: 0, mtime: 0, mode: "0750", target: null, empty: false } as const;
    const group = spawnSync("id", ["-gn"], { encoding: "utf8" }).stdout.trim();
    const at = (one: string) => [one, { ...seen, user: username, group }] as const;
    const { deployed } = made;
    assert.ok(deployed !== null);
    const above = [live, path.dirname(live), folder, path.dirname(folder)];
    const scan = {
      ...made,
      mounts: made.mounts.map((one) => (one.mountPoint === "/persist" ? { ...one, mountPoint: storage } : one)),
      deployed: {
        ...deployed,
        live: new Map(above.map(at)),
        storages: [{ storage, present: true, paths: new Map(), listed: new Set(["/"]) }],
      },
    };
    const text = `{ environment.persistence.${quote(storage)}.directories = [ ${quote(live)} ]; }\n`;
    const off = { unpersisted: "off" } as const;
    const found = checkHost(await contextOf(scan, { "host.nix": text }), () => off);
    assert.deepEqual(
      found.map(({ code }) => code),
      ["hidden-data"],
    );
    return commands(found) ?? "";
  }

  const run = (script: string) => spawnSync("/bin/sh", ["-e", "-c", script], { cwd: folder, encoding: "utf8" });

  test("brings all of it over, with its modes; a second time nothing is overwritten", async () => {
    mkdirSync(path.join(live, "sub dir"), { recursive: true });
    mkdirSync(storage);
    writeFileSync(path.join(live, "a"), "one");
    writeFileSync(path.join(live, "sub dir", "b"), "two", { mode: 0o600 });
    const script = await sheet();
    const first = run(script);
    assert.equal(`${first.status} ${first.stdout}${first.stderr}`, "0 ");
    assert.equal(readFileSync(path.join(stored, "sub dir", "b"), "utf8"), "two");
    assert.equal(statSync(path.join(stored, "sub dir", "b")).mode & 0o777, 0o600);
    assert.equal(statSync(path.dirname(stored)).mode & 0o777, 0o750, "folders above are like those on the root");
    writeFileSync(path.join(stored, "a"), "changed in the storage");
    const second = run(script);
    assert.equal(readFileSync(path.join(stored, "a"), "utf8"), "changed in the storage");
    assert.notEqual(second.status, 0, "the comparison tells that they differ");
    assert.match(second.stdout, /differ/);
    assert.equal(existsSync(path.join(folder, "pwned")), false);
  });
});
