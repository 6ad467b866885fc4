// Evaluation with the real Nix, through the bundled server.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { type EvaluationOutcome, ServerCommands } from "../../server/src/lsp/protocol";
import { type ClientOptions, LspClient, weakClient } from "../support/lspClient";
import { type NixFlake, nixFlake, noNix } from "../support/nixFlake";

let flake: NixFlake;
beforeEach(() => {
  flake = nixFlake();
});
afterEach(() => {
  LspClient.killAll();
  flake.remove();
});

interface Asked {
  readonly message: string;
  readonly actions: readonly { readonly title: string }[];
}

/** A client in the flake that gives `answer` to the question whether to evaluate. */
async function start(evaluation: string | null, answer: string | null, options: ClientOptions = {}) {
  const settings = evaluation === null ? {} : { evaluation };
  const client = LspClient.spawn({ folder: flake.folder, settings, environment: flake.environment, ...options });
  const asked: Asked[] = [];
  client.answers.set("window/showMessageRequest", (params: Asked) => {
    asked.push(params);
    return answer === null ? null : { title: answer };
  });
  await client.initialize();
  return { client, asked };
}

async function open(client: LspClient, name: string): Promise<string> {
  const uri = pathToFileURL(flake.file(name)).toString();
  await client.open(uri, readFileSync(flake.file(name), "utf8"));
  return uri;
}

const told = async (client: LspClient, uri: string, code = "evaluation-differs") =>
  (await client.diagnostics(uri))
    .filter((diagnostic) => diagnostic.code === code)
    .map(({ range, severity, message }) => ({ line: range.start.line + 1, severity, message: String(message) }));

const ended = (client: LspClient, count = 1) =>
  client.until(() => client.progress.filter(({ kind }) => kind === "end").length >= count, "the end of an evaluation");

describe("with the real Nix", { skip: noNix }, () => {
  test("asked once when a file of a flake is opened; after a yes the file's host is evaluated in the background", async () => {
    const { client, asked } = await start(null, "Yes");
    const uri = await open(client, "hosts/juni.nix");
    await ended(client);
    assert.deepEqual(
      asked.map(({ actions }) => actions.map(({ title }) => title)),
      [["Yes", "Never"]],
    );
    assert.match(asked[0]?.message ?? "", /runs the code of this flake/);
    assert.deepEqual(await told(client, uri), [
      {
        line: 33,
        severity: 3,
        message:
          "As Nix evaluates juni, /var/lib/bluetooth is not persisted: the condition it stands under does not hold for this host.",
      },
      {
        line: 32,
        severity: 3,
        message:
          'As Nix evaluates juni, /persist keeps 2 more paths than the text shows: /var/lib/extra, /var/lib/forgejo. This part may be where they come from; it is not resolved here (`map (name: "/var/lib/${name}") config.state.names` is not resolved).',
      },
    ]);
    assert.equal(client.progress[0]?.kind, "begin");
    assert.equal(client.progress[0]?.cancellable, true);
    await client.stop();

    const again = await start(null, null);
    await open(again.client, "hosts/juni.nix");
    await ended(again.client);
    assert.deepEqual(again.asked, [], "the answer is remembered");
    await again.client.stop();
  });

  test("what is told holds for the text Nix read: it goes with an edit, and comes again with the saved file", async () => {
    const { client } = await start("on", null);
    const uri = await open(client, "hosts/juni.nix");
    await ended(client);
    assert.equal((await told(client, uri)).length, 2);
    const text = client.text(uri);
    const at = text.indexOf('== ""');
    await client.replace(uri, at, at + 2, "!=");
    assert.deepEqual(await told(client, uri), []);
    writeFileSync(flake.file("hosts/juni.nix"), client.text(uri));
    await client.connection.sendNotification("workspace/didChangeWatchedFiles", { changes: [{ uri, type: 2 }] });
    await ended(client, 2);
    const found = await told(client, uri);
    assert.equal(found.length, 1);
    assert.match(found[0]?.message ?? "", /2 more paths/);
    await client.stop();
  });

  test("the command evaluates any host and says what came of it; errors are shown at their place", async () => {
    const { client } = await start("on", null);
    const outcome = await client.execute<EvaluationOutcome>(ServerCommands.evaluate, { host: "juni" });
    assert.deepEqual(outcome, { ok: true, host: "juni", differences: 3, added: 2, message: null });
    const uri = await open(client, "hosts/broken.nix");
    const failed = await client.execute<EvaluationOutcome>(ServerCommands.evaluate, { host: "broken", uri });
    assert.equal(failed.ok, false);
    assert.match(failed.message ?? "", /'services' missing/);
    await client.until(() => client.messages.length > 0, "the message");
    assert.equal(client.messages[0]?.message, failed.message);
    const [shown, ...more] = await told(client, uri, "evaluation-failed");
    assert.deepEqual(more, []);
    assert.equal(shown?.line, 5);
    assert.match(shown?.message ?? "", /Nix cannot evaluate broken/);
    const nobody = await client.execute<EvaluationOutcome>(ServerCommands.evaluate, { host: 'x"; rm', uri });
    assert.match(nobody.message ?? "", /not a name/);
    await client.stop();
  });

  test("levels of the codes are settings as those of rules", async () => {
    const settings = { evaluation: "on", rules: { "evaluation-differs": "off", "evaluation-failed": "error" } };
    const { client } = await start(null, null, { settings });
    const uri = await open(client, "hosts/juni.nix");
    const broken = await open(client, "hosts/broken.nix");
    await ended(client, 2);
    assert.deepEqual(await told(client, uri), []);
    assert.equal((await told(client, broken, "evaluation-failed"))[0]?.severity, 1);
    await client.stop();
  });

  test("a weak client is asked and gets its findings too", async () => {
    const { client, asked } = await start(null, "Yes", { capabilities: weakClient });
    const uri = await open(client, "hosts/juni.nix");
    const pushed = () => client.published.get(uri)?.diagnostics.map(({ code }) => code) ?? [];
    await client.until(() => pushed().includes("evaluation-differs"), "the findings");
    assert.equal(asked.length, 1);
    await client.stop();
  });
});

describe("with a program that stands for Nix", () => {
  /** Environment with a `nix` that notes its process and its arguments, and then does what `script` says. */
  function fakeNix(script: string) {
    const folder = path.join(path.dirname(flake.folder), "bin");
    const notes = path.join(folder, "notes");
    mkdirSync(folder);
    writeFileSync(path.join(folder, "nix"), `#!/bin/sh\necho $$ "$@" >> '${notes}'\n${script}\n`);
    chmodSync(path.join(folder, "nix"), 0o755);
    const environment = { ...flake.environment, PATH: `${folder}:${process.env["PATH"]}` };
    return { environment, notes: () => (existsSync(notes) ? readFileSync(notes, "utf8") : "") };
  }

  for (const [what, evaluation, answer, options] of [
    ["Never", null, "Never", {}],
    ["no answer", null, null, {}],
    ["switched off", "off", "Yes", {}],
    ["nonsense in the settings", "yes please", "Yes", {}],
    ["a workspace that is not trusted", "on", "Yes", { initializationOptions: { trusted: false } }],
  ] as const) {
    test(`${what}: nothing runs`, async () => {
      const fake = fakeNix("exit 1");
      const { client, asked } = await start(evaluation, answer, { ...options, environment: fake.environment });
      const uri = await open(client, "hosts/juni.nix");
      if (evaluation === null)
        await client.until(
          () => client.requests.some(({ method }) => method === "window/showMessageRequest"),
          "the question",
        );
      const refused = await client.execute<EvaluationOutcome>(ServerCommands.evaluate, { host: "juni", uri });
      assert.equal(refused.ok, false);
      await client.diagnostics(uri);
      assert.equal(fake.notes(), "");
      assert.equal(asked.length, evaluation === null ? 2 : 0, "by itself once, and when the command is given");
      assert.equal(await client.stop(), 0);
      const again = await start(evaluation, answer, { ...options, environment: fake.environment });
      await open(again.client, "hosts/juni.nix");
      await again.client.execute(ServerCommands.hosts);
      if (answer === "Never") assert.deepEqual(again.asked, []);
      await again.client.stop();
    });
  }

  test("cancelling the progress ends Nix", async () => {
    const fake = fakeNix("case \"$*\" in *apply?builtins.attrNames*) echo '[]';; *) sleep 1000;; esac");
    const { client } = await start("on", null, { environment: fake.environment });
    client.answers.set("window/workDoneProgress/create", (params: { token: string }) => {
      const stop = () => client.connection.sendNotification("window/workDoneProgress/cancel", { token: params.token });
      const started = () => (/^(\d+) eval .*--apply config/m.test(fake.notes()) ? void stop() : setImmediate(started));
      started();
      return null;
    });
    const outcome = await client.execute<EvaluationOutcome>(ServerCommands.evaluate, { host: "juni" });
    assert.deepEqual(outcome, { ok: false, host: "juni", differences: 0, added: 0, message: null });
    const [, pid = ""] = /^(\d+) eval .*--apply config/m.exec(fake.notes()) ?? [];
    assert.match(spawnSync("ps", ["-o", "stat=", "-p", pid], { encoding: "utf8" }).stdout, /^(?:Z.*\n)?$/);
    assert.deepEqual(client.messages, [], "who cancels needs no message");
    await client.stop();
  });

  test("a server that is told to stop leaves no Nix behind", async () => {
    const fake = fakeNix('case "$*" in *apply?builtins.attrNames*) echo \'["juni"]\';; *) exec sleep 1000;; esac');
    const { client } = await start("on", null, { environment: fake.environment });
    await open(client, "hosts/juni.nix");
    const started = () => /^(\d+) eval .*--apply config/m.exec(fake.notes());
    while (started() === null) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(await client.stop(), 0);
    const [, pid = ""] = started() ?? [];
    assert.match(spawnSync("ps", ["-o", "stat=", "-p", pid], { encoding: "utf8" }).stdout, /^(?:Z.*\n)?$/);
  });
});
