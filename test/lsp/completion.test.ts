import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import type { CompletionItem } from "vscode-languageserver-protocol";
import { LineIndex } from "../../server/src/syntax/lines";
import { fullClient, LspClient, weakClient } from "../support/lspClient";

const uri = "file:///work/hosts/juni/impermanence.nix";
const text = `{ ... }:
{
  services.tailscale.enable = true;
  environment.persistence."/persist" = {
    /* ß 💣 */ directories = [ "/var/l/rest" ];
    users.josh.directories = [ ".s" ];
  };
}
`;
const behind = (what: string) => text.indexOf(what) + what.length;

afterEach(() => LspClient.killAll());

async function opened(client: LspClient, body = text): Promise<void> {
  await client.open(uri, body);
}

async function items(client: LspClient, offset: number): Promise<CompletionItem[]> {
  return (await client.complete(uri, offset))?.items ?? [];
}

test("a full client gets ranges for inserting and replacing, snippets, and documentation when it asks", async () => {
  const client = await LspClient.start({ capabilities: fullClient });
  await opened(client);
  const offset = behind('"/var/l');
  const list = await client.complete(uri, offset);
  assert.equal(list?.isIncomplete, false);
  const [first] = list?.items ?? [];
  const lines = new LineIndex(text);
  const start = lines.position(behind('[ "'));
  assert.deepEqual(
    { label: first?.label, kind: first?.kind, textEdit: first?.textEdit, documentation: first?.documentation },
    {
      label: "/var/lib/tailscale",
      kind: 19,
      textEdit: {
        newText: "/var/lib/tailscale",
        insert: { start, end: lines.position(offset) },
        replace: { start, end: lines.position(behind("/rest")) },
      },
      documentation: undefined,
    },
  );
  assert.match(first?.detail ?? "", /Tailscale/);
  const sorted = (list?.items ?? []).map(({ sortText }) => sortText ?? "");
  assert.deepEqual(sorted, [...sorted].sort());
  const resolved = await client.resolveItem(first ?? assert.fail("an item"));
  assert.match(JSON.stringify(resolved.documentation), /"markdown".*If lost: /);
  assert.deepEqual(resolved.textEdit, first?.textEdit);

  const option = (await items(client, behind("users.josh."))).find(({ label }) => label === "files");
  assert.equal(option?.insertTextFormat, 2);
  assert.deepEqual([option?.insertTextMode, JSON.stringify(option?.textEdit).includes("files = [")], [2, true]);
  await client.stop();
});

test("a weak client gets plain text, one range, the documentation along, and kinds it knows", async () => {
  const client = await LspClient.start({ capabilities: weakClient });
  assert.equal(client.result?.capabilities.completionProvider?.resolveProvider, false);
  await opened(client);
  const all = await items(client, behind('".s'));
  const ssh = all.find(({ label }) => label === ".ssh");
  const lines = new LineIndex(text);
  const range = { start: lines.position(behind('josh.directories = [ "')), end: lines.position(behind('".s')) };
  assert.deepEqual([ssh?.kind, ssh?.textEdit, ssh?.data], [17, { newText: ".ssh", range }, undefined]);
  assert.match(JSON.stringify(ssh?.documentation), /"plaintext".*If lost: /);
  for (const item of all) {
    assert.equal(item.insertTextFormat, undefined);
    assert.equal(item.filterText, undefined, "Neovim finds the start of the word only without it");
  }
  await client.stop();
});

test("templates: snippets where they are taken, indented text where not", async () => {
  const body = "{ ... }:\n{\n    pers\n}\n";
  for (const [capabilities, expected, format] of [
    [fullClient, /^environment\.persistence\."\$\{1:\/persist\}" = \{\n {2}hideMounts = true;\n\n {2}directories/, 2],
    [weakClient, /^environment\.persistence\."\/persist" = \{\n {6}hideMounts = true;\n\n {6}directories/, undefined],
  ] as const) {
    const client = await LspClient.start({ capabilities });
    await opened(client, body);
    const [server] = await items(client, body.indexOf("pers") + 4);
    assert.equal(server?.label, "persistence: minimal server");
    assert.match(server?.textEdit?.newText ?? "", expected);
    assert.equal(server?.insertTextFormat, format);
    assert.match(server?.filterText ?? "", /^persistence: minimal server environment\.persistence$/);
    await client.stop();
  }
});

test("no text of several lines for Vim's own completion, which would write it with NUL characters", async () => {
  const body = "{ ... }:\n{\n    pers\n}\n";
  const client = await LspClient.start({ capabilities: weakClient, name: "Neovim" });
  await opened(client, body);
  assert.equal(await client.complete(uri, body.indexOf("pers") + 4), null);
  await opened(client);
  assert.notDeepEqual(await items(client, behind('".s')), []);
  await client.stop();
});

test("while typing: every keystroke is answered, also where the text does not parse", async () => {
  const client = await LspClient.start({ capabilities: fullClient });
  const body = '{ ... }:\n{\n  environment.persistence."/persist".directories = [\n    \n    "/var/log"\n  ];\n}\n';
  await opened(client, body);
  let at = body.indexOf("[\n    ") + "[\n    ".length;
  for (const letter of '"/var/lib/n') {
    await client.replace(uri, at, at, letter);
    at++;
    const labels = (await items(client, at)).map(({ label }) => label);
    assert.ok(labels.includes("/var/lib/nixos") && !labels.includes("/var/log"), `behind ${letter}`);
  }
  await client.stop();
});

test("nothing is said elsewhere, and nonsense does no harm", async () => {
  const client = await LspClient.start({ capabilities: fullClient });
  await opened(client);
  assert.equal(await client.complete(uri, 3), null);
  assert.equal(await client.complete(uri, behind("services.")), null);
  const odd = { label: "x", data: { kind: "path", path: 5 } };
  assert.deepEqual(await client.resolveItem(odd), odd);
  await client.open("git:/work/x.nix?ref", text);
  assert.equal(await client.complete("git:/work/x.nix?ref", behind('"/var/l')), null);
  await client.stop();
});
