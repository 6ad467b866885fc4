import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fillIn } from "../../../server/src/completion/suggestion";
import { templates } from "../../../server/src/completion/templates";
import { lookup } from "../../../server/src/knowledge/advice";
import { read } from "../../support/grammar";
import { nixAvailable, nixComplaint } from "../edit/support";
import { findings } from "../rules/support";
import { chosen, labels, suggest } from "./support";

const moduleWith = (text: string) => `{ lib, ... }:\n{\n${text.replace(/^(?=.)/gm, "  ")}\n}\n`;

/** What an editor makes of a snippet when everything is left as it is. */
function expand(snippet: string): string {
  const defaults = new Map<string, string>();
  const unescaped = (text: string) => text.replace(/\\([\\$}])/g, "$1");
  return unescaped(
    snippet.replace(/(?<!\\)\$\{(\d)(?::((?:\\.|[^}\\])*))?\}/g, (_, number: string, given?: string) => {
      if (given !== undefined) defaults.set(number, given);
      return defaults.get(number) ?? "";
    }),
  );
}

for (const { label, text } of templates) {
  describe(label, () => {
    const { insert, snippet } = fillIn(text);
    test("real Nix parses it, in a module", { skip: nixAvailable ? false : "nix-instantiate is not installed" }, () =>
      assert.equal(nixComplaint([moduleWith(insert)]), null),
    );
    test("as a snippet it is the same text", () => {
      assert.equal(expand(snippet), insert);
      assert.ok(!insert.includes("«") && /\$\{1:/.test(snippet));
    });
    test("Tidemark itself finds nothing wrong with it", async () =>
      assert.deepEqual(
        (await findings(moduleWith(insert))).filter(({ code }) => code !== "missing-essential"),
        [],
      ));
    test("every path in it is known, and none is one that must not be persisted", async () => {
      const { blocks } = await read(moduleWith(insert));
      for (const { path, mode, written } of blocks.flatMap((block) => block.lists.flatMap((list) => list.entries))) {
        const advice = lookup(path ?? "", null);
        assert.ok(advice !== null && advice.persist !== "never", written);
        assert.notEqual(advice.match, "public-name", `${written} is only a link`);
        if (mode !== null && advice.mode !== null) assert.equal(mode, advice.mode, written);
      }
    });
  });
}

test("the minimal server is a whole host: nothing essential is missing", async () => {
  const server = templates.find(({ label }) => label.includes("server")) ?? assert.fail("a server");
  assert.deepEqual(await findings(moduleWith(fillIn(server.text).insert)), []);
});

test("layouts mark the storage as needed for boot and wipe only after a resume", async () => {
  const layouts = templates.filter(({ needs }) => needs === "layout").map(({ text }) => fillIn(text).insert);
  assert.equal(layouts.length, 3);
  for (const text of layouts) {
    const { facts } = await read(moduleWith(text));
    assert.equal(facts.fileSystems.find(({ mountPoint }) => mountPoint === "/persist")?.neededForBoot, true);
    assert.doesNotMatch(text, /postDeviceCommands|postResumeCommands/);
    if (!text.includes("wipe-root")) continue;
    assert.match(text, /after = \[[^\]]*"systemd-hibernate-resume\.service"/);
    assert.match(text, /before = \[ "sysroot\.mount" \];/);
  }
});

describe("where templates are offered", () => {
  const all = templates.map(({ label }) => label);
  test("where a module's options are typed, whole or half-typed", async () => {
    for (const text of [
      "{ lib, ... }:\n{\n  |\n}\n",
      "{\n  per|\n}",
      "{ ... }: {\n  env|",
      "{ ... }: { config = {\n  |\n}; }",
    ])
      assert.deepEqual(await labels(text), all, text);
  });
  test("not in other sets, in flakes, among arguments, or while something else is typed", async () => {
    for (const text of [
      "{ services = { | }; }",
      "{ inputs = { }; outputs = a: a; | }",
      "{ |, lib }: { }",
      "{ services| }",
      "[ { | } ]",
      "let | in { }",
    ])
      assert.deepEqual(await labels(text), [], text);
  });
  test("nothing the file has already", async () => {
    const block =
      '{\n  fileSystems."/" = { fsType = "tmpfs"; };\n  environment.persistence."/keep".hideMounts = true;\n  |\n}';
    assert.deepEqual(await labels(block), ["persistence: desktop", "persistence: laptop", "persistence: services"]);
    const found = await suggest(block);
    assert.ok(
      found?.items.every(({ insert, snippet }) => insert.includes('"/keep"') && snippet?.includes("${1:/keep}")),
    );
    assert.deepEqual(await labels('{ fileSystems."/" = { }; environment.persistence."/p".files = [ ]; | }'), []);
  });
  test("it takes the place of what is typed", async () =>
    assert.match(await chosen("{\n  pers|\n}", "ephemeral root: tmpfs"), /^\{\n {2}fileSystems = /));
});
