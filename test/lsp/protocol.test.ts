import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, test } from "node:test";
import { pathToFileURL } from "node:url";
import { LineIndex } from "../../server/src/syntax/lines";
import { fullClient, LspClient, weakClient } from "../support/lspClient";

const uri = "file:///work/space%20%C3%9F/hosts/juni/impermanence.nix";
const text = `{ ... }:
{
  # ß ℝ 💣
  environment.persistence."/persist" = {
    directories = [
      "/var/log" /* 💣 */ "/var/log"
      "/var/lib/nixos"
    ];
  };
}
`;
const second = text.lastIndexOf('"/var/log"');

afterEach(() => LspClient.killAll());

test("initialize says who we are and offers only what the client can use", async () => {
  const full = await LspClient.start();
  assert.equal(full.result?.serverInfo?.name, "tidemark");
  assert.match(full.result?.serverInfo?.version ?? "", /^\d+\.\d+\.\d+/);
  assert.deepEqual(full.result?.capabilities.codeActionProvider, {
    codeActionKinds: ["quickfix", "source.fixAll.tidemark"],
    resolveProvider: true,
  });
  assert.deepEqual(full.result?.capabilities.completionProvider, {
    triggerCharacters: ['"', "/", "."],
    resolveProvider: true,
  });
  assert.equal(full.result?.capabilities.diagnosticProvider !== undefined, true);
  for (const absent of ["documentFormattingProvider", "renameProvider"] as const)
    assert.equal(full.result?.capabilities[absent], undefined, absent);
  assert.equal(await full.stop(), 0);

  const empty = await LspClient.start({ capabilities: {} });
  assert.equal(empty.result?.capabilities.codeActionProvider, undefined);
  assert.equal(empty.result?.capabilities.diagnosticProvider, undefined);
  assert.equal(empty.result?.capabilities.completionProvider, undefined);
  await empty.open(uri, text);
  await empty.until(() => empty.published.has(uri), "pushed diagnostics");
  assert.deepEqual(
    empty.requests.map((request) => request.method),
    [],
    "a client that offers nothing is asked nothing",
  );
  assert.equal(await empty.stop(), 0);
});

test("requests out of order get the protocol's error codes", async () => {
  const client = LspClient.spawn();
  await assert.rejects(
    client.connection.sendRequest("textDocument/hover", { textDocument: { uri }, position: { line: 0, character: 0 } }),
    { code: -32002 },
  );
  await client.initialize();
  await assert.rejects(client.connection.sendRequest("tidemark/nonsense"), { code: -32601 });
  await client.connection.sendRequest("shutdown");
  await assert.rejects(
    client.connection.sendRequest("textDocument/hover", { textDocument: { uri }, position: { line: 0, character: 0 } }),
    { code: -32600 },
  );
  await client.connection.sendNotification("exit");
  assert.equal(await client.exited, 0);
});

test("exit without shutdown, and a client that goes away, end the server", async () => {
  const rude = await LspClient.start();
  await rude.connection.sendNotification("exit");
  assert.equal(await rude.exited, 1);
  const gone = await LspClient.start();
  gone.process.stdin?.end();
  await gone.exited;
});

for (const [profile, capabilities] of [
  ["full", fullClient],
  ["weak", weakClient],
] as const) {
  test(`${profile} client: diagnostics follow the keystrokes, with ranges in UTF-16`, async () => {
    const client = await LspClient.start({ capabilities });
    const current = async () => {
      if (profile === "full") return client.diagnostics(uri);
      const version = client.version(uri);
      await client.until(() => client.published.get(uri)?.version === version, `diagnostics of version ${version}`);
      return client.published.get(uri)?.diagnostics ?? [];
    };
    await client.open(uri, text);
    const [found] = (await current()).filter((diagnostic) => diagnostic.code === "duplicate-path");
    assert.equal(found?.source, "tidemark");
    assert.equal(found?.severity, 1);
    assert.deepEqual(found?.range, new LineIndex(text).range({ start: second, end: second + 10 }));
    assert.equal(found?.relatedInformation?.[0]?.location.uri.includes("impermanence.nix"), true);

    await client.replace(uri, second, second + 10, '"/var/lib/x"');
    assert.equal(
      (await current()).some((diagnostic) => diagnostic.code === "duplicate-path"),
      false,
    );
    // A hundred quick edits end in one right state.
    for (let round = 0; round < 100; round++) await client.replace(uri, second + 1, second + 1, "x");
    await client.replace(uri, second, second + 112, '"/var/log"');
    assert.equal((await current()).filter((diagnostic) => diagnostic.code === "duplicate-path").length, 1);
    await client.close(uri);
    assert.equal(await client.stop(), 0);
    if (profile === "weak")
      assert.deepEqual(client.published.get(uri)?.diagnostics, [], "closing clears what was pushed");
  });

  test(`${profile} client: quick fixes change exactly what they say`, async () => {
    const client = await LspClient.start({ capabilities });
    await client.open(uri, text);
    const range = new LineIndex(text).range({ start: second + 3, end: second + 3 });
    const actions = await client.actions(uri, range);
    const remove = actions.find((action) =>
      action.diagnostics?.some((diagnostic) => diagnostic.code === "duplicate-path"),
    );
    assert.equal(remove?.kind, "quickfix");
    if (profile === "full") assert.equal(remove?.isPreferred, true);
    const fixed = client.after(uri, remove?.edit);
    assert.equal(fixed, text.replace(' "/var/log"\n', "\n"));
    assert.deepEqual(await client.actions(uri, range, ["refactor"]), [], "only what was asked for");
    assert.notDeepEqual(await client.actions(uri, range, ["quickfix"]), []);
    const elsewhere = new LineIndex(text).range({ start: 0, end: 1 });
    assert.deepEqual(await client.actions(uri, elsewhere), [], "nothing where nothing is wrong");
    await client.stop();
  });

  test(`${profile} client: a fix may write into another file of the host`, async () => {
    const client = await LspClient.start({ capabilities });
    const folder = mkdtempSync(path.join(tmpdir(), "tidemark-host-"));
    try {
      const files = {
        "configuration.nix": '{ imports = [ ./forgejo.nix ./persist.nix ]; system.stateVersion = "25.11"; }\n',
        "forgejo.nix": "{\n  services.forgejo.enable = true;\n}\n",
        "persist.nix": '{\n  environment.persistence."/persist".directories = [\n    "/var/log"\n  ];\n}\n',
      };
      for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content);
      const [service, other] = ["forgejo.nix", "persist.nix"].map(
        (name) => pathToFileURL(path.join(folder, name)).href,
      );
      assert.ok(service !== undefined && other !== undefined);
      await client.open(service, files["forgejo.nix"]);
      const actions = await client.actions(service, {
        start: { line: 1, character: 4 },
        end: { line: 1, character: 4 },
      });
      const persist = actions.find(({ title }) => title === 'Persist "/var/lib/forgejo"');
      await client.open(other, files["persist.nix"]);
      assert.equal(client.after(service, persist?.edit), files["forgejo.nix"]);
      const edited = [
        ...Object.keys(persist?.edit?.changes ?? {}),
        ...(persist?.edit?.documentChanges ?? []).flatMap((change) =>
          "textDocument" in change ? [change.textDocument.uri] : [],
        ),
      ];
      assert.deepEqual(edited, [other]);
    } finally {
      rmSync(folder, { recursive: true });
      await client.stop();
    }
  });

  test(`${profile} client: hover explains paths and options`, async () => {
    const client = await LspClient.start({ capabilities });
    await client.open(uri, text);
    const hover = await client.hover(uri, text.indexOf("/var/lib/nixos") + 2);
    const contents = hover?.contents as { kind: string; value: string };
    assert.equal(contents.kind, profile === "full" ? "markdown" : "plaintext");
    assert.match(contents.value, /uid\/gid/);
    if (profile === "weak") assert.doesNotMatch(contents.value, /\*\*|`/);
    const option = await client.hover(uri, text.indexOf("directories") + 2);
    assert.match(JSON.stringify(option?.contents), /directories/);
    assert.equal(await client.hover(uri, 2), null);
    await client.replace(uri, 0, 0, "# tidemark-ignore duplicate-path\n");
    const rule = await client.hover(uri, "# tidemark-ignore dup".length);
    assert.match(JSON.stringify(rule?.contents), /fails an assertion and the host cannot be rebuilt/);
    await client.stop();
  });
}

test("an unchanged document is answered as unchanged", async () => {
  const client = await LspClient.start();
  await client.open(uri, text);
  const first = await client.pull(uri);
  assert.equal(first.kind, "full");
  const again = await client.pull(uri, first.resultId);
  assert.deepEqual(again, { kind: "unchanged", resultId: first.resultId });
  await client.stop();
});

test("other schemes are left alone: a diff side has no diagnostics", async () => {
  const client = await LspClient.start();
  await client.open("git:/work/x.nix?ref", text);
  assert.deepEqual(await client.diagnostics("git:/work/x.nix?ref"), []);
  await client.open("untitled:Untitled-1", text);
  assert.notDeepEqual(await client.diagnostics("untitled:Untitled-1"), []);
  await client.stop();
});

test("settings: levels are taken, nonsense is named once and ignored", async () => {
  const settings = { rules: { "duplicate-path": "hint", x: "loud" }, scan: { limit: "many" } };
  const client = await LspClient.start({ settings });
  await client.open(uri, text);
  await client.until(() => client.logged.some((line) => line.includes("tidemark.scan.limit")), "the complaint");
  await client.until(() => client.logged.some((line) => line.includes("tidemark.rules.x")), "the other complaint");
  const found = (await client.diagnostics(uri)).find((diagnostic) => diagnostic.code === "duplicate-path");
  assert.equal(found?.severity, 4);
  await client.stop();
});

test("broken, huge and hostile texts leave the server alive", async () => {
  const client = await LspClient.start();
  const entry = '  environment.persistence."/persist".directories = [ "/var/log" ];\n';
  const texts = [
    "",
    "\uFEFF{ }",
    "{ environment.persistence.",
    `{ environment.persistence."/p".directories = ${"(".repeat(50_000)}`,
    `{ environment.persistence."/p".directories = [ "\u0000\uD800" ]; }`,
    "\r\r\n\r",
    `{ ... }: {\n${"# a comment that fills the file\n".repeat(150_000)}${entry}}\n`,
  ];
  for (const [index, body] of texts.entries()) {
    const each = `file:///work/hostile-${index}.nix`;
    await client.open(each, body);
    assert.ok(Array.isArray(await client.diagnostics(each)));
    await client.close(each);
  }
  assert.equal(await client.stop(), 0);
});

test("nothing but framed messages goes to standard output", async () => {
  const server = spawn(process.execPath, [path.join(__dirname, "..", "..", "dist", "cli.js"), "lsp", "--stdio"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const body = JSON.stringify({
    jsonrpc: "2.0",
    id: 1,
    method: "initialize",
    params: { processId: null, rootUri: null, capabilities: {} },
  });
  const exit = JSON.stringify({ jsonrpc: "2.0", method: "exit" });
  let output = "";
  server.stdout.on("data", (chunk) => {
    output += chunk;
    if (output.includes('"id":1')) server.stdin.write(`Content-Length: ${exit.length}\r\n\r\n${exit}`);
  });
  server.stdin.write(`Content-Length: ${body.length}\r\n\r\n${body}`);
  const code = await new Promise((resolve) => server.once("exit", resolve));
  assert.equal(code, 1);
  let rest = output;
  while (rest !== "") {
    const [header, length] = /^Content-Length: (\d+)\r\n\r\n/.exec(rest) ?? [];
    assert.ok(header !== undefined, `unframed output: ${rest.slice(0, 80)}`);
    rest = rest.slice(header.length + Number(length));
  }
});

test("a document closed unsaved: the disk counts again for the other files of the host", async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), "tidemark-close-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const write = (name: string, body: string) => {
    writeFileSync(path.join(folder, name), body);
    return { uri: pathToFileURL(path.join(folder, name)).toString(), body };
  };
  const entry = (more: string) => `{ ${more} environment.persistence."/p".directories = [ "/opt" ]; }\n`;
  const a = write("default.nix", entry("imports = [ ./b.nix ];"));
  const b = write("b.nix", entry(""));
  const client = await LspClient.start({ capabilities: weakClient, folder });
  const doubled = () =>
    client.published.get(b.uri)?.diagnostics.some((diagnostic) => diagnostic.code === "duplicate-path");
  await client.open(b.uri, b.body);
  await client.until(() => doubled() === true, "the duplicate in two files");
  await client.open(a.uri, a.body);
  const at = a.body.indexOf('"/opt"');
  await client.replace(a.uri, at, at + 6, "");
  await client.until(() => doubled() === false, "no duplicate while the other is edited away");
  await client.close(a.uri);
  await client.until(() => doubled() === true, "the duplicate again, since nothing was saved");
  await client.stop();
});

test("a data file that the configuration reads counts when it changes", async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), "tidemark-data-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string, content: string) => {
    writeFileSync(path.join(folder, name), content);
    return pathToFileURL(path.join(folder, name)).toString();
  };
  const data = file("paths.json", '[ "/var/log" ]');
  const module = `{ networking.hostName = "juni"; system.stateVersion = "25.11";
  environment.persistence."/persist".directories = builtins.fromJSON (builtins.readFile ./paths.json) ++ [ "/var/lib/nixos" ];
}`;
  const nix = file("configuration.nix", module);
  const client = await LspClient.start({ folder });
  await client.open(nix, module);
  const codes = async () => (await client.diagnostics(nix)).map(({ code }) => code);
  assert.ok(!(await codes()).includes("duplicate-path"));

  writeFileSync(path.join(folder, "paths.json"), '[ "/var/log", "/var/lib/nixos" ]');
  await client.connection.sendNotification("workspace/didChangeWatchedFiles", { changes: [{ uri: data, type: 2 }] });
  const limit = Date.now() + 10_000;
  while (!(await codes()).includes("duplicate-path")) assert.ok(Date.now() < limit, "evaluated after the change");
  await client.stop();
});
