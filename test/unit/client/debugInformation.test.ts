import assert from "node:assert/strict";
import { test } from "node:test";
import { type DebugFacts, debugInformation } from "../../../client/src/debugInformation";

const facts: DebugFacts = {
  extension: "0.1.0",
  editor: "VSCodium 1.99.0",
  platform: "linux x64",
  remote: "ssh-remote",
  trusted: false,
  server: "tidemark 0.1.0",
  hostsInSettings: 3,
  hostsScanned: 1,
  sshConfigFileSet: true,
  scanLimit: 10,
  rules: { "some-rule": "off", "other-rule": "hint" },
};

test("a bug report gets versions and settings, one to a line", () => {
  assert.equal(
    debugInformation(facts),
    `- Tidemark 0.1.0
- Editor: VSCodium 1.99.0, linux x64, remote: ssh-remote
- Server: tidemark 0.1.0
- Workspace trusted: no
- Hosts: 3 in settings, 1 scanned
- Own ssh configuration file: yes
- Scan limit: 10
- Rules: some-rule = off, other-rule = hint
`,
  );
});

test("what is not there is said", () => {
  const text = debugInformation({ ...facts, remote: null, server: null, sshConfigFileSet: false, rules: {} });
  assert.match(text, /linux x64\n/);
  assert.match(text, /Server: not running\n/);
  assert.match(text, /file: no\n/);
  assert.match(text, /Rules: defaults\n/);
});
