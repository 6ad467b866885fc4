import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { afterEach, beforeEach, test } from "node:test";
import { forgetAcceptedKeys } from "../../server/src/hosts/hostKeyPolicy";
import { fingerprint } from "../../server/src/hosts/knownHosts";
import { HostError, type HostErrorKind } from "../../server/src/hosts/port";
import { answering, knownHost, newPlace, type Place } from "./support/place";
import { type KeyPair, newKey, type ServerOptions, startServer, type TestServer } from "./support/server";

let place: Place;
const servers: TestServer[] = [];

beforeEach(() => {
  place = newPlace();
  forgetAcceptedKeys();
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
  place.remove();
});

async function juni(lines: readonly string[] = [], options: ServerOptions = {}): Promise<TestServer> {
  const server = await startServer({ open: true, ...options });
  servers.push(server);
  place.host("juni", server.port, lines);
  return server;
}

const filed = (server: TestServer) => `[127.0.0.1]:${server.port}`;
const print = (key: KeyPair) => fingerprint(Buffer.from(key.public.split(" ")[1] ?? "", "base64"));
const refusal =
  (kind: HostErrorKind, ...words: readonly string[]) =>
  (error: unknown) => {
    assert.ok(error instanceof HostError, String(error));
    assert.equal(error.kind, kind, error.message);
    for (const word of words)
      assert.ok(`${error.message} ${error.next}`.includes(word), `${word}: ${error.message} | ${error.next}`);
    return true;
  };

test("unknown: shown as it is, refused with no, and nothing was sent", async () => {
  const server = await juni();
  const prompter = answering({ hostKey: "no" });
  await assert.rejects(place.connect("juni", prompter), refusal("host-key-unknown", print(server.hostKey)));
  assert.deepEqual(prompter.hostKeys, [
    {
      host: "127.0.0.1",
      port: server.port,
      keyType: "ssh-ed25519",
      fingerprint: print(server.hostKey),
      knownTypes: [],
    },
  ]);
  assert.deepEqual(server.logins, []);
  assert.equal(existsSync(place.stateFolder), false);
});

test("once: remembered by this process, written nowhere", async () => {
  await juni();
  (await place.connect("juni", answering({ hostKey: "once" }))).close();
  const again = answering({ hostKey: "no" });
  (await place.connect("juni", again)).close();
  assert.equal(again.hostKeys.length, 0);
  assert.equal(existsSync(place.stateFolder), false);
  forgetAcceptedKeys();
  await assert.rejects(place.connect("juni", answering({ hostKey: "no" })), refusal("host-key-unknown"));
});

test("always: written to our own file and to no other", async () => {
  const server = await juni();
  (await place.connect("juni", answering({ hostKey: "always" }))).close();
  assert.equal(place.read("state/known_hosts"), knownHost(filed(server), server.hostKey));
  assert.equal(existsSync(place.knownHosts), false);
  forgetAcceptedKeys();
  (await place.connect("juni", answering({ hostKey: "no" }))).close();
});

test("HostKeyAlias is the name it is filed under", async () => {
  const server = await juni(["HostKeyAlias stable-name"]);
  (await place.connect("juni", answering({ hostKey: "always" }))).close();
  assert.equal(place.read("state/known_hosts"), knownHost("stable-name", server.hostKey));
});

for (const [how, names] of [
  ["plain", (name: string) => name],
  ["hashed", (name: string) => `|1|c2FsdA==|${createHmac("sha1", "salt").update(name).digest("base64")}`],
  ["without its port", () => "127.0.0.1"],
] as const) {
  test(`known, ${how}: no question`, async () => {
    const server = await juni();
    place.write("known_hosts", knownHost(names(filed(server)), server.hostKey));
    const prompter = answering({});
    (await place.connect("juni", prompter)).close();
    assert.equal(prompter.hostKeys.length, 0);
  });
}

for (const strict of ["ask", "accept-new", "yes", "no"]) {
  test(`changed: refused without a question under StrictHostKeyChecking ${strict}`, async () => {
    const server = await juni([`StrictHostKeyChecking ${strict}`]);
    const old = newKey();
    place.write("known_hosts", `# comment\n${knownHost(filed(server), old)}`);
    const prompter = answering({ hostKey: "always" });
    await assert.rejects(
      place.connect("juni", prompter),
      refusal(
        "host-key-changed",
        print(old),
        print(server.hostKey),
        `${place.knownHosts} line 2`,
        "ssh-keygen -R '[127.0.0.1]:",
      ),
    );
    assert.equal(prompter.hostKeys.length, 0);
    assert.deepEqual(server.logins, []);
  });
}

test("changed since we recorded it: our own file is named", async () => {
  const server = await juni();
  mkdirSync(place.stateFolder);
  place.write("state/known_hosts", knownHost(filed(server), newKey()));
  await assert.rejects(place.connect("juni"), refusal("host-key-changed", "state/known_hosts line 1"));
});

test("changed in a file of the system: not a matter for ssh-keygen -R", async () => {
  const file = place.write("global", "");
  const server = await juni([`GlobalKnownHostsFile ${file}`]);
  place.write("global", knownHost(filed(server), newKey()));
  await assert.rejects(place.connect("juni"), (error) => {
    refusal("host-key-changed", "programs.ssh.knownHosts")(error);
    return error instanceof HostError && !error.next.includes("ssh-keygen -R");
  });
});

test("revoked: refused although it is also known", async () => {
  const server = await juni();
  const line = knownHost(filed(server), server.hostKey);
  place.write("known_hosts", `${line}@revoked ${knownHost("*", server.hostKey)}`);
  await assert.rejects(place.connect("juni", answering({ hostKey: "always" })), refusal("host-key-revoked", "line 2"));
  assert.deepEqual(server.logins, []);
});

test("StrictHostKeyChecking yes does not ask, accept-new accepts and records, no still asks", async () => {
  const strict = await juni(["StrictHostKeyChecking yes"]);
  const prompter = answering({ hostKey: "always" });
  await assert.rejects(place.connect("juni", prompter), refusal("host-key-unknown", "StrictHostKeyChecking"));
  assert.equal(prompter.hostKeys.length, 0);
  assert.deepEqual(strict.logins, []);

  place.write("config", "");
  const fresh = await juni(["StrictHostKeyChecking accept-new"]);
  (await place.connect("juni", answering({}))).close();
  assert.equal(place.read("state/known_hosts"), knownHost(filed(fresh), fresh.hostKey));

  place.write("config", "");
  await juni(["StrictHostKeyChecking no"]);
  const asked = answering({ hostKey: "once" });
  (await place.connect("juni", asked)).close();
  assert.equal(asked.hostKeys.length, 1);
  assert.ok(place.log.some((line) => line.includes("StrictHostKeyChecking is off")));
});

test("a host with several keys shows the one that is known", async () => {
  const rsa = newKey("rsa");
  const server = await juni([], { moreHostKeys: [rsa, newKey("ecdsa")] });
  place.write("known_hosts", knownHost(filed(server), rsa));
  const prompter = answering({});
  (await place.connect("juni", prompter)).close();
  assert.equal(prompter.hostKeys.length, 0);
});

test("another key type than the known ones is a question, also under accept-new", async () => {
  const server = await juni(["StrictHostKeyChecking accept-new"]);
  place.write("known_hosts", knownHost(filed(server), newKey("rsa")));
  const prompter = answering({ hostKey: "no" });
  await assert.rejects(place.connect("juni", prompter), refusal("host-key-unknown"));
  assert.deepEqual(prompter.hostKeys[0]?.knownTypes, ["ssh-rsa"]);
});

test("trusted only through an authority: a question, and unsupported under yes", async () => {
  const server = await juni();
  place.write("known_hosts", `@cert-authority * ${newKey().public}\n`);
  const prompter = answering({ hostKey: "once" });
  (await place.connect("juni", prompter)).close();
  assert.equal(prompter.hostKeys.length, 1);
  forgetAcceptedKeys();
  place.write("config", "");
  place.host("juni", server.port, ["StrictHostKeyChecking yes"]);
  await assert.rejects(place.connect("juni"), refusal("unsupported", "certificate authority"));
});

test("a known_hosts that cannot be read stops before connecting", async () => {
  const server = await juni();
  rmSync(place.knownHosts, { force: true });
  mkdirSync(place.knownHosts);
  await assert.rejects(
    place.connect("juni", answering({ hostKey: "always" })),
    refusal("host-key-unknown", place.knownHosts),
  );
  assert.equal(server.openSockets(), 0);
});

test("a state folder that cannot be written still lets in for this session", async () => {
  await juni();
  place.write("state", "a file where the folder should be");
  await assert.rejects(place.connect("juni", answering({ hostKey: "no" })), refusal("host-key-unknown"));
  (await place.connect("juni", answering({ hostKey: "always" }))).close();
  assert.ok(place.log.some((line) => line.includes("could not be saved")));
});
