import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { connect } from "../../server/src/hosts/connect";
import type { HostScan } from "../../server/src/hosts/model";
import { scanHost } from "../../server/src/hosts/scanHost";
import { type DemoHosts, hostNames, startDemoHosts } from "../demo/host.mjs";

describe("the demo hosts", () => {
  let folder = "";
  let demo: DemoHosts;
  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "tidemark-hosts-"));
    demo = await startDemoHosts(folder);
  });
  after(async () => {
    await demo.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function scan(host: string): Promise<HostScan> {
    const { signal } = new AbortController();
    const connection = await connect(host, {
      // Keys and known hosts are all there: nothing may be asked.
      prompter: { confirmHostKey: () => Promise.resolve("no"), secret: () => Promise.resolve(null) },
      stateFolder: path.join(folder, "state"),
      sshConfigFile: demo.sshConfig,
      signal,
      log: () => {},
    });
    try {
      return await scanHost(connection, {
        host,
        root: demo.hosts[host]?.root ?? "",
        signal,
        log: () => {},
        onProgress: () => {},
      });
    } finally {
      connection.close();
    }
  }

  for (const host of hostNames) {
    it(`lets ${host} be scanned as if its folder were /`, async () => {
      const { root, bootTime, mounts, tree, notes, unread, oldRoot } = await scan(host);
      assert.equal(root.fsType, demo.hosts[host]?.fsType);
      assert.equal(bootTime, demo.hosts[host]?.bootTime);
      assert.equal(oldRoot, demo.hosts[host]?.oldRoot);
      assert.deepEqual([notes, unread], [[], []]);
      assert.ok(mounts.some(({ mountPoint }) => mountPoint === "/var/log"));
      // What is mounted from /persist is not on the ephemeral root.
      assert.equal(tree.find("/var/log/journal"), null);
      assert.notEqual(tree.find("/etc/passwd"), null);
    });
  }

  it("tells owners, modes, and what the old root of juni had", async () => {
    const { tree, users, groups } = await scan("juni");
    const at = (name: string) => tree.find(name) ?? assert.fail(name);
    const docker = at("/var/lib/docker");
    assert.deepEqual([tree.uid(docker), groups.get(tree.gid(docker)), tree.mode(docker)], [0, "docker", "0710"]);
    const josh = users.find(({ name }) => name === "josh");
    assert.deepEqual(josh, { name: "josh", uid: 1000, gid: 100, home: "/home/josh" });
    assert.equal(tree.uid(at("/home/josh/.mozilla/firefox/profiles.ini")), 1000);
    assert.equal(tree.status(at("/home/josh/.local/share/atuin")), "lost");
    assert.equal(tree.status(at("/home/josh/.mozilla/firefox/x7k2.default/places.sqlite")), "changed");
    assert.equal(tree.status(at("/home/josh/.config/kwinrc")), "regenerated");
    assert.equal(tree.status(at("/var/lib/sbctl")), "new");
  });
});
