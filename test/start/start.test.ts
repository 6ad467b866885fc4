import assert from "node:assert/strict";
import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import path from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { repository } from "../lib/ready.mjs";
import { Run } from "./support";

/** Writes a `code` that notes its arguments in `argv` and then does what `body` says. */
function fakeEditor(run: Run, body: string): string {
  const file = path.join(run.bin, "code");
  const argv = path.join(run.home, "argv");
  const note = `require("node:fs").writeFileSync(${JSON.stringify(argv)}, process.argv.slice(2).join("\\n"));`;
  writeFileSync(file, `#!${process.execPath}\n${note}\n${body}\n`);
  chmodSync(file, 0o755);
  return argv;
}

async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 60_000; !condition(); await wait(20)) {
    if (Date.now() > end) throw new Error("waited for a minute");
  }
}

describe("npm start", () => {
  let run = new Run();
  beforeEach(() => {
    rmSync(run.home, { recursive: true, force: true });
    run = new Run();
  });
  afterEach(() => rmSync(run.home, { recursive: true, force: true }));

  it("shows findings, what juni would lose, and the edit, in a terminal without an editor, and ends", async () => {
    run.start();
    const code = await run.end();
    assert.equal(code, 0, run.output);
    // The findings of the fleet.
    for (const [file, code] of [
      ["h001", "invalid-mode"],
      ["h003", "unknown-option"],
      ["juni", "covered-by-parent"],
      ["l001", "absolute-user-path"],
      ["o001", "duplicate-path"],
      ["o001", "relative-system-path"],
    ]) {
      const [, findings = ""] = run.output.split(`\nhosts/${file}/impermanence.nix\n`);
      assert.match(
        findings.split("\n\n")[0] ?? "",
        new RegExp(`^ +\\d+:\\d+ .* ${code}$`, "m"),
        `${file} in:\n${run.output}`,
      );
    }
    // What juni would lose, and what it lost at the last reboot.
    const scan = run.output.slice(run.output.indexOf("$ tidemark scan"), run.output.indexOf("$ tidemark fix"));
    for (const name of [
      "/var/lib/bluetooth",
      "/var/lib/sbctl",
      "/var/lib/docker",
      ".mozilla",
      ".local/share/keyrings",
    ]) {
      assert.ok(scan.includes(name), name);
    }
    assert.match(scan, /\.local\/share\/atuin +lost /);
    // Neither what is kept nor what nobody minds.
    for (const name of ["/var/log/journal", "/home/josh/projects", "mesa_shader_cache"]) {
      assert.ok(!scan.includes(name), name);
    }
    // The edit, as a unified diff.
    assert.match(run.output, /^--- .*\n\+\+\+ .*\n@@ /m);
    assert.match(run.output, /^\+ .*"\/var\/lib\/bluetooth"/m);
    assert.match(run.output, /^\+ +directory = "\.local\/share\/atuin";\n\+ +mode = "0700";$/m);
    assert.match(run.output, /Install VS Code/);
    assert.ok(!run.output.includes("\u001b"), "colours in a pipe");
    // The user's own copy stays, and nothing else.
    assert.deepEqual(run.left(), ["fleet"]);
    assert.deepEqual(run.processes(), []);
  });

  it("opens the editor on the fleet with the extension, while the demo hosts run", async () => {
    // As the window would be: the settings are there, and the host they name answers.
    const body = `
      const fs = require("node:fs");
      const data = process.argv.find((word) => word.startsWith("--user-data-dir=")).slice("--user-data-dir=".length);
      const settings = JSON.parse(fs.readFileSync(data + "/User/settings.json", "utf8"));
      const port = /Host juni\\n(?:.*\\n)*?  Port (\\d+)/.exec(fs.readFileSync(settings["tidemark.ssh.configFile"], "utf8"))[1];
      require("node:net").connect(Number(port), "127.0.0.1").once("data", (banner) => {
        fs.writeFileSync(${JSON.stringify(path.join(run.home, "seen"))}, JSON.stringify({ settings, banner: String(banner) }));
        process.exit(0);
      });`;
    const argv = fakeEditor(run, body);
    run.start();
    assert.equal(await run.end(), 0, run.output);
    const words = readFileSync(argv, "utf8").split("\n");
    const fleet = path.join(run.folder, "fleet");
    assert.ok(words.includes(`--extensionDevelopmentPath=${repository}`));
    assert.ok(words.includes("--wait") && words.includes("--new-window"));
    assert.deepEqual(words.slice(-2), [fleet, path.join(fleet, "hosts/juni/impermanence.nix")]);
    const seen: { settings: Record<string, Record<string, unknown>>; banner: string } = JSON.parse(
      readFileSync(path.join(run.home, "seen"), "utf8"),
    );
    assert.match(seen.banner, /^SSH-2\.0-/);
    assert.deepEqual(seen.settings["tidemark.hosts"]?.["juni"], {
      destination: "juni",
      root: path.join(run.folder, "hosts/juni/root"),
    });
    assert.match(run.output, /In your editor/);
    assert.deepEqual(run.left(), ["fleet"]);
    assert.deepEqual(run.processes(), []);
  });

  it("ends with Ctrl-C: window, hosts and keys go", async () => {
    // As VS Code does: a window in a process of its own, and a command that waits for it.
    const body = `
      const { spawn } = require("node:child_process");
      const window = [ "-e", "setInterval(() => {}, 1000)", "--", ...process.argv.slice(2)];
      spawn(process.execPath, window, { detached: true, stdio: "ignore", cwd: ${JSON.stringify(run.home)} });
      setInterval(() => {}, 1000);
      require("node:fs").writeFileSync(${JSON.stringify(path.join(run.home, "open"))}, "");`;
    fakeEditor(run, body);
    run.start();
    await until(() => existsSync(path.join(run.home, "open")));
    const config = readFileSync(path.join(run.folder, "ssh/config"), "utf8");
    assert.equal(statSync(path.join(run.folder, "ssh/id_ed25519")).mode & 0o777, 0o600);
    run.interrupt();
    assert.equal(await run.end(), 130);
    assert.deepEqual(run.left(), ["fleet"]);
    assert.deepEqual(run.processes(), []);
    const port = Number(/Port (\d+)/.exec(config)?.[1]);
    const answer = await new Promise((resolve) => {
      createConnection(port, "127.0.0.1")
        .on("error", () => resolve("refused"))
        .on("connect", () => resolve("open"));
    });
    assert.equal(answer, "refused");
  });

  it("does not start over a demo that runs", async () => {
    run.start("--stay");
    await until(() => run.output.includes("run until Ctrl-C"));
    const second = new Run(run.folder);
    try {
      second.start();
      assert.equal(await second.end(), 1);
      assert.match(second.output, /running already/);
    } finally {
      rmSync(second.home, { recursive: true, force: true });
    }
    assert.ok(existsSync(path.join(run.folder, "ssh/config")));
    run.interrupt();
    assert.equal(await run.end(), 130);
    assert.deepEqual(run.processes(), []);
  });
});
