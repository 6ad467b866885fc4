import assert from "node:assert/strict";
import { test } from "node:test";
import { readSettings } from "../../../server/src/service/settings";

test("how a host is reached: client, destination, root and sudo", () => {
  const { settings, problems } = readSettings({
    ssh: { client: "openssh", configFile: "/x" },
    hosts: {
      juni: { destination: "josh@10.0.0.4", sudo: true },
      here: { destination: "local", sudo: false },
      plain: {},
    },
  });
  assert.deepEqual(problems, []);
  assert.deepEqual([settings.sshClient, settings.sshConfigFile], ["openssh", "/x"]);
  assert.deepEqual(settings.hosts, {
    juni: { destination: "josh@10.0.0.4", root: null, snapshots: null, storage: null, sudo: true },
    here: { destination: "local", root: null, snapshots: null, storage: null, sudo: false },
    plain: { destination: "plain", root: null, snapshots: null, storage: null, sudo: null },
  });
});

test("wrong values count as not given, and are named", () => {
  const { settings, problems } = readSettings({ ssh: { client: "putty" }, hosts: { juni: { sudo: "yes" } } });
  assert.deepEqual([settings.sshClient, settings.hosts], ["auto", {}]);
  assert.match(problems.join("\n"), /tidemark\.ssh\.client .*one of auto, ssh2, openssh/);
  assert.match(problems.join("\n"), /tidemark\.hosts\.juni .*sudo true or false/);
});
