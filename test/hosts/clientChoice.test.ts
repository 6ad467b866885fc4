import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { afterEach, beforeEach, describe, test } from "node:test";
import { chooseClient } from "../../server/src/hosts/clientChoice";
import { routeTo } from "../../server/src/hosts/connectRoute";
import { forgetAcceptedKeys } from "../../server/src/hosts/hostKeyPolicy";
import { forgetSecrets } from "../../server/src/hosts/identitiesSecrets";
import { connectOpenSsh } from "../../server/src/hosts/openSsh";
import type { HostConnection } from "../../server/src/hosts/port";
import { answering, failsWith, knownHost, newPlace, output, type Place, until } from "./support/place";
import { encryptedKey, newKey, startServer, type TestServer } from "./support/server";
import { noSsh, noSshd, startSshd } from "./support/sshd";

let place: Place;
const servers: { stop: () => Promise<void> }[] = [];

beforeEach(() => {
  place = newPlace("auto");
  forgetAcceptedKeys();
  forgetSecrets();
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
  place.remove();
});

async function choice(lines: readonly string[]) {
  place.write("config", "");
  place.host("juni", 22, lines);
  const signal = new AbortController().signal;
  const route = await routeTo("juni", { sshConfigFile: place.config, signal, log: () => undefined });
  return chooseClient("auto", route, { signal, stateFolder: place.stateFolder });
}

const chosen = () => place.events.flatMap((event) => (event.kind === "client" ? [[event.client, event.reason]] : []));

async function served(lines: readonly string[] = []): Promise<TestServer> {
  const key = newKey();
  const server = await startServer({ authorizedKeys: [key.public] });
  servers.push(server);
  place.host("juni", server.port, [`IdentityFile ${place.write("id", key.private)}`, ...lines]);
  place.write("known_hosts", knownHost(`[127.0.0.1]:${server.port}`, server.hostKey));
  return server;
}

describe("auto", { skip: noSsh }, () => {
  test("takes the built-in SSH where nothing needs more", async () => {
    assert.deepEqual(await choice([`IdentityFile ${place.write("id", newKey().private)}`]), {
      client: "ssh2",
      reason: "nothing in the ssh configuration needs more",
      fallback: true,
    });
  });

  for (const [line, reason] of [
    ["ProxyCommand nc %h %p", /ProxyCommand/],
    ["PKCS11Provider /usr/lib/opensc.so", /PKCS11Provider/],
    ["SecurityKeyProvider /usr/lib/sk.so", /SecurityKeyProvider/],
    ["RevokedHostKeys /etc/ssh/revoked", /RevokedHostKeys/],
  ] as const)
    test(`takes the ssh program for ${line.split(" ")[0]}`, async () => {
      const { client, reason: said } = await choice([line]);
      assert.equal(client, "openssh");
      assert.match(said, reason);
    });

  test("takes it for certificates, keys on tokens, and a host vouched for by an authority", async () => {
    const id = place.write("id", newKey().private);
    place.write("id-cert.pub", "");
    assert.match((await choice([`IdentityFile ${id}`])).reason, /certificate.*id-cert\.pub/);
    const token = place.write("token", "not a private key");
    place.write("token.pub", "sk-ssh-ed25519@openssh.com AAAA josh\n");
    assert.match((await choice([`IdentityFile ${token}`])).reason, /token is a key on a hardware token/);
    place.write("known_hosts", `@cert-authority 127.* ${newKey().public}\n`);
    const authority = await choice([]);
    assert.equal(authority.client, "openssh");
    assert.match(authority.reason, /certificate authority .*known_hosts:1/);
  });

  test("takes it for a shared connection that is open, and the wish of the settings beats all", async () => {
    const socket = `${place.folder}/master`;
    const server = createServer().listen(socket);
    assert.match((await choice([`ControlPath ${socket}`])).reason, /shared connection is open/);
    server.close();
    place.host("other", 22, ["ProxyCommand nc %h %p"]);
    const signal = new AbortController().signal;
    const route = await routeTo("other", { sshConfigFile: place.config, signal, log: () => undefined });
    const wished = await chooseClient("ssh2", route, { signal, stateFolder: place.stateFolder });
    assert.deepEqual([wished.client, wished.fallback], ["ssh2", false]);
  });

  test("falls back on it where the built-in SSH turns out not to be enough", { skip: noSshd }, async () => {
    const key = newKey();
    const sshd = await startSshd({ authorizedKeys: [key.public], lines: ["Ciphers aes256-cbc"] });
    servers.push(sshd);
    place.host("juni", sshd.port, [
      `User ${sshd.user}`,
      `IdentityFile ${place.write("id", key.private)}`,
      "Ciphers +aes256-cbc",
    ]);
    place.write("known_hosts", knownHost(`[127.0.0.1]:${sshd.port}`, sshd.hostKey));
    const connection = await place.connect("juni");
    assert.equal(await output(connection, "echo in"), "in\n");
    connection.close();
    assert.deepEqual(
      chosen().map(([client]) => client),
      ["ssh2", "openssh"],
    );
    assert.match(chosen()[1]?.[1] ?? "", /could not: .*no cryptographic method in common/);
  });

  test("uses the connection that the user has open, and leaves it open", async () => {
    const socket = `${place.folder}/master`;
    const server = await served([`ControlPath ${socket}`]);
    const options = ["-o", "ControlMaster=yes", "-o", "ControlPersist=60", "-o", "BatchMode=yes"];
    const user = spawn("ssh", ["-F", place.config, ...options, "-N", "juni"], { stdio: "ignore" });
    await once(user, "exit");
    const connection = await place.connect("juni");
    assert.equal(await output(connection, "echo shared"), "shared\n");
    connection.close();
    assert.match(chosen()[0]?.[1] ?? "", /shared connection is open/);
    assert.equal(server.openSockets(), 1);
    const ended = spawn("ssh", ["-S", socket, "-O", "exit", "juni"], { stdio: "ignore" });
    await once(ended, "exit");
  });

  test("a ProxyCommand is run, and its failure is told", { skip: noSshd }, async () => {
    const key = newKey();
    const sshd = await startSshd({ authorizedKeys: [key.public] });
    servers.push(sshd);
    const id = `IdentityFile ${place.write("id", key.private)}`;
    const pipe = place.write(
      "pipe.js",
      'const [,, port] = process.argv; const s = require("node:net").connect(port, "127.0.0.1"); process.stdin.pipe(s).pipe(process.stdout);',
    );
    place.host("juni", sshd.port, [`User ${sshd.user}`, id, `ProxyCommand ${process.execPath} ${pipe} %p`]);
    place.host("broken", sshd.port, [id, "ProxyCommand sh -c 'echo no way >&2; exit 1'"]);
    place.write("known_hosts", knownHost(`[127.0.0.1]:${sshd.port}`, sshd.hostKey));
    const connection = await place.connect("juni");
    assert.equal(await output(connection, "echo through"), "through\n");
    connection.close();
    assert.deepEqual(chosen(), [["openssh", "the ssh configuration sets ProxyCommand"]]);
    await assert.rejects(place.connect("broken"), failsWith("refused", "ProxyCommand", "no way"));
  });

  test("a certificate lets in, and an encrypted key is asked for through it", { skip: noSshd }, async () => {
    const authority = place.write("authority", newKey().private);
    const key = encryptedKey("secret");
    const id = place.write("id", key.private);
    place.write("id.pub", `${key.public}\n`);
    const user = spawnSync("id", ["-un"], { encoding: "utf8" }).stdout.trim();
    const signed = spawnSync("ssh-keygen", ["-q", "-s", authority, "-I", "test", "-n", user, `${id}.pub`]);
    assert.equal(signed.status, 0, `${signed.stderr}`);
    const half = spawnSync("ssh-keygen", ["-y", "-f", authority], { encoding: "utf8" }).stdout;
    const sshd = await startSshd({
      authorizedKeys: [],
      lines: [`TrustedUserCAKeys ${place.write("authority.pub", half)}`],
    });
    servers.push(sshd);
    place.host("juni", sshd.port, [`User ${sshd.user}`, `IdentityFile ${id}`]);
    place.write("known_hosts", knownHost(`[127.0.0.1]:${sshd.port}`, sshd.hostKey));
    const prompter = answering({ secrets: ["secret"] });
    const connection = await place.connect("juni", prompter);
    assert.equal(await output(connection, "echo in"), "in\n");
    connection.close();
    assert.equal(prompter.secrets.length, 1);
    assert.match(chosen()[0]?.[1] ?? "", /certificate/);
  });

  test("one connection for each command, where ssh cannot share", async () => {
    const server = await served();
    const signal = new AbortController().signal;
    const log = (line: string) => place.log.push(line);
    const route = await routeTo("juni", { sshConfigFile: place.config, signal, log });
    const options = { sshConfigFile: place.config, signal, log, stateFolder: place.stateFolder };
    const connection: HostConnection = await connectOpenSsh(route, {
      ...options,
      prompter: answering({}),
      onEvent: () => undefined,
      share: false,
    });
    const texts = await Promise.all([1, 2].map((n) => output(connection, "exec /bin/sh -s", `echo ${n}`)));
    assert.deepEqual(texts, ["1\n", "2\n"]);
    assert.equal(server.commands.length, 3);
    await server.stop();
    await assert.rejects(output(connection, "true"), failsWith("refused", "juni"));
    connection.close();
  });

  test("paths with quotes and spaces in the configuration", async () => {
    const odd = `${place.folder}/o"dd $x %h`;
    mkdirSync(odd);
    const server = await served();
    const known = place.write(`o"dd $x %h/known`, knownHost(`[127.0.0.1]:${server.port}`, server.hostKey));
    const state = { ...place, stateFolder: odd };
    const { connect } = await import("../../server/src/hosts/connect");
    place.write("known_hosts", "");
    const signal = new AbortController().signal;
    const options = {
      sshConfigFile: place.config,
      client: "openssh",
      prompter: answering({ hostKey: "always" }),
    } as const;
    const connection = await connect("juni", {
      ...options,
      signal,
      log: () => undefined,
      stateFolder: state.stateFolder,
    });
    connection.close();
    assert.equal(place.read(`o"dd $x %h/known_hosts`), knownHost(`[127.0.0.1]:${server.port}`, server.hostKey));
    forgetAcceptedKeys();
    const again = answering({});
    (await connect("juni", { ...options, prompter: again, signal, log: () => undefined, stateFolder: odd })).close();
    assert.equal(again.hostKeys.length, 0);
    assert.notEqual(known, "");
    await until(() => server.openSockets() === 0, "the connections to close");
  });
});
