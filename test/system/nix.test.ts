// Edits by the command line, judged by real Nix: the file still parses, and evaluates to what it did before and one entry more.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { tidemark } from "./support/cli";
import { added, persistedBy, syntaxError } from "./support/nix";
import { HOSTILE_PATHS, SPELLINGS } from "./support/spellings";

let folder = "";
before(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "tidemark-nix-"));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** Writes `text` to a file, lets the product persist `paths` there, and returns what changed as Nix sees it. */
function persist(text: string, paths: readonly string[]) {
  const file = path.join(folder, "host.nix");
  writeFileSync(file, text);
  assert.equal(syntaxError(file), null, "the file of this test is not valid Nix");
  const earlier = persistedBy(file);
  const { code, stderr } = tidemark("fix", file, ...paths.flatMap((one) => ["--persist", one]), "--write");
  assert.equal(code, 0, stderr);
  const result = readFileSync(file, "utf8");
  assert.equal(syntaxError(file), null, `not valid Nix any more:\n${result}`);
  const later = persistedBy(file);
  return { file, result, gained: added(earlier, later), lost: added(later, earlier) };
}

/** Whether `text` is `whole` with something taken out, white space aside. */
function isWithin(text: string, whole: string): boolean {
  const rest = whole.replace(/\s+/g, "")[Symbol.iterator]();
  return Array.from(text.replace(/\s+/g, "")).every((wanted) => {
    for (let next = rest.next(); !next.done; next = rest.next()) if (next.value === wanted) return true;
    return false;
  });
}

describe("persisting folders", () => {
  for (const [name, text] of Object.entries(SPELLINGS)) {
    test(`in a file with ${name}`, () => {
      const { file, result, gained, lost } = persist(text, ["/var/lib/headscale"]);
      assert.deepEqual(lost, []);
      assert.deepEqual(
        gained.map(({ user, list, path: at }) => [user, list, at]),
        [[null, "directories", "/var/lib/headscale"]],
        result,
      );
      assert.ok(isWithin(text, result), `more than an entry changed:\n${result}`);
      assert.equal(/\r\n/.test(text), /\r\n/.test(result), "line ends changed");
      assert.ok(!/\r\n/.test(text) || !/[^\r]\n/.test(result), `mixed line ends:\n${JSON.stringify(result)}`);
      assert.equal(text.endsWith("\n"), result.endsWith("\n"));
      assert.doesNotMatch(result, /[ \t]+\r?$/m, "white space at a line's end");
      tidemark("fix", file, "--persist", "/var/lib/headscale", "--write");
      assert.equal(readFileSync(file, "utf8"), result, "the second time changes nothing");
    });

    test(`several at once in a file with ${name}`, () => {
      const paths = ["/bao-keys", "/etc/wireguard", "/var/lib/headscale", "/var/lib/pgadmin/sessions"];
      const { result, gained, lost } = persist(text, paths);
      assert.deepEqual(lost, []);
      assert.deepEqual(gained.map((entry) => entry.path).sort(), paths, result);
    });
  }
});

describe("persisting paths with hostile names", () => {
  for (const name of ["one block", "list on one line", "no list", "grouped by comments", "preservation"] as const) {
    test(`in a file with ${name}`, () => {
      const { result, gained, lost } = persist(SPELLINGS[name] ?? "", HOSTILE_PATHS);
      assert.deepEqual(lost, []);
      assert.deepEqual(gained.map((entry) => entry.path).sort(), [...HOSTILE_PATHS].sort(), result);
      assert.deepEqual(readdirSync(folder), ["host.nix"], "something was run or left behind");
    });
  }
});

test("a folder in a home goes to the user's list where there is one", () => {
  const { gained, lost } = persist(SPELLINGS["users"] ?? "", ["/home/josh/.config/app", "/home/mia/notes"]);
  assert.deepEqual(lost, []);
  const found = gained.map(({ user, list, path: at }) => [user, list, at]);
  assert.deepEqual(found, [
    ["josh", "directories", "/home/josh/.config/app"],
    ["mia", "directories", "/home/mia/notes"],
  ]);
});

test("without --write the file stays as it is and the change is shown", () => {
  const file = path.join(folder, "host.nix");
  const text = SPELLINGS["one block"] ?? "";
  writeFileSync(file, text);
  const { stdout } = tidemark("fix", file, "--persist", "/var/lib/headscale");
  assert.match(stdout, /\/var\/lib\/headscale/);
  assert.equal(readFileSync(file, "utf8"), text);
});
