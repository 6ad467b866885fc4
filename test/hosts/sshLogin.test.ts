import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { afterEach, beforeEach, test } from "node:test";
import { AgentProtocol, type ParsedKey, utils } from "ssh2";
import { forgetSecrets } from "../../server/src/hosts/identitiesSecrets";
import { answering, failsWith, knownHost, newPlace, output, type Place } from "./support/place";
import { encryptedKey, type KeyPair, newKey, type ServerOptions, startServer, type TestServer } from "./support/server";

let place: Place;
const servers: TestServer[] = [];

beforeEach(() => {
  place = newPlace();
  forgetSecrets();
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
  place.remove();
});

/** A server known to the place as `juni`. */
async function juni(options: ServerOptions, lines: readonly string[] = []): Promise<TestServer> {
  const server = await startServer({ user: "josh", ...options });
  servers.push(server);
  place.host("juni", server.port, lines);
  place.write("known_hosts", knownHost(`[127.0.0.1]:${server.port}`, server.hostKey));
  return server;
}

const secret = "correct horse battery staple";
const unspoken = () => assert.ok(!place.log.some((line) => line.includes(secret)), place.log.join("\n"));

for (const type of ["ed25519", "rsa", "ecdsa"] as const) {
  test(`a plain ${type} key logs in without a question`, async () => {
    const key = newKey(type);
    await juni({ authorizedKeys: [key.public] }, [`IdentityFile ${place.write("id", key.private)}`]);
    const prompter = answering({});
    const connection = await place.connect("juni", prompter);
    assert.equal(await output(connection, "echo $((6*7)); cat", "input"), "42\ninput");
    assert.match(connection.description, /^juni \(josh@127\.0\.0\.1:\d+\)$/);
    assert.equal(prompter.secrets.length, 0);
    connection.close();
    assert.equal(connection.alive, false);
  });
}

test("a host that wants no login at all", async () => {
  const server = await juni({ open: true });
  const connection = await place.connect("juni");
  assert.deepEqual(server.logins, ["none"]);
  connection.close();
});

test("an encrypted key is asked for once per process, three tries", async () => {
  const key = encryptedKey(secret);
  const file = place.write("id", key.private);
  await juni({ authorizedKeys: [key.public] }, [`IdentityFile ${file}`]);
  const first = answering({ secrets: ["wrong", "wrong again", secret] });
  (await place.connect("juni", first)).close();
  assert.deepEqual(
    first.secrets.map(({ kind, echo, prompt }) => [kind, echo, prompt.includes(file)]),
    Array.from({ length: 3 }, () => ["passphrase", false, true]),
  );
  const second = answering({});
  (await place.connect("juni", second)).close();
  assert.equal(second.secrets.length, 0);
  unspoken();
});

test("no passphrase is asked for a key the host does not accept", async () => {
  const key = encryptedKey(secret);
  await juni({ authorizedKeys: [newKey().public] }, [`IdentityFile ${place.write("id", key.private)}`]);
  const prompter = answering({ secrets: [secret] });
  await assert.rejects(place.connect("juni", prompter), failsWith("auth-failed", "juni", "/id", "publickey"));
  assert.equal(prompter.secrets.length, 0);
});

test("a passphrase that stays wrong ends in auth-failed", async () => {
  const key = encryptedKey(secret);
  await juni({ authorizedKeys: [key.public] }, [`IdentityFile ${place.write("id", key.private)}`]);
  const prompter = answering({ secrets: ["1", "2", "3", "4"] });
  await assert.rejects(place.connect("juni", prompter), failsWith("auth-failed", "wrong passphrase"));
  assert.equal(prompter.secrets.length, 3);
});

test("a cancelled passphrase stops everything", async () => {
  const key = encryptedKey(secret);
  const server = await juni({ authorizedKeys: [key.public], password: "x" }, [
    `IdentityFile ${place.write("id", key.private)}`,
  ]);
  await assert.rejects(place.connect("juni", answering({ secrets: [null] })), failsWith("passphrase-cancelled", "/id"));
  assert.ok(!server.logins.includes("password"));
});

test("an encrypted key in the old format, its public half beside it or not", async () => {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pem = privateKey.export({ type: "pkcs1", format: "pem", cipher: "aes-128-cbc", passphrase: secret }).toString();
  const parsed = utils.parseKey(pem, secret) as ParsedKey;
  const shown = `ssh-rsa ${parsed.getPublicSSH().toString("base64")}`;
  await juni({ authorizedKeys: [shown] }, [`IdentityFile ${place.write("id", pem)}`]);
  (await place.connect("juni", answering({ secrets: [secret] }))).close();
  forgetSecrets();
  place.write("id.pub", shown);
  (await place.connect("juni", answering({ secrets: [secret] }))).close();
});

test("the wrong key is refused and named", async () => {
  const file = place.write("id", newKey().private);
  await juni({ authorizedKeys: [newKey().public] }, [`IdentityFile ${file}`]);
  await assert.rejects(place.connect("juni"), failsWith("auth-failed", "juni (josh@127.0.0.1:", file, "publickey"));
});

test("keys that cannot be used are named, the rest is tried", async () => {
  const key = newKey();
  const bad = place.write("bad", "-----BEGIN GARBAGE-----\nxx\n");
  const token = place.write("token.pub", "");
  place.write("token", hardwareKey());
  const good = place.write("id", key.private);
  const files = [bad, token.replace(".pub", ""), `${place.folder}/absent`, good].map((file) => `IdentityFile ${file}`);
  await juni({ authorizedKeys: [key.public] }, files);
  (await place.connect("juni")).close();
  assert.ok(place.log.some((line) => line.includes(bad)));
  assert.ok(place.log.some((line) => line.includes("token") && line.includes("hardware")));
});

test("only keys that cannot be used: unsupported, with the reason", async () => {
  await juni({ authorizedKeys: [newKey().public] }, [`IdentityFile ${place.write("token", hardwareKey())}`]);
  await assert.rejects(place.connect("juni"), failsWith("unsupported", "hardware token", "ssh-keygen -t ed25519"));
});

/** A key file as `ssh-keygen -t ed25519-sk` writes it, as far as its public half. */
function hardwareKey(): string {
  const field = (bytes: Buffer | string) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(Buffer.byteLength(bytes));
    return Buffer.concat([length, Buffer.from(bytes)]);
  };
  const type = "sk-ssh-ed25519@openssh.com";
  const shown = Buffer.concat([field(type), field(Buffer.alloc(32, 1)), field("ssh:")]);
  const one = Buffer.from([0, 0, 0, 1]);
  const parts = [
    Buffer.from("openssh-key-v1\0"),
    field("none"),
    field("none"),
    field(""),
    one,
    field(shown),
    field(""),
  ];
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${Buffer.concat(parts).toString("base64")}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

test("a password: asked again when wrong, then remembered", async () => {
  const server = await juni({ password: secret });
  const prompter = answering({ secrets: ["wrong", secret] });
  (await place.connect("juni", prompter)).close();
  assert.deepEqual(
    prompter.secrets.map(({ kind, echo }) => [kind, echo]),
    [
      ["password", false],
      ["password", false],
    ],
  );
  (await place.connect("juni", answering({}))).close();
  assert.equal(server.logins.filter((method) => method === "password").length, 3);
  unspoken();
});

test("a password that stays wrong, and one that is not given", async () => {
  await juni({ password: secret });
  await assert.rejects(
    place.connect("juni", answering({ secrets: ["a", "b", "c", "d"] })),
    failsWith("auth-failed", "Tried: password"),
  );
  await assert.rejects(place.connect("juni", answering({ secrets: [null] })), failsWith("cancelled", "password"));
});

test("keyboard-interactive: several questions, echo and control characters", async () => {
  const questions = [
    { prompt: "Password:\u001b[2J ", echo: false, answer: secret },
    { prompt: "Code: ", echo: true, answer: "123456" },
  ];
  await juni({ questions });
  const prompter = answering({ secrets: ["wrong", "0", secret, "123456"] });
  (await place.connect("juni", prompter)).close();
  assert.deepEqual(
    prompter.secrets.map(({ kind, echo }) => [kind, echo]),
    [
      ["answer", false],
      ["answer", true],
      ["answer", false],
      ["answer", true],
    ],
  );
  assert.ok(prompter.secrets.every(({ prompt }) => prompt.startsWith("juni (") && !/\p{Cc}/u.test(prompt)));
  await assert.rejects(place.connect("juni", answering({ secrets: [null] })), failsWith("cancelled", "answer"));
  unspoken();
});

test("a key and then a password", async () => {
  const key = newKey();
  const options = { authorizedKeys: [key.public], password: secret, keyThenPassword: true };
  const server = await juni(options, [`IdentityFile ${place.write("id", key.private)}`]);
  (await place.connect("juni", answering({ secrets: [secret] }))).close();
  assert.deepEqual(server.logins, ["none", "publickey ask", "publickey sign", "none", "password"]);
});

test("PasswordAuthentication no is respected", async () => {
  await juni({ password: secret }, ["PasswordAuthentication no"]);
  const prompter = answering({ secrets: [secret] });
  await assert.rejects(place.connect("juni", prompter), failsWith("auth-failed"));
  assert.equal(prompter.secrets.length, 0);
});

/** A real agent protocol server holding the given keys. */
async function startAgent(
  keys: readonly KeyPair[],
): Promise<{ readonly path: string; readonly signed: string[]; close(): void }> {
  const parsed = keys.map((key) => utils.parseKey(key.private) as ParsedKey);
  const signed: string[] = [];
  const server = createServer((socket) => {
    const agent = new AgentProtocol(false);
    agent.on("identities", (request) => agent.getIdentitiesReply(request, [...parsed]));
    agent.on("sign", (request, publicKey, data, options) => {
      const key = parsed.find((own) => own.getPublicSSH().equals(publicKey.getPublicSSH()));
      if (key === undefined) return agent.failureReply(request);
      signed.push(key.type);
      agent.signReply(request, key.sign(data, options.hash));
    });
    socket.on("error", () => undefined);
    socket.pipe(agent).pipe(socket);
  });
  const path = `${place.folder}/agent`;
  server.listen(path);
  await once(server, "listening");
  return { path, signed, close: () => server.close() };
}

test("the agent signs; its configured keys come first", async () => {
  const [one, two] = [newKey(), newKey("rsa")];
  const agent = await startAgent([one, two]);
  place.write("two.pub", two.public);
  const server = await juni({ authorizedKeys: [two.public] }, [
    `IdentityAgent ${agent.path}`,
    `IdentityFile ${place.folder}/two`,
  ]);
  (await place.connect("juni")).close();
  assert.deepEqual(agent.signed, ["ssh-rsa"]);
  assert.deepEqual(server.logins, ["none", "publickey ask", "publickey sign"]);
  agent.close();
});

test("IdentitiesOnly keeps other keys of the agent back", async () => {
  const [one, two] = [newKey(), newKey()];
  const agent = await startAgent([one, two]);
  const lines = [
    `IdentityAgent ${agent.path}`,
    "IdentitiesOnly yes",
    `IdentityFile ${place.write("two.pub", two.public)}`,
  ];
  const server = await juni({ authorizedKeys: [one.public] }, lines);
  await assert.rejects(place.connect("juni"), failsWith("auth-failed"));
  assert.deepEqual(server.logins, ["none", "publickey ask"]);
  assert.deepEqual(agent.signed, []);
  agent.close();
});

test("an agent that is not there is a line in the log, no more", async () => {
  const key = newKey();
  const lines = [`IdentityAgent ${place.folder}/nobody`, `IdentityFile ${place.write("id", key.private)}`];
  await juni({ authorizedKeys: [key.public] }, lines);
  (await place.connect("juni")).close();
  assert.ok(place.log.some((line) => line.includes("agent") && line.includes("nobody")));
});
