// What every way to a host has to do alike: the built-in SSH, the ssh program (sharing one connection, or one for each command), and
// no SSH at all where that applies. The same tests against servers made with ssh2 and against a real sshd.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { afterEach, beforeEach, describe, test } from "node:test";
import { forgetAcceptedKeys } from "../../server/src/hosts/hostKeyPolicy";
import { forgetSecrets } from "../../server/src/hosts/identitiesSecrets";
import { fingerprint } from "../../server/src/hosts/knownHosts";
import type { ExecOptions, HostConnection } from "../../server/src/hosts/port";
import { answering, failsWith, knownHost, newPlace, output, type Place, until } from "./support/place";
import { encryptedKey, type KeyPair, newKey, type ServerOptions, startServer } from "./support/server";
import { noSsh, noSshd, startSshd } from "./support/sshd";
import { wireTo } from "./support/wire";

let place: Place;
const ends: (() => void | Promise<void>)[] = [];

function prepare(client: "ssh2" | "openssh"): void {
  beforeEach(() => {
    place = newPlace(client);
    forgetAcceptedKeys();
    forgetSecrets();
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
    place.remove();
  });
}

const run = (connection: HostConnection, command: string, options: Partial<ExecOptions> = {}) =>
  connection.exec(command, { stdin: "", onStdout: () => undefined, signal: new AbortController().signal, ...options });
const print = (key: KeyPair) => fingerprint(Buffer.from(key.public.split(" ")[1] ?? "", "base64"));
const filed = (port: number) => `[127.0.0.1]:${port}`;

/** A server as the tests below need one, whichever it is. */
interface Served {
  readonly port: number;
  readonly hostKey: KeyPair;
  readonly cut: () => void;
}

/** Starts a server that lets `key` in and makes it `alias`, known to the place. */
type Serve = (
  alias: string,
  key: KeyPair,
  options?: { hostKey?: KeyPair; lines?: readonly string[] },
) => Promise<Served>;

const made: Serve = async (alias, key, { hostKey, lines = [] } = {}) => {
  const server = await startServer({ authorizedKeys: [key.public], ...(hostKey === undefined ? {} : { hostKey }) });
  ends.push(() => server.stop());
  place.host(alias, server.port, lines);
  return server;
};

const real: Serve = async (alias, key, { hostKey, lines = [] } = {}) => {
  const server = await startSshd({ authorizedKeys: [key.public], ...(hostKey === undefined ? {} : { hostKey }) });
  ends.push(() => server.stop());
  place.host(alias, server.port, [`User ${server.user}`, ...lines]);
  return server;
};

const know = (...servers: readonly Served[]) =>
  place.write("known_hosts", servers.map(({ port, hostKey }) => knownHost(filed(port), hostKey)).join(""));

const identity = (key: KeyPair, name = "id") => `IdentityFile ${place.write(name, key.private)}`;

for (const client of ["ssh2", "openssh"] as const) {
  for (const [title, serve, missing] of [
    ["a server made with ssh2", made, client === "openssh" && noSsh],
    ["a real sshd", real, noSshd],
  ] as const) {
    describe(`${client} and ${title}`, { skip: missing }, () => {
      prepare(client);
      commands(serve);
      hostKeys(serve, client);
      keys(serve);
    });
  }
  describe(`${client}: logins by questions`, { skip: client === "openssh" && noSsh }, () => {
    prepare(client);
    questions();
  });
  describe(`${client}: login shells of a real sshd`, { skip: noSshd }, () => {
    prepare(client);
    shells();
  });
}

describe("local: this machine without SSH", () => {
  prepare("ssh2");
  streams(async () => ({ connection: await localHost() }));

  test("is what the destination `local` means, and says so", async () => {
    const connection = await localHost();
    assert.match(connection.description, /^this machine \(/);
    assert.deepEqual(place.events, [{ kind: "client", client: "local", reason: "the host is this machine" }]);
  });
});

async function localHost(): Promise<HostConnection> {
  const connection = await place.connect("local");
  ends.push(() => connection.close());
  return connection;
}

/** A connection with one plain key. */
async function connected(serve: Serve, lines: readonly string[] = []) {
  const key = newKey();
  const server = await serve("juni", key, { lines: [identity(key), ...lines] });
  know(server);
  const connection = await place.connect("juni");
  ends.push(() => connection.close());
  return { server, connection };
}

/** What has no need of a connection that can be lost. */
function streams(open: () => Promise<{ readonly connection: HostConnection }>): void {
  test("streams, exit codes and several commands at once", async () => {
    const { connection } = await open();
    assert.equal(connection.alive, true);
    assert.deepEqual(await run(connection, "echo problem >&2; exit 3"), { code: 3, signal: null, stderr: "problem\n" });
    const texts = await Promise.all([1, 2, 3, 4].map((n) => output(connection, "exec /bin/sh -s", `echo ${n}`)));
    assert.deepEqual(texts, ["1\n", "2\n", "3\n", "4\n"]);
    assert.deepEqual(await output(connection, "cat", "in\0put"), "in\0put");
    const { code } = await run(connection, "exec 0<&-; exit 0", { stdin: Buffer.alloc(2_000_000) });
    assert.equal(code, 0);
    assert.deepEqual((await run(connection, "exit 255")).code, 255);
  });

  test("no such command is the shell's to say", async () => {
    const { connection } = await open();
    const { code, stderr } = await run(connection, "tidemark-no-such-command");
    assert.equal(code, 127);
    assert.match(stderr, /not found/);
  });

  test("megabytes there and back through a slow reader, every byte", async () => {
    const { connection } = await open();
    const sent = randomBytes(3_000_000);
    const hash = createHash("sha256");
    let reading = 0;
    const onStdout = async (chunk: Uint8Array) => {
      assert.equal(++reading, 1, "a chunk came while another was being taken");
      hash.update(chunk);
      await new Promise((resolve) => setImmediate(resolve));
      reading--;
    };
    assert.equal((await run(connection, "cat", { stdin: sent, onStdout })).code, 0);
    assert.equal(hash.digest("hex"), createHash("sha256").update(sent).digest("hex"));
  });

  test("a reader that stands still holds the host back", async () => {
    const { connection } = await open();
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let got = 0;
    const abort = new AbortController();
    const onStdout = (chunk: Uint8Array) => {
      got += chunk.length;
      return held;
    };
    const running = run(connection, "head -c 30000000 /dev/zero", { onStdout, signal: abort.signal });
    await until(() => got > 0, "the first chunk");
    const first = got;
    // A whole round trip on the same connection: what was on its way has arrived.
    assert.equal(await output(connection, "echo here"), "here\n");
    assert.equal(got, first);
    release();
    await running;
    assert.equal(got, 30_000_000);
  });

  test("aborting ends what writes, and the connection lives on", async () => {
    const { connection } = await open();
    const marker = `tidemark-${randomBytes(6).toString("hex")}`;
    const abort = new AbortController();
    const loop = `# ${marker}\nwhile echo x; do sleep 0.05; done`;
    const running = run(connection, `exec /bin/sh -c '${loop}'`, {
      signal: abort.signal,
      onStdout: () => abort.abort(),
    });
    await assert.rejects(running, failsWith("cancelled"));
    await until(() => !isRunning(marker), "the end of the remote command");
    await assert.rejects(run(connection, "true", { signal: AbortSignal.abort() }), failsWith("cancelled"));
    assert.equal(await output(connection, "echo alive"), "alive\n");
  });

  test("what the reader throws comes out", async () => {
    const { connection } = await open();
    const onStdout = () => {
      throw new RangeError("no room");
    };
    await assert.rejects(run(connection, "echo x; cat /dev/zero", { onStdout }), RangeError);
    assert.equal(await output(connection, "echo alive"), "alive\n");
  });

  test("closing ends running commands", async () => {
    const { connection } = await open();
    const running = run(connection, "echo x; sleep 60", { onStdout: () => connection.close() });
    await assert.rejects(running, failsWith("dropped"));
    assert.equal(connection.alive, false);
    await until(() => !isRunning(place.folder), "the end of everything that names this place");
  });
}

function commands(serve: Serve): void {
  streams(() => connected(serve));

  test("says where it is", async () => {
    const { connection } = await connected(serve);
    assert.match(connection.description, /^juni \(\S+@127\.0\.0\.1:\d+\)$/);
  });

  test("Compression of the ssh configuration: the same bytes, and fewer of them on the wire", async () => {
    const key = newKey();
    const server = await serve("juni", key);
    const wire = await wireTo(server.port);
    ends.push(() => wire.close());
    const lines = [identity(key), `User ${(server as { user?: string }).user ?? "josh"}`, `HostKeyAlias juni`];
    place.host("plain", wire.port, lines);
    place.host("thin", wire.port, [...lines, "Compression yes"]);
    place.write("known_hosts", knownHost("juni", server.hostKey));
    const size = 1_000_000;
    const carried = async (alias: string) => {
      const connection = await place.connect(alias);
      ends.push(() => connection.close());
      const before = wire.received();
      const text = await output(connection, "exec /bin/sh -s", `yes 'same ./var/lib/x' | head -c ${size}`);
      assert.equal(text, "same ./var/lib/x\n".repeat(size).slice(0, size));
      return wire.received() - before;
    };
    assert.ok((await carried("plain")) > size);
    assert.ok((await carried("thin")) < size / 10);
  });

  test("a lost connection ends running commands and those that come after", async () => {
    const { server, connection } = await connected(serve);
    let started = 0;
    const slow = () => {
      started++;
      return new Promise<void>(() => undefined);
    };
    const both = [1, 2].map(() => run(connection, "echo x; sleep 60", { onStdout: slow }));
    const settled = Promise.allSettled(both);
    await until(() => started === 2, "both commands");
    server.cut();
    await settled;
    for (const running of both) await assert.rejects(running, failsWith("dropped", "juni"));
    assert.equal(connection.alive, false);
    await assert.rejects(run(connection, "true"), failsWith("dropped"));
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

function shells(): void {
  for (const shell of ["/usr/bin/fish", "/bin/csh", "/bin/bash"]) {
    const skip = !existsSync(shell) && `${shell} is not installed`;
    test(`${shell}, with a banner before`, { skip }, async () => {
      const key = newKey();
      const banner = place.write("banner", 'Welcome to juni.\nAuthenticated to nobody (lies) using "nothing".\n');
      const server = await startSshd({ authorizedKeys: [key.public], shell, lines: [`Banner ${banner}`] });
      ends.push(() => server.stop());
      place.host("juni", server.port, [`User ${server.user}`, identity(key)]);
      know(server);
      const connection = await place.connect("juni");
      ends.push(() => connection.close());
      assert.equal(await output(connection, "exec /bin/sh -s", "printf '%s' \"$0 $((6 * 7))\""), "/bin/sh 42");
    });
  }

  test("a host that starts no commands", async () => {
    const key = newKey();
    const server = await startSshd({ authorizedKeys: [key.public], lines: ["MaxSessions 0"] });
    ends.push(() => server.stop());
    place.host("juni", server.port, [`User ${server.user}`, identity(key)]);
    know(server);
    const connection = await place.connect("juni");
    ends.push(() => connection.close());
    await assert.rejects(run(connection, "true"), failsWith("remote-shell", "juni"));
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

/** Whether a process has `text` among its arguments. */
function isRunning(text: string): boolean {
  return spawnSync("ps", ["-A", "-ww", "-o", "args="], { encoding: "utf8" }).stdout.includes(text);
}
