// Who is let in, and to which host, alike for every SSH client: host keys, keys, agents, passphrases and passwords.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, test } from "node:test";
import { forgetAcceptedKeys } from "../../server/src/hosts/hostKeyPolicy";
import { forgetSecrets } from "../../server/src/hosts/identitiesSecrets";
import {
  ends,
  filed,
  identity,
  isRunning,
  know,
  place,
  prepare,
  print,
  type Serve,
  serversFor,
} from "./support/clients";
import { answering, failsWith, knownHost, output, until } from "./support/place";
import { encryptedKey, type KeyPair, newKey, type ServerOptions, startServer } from "./support/server";
import { noSsh } from "./support/sshd";

for (const client of ["ssh2", "openssh"] as const) {
  for (const [title, serve, missing] of serversFor(client)) {
    describe(`${client} and ${title}: keys`, { skip: missing }, () => {
      prepare(client);
      hostKeys(serve, client);
      keys(serve);
    });
  }
  describe(`${client}: logins by questions`, { skip: client === "openssh" && noSsh }, () => {
    prepare(client);
    questions();
  });
}

function hostKeys(serve: Serve, client: "ssh2" | "openssh"): void {
  test("unknown: asked with its fingerprint; once, always and no mean what they say", async () => {
    const key = newKey();
    const server = await serve("juni", key, { lines: [identity(key)] });
    const refusing = answering({ hostKey: "no" });
    await assert.rejects(place.connect("juni", refusing), failsWith("host-key-unknown", print(server.hostKey)));
    const evidence = {
      host: "127.0.0.1",
      port: server.port,
      keyType: "ssh-ed25519",
      fingerprint: print(server.hostKey),
    };
    assert.deepEqual(refusing.hostKeys, [{ ...evidence, knownTypes: [] }]);

    (await place.connect("juni", answering({ hostKey: "once" }))).close();
    assert.equal(existsSync(`${place.stateFolder}/known_hosts`), false);
    const again = answering({});
    (await place.connect("juni", again)).close();
    assert.equal(again.hostKeys.length, 0, "remembered in this session");

    forgetAcceptedKeys();
    (await place.connect("juni", answering({ hostKey: "always" }))).close();
    assert.equal(place.read("state/known_hosts"), knownHost(filed(server.port), server.hostKey));
    forgetAcceptedKeys();
    const known = answering({});
    (await place.connect("juni", known)).close();
    assert.equal(known.hostKeys.length, 0, "remembered for good");
    assert.equal(existsSync(place.knownHosts), false, "the user's own file is never written");
  });

  test("changed: refused without a question, whatever StrictHostKeyChecking says", async () => {
    for (const strict of ["ask", "no", "accept-new", "yes"]) {
      place.write("config", "");
      const key = newKey();
      const server = await serve("juni", key, { lines: [identity(key), `StrictHostKeyChecking ${strict}`] });
      place.write("known_hosts", knownHost(filed(server.port), newKey()));
      const prompter = answering({ hostKey: "always" });
      const refused = failsWith(
        "host-key-changed",
        print(server.hostKey),
        `${place.knownHosts} line 1`,
        "ssh-keygen -R",
      );
      await assert.rejects(place.connect("juni", prompter), refused);
      assert.equal(prompter.hostKeys.length, 0, strict);
    }
  });

  test("revoked: refused although it is also known", async () => {
    const key = newKey();
    const server = await serve("juni", key, { lines: [identity(key)] });
    const line = knownHost(filed(server.port), server.hostKey);
    place.write("known_hosts", `${line}@revoked ${line}`);
    await assert.rejects(place.connect("juni"), failsWith("host-key-revoked", print(server.hostKey), "line 2"));
  });

  test("known by another type: never accepted unasked, also under accept-new", async () => {
    const key = newKey();
    const server = await serve("juni", key, { lines: [identity(key), "StrictHostKeyChecking accept-new"] });
    place.write("known_hosts", knownHost(filed(server.port), newKey("rsa")));
    const prompter = answering({ hostKey: "no" });
    // ssh takes it for a change; the built-in SSH asks.
    const kind = client === "openssh" ? "host-key-changed" : "host-key-unknown";
    await assert.rejects(place.connect("juni", prompter), failsWith(kind, print(server.hostKey)));
    const asked = client === "openssh" ? [] : [["ssh-rsa"]];
    assert.deepEqual(
      prompter.hostKeys.map(({ knownTypes }) => knownTypes),
      asked,
    );
  });

  test("yes asks nothing; accept-new accepts and records", async () => {
    const key = newKey();
    const server = await serve("juni", key, { lines: [identity(key), "StrictHostKeyChecking yes"] });
    const prompter = answering({ hostKey: "always" });
    await assert.rejects(place.connect("juni", prompter), failsWith("host-key-unknown", "StrictHostKeyChecking"));
    place.host("fresh", server.port, [`User ${userOf("juni")}`, identity(key), "StrictHostKeyChecking accept-new"]);
    (await place.connect("fresh", prompter)).close();
    assert.equal(prompter.hostKeys.length, 0);
    assert.equal(place.read("state/known_hosts"), knownHost(filed(server.port), server.hostKey));
  });
}

function userOf(alias: string): string {
  return new RegExp(`^Host ${alias}\n(?: {2}.*\n)*? {2}User (.*)$`, "m").exec(place.read("config"))?.[1] ?? "josh";
}

function keys(serve: Serve): void {
  test("the wrong key is refused and named", async () => {
    const other = newKey();
    const server = await serve("juni", newKey(), { lines: [identity(other)] });
    know(server);
    await assert.rejects(
      place.connect("juni"),
      failsWith("auth-failed", `${place.folder}/id`, "publickey", "Tried: key"),
    );
  });

  test("an encrypted key: asked for, again when wrong, then remembered, never logged", async () => {
    const secret = "correct horse 'battery' $staple";
    const key = encryptedKey(secret);
    know(await serve("juni", key, { lines: [identity(key)] }));
    const prompter = answering({ secrets: ["wrong", secret] });
    (await place.connect("juni", prompter)).close();
    assert.deepEqual(
      prompter.secrets.map(({ kind, echo, prompt }) => [kind, echo, prompt.includes(`${place.folder}/id`)]),
      [1, 2].map(() => ["passphrase", false, true]),
    );
    const again = answering({});
    (await place.connect("juni", again)).close();
    assert.equal(again.secrets.length, 0);
    assert.ok(!place.log.some((line) => line.includes(secret)));
  });

  test("a passphrase that is not given stops it; one that stays wrong fails", async () => {
    const key = encryptedKey("secret");
    know(await serve("juni", key, { lines: [identity(key)] }));
    await assert.rejects(
      place.connect("juni", answering({ secrets: [null] })),
      failsWith("passphrase-cancelled", "/id"),
    );
    const wrong = answering({ secrets: ["1", "2", "3", "4"] });
    await assert.rejects(place.connect("juni", wrong), failsWith("auth-failed", "wrong passphrase"));
    assert.equal(wrong.secrets.length, 3);
  });

  test("an agent with many keys, of which one is configured", async () => {
    const mine = newKey();
    const agent = startAgent([...Array.from({ length: 8 }, () => newKey()), mine]);
    place.write("mine.pub", mine.public);
    const lines = [`IdentityAgent ${agent}`, `IdentityFile ${place.folder}/mine`];
    know(await serve("juni", mine, { lines: [...lines, "IdentitiesOnly yes"] }));
    const connection = await place.connect("juni");
    assert.equal(await output(connection, "echo in"), "in\n");
    connection.close();
  });

  test("through a chain of jump hosts, each host key checked", async () => {
    const key = newKey();
    const lines = [identity(key)];
    const gate = await serve("gate", key, { lines });
    const inner = await serve("inner", key, { lines });
    const juni = await serve("juni", key, { lines: [...lines, "ProxyJump gate,inner"] });
    know(gate, juni);
    const prompter = answering({ hostKey: "once" });
    const connection = await place.connect("juni", prompter);
    assert.equal(await output(connection, "echo there"), "there\n");
    assert.deepEqual(
      prompter.hostKeys.map(({ port }) => port),
      [inner.port],
    );
    const logins = place.events.flatMap((event) => (event.kind === "login" ? [event.host.split(" ")[0]] : []));
    assert.deepEqual(logins, ["gate", "inner", "juni"]);
    connection.close();
    assert.equal(existsSync(`${place.stateFolder}/known_hosts`), false);
  });

  test("a jump host that cannot reach on", async () => {
    const key = newKey();
    const gate = await serve("gate", key, { lines: [identity(key)] });
    know(gate);
    place.host("juni", 1, ["ProxyJump gate"]);
    await assert.rejects(place.connect("juni"), failsWith("refused", "gate", "juni"));
  });

  test("cancelled while a person is asked: nothing is left", async () => {
    const key = encryptedKey("secret");
    know(await serve("juni", key, { lines: [identity(key)] }));
    const abort = new AbortController();
    let withdrawn = false;
    const prompter = {
      ...answering({}),
      secret: (_request: unknown, signal?: AbortSignal) => {
        signal?.addEventListener("abort", () => {
          withdrawn = true;
        });
        setImmediate(() => abort.abort());
        return new Promise<never>(() => undefined);
      },
    };
    await assert.rejects(place.connect("juni", prompter, abort.signal), failsWith("cancelled"));
    assert.equal(withdrawn, true, "the question is taken off the screen");
    await until(() => !isRunning(place.folder), "the end of everything that names this place");
  });
}

function questions(): void {
  const secret = "p4ss 'word' \\ $x";
  const juni = async (options: ServerOptions, lines: readonly string[] = []) => {
    const server = await startServer(options);
    ends.push(() => server.stop());
    place.host("juni", server.port, lines);
    know(server);
    return server;
  };

  test("a password: asked again when wrong, then remembered", async () => {
    await juni({ password: secret });
    const prompter = answering({ secrets: ["wrong", secret] });
    (await place.connect("juni", prompter)).close();
    assert.deepEqual(
      prompter.secrets.map(({ kind, echo }) => [kind, echo]),
      [1, 2].map(() => ["password", false]),
    );
    assert.match(prompter.secrets[0]?.prompt ?? "", /^Password for juni \(josh@/);
    const again = answering({});
    (await place.connect("juni", again)).close();
    assert.equal(again.secrets.length, 0);
    assert.ok(!place.log.some((line) => line.includes(secret)));
    forgetSecrets();
    await assert.rejects(place.connect("juni", answering({ secrets: [null] })), failsWith("cancelled", "password"));
  });

  test("keyboard-interactive, a key and then a password, and no login at all", async () => {
    await juni({ questions: [{ prompt: "One\u001b[2Jtime code: ", echo: false, answer: "123456" }] });
    const prompter = answering({ secrets: ["123456"] });
    (await place.connect("juni", prompter)).close();
    assert.equal(prompter.secrets[0]?.kind, "answer");
    assert.match(prompter.secrets[0]?.prompt ?? "", /^juni \(.*time code:/);
    assert.doesNotMatch(prompter.secrets[0]?.prompt ?? "", /\p{Cc}/u);

    place.write("config", "");
    const key = newKey();
    await juni({ authorizedKeys: [key.public], password: secret, keyThenPassword: true }, [identity(key)]);
    (await place.connect("juni", answering({ secrets: [secret] }))).close();

    place.write("config", "");
    await juni({ open: true });
    (await place.connect("juni")).close();
  });

  test("what goes wrong has the same kind and words", async () => {
    place.host("nobody", 1);
    await assert.rejects(place.connect("nobody"), failsWith("refused", "nothing listens"));
    place.write("config", `Host juni\n  HostName name.invalid\n  ConnectTimeout 5\n`);
    await assert.rejects(place.connect("juni"), failsWith("unresolvable", "juni"));
    place.write("config", "");
    const server = await startServer({ fault: "socket" });
    ends.push(() => server.stop());
    place.host("silent", server.port, ["ConnectTimeout 1"]);
    await assert.rejects(place.connect("silent"), failsWith("timeout", "silent"));
    await until(() => server.openSockets() === 0, "the socket to be freed");
  });
}

/** A real ssh-agent with the given keys; its socket. */
function startAgent(keys: readonly KeyPair[]): string {
  const socket = `${place.folder}/agent`;
  const { stdout } = spawnSync("ssh-agent", ["-s", "-a", socket], { encoding: "utf8" });
  const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(stdout)?.[1]);
  ends.push(() => void process.kill(pid));
  for (const key of keys) {
    const added = spawnSync("ssh-add", ["-q", "-"], {
      input: key.private,
      env: { ...process.env, SSH_AUTH_SOCK: socket },
    });
    assert.equal(added.status, 0, `${added.stderr}`);
  }
  return socket;
}
