import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isOn, optionOn } from "../../../server/src/rules/support/hostOptions";
import { contextOf } from "./support";

/** What the files say about `a.b.c`. */
async function said(...texts: readonly string[]): Promise<string> {
  const { host } = await contextOf(Object.fromEntries(texts.map((text, index) => [`${index}.nix`, text])));
  const answer = optionOn(host, ["a", "b", "c"]);
  if (answer.kind !== "value") return answer.kind;
  return answer.definitions.map(({ fact: { value } }) => ("text" in value ? value.text : value.kind)).join(" + ");
}

const cases: readonly (readonly [string, readonly string[], string])[] = [
  ["one file", [`{ a.b.c = "x"; }`, "{ }"], "x"],
  ["nobody", [`{ a.b.d = "x"; }`, `{ a.c = 1; home-manager.users.j.a.b.c = "x"; }`], "unset"],
  ["a force wins", [`{ a.b.c = "x"; }`, `{ lib, ... }: { a.b.c = lib.mkForce "y"; }`], "y"],
  ["a default loses", [`{ a.b.c = "x"; }`, `{ lib, ... }: { a.b.c = lib.mkDefault "y"; }`], "x"],
  ["a default alone", [`{ lib, ... }: { a.b.c = lib.mkDefault "y"; }`], "y"],
  [
    "a default under a condition loses as well",
    [`{ a.b.c = "x"; }`, `{ lib, x, ... }: { a.b.c = lib.mkIf x (lib.mkDefault "y"); }`],
    "x",
  ],
  ["a condition", [`{ a.b.c = 1; }`, `{ lib, x, ... }: { a.b.c = lib.mkIf x 2; }`], "unknown"],
  ["another priority", [`{ lib, ... }: { a.b.c = lib.mkOverride 20 1; }`], "unknown"],
  ["a priority around the set", [`{ lib, ... }: { a = lib.mkForce { b.c = 1; }; }`], "unknown"],
  ["a set that is not known", [`{ x, ... }: { a.b = x; }`], "unknown"],
  ["a computed name", [`{ x, ... }: { a.\${x}.c = 1; }`], "unknown"],
  ["a value that is not known", [`{ x, ... }: { a.b.c = x; }`], "unknown"],
  ["another module of the file", [`{ x = f [ { a.b.c = 1; } ]; }`], "unknown"],
  ["files disagree", [`{ a.b.c = true; }`, `{ a.b.c = false; }`], "unknown"],
  ["files agree", [`{ a.b.c = 1; }`, `{ a.b.c = 1; }`], "1 + 1"],
  ["lines and lists add up", [`{ a.b.c = "x"; }`, `{ a.b.c = "y"; }`], "x + y"],
  ["options below", [`{ a.b.c.d = 1; }`], "unknown"],
  ["a file that does not parse", [`{ a.b.c = 1; d = ; }`], "unknown"],
];

describe("what the files of a host set for an option", () => {
  for (const [title, texts, expected] of cases)
    test(title, async () => {
      assert.equal(await said(...texts), expected);
    });

  test("a switch", async () => {
    const { host } = await contextOf({
      "a.nix": "{ lib, x, ... }: { a.on = true; a.off = lib.mkForce false; a.may = x; }",
    });
    assert.deepEqual(
      ["on", "off", "may", "none"].map((name) => isOn(host, ["a", name])),
      [true, false, null, null],
    );
  });
});
