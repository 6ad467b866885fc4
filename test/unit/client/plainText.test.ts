import assert from "node:assert/strict";
import { test } from "node:test";
import { plainText } from "../../../client/src/plainText";

test("ordinary prompts stay as they are", () => {
  for (const text of ["Password for josh@juni:", "Passphrase for /home/josh/.ssh/id_ed25519", "Größe (1) [j/N]? 💣"]) {
    assert.equal(plainText(text), text);
  }
});

test("links, icons, line breaks and hidden characters come out harmless", () => {
  assert.equal(
    plainText("[Log in](command:workbench.action.terminal.new)"),
    "[Log in] (command:workbench.action.terminal.new)",
  );
  assert.equal(plainText("$(check) ok"), "$ (check) ok");
  assert.equal(plainText("one\r\n\ttwo\u0000\u001b[31m"), "one two [31m");
  assert.equal(plainText("a\u202Eb\u200Bc"), "a b c");
});

test("hiding characters between the two halves of a link does not bring it back", () => {
  assert.doesNotMatch(plainText("[a]\u200B(command:x)"), /\]\(/);
  assert.doesNotMatch(plainText("[a]](](command:x)"), /\]\(/);
});

test("long text is cut at the limit", () => {
  const cut = plainText("x".repeat(1000), 40);
  assert.equal(cut.length, 40);
  assert.ok(cut.endsWith("x…"));
});
