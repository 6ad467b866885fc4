// The hosts the other tests rely on: that they are what they claim, and that nothing of them stays behind.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { startEphemeralHost } from "./support/host";
import { processesWith } from "./support/processes";
import { until } from "./support/until";

const loopDevices = () =>
  execFileSync("losetup", ["--list", "--noheadings", "--output", "BACK-FILE"], { encoding: "utf8" });

describe("an ephemeral host", () => {
  test("has the mounts of a machine whose btrfs root is reset at boot", async () => {
    const host = await startEphemeralHost({ kind: "btrfs" });
    try {
      const mounts = host.run("cat /proc/self/mountinfo");
      assert.match(mounts, / \/@root \/ .* - btrfs /);
      assert.match(mounts, / \/@persist\/var\/log \/var\/log .* - btrfs /);
      assert.match(mounts, / \/@persist\/etc\/machine-id \/etc\/machine-id /);
      assert.match(host.run("btrfs subvolume show /.snapshots/old_roots/*"), /readonly/);
      assert.equal(host.run("stat -c '%A %U %G %u' /var/lib/headscale"), "drwxr-x--- headscale headscale 993\n");
    } finally {
      await host.stop();
    }
  });

  test("lets root and josh have all rights, and mia her own", async () => {
    const host = await startEphemeralHost({ kind: "tmpfs" });
    try {
      assert.match(host.run("findmnt -no FSTYPE /"), /^tmpfs$/m);
      assert.equal(host.run("id -un; sudo -n id -un", "josh"), "josh\nroot\n");
      assert.equal(host.run("id -un; sudo -n id -un || echo refused", "mia"), "mia\nrefused\n");
    } finally {
      await host.stop();
    }
  });

  test("is gone without a trace, also when the test is killed", async () => {
    const script = [
      `const { startEphemeralHost } = require(${JSON.stringify(path.join(__dirname, "support/host.ts"))});`,
      `startEphemeralHost({ kind: "btrfs" }).then((host) => { console.log(host.folder); setInterval(() => {}, 1000); });`,
    ];
    const child = spawn(process.execPath, ["--import", "tsx", "-e", script.join("\n")], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const folder = await new Promise<string>((resolve) =>
      child.stdout.once("data", (chunk) => resolve(`${chunk}`.trim())),
    );
    assert.ok(loopDevices().includes(folder));
    child.kill("SIGKILL");
    await until("the host is gone", () => !existsSync(folder) && !loopDevices().includes(folder));
    assert.deepEqual(processesWith("host-init.sh", folder), []);
  });
});
