import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { CommandsMethod, ServerCommands } from "../../server/src/lsp/protocol";
import { LineIndex } from "../../server/src/syntax/lines";
import { fullClient, LspClient, weakClient } from "../support/lspClient";

const uri = "file:///work/hosts/juni/impermanence.nix";
const text = `{ ... }:
{
  environment.persistence."/persist" = {
    directories = [ "/var/log" "/var/log/" "/var/lib//nixos" "var/lib/x" ];
    files = [ { file = "/etc/machine-id"; parentDirectory.mode = 0755; } ];
    fiels = [ ];
  };
}
`;

afterEach(() => LspClient.killAll());

describe("silencing", () => {
  for (const [profile, capabilities] of [
    ["full", fullClient],
    ["weak", weakClient],
  ] as const)
    test(`${profile} client: each finding can be silenced for its line and for the file`, async () => {
      const client = await LspClient.start({ capabilities });
      await client.open(uri, text);
      const range = new LineIndex(text).range({ start: text.indexOf("fiels"), end: text.indexOf("fiels") });
      const actions = await client.actions(uri, range);
      const [line, file] = ["line", "file"].map((where) =>
        actions.find(({ title }) => title === `Disable unknown-option for this ${where}`),
      );
      assert.equal(
        client.after(uri, line?.edit),
        text.replace("    fiels", "    # tidemark-ignore unknown-option\n    fiels"),
      );
      assert.equal(client.after(uri, file?.edit), `# tidemark-ignore-file unknown-option\n${text}`);
      assert.deepEqual([line?.kind, line?.isPreferred, line?.diagnostics?.length], ["quickfix", undefined, 1]);
      assert.deepEqual(actions.slice(-2), [line, file], "behind what fixes it");
      await client.stop();
    });

  test("two findings on one line share a comment", async () => {
    const client = await LspClient.start();
    await client.open(uri, text);
    const at = text.indexOf('"/var/log/"');
    const actions = await client.actions(uri, new LineIndex(text).range({ start: at, end: at + 40 }));
    const lines = actions.filter(({ title }) => title === "Disable unnormalised-path for this line");
    assert.deepEqual(
      lines.map(({ diagnostics }) => diagnostics?.length),
      [2],
    );
    await client.stop();
  });
});

describe("fixing everything", () => {
  const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
  const fixed = text
    .replace('"/var/log" "/var/log/" "/var/lib//nixos" "var/lib/x"', '"/var/log" "/var/lib/nixos" "/var/lib/x"')
    .replace("0755", '"0755"');

  for (const only of ["source.fixAll.tidemark", "source.fixAll", "source"])
    test(`asked for with ${only}: what is safe is fixed, what is a guess is not, and once is enough`, async () => {
      const client = await LspClient.start();
      await client.open(uri, text);
      const [action, ...more] = await client.actions(uri, range, [only]);
      assert.deepEqual(more, []);
      assert.equal(action?.kind, "source.fixAll.tidemark");
      assert.equal(client.after(uri, action?.edit), fixed);
      await client.replace(uri, 0, text.length, fixed);
      assert.deepEqual(await client.actions(uri, range, [only]), []);
      await client.stop();
    });

  test("never in the lightbulb, and not announced to a client that knows no such kind", async () => {
    const client = await LspClient.start({ capabilities: weakClient });
    await client.open(uri, text);
    const whole = new LineIndex(text).range({ start: 0, end: text.length });
    for (const actions of [await client.actions(uri, whole), await client.actions(uri, whole, ["quickfix"])])
      assert.ok(actions.length > 3 && actions.every(({ kind }) => kind === "quickfix"));
    assert.deepEqual(await client.actions(uri, whole, ["source.organizeImports"]), []);
    assert.deepEqual(client.result?.capabilities.codeActionProvider, {
      codeActionKinds: ["quickfix"],
      resolveProvider: false,
    });
    await client.stop();
  });
});

describe("settings of folders", () => {
  const settings = (level: string) => ({ rules: { "duplicate-path": level } });
  const severity = async (client: LspClient, at: string) =>
    (await client.diagnostics(at)).find(({ code }) => code === "duplicate-path")?.severity;

  test("a file goes by those of its folder, others by those of the window", async (t) => {
    const folder = mkdtempSync(path.join(tmpdir(), "tidemark-folders-"));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const client = LspClient.spawn({ folder });
    client.answers.set("workspace/configuration", ({ items }: { items: { scopeUri?: string }[] }) =>
      items.map(({ scopeUri }) => settings(scopeUri === undefined ? "hint" : "warning")),
    );
    await client.initialize();
    const inside = pathToFileURL(path.join(folder, "a.nix")).toString();
    await client.open(inside, text);
    await client.open(uri, text);
    await client.until(() => client.refreshes > 0, "settings taken");
    assert.deepEqual([await severity(client, inside), await severity(client, uri)], [2, 4]);
    await client.stop();
  });

  test("a client that answers for the window only is taken at its word", async (t) => {
    const folder = mkdtempSync(path.join(tmpdir(), "tidemark-folders-"));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const client = await LspClient.start({ folder, settings: settings("info") });
    const inside = pathToFileURL(path.join(folder, "a.nix")).toString();
    await client.open(inside, text);
    await client.until(() => client.refreshes > 0, "settings taken");
    assert.equal(await severity(client, inside), 3);
    await client.stop();
  });
});

describe("commands for a host", () => {
  const shown = { title: "Copy /var/lib/x into the storage", text: "# Copies.\ncp -an -- /a /b\n" };
  const execute = (client: LspClient, argument: unknown) => client.execute(ServerCommands.showCommands, argument);

  test("are opened by our own client", async () => {
    const client = await LspClient.start({ initializationOptions: { secrets: true } });
    assert.equal(await execute(client, shown), null);
    await client.until(() => client.notifications.some(({ method }) => method === CommandsMethod), "the commands");
    assert.deepEqual(client.notifications.find(({ method }) => method === CommandsMethod)?.params, shown);
    assert.deepEqual(client.messages, []);
    await client.stop();
  });

  test("are a message for others; what is no such thing shows nothing", async () => {
    const client = await LspClient.start({ capabilities: weakClient });
    for (const wrong of [undefined, null, "x", {}, { title: 1, text: shown.text }]) await execute(client, wrong);
    assert.equal(await execute(client, shown), null);
    await client.until(() => client.messages.length > 0, "the message");
    assert.deepEqual(
      client.messages.map(({ message }) => message),
      [shown.text],
    );
    await client.stop();
  });
});
