import assert from "node:assert/strict";
import { test } from "node:test";
import { splitQuestion } from "../../../client/src/question";

test("the first sentence stands above, the evidence below it", () => {
  assert.deepEqual(
    splitQuestion(
      "The host key of 10.0.0.4 (port 22) is not known. It is ssh-ed25519, fingerprint SHA256:abc. Connect?",
    ),
    {
      message: "The host key of 10.0.0.4 (port 22) is not known.",
      detail: "It is ssh-ed25519, fingerprint SHA256:abc. Connect?",
    },
  );
  assert.deepEqual(splitQuestion("Go on?"), { message: "Go on?", detail: "" });
});

test("text of a host cannot bring a link or more lines into a dialog", () => {
  assert.deepEqual(splitQuestion("Trust [me](command:x)?\n\nAll is well."), {
    message: "Trust [me] (command:x)?",
    detail: "All is well.",
  });
});
