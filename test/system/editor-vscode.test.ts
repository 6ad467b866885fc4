// The whole story in a real VS Code: a mistake is marked, a host is scanned over a real sshd, a path is persisted by the light
// bulb, and the file on disk is what real Nix reads it to be.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { repository } from "./support/cli";
import { type EphemeralHost, startEphemeralHost } from "./support/host";
import { added, type EvaluatedEntry, persistedBy, syntaxError } from "./support/nix";
import { processesWith } from "./support/processes";
import { until } from "./support/until";
import { startVsCode, type VsCode } from "./support/vscode";
import { copyWorkspace, type Workspace } from "./support/workspace";

const vsix = process.env["TIDEMARK_VSIX"] ?? path.join(repository, "tidemark.vsix");
const out = path.join(__dirname, "out");
const FILE = "hosts/juni/impermanence.nix";

/** Runs a step; when it fails, leaves a picture of the editor and its log in test/system/out. */
async function watched(code: VsCode, name: string, step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    const picture = path.join(out, `failed-${name}.png`);
    await code.screenshot(picture);
    throw new Error(`${error instanceof Error ? error.message : error}\nSee ${picture}\n${code.log()}`, {
      cause: error,
    });
  }
}

describe("VS Code", () => {
  let host: EphemeralHost;
  let workspace: Workspace;
  let code: VsCode;
  let original: string;
  let originalEntries: EvaluatedEntry[];
  const onDisk = () => readFileSync(workspace.hostFile, "utf8");
  /** While it is written, a file is empty, and then its end is not there yet. */
  const saved = () => onDisk() !== original && onDisk().endsWith("}\n");

  before(async () => {
    mkdirSync(out, { recursive: true });
    workspace = copyWorkspace();
    original = onDisk();
    originalEntries = persistedBy(workspace.hostFile);
    host = await startEphemeralHost({ kind: "btrfs" });
    code = await startVsCode({
      vsix,
      workspace: workspace.folder,
      settings: { "tidemark.ssh.configFile": host.sshConfigFile, "tidemark.scan.limit": 6 },
      trusted: true,
    });
    await code.openFile(FILE);
  });
  after(async () => {
    await code?.stop();
    await host?.stop();
    workspace?.remove();
  });
  const step = (name: string, run: () => Promise<void>) =>
    test(name, () => watched(code, name.replace(/\W+/g, "-"), run));

  step("marks a path that is listed twice", async () => {
    const row = await code.goToProblem("/var/log");
    const line = original.split("\n").lastIndexOf('      "/var/log"') + 1;
    assert.match(row, new RegExp(`tidemark.*\\[Ln ${line}, Col 7\\]`));
    // The panel has it a moment before the line is drawn.
    await until("the error is marked in the text, once", async () => (await code.squiggles("error")) === 1);
  });

  step("explains a path on hover", async () => {
    const line = original.split("\n").findIndex((text) => text.includes('"/var/lib/tailscale"')) + 1;
    await code.goTo(line, 12);
    assert.match(await code.hover(), /tailscale/i);
  });

  step("suggests a path while it is typed", async () => {
    const line = original.split("\n").findIndex((text) => text.includes('"/var/lib/tailscale"')) + 1;
    await code.goTo(line, 100);
    await code.page.keyboard.press("Enter");
    await code.complete('"/var/lib/blu', "/var/lib/bluetooth");
    await code.save();
    const path = '      "/var/lib/tailscale"\n';
    const expected = original.replace(path, `${path}      "/var/lib/bluetooth"\n`);
    await until("the path is in the file", () => onDisk() === expected);
    await until("the text is back", async () => {
      await code.undo();
      await code.save();
      return onDisk() === original;
    });
  });

  step("scans the selected host", async () => {
    await code.command("Tidemark: Select Host");
    await code.pick("juni");
    await code.command("Tidemark: Scan Host");
    await until("what juni would lose is marked", async () => (await code.squiggles("info")) > 0, 60);
    assert.deepEqual(await code.problems("/var/lib/tailscale"), [], "what is persisted is not listed");
  });

  step("persists a path from the light bulb", async () => {
    await code.goToProblem("/var/lib/headscale");
    await code.quickFixes();
    await code.screenshot(path.join(out, "editor.png"));
    if (process.env["UPDATE_SCREENSHOT"]) {
      const picture = path.join(repository, "client/images/editor.png");
      await code.screenshot(picture);
      // The README shows it, so it has to be small; 128 colours are enough for an editor.
      const { status, error } = spawnSync("pngquant", ["--force", "--nofs", "--output", picture, "128", picture]);
      assert.equal(status, 0, error?.message ?? "pngquant failed; apt-get install pngquant");
    }
    await code.takeFix("Persist /var/lib/headscale");
    const lost = "/var/lib/headscale would be lost";
    await until("the path is in the editor", async () => (await code.problems(lost)).length === 0);
    await code.command("View: Focus Active Editor Group");
    await code.save();
    await until("the file is saved", saved);
    assert.equal(syntaxError(workspace.hostFile), null);
    const entries = persistedBy(workspace.hostFile);
    assert.deepEqual(added(entries, originalEntries), []);
    assert.deepEqual(
      added(originalEntries, entries).map(({ user, list, path: at }) => [user, list, at]),
      [[null, "directories", "/var/lib/headscale"]],
    );
    assert.deepEqual(linesNotIn(original, onDisk()), [], "a line that was there is gone");
  });

  step("shows the commands that bring what the path has into the storage, and runs none", async () => {
    await code.goToProblem("/var/lib/headscale has");
    await code.quickFixes();
    await code.takeFix("Show the commands that copy /var/lib/headscale into the storage");
    const shown = code.page.locator(".editor-group-container.active .view-lines");
    await until("the commands are shown", async () =>
      /cp.-a.--reflink=auto/.test((await shown.allInnerTexts()).join("\n")),
    );
    const told = async () => (await code.notifications()).some((text) => text.includes("nothing was run"));
    await until("a message says so", told);
    await code.command("View: Revert and Close Editor");
    await code.command("View: Focus Active Editor Group");
  });

  step("one undo restores the text, and the path is listed again", async () => {
    await code.undo();
    await code.save();
    await until("the text is back", () => onDisk() === original);
    await code.goToProblem("/var/lib/headscale");
  });

  step("removes the mistake by its fix", async () => {
    await code.goToProblem("/var/log");
    const [first] = await code.quickFixes();
    await code.takeFix(first ?? "");
    await until("the mark is gone", async () => (await code.squiggles("error")) === 0);
    await code.save();
    const fixed = original.replace(/(.*) {6}"\/var\/log"\n/s, "$1");
    await until("the file is saved", saved);
    assert.equal(onDisk(), fixed);
  });

  step("restarts its server and leaves one running", async () => {
    const servers = () => processesWith(code.folder, "dist/server.js");
    await until("one server runs", () => servers().length === 1);
    const [first] = servers();
    await code.command("Tidemark: Restart Server");
    await until("another server runs, alone", () => servers().length === 1 && servers()[0] !== first);
  });
});

describe("VS Code in a folder that is not trusted", () => {
  let workspace: Workspace;
  let code: VsCode;
  before(async () => {
    workspace = copyWorkspace();
    code = await startVsCode({ vsix, workspace: workspace.folder, settings: {}, trusted: false });
  });
  after(async () => {
    await code?.stop();
    workspace?.remove();
  });

  test("checks files, and offers no scan", async () => {
    await watched(code, "untrusted", async () => {
      await code.openFile(FILE);
      await code.goToProblem("/var/log");
      assert.deepEqual(
        (await code.commands("Tidemark: ")).filter((title) => /Scan Host|Select Host/.test(title)),
        [],
      );
    });
  });
});

/** Lines of `before` that `after` does not have, in its order. */
function linesNotIn(before: string, after: string): string[] {
  const rest = after.split("\n");
  return before.split("\n").filter((line) => {
    const at = rest.indexOf(line);
    if (at >= 0) rest.splice(0, at + 1);
    return at < 0;
  });
}
