import assert from "node:assert/strict";
import { test } from "node:test";
import { readQuestion } from "../../../server/src/hosts/openSshPrompts";

const print = `SHA256:${"a".repeat(43)}`;

// Wordings of OpenSSH 7.4 to 10, from its sources.
test("what ssh asks is told apart", () => {
  const question = "Are you sure you want to continue connecting";
  assert.deepEqual(
    readQuestion(
      `The authenticity of host '[10.0.0.4]:2222 ([10.0.0.4]:2222)' can't be established.\nED25519 key fingerprint is ${print}.\nThis key is not known by any other names.\n${question} (yes/no/[fingerprint])? `,
      "",
    ),
    { kind: "host-key", name: "[10.0.0.4]:2222", fingerprint: print, takesFingerprint: true },
  );
  assert.deepEqual(
    readQuestion(
      `The authenticity of host 'juni (<no hostip for proxy command>)' can't be established.\nECDSA key fingerprint is ${print}.\n${question} (yes/no)? `,
      "",
    ),
    { kind: "host-key", name: "juni", fingerprint: print, takesFingerprint: false },
  );
  for (const [prompt, expected] of [
    ["Enter passphrase for key '/home/josh/it's mine': ", { kind: "passphrase", file: "/home/josh/it's mine" }],
    ["josh@10.0.0.4's password: ", { kind: "password", who: "josh@10.0.0.4" }],
    ["Enter josh@10.0.0.4's old password: ", { kind: "new-password" }],
    ["Retype josh@10.0.0.4's new password: ", { kind: "new-password" }],
    [
      "Enter PIN for ED25519-SK key /home/josh/id: ",
      { kind: "pin", text: "Enter PIN for ED25519-SK key /home/josh/id: " },
    ],
    ["(josh@juni) One-time code: ", { kind: "answer", who: "josh@juni", text: "One-time code: " }],
    ["Your mother's password: please", { kind: "answer", who: null, text: "Your mother's password: please" }],
  ] as const)
    assert.deepEqual(readQuestion(prompt, ""), expected);
  const touch = "Confirm user presence for key ED25519-SK SHA256:x";
  assert.deepEqual(readQuestion(touch, "none"), { kind: "notice", text: touch });
});

test("a host cannot dress its own question up as another", () => {
  const dressed = `(josh@juni) The authenticity of host 'gate' can't be established.\nED25519 key fingerprint is ${print}.`;
  assert.equal(readQuestion(dressed, "").kind, "answer");
  assert.equal(readQuestion("(josh@juni) Enter passphrase for key '/home/josh/id': ", "").kind, "answer");
});
