// The server in a second, weaker editor: Neovim 0.7 has no pull diagnostics, no progress we rely on, no extension of ours.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, beforeEach, describe, test } from "node:test";
import { type EphemeralHost, startEphemeralHost } from "./support/host";
import { added, persistedBy, syntaxError } from "./support/nix";
import { inNeovim } from "./support/nvim";
import { copyWorkspace, type Workspace } from "./support/workspace";

describe("Neovim", () => {
  let host: EphemeralHost;
  let workspace: Workspace;
  before(async () => {
    host = await startEphemeralHost({ kind: "btrfs" });
  });
  after(() => host.stop());
  beforeEach((context) => {
    workspace = copyWorkspace();
    if ("after" in context) context.after(() => workspace.remove());
  });

  const run = (script: string) =>
    inNeovim({
      file: workspace.hostFile,
      workspace: workspace.folder,
      settings: { tidemark: { ssh: { configFile: host.sshConfigFile }, scan: { limit: 40 } } },
      script,
    });

  test("shows the mistake in the file, and its fix removes it", () => {
    const text = readFileSync(workspace.hostFile, "utf8");
    const result = run(`
      local diagnostic = T.wait_for_diagnostic("/var/log")
      local title = 'Remove "/var/log"'
      T.apply(assert(T.actions(diagnostic)[title], "no such action"))
      T.until_true("the diagnostic goes", function() return #T.diagnostics("/var/log") == 0 end)
      vim.cmd("write")
      return { severity = diagnostic.severity, line = diagnostic.lnum + 1, source = diagnostic.source }
    `);
    const mistake = text.split("\n").lastIndexOf('      "/var/log"') + 1;
    assert.deepEqual(result, { severity: 1, line: mistake, source: "tidemark" });
    assert.equal(syntaxError(workspace.hostFile), null);
    assert.equal(readFileSync(workspace.hostFile, "utf8"), text.replace(/(.*) {6}"\/var\/log"\n/s, "$1"));
  });

  test("explains a path on hover", () => {
    const result = run(`
      local hover = T.request("textDocument/hover", { textDocument = { uri = T.uri }, position = T.position("/var/lib/tailscale") })
      return vim.lsp.util.convert_input_to_markdown_lines(hover.contents)
    `);
    assert.match((result as string[]).join("\n"), /tailscale/i);
  });

  test("completes paths and options with the omnifunc", () => {
    const text = readFileSync(workspace.hostFile, "utf8");
    const line = text.split("\n").find((one) => one.includes('"/var/lib/tailscale"')) ?? "";
    const result = run(`
      return { paths = T.omnifunc('"/var/lib/t'), options = T.omnifunc("hideM") }
    `) as Record<string, { start: number; words: string[] }>;
    assert.equal(result["paths"]?.start, line.indexOf('"') + 2, "inside the quotes");
    assert.ok(result["paths"]?.words.includes("/var/lib/tailscale"));
    assert.ok(
      result["paths"]?.words.every((word) => word.startsWith("/var/lib/t")),
      "as Neovim filters",
    );
    assert.deepEqual(result["options"]?.words, ["hideMounts"]);
  });

  test("disables a rule for a line", () => {
    const result = run(`
      local diagnostic = T.wait_for_diagnostic("/var/log")
      local actions = T.actions(diagnostic)
      T.apply(assert(actions["Disable duplicate-path for this line"], vim.inspect(vim.tbl_keys(actions))))
      T.until_true("the diagnostic goes", function() return #T.diagnostics("persisted twice") == 0 end)
      return T.text()
    `);
    const text = readFileSync(workspace.hostFile, "utf8");
    assert.equal(
      String(result),
      text.replace(/(.*)( {6})("\/var\/log"\n)/s, "$1$2# tidemark-ignore duplicate-path\n$2$3"),
    );
  });

  test("scans a host by command and persists a path", () => {
    const earlier = persistedBy(workspace.hostFile);
    const result = run(`
      local scan = { command = "tidemark.server.scan", arguments = { { host = "juni", uri = T.uri } } }
      local outcome = T.request("workspace/executeCommand", scan)
      local diagnostic = T.wait_for_diagnostic("/var/lib/headscale")
      T.apply(assert(T.actions(diagnostic)["Persist /var/lib/headscale"], "no such action"))
      T.until_true("the diagnostic goes", function() return #T.diagnostics("/var/lib/headscale would be lost") == 0 end)
      vim.cmd("write")
      return { outcome = outcome, severity = diagnostic.severity, left = #T.diagnostics("") }
    `);
    const { outcome, severity, left } = result as Record<string, unknown>;
    assert.equal(severity, 3, "information");
    assert.ok(Number(left) > 1, "the other findings stay");
    const { ok, host: name, recommended } = outcome as Record<string, unknown>;
    assert.deepEqual([ok, name], [true, "juni"]);
    assert.ok(Number(recommended) > 0);
    assert.equal(syntaxError(workspace.hostFile), null);
    const gained = added(earlier, persistedBy(workspace.hostFile));
    assert.deepEqual(
      gained.map((entry) => entry.path),
      ["/var/lib/headscale"],
    );
  });

  test("says what is wrong when the host cannot be reached", () => {
    const result = run(`
      local scan = { command = "tidemark.server.scan", arguments = { { host = "no-such-host.invalid", uri = T.uri } } }
      return { outcome = T.request("workspace/executeCommand", scan), messages = T.messages }
    `);
    const { outcome, messages } = result as { outcome: Record<string, unknown>; messages: Record<string, unknown>[] };
    assert.equal(outcome["ok"], false);
    assert.match(String(outcome["message"]), /no-such-host\.invalid/);
    const shown = messages.filter(({ message }) => String(message).includes("no-such-host.invalid"));
    assert.equal(shown.length, 1);
    assert.equal(shown[0]?.["asks"], undefined, "a message with nothing to choose stops Neovim with an empty menu");
  });
});
