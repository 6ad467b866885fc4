import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { constants, publicEncrypt } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, afterEach, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { CancellationTokenSource } from "vscode-languageserver-protocol/node";
import { type HostChoice, type ScanOutcome, ServerCommands } from "../../server/src/lsp/protocol";
import { encryptedKey, startServer } from "../hosts/support/server";
import { type DemoFleet, startDemoFleet } from "../support/demoFleet";
import { type ClientOptions, fullClient, LspClient, weakClient } from "../support/lspClient";

let fleet: DemoFleet;
before(async () => {
  fleet = await startDemoFleet(["juni", "l001"]);
});
after(() => fleet.stop());
afterEach(() => LspClient.killAll());

/** A client in the fleet's workspace, its settings pointing to the demo hosts. */
function start(options: ClientOptions = {}): Promise<LspClient> {
  const hosts = Object.fromEntries(
    Object.entries(fleet.demo.hosts).map(([name, { root }]) => [name, { destination: name, root }]),
  );
  const settings = { hosts, ssh: { configFile: fleet.demo.sshConfig }, scan: { limit: 5 } };
  return LspClient.start({ folder: fleet.folder, settings, environment: fleet.environment, ...options });
}

async function opened(client: LspClient, host: string) {
  const file = fleet.file(host);
  await client.open(file.uri, file.text);
  // The settings have been asked for and taken once the hosts of the settings are known.
  let choices: HostChoice[] = [];
  while (!choices.some(({ source, detail }) => source !== "local" && detail !== ""))
    choices = await client.execute(ServerCommands.hosts);
  return file;
}

const live = async (client: LspClient, uri: string) =>
  (await client.diagnostics(uri))
    .filter((diagnostic) => diagnostic.code === "unpersisted")
    .map((diagnostic) => ({ ...diagnostic, message: String(diagnostic.message) }));

test("the main job: scan, see what would be lost on its list, persist it, and it is gone without a new scan", async () => {
  const client = await start({ initializationOptions: { secrets: true } });
  const { uri, text } = await opened(client, "juni");
  assert.deepEqual(await live(client, uri), [], "nothing connects unasked");
  const choices = await client.execute<HostChoice[]>(ServerCommands.hosts, { uri });
  const own = choices.filter(({ ofFile }) => ofFile).map(({ name, source }) => `${source} ${name}`);
  assert.deepEqual(own, ["configuration juni"], "the file's host is known, and how it is reached");
  const outcome = await client.execute<ScanOutcome>(ServerCommands.scan, { host: "juni", uri });
  assert.equal(outcome.ok, true, outcome.message ?? "");
  assert.ok(outcome.recommended > 5);

  const found = await live(client, uri);
  assert.equal(found.length, 6, "five paths and one counted line");
  assert.ok(found.every((diagnostic) => diagnostic.severity === 3 && diagnostic.source === "tidemark"));
  assert.match(found[5]?.message ?? "", /^\d+ more paths would be lost at the next reboot of juni/);

  const list = found.find((diagnostic) => diagnostic.message.includes("/var/lib/sbctl"))?.range;
  assert.ok(list !== undefined);
  const actions = await client.actions(uri, list);
  const order = actions.map(({ title }) => (/^(?:Persist all|Persist|Show|Ignore|Disable)/.exec(title) ?? [title])[0]);
  const kinds = order.filter((kind, index) => kind !== order[index - 1]);
  assert.deepEqual(kinds, ["Persist", "Persist all", "Ignore", "Disable"], "what mends comes before what hides");
  const persist = actions.find((action) => action.title === "Persist /var/lib/sbctl");
  assert.ok(persist !== undefined && persist.edit === undefined && persist.data !== undefined, "resolved when chosen");
  const edited = client.after(uri, (await client.resolve(persist)).edit);
  assert.equal(edited.split('"/var/lib/sbctl"').length, 2);
  assert.equal(edited.replace(/\n *"\/var\/lib\/sbctl"/, ""), text, "everything else is as it was");

  const inserted = edited.length - text.length;
  const at = [...edited].findIndex((character, index) => character !== text[index]);
  await client.replace(uri, at, at, edited.slice(at, at + inserted));
  assert.equal(client.text(uri), edited);
  const left = await live(client, uri);
  assert.equal(
    left.some((diagnostic) => diagnostic.message.includes("/var/lib/sbctl")),
    false,
  );
  assert.equal(
    client.requests.filter((request) => request.method === "window/workDoneProgress/create").length,
    1,
    "one scan only",
  );
  const statuses = client.notifications
    .filter((one) => one.method === "tidemark/status")
    .map((one) => one.params as { recommended: number });
  assert.equal(statuses.at(-1)?.recommended, outcome.recommended - 1);

  const all = (await client.actions(uri, left[0]?.range ?? list)).find((action) =>
    action.title.startsWith("Persist all recommended"),
  );
  const everything = client.after(uri, (await client.resolve(all ?? persist)).edit);
  await client.replace(uri, 0, client.text(uri).length, everything);
  assert.ok((await live(client, uri)).length < left.length);
  const rules = (await client.diagnostics(uri)).filter((diagnostic) => diagnostic.severity === 1);
  assert.deepEqual(rules, [], "what we write has no errors");
  await client.execute(ServerCommands.forget, { host: "juni" });
  assert.deepEqual(await live(client, uri), []);
  assert.equal(await client.stop(), 0);
});

test("a second scan says how much is another than at the first", async () => {
  const client = await start({ initializationOptions: { secrets: true } });
  const { uri } = await opened(client, "juni");
  const scan = () => client.execute<ScanOutcome>(ServerCommands.scan, { host: "juni", uri });
  const shown = () =>
    client.notifications
      .filter((one) => one.method === "tidemark/status")
      .map((one) => (one.params as { since: string | null }).since)
      .at(-1);
  assert.equal((await scan()).since, null, "there is none before the first");
  assert.equal((await scan()).since, "Nothing changed since the last scan");
  assert.equal(shown(), "Nothing changed since the last scan");
  const folder = path.join(fleet.demo.hosts["juni"]?.root ?? "", "var/lib/came-between");
  mkdirSync(folder);
  try {
    writeFileSync(path.join(folder, "state"), "x");
    assert.equal((await scan()).since, "2 paths differ since the last scan");
    assert.equal(shown(), "2 paths differ since the last scan");
    const logged = client.notifications.map(({ params }) => (params as { message?: string }).message);
    assert.ok(logged.includes("juni: 2 paths differ since the last scan."), logged.join("\n"));
  } finally {
    rmSync(folder, { recursive: true });
  }
  assert.equal((await scan()).since, "2 paths differ since the last scan", "they are gone again");
  await client.execute(ServerCommands.forget, { host: "juni" });
  assert.equal((await scan()).since, null, "what is forgotten is not compared with");
  await client.stop();
});

test("a path is ignored on all hosts or on one: a line of a file that is made, and it is gone at once", async () => {
  const client = await start();
  const { uri } = await opened(client, "juni");
  await client.execute<ScanOutcome>(ServerCommands.scan, { host: "juni", uri });
  const file = pathToFileURL(path.join(fleet.folder, ".tidemarkignore")).toString();
  const found = (await live(client, uri)).find(({ message }) => message.includes("/var/lib/sbctl"));
  assert.ok(found !== undefined);
  const actions = await client.actions(uri, found.range);
  const choose = async (title: string) => {
    const action = actions.find((one) => one.title === title);
    assert.ok(action !== undefined, actions.map((one) => one.title).join("\n"));
    return (await client.resolve(action)).edit;
  };
  const start0 = { line: 0, character: 0 };
  const everywhere = await choose("Ignore /var/lib/sbctl on all hosts");
  assert.deepEqual(everywhere?.documentChanges, [
    { kind: "create", uri: file, options: { ignoreIfExists: true } },
    {
      textDocument: { uri: file, version: null },
      edits: [{ range: { start: start0, end: start0 }, newText: "/var/lib/sbctl/\n" }],
    },
  ]);
  const here = await choose("Ignore /var/lib/sbctl on juni");
  assert.match(JSON.stringify(here), /\[host juni\]\\n\/var\/lib\/sbctl\/\\n/);

  await client.open(file, "/var/lib/sbctl/\n");
  assert.ok(!(await live(client, uri)).some(({ message }) => message.includes("/var/lib/sbctl")));
  assert.deepEqual(await client.diagnostics(file), [], "it is no Nix file");
  await client.stop();
});

test("a client without resolve gets the edits at once, and pushed diagnostics", async () => {
  const client = await start({ capabilities: weakClient });
  const { uri } = await opened(client, "l001");
  const outcome = await client.execute<ScanOutcome>(ServerCommands.scan, { host: "l001", uri });
  assert.equal(outcome.ok, true, outcome.message ?? "");
  const pushed = () =>
    client.published.get(uri)?.diagnostics.filter((diagnostic) => diagnostic.code === "unpersisted") ?? [];
  await client.until(() => pushed().length > 0, "pushed findings of the scan");
  const [first] = pushed();
  assert.ok(first !== undefined);
  const persist = (await client.actions(uri, first.range)).find((action) => action.title.startsWith("Persist /"));
  assert.ok(persist?.edit !== undefined);
  assert.notEqual(client.after(uri, persist.edit), client.text(uri));
  await client.stop();
});

test("progress is shown, can be cancelled, and always ends", async () => {
  const client = await start();
  const { uri } = await opened(client, "juni");
  client.answers.set("window/workDoneProgress/create", (params: { token: string }) => {
    void client.connection.sendNotification("window/workDoneProgress/cancel", { token: params.token });
    return null;
  });
  const outcome = await client.execute<ScanOutcome>(ServerCommands.scan, { host: "juni", uri });
  const values = client.progress;
  await client.until(() => values.at(-1)?.kind === "end", "the end of the progress");
  if (!outcome.ok) assert.equal(outcome.message, null, "who cancels needs no message");
  assert.equal(values[0]?.kind, "begin");
  assert.equal(values[0]?.cancellable, true);
  assert.equal(values.filter((value) => value.kind === "end").length, 1);
  await client.stop();
});

test("an unknown host key is asked about, with the fingerprint; a no connects nowhere", async () => {
  const config = path.join(path.dirname(fleet.folder), "unknown.config");
  const port = fleet.demo.hosts["juni"]?.port;
  writeFileSync(
    config,
    `Host stranger\n  HostName 127.0.0.1\n  Port ${port}\n  User root\n  UserKnownHostsFile /nonexistent/known_hosts\n  GlobalKnownHostsFile /dev/null\n`,
  );
  const settings = { hosts: { stranger: {} }, ssh: { configFile: config } };
  const client = await start({ settings });
  await opened(client, "juni");
  const asked: string[] = [];
  client.answers.set("window/showMessageRequest", (params: { message: string; actions: { title: string }[] }) => {
    asked.push(params.message, ...params.actions.map((action) => action.title));
    return null;
  });
  const outcome = await client.execute<ScanOutcome>(ServerCommands.scan, { host: "stranger" });
  assert.equal(outcome.ok, false);
  assert.match(asked[0] ?? "", /SHA256:[A-Za-z0-9+/]{43}/);
  assert.equal(asked.at(-1), "Do Not Connect");
  await client.until(() => client.messages.length > 0, "the message");
  assert.match(client.messages[0]?.message ?? "", /host key/);
  await client.stop();
});

test("a passphrase is asked for sealed: it appears nowhere on the wire", async (t) => {
  const passphrase = "correct horse battery staple";
  const key = encryptedKey(passphrase);
  const server = await startServer({ authorizedKeys: [key.public] });
  t.after(() => server.stop());
  const home = path.dirname(fleet.folder);
  const identity = path.join(home, "sealed_key");
  writeFileSync(identity, key.private, { mode: 0o600 });
  const config = path.join(home, "sealed.config");
  writeFileSync(
    config,
    `Host sealed\n  HostName 127.0.0.1\n  Port ${server.port}\n  User josh\n  IdentityFile ${identity}\n  IdentitiesOnly yes\n  UserKnownHostsFile /dev/null\n`,
  );
  const settings = { hosts: { sealed: { root: fleet.demo.hosts["l001"]?.root } }, ssh: { configFile: config } };
  const client = await start({ settings, initializationOptions: { secrets: true } });
  await opened(client, "l001");
  client.answers.set("window/showMessageRequest", () => ({ title: "Trust This Time" }));
  client.answers.set("tidemark/secret", ({ prompt, publicKey }: { prompt: string; publicKey: string }) => {
    assert.match(prompt, /sealed_key/);
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    return publicEncrypt({ key: publicKey, padding, oaepHash: "sha256" }, Buffer.from(passphrase)).toString("base64");
  });
  const outcome = await client.execute<ScanOutcome>(ServerCommands.scan, { host: "sealed" });
  assert.equal(outcome.ok, true, outcome.message ?? "");
  const logins = server.logins.length;
  const again = await client.execute<ScanOutcome>(ServerCommands.scan, { host: "sealed" });
  assert.deepEqual([again.ok, server.logins.length], [true, logins], "the connection is kept for the next scan");
  const wire = JSON.stringify([client.requests, client.notifications, client.logged]);
  assert.equal(wire.includes(passphrase), false);

  const plain = await start({ settings, capabilities: fullClient });
  await opened(plain, "l001");
  plain.answers.set("window/showMessageRequest", () => ({ title: "Trust This Time" }));
  const refused = await plain.execute<ScanOutcome>(ServerCommands.scan, { host: "sealed" });
  assert.match(refused.message ?? "", /ssh-add/, "a client that cannot ask says what to do");
});

test("a question whose scan is cancelled is taken off the screen", async (t) => {
  const key = encryptedKey("secret");
  const server = await startServer({ authorizedKeys: [key.public] });
  t.after(() => server.stop());
  const home = path.dirname(fleet.folder);
  const identity = path.join(home, "withdrawn_key");
  const known = path.join(home, "withdrawn_known");
  writeFileSync(identity, key.private, { mode: 0o600 });
  writeFileSync(known, `[127.0.0.1]:${server.port} ${server.hostKey.public}\n`);
  const config = path.join(home, "withdrawn.config");
  writeFileSync(
    config,
    `Host asking\n  HostName 127.0.0.1\n  Port ${server.port}\n  User josh\n  IdentityFile ${identity}\n  IdentitiesOnly yes\n  UserKnownHostsFile ${known}\n`,
  );
  for (const ssh of ["ssh2", ...(spawnSync("ssh", ["-V"]).error === undefined ? ["openssh"] : [])]) {
    const settings = { hosts: { asking: {} }, ssh: { configFile: config, client: ssh } };
    const client = await start({ settings, initializationOptions: { secrets: true } });
    await opened(client, "l001");
    const cancel = new CancellationTokenSource();
    let withdrawn = false;
    client.answers.set("tidemark/secret", (_params, token) => {
      cancel.cancel();
      return new Promise((resolve) => {
        token.onCancellationRequested(() => {
          withdrawn = true;
          resolve(null);
        });
      });
    });
    const params = { command: ServerCommands.scan, arguments: [{ host: "asking" }] };
    const outcome = await client.connection.sendRequest<ScanOutcome>("workspace/executeCommand", params, cancel.token);
    assert.deepEqual([outcome.ok, outcome.message, withdrawn], [false, null, true], ssh);
    await client.stop();
  }
});

test("an unreachable host, nonsense and an untrusted workspace each give one clear message", async () => {
  const client = await start({ settings: { hosts: { gone: { destination: "root@127.0.0.1:1" } } } });
  await opened(client, "juni");
  const outcome = await client.execute<ScanOutcome>(ServerCommands.scan, { host: "gone" });
  assert.equal(outcome.ok, false);
  await client.until(() => client.messages.length > 0, "the message");
  assert.equal(client.messages.length, 1);
  assert.equal(client.messages[0]?.message, outcome.message);
  assert.match(outcome.message ?? "", /gone|127\.0\.0\.1/);
  const injected = await client.execute<ScanOutcome>(ServerCommands.scan, { host: "-oProxyCommand=touch /tmp/owned" });
  assert.equal(injected.ok, false);
  assert.equal((await client.execute<ScanOutcome>(ServerCommands.scan, "nonsense")).ok, false);
  await client.stop();

  const untrusted = await start({ initializationOptions: { trusted: false } });
  const { uri } = await opened(untrusted, "juni");
  assert.match(
    (await untrusted.execute<ScanOutcome>(ServerCommands.scan, { host: "juni" })).message ?? "",
    /not trusted/,
  );
  assert.ok((await untrusted.diagnostics(uri)).length > 0, "static analysis works");
  await untrusted.stop();
});

test("with several scanned hosts every action says for which it is; folders that go take their findings along", async () => {
  const client = await start();
  const { uri } = await opened(client, "juni");
  for (const host of ["juni", "l001"]) {
    const outcome = await client.execute<ScanOutcome>(ServerCommands.scan, { host, uri });
    assert.equal(outcome.ok, true, outcome.message ?? "");
  }
  const found = await live(client, uri);
  const titles = (
    await client.actions(uri, found[0]?.range ?? { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } })
  ).map((action) => action.title);
  assert.ok(
    titles.some((title) => title.endsWith(" (juni)")),
    titles.join(", "),
  );
  assert.equal(
    titles.some((title) => title.startsWith("Persist ") && !title.endsWith(")")),
    false,
  );

  const refreshed = client.refreshes;
  client.answers.set("workspace/workspaceFolders", () => []);
  await client.close(uri);
  await client.connection.sendNotification("workspace/didChangeWorkspaceFolders", {
    event: { added: [], removed: [{ uri: pathToFileURL(fleet.folder).toString(), name: "workspace" }] },
  });
  await client.until(() => client.refreshes > refreshed + 1, "a refresh after the folder went");
  const other = fleet.file("l001");
  await client.open(other.uri, other.text);
  assert.deepEqual(await live(client, other.uri), [], "no folder of the workspace holds files named after the host");
  await client.stop();
});
