import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { forgetAcceptedKeys } from "../../server/src/hosts/hostKeyPolicy";
import { HostError, type HostErrorKind } from "../../server/src/hosts/port";
import { answering, knownHost, newPlace, output, type Place, until } from "./support/place";
import { newKey, type ServerOptions, startServer, type TestServer } from "./support/server";

let place: Place;
let known = "";
const servers: TestServer[] = [];

beforeEach(() => {
  place = newPlace();
  known = "";
  forgetAcceptedKeys();
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
  place.remove();
});

async function add(
  alias: string,
  options: ServerOptions = {},
  lines: readonly string[] = [],
  isKnown = true,
): Promise<TestServer> {
  const server = await startServer({ open: true, ...options });
  servers.push(server);
  place.host(alias, server.port, lines);
  if (isKnown) known += knownHost(`[127.0.0.1]:${server.port}`, server.hostKey);
  place.write("known_hosts", known);
  return server;
}

const kind =
  (expected: HostErrorKind, ...words: readonly string[]) =>
  (error: unknown) => {
    assert.ok(error instanceof HostError, String(error));
    assert.equal(error.kind, expected, error.message);
    for (const word of words) assert.ok(error.message.includes(word), error.message);
    return true;
  };

test("through a jump host, each with its own key and login", async () => {
  const [ours, theirs] = [newKey(), newKey()];
  const gateFile = place.write("gate", ours.private);
  const juniFile = place.write("juni", theirs.private);
  const gate = await add("gate", { open: false, authorizedKeys: [ours.public] }, [`IdentityFile ${gateFile}`]);
  const juni = await add("juni", { open: false, authorizedKeys: [theirs.public] }, [
    `IdentityFile ${juniFile}`,
    "ProxyJump gate",
  ]);
  const connection = await place.connect("juni");
  assert.deepEqual(gate.forwards, [`127.0.0.1:${juni.port}`]);
  assert.deepEqual(gate.commands, []);
  assert.equal(await output(connection, "cat", "x".repeat(300_000)), "x".repeat(300_000));
  assert.match(connection.description, /^juni \(/);
  connection.close();
  await until(() => gate.openSockets() === 0 && juni.openSockets() === 0, "both sockets to be freed");
});

test("a chain, and a first hop that has a jump host of its own", async () => {
  const outer = await add("outer");
  const first = await add("first", {}, ["ProxyJump outer"]);
  const second = await add("second");
  const juni = await add("juni", {}, ["ProxyJump first,second"]);
  const connection = await place.connect("juni");
  assert.deepEqual(outer.forwards, [`127.0.0.1:${first.port}`]);
  assert.deepEqual(first.forwards, [`127.0.0.1:${second.port}`]);
  assert.deepEqual(second.forwards, [`127.0.0.1:${juni.port}`]);
  assert.equal(await output(connection, "echo far"), "far\n");
  connection.close();
});

test("the jump host's key is checked first: unknown and refused, nothing goes through", async () => {
  const gate = await add("gate", {}, [], false);
  const juni = await add("juni", {}, ["ProxyJump gate"]);
  const prompter = answering({ hostKey: "no" });
  await assert.rejects(place.connect("juni", prompter), kind("host-key-unknown", "gate ("));
  assert.equal(prompter.hostKeys[0]?.port, gate.port);
  assert.deepEqual(gate.logins, []);
  assert.equal(juni.openSockets(), 0);
});

test("the destination's changed key stops behind a good jump host", async () => {
  const gate = await add("gate");
  const juni = await add("juni", {}, ["ProxyJump gate"], false);
  place.write("known_hosts", known + knownHost(`[127.0.0.1]:${juni.port}`, newKey()));
  await assert.rejects(place.connect("juni"), kind("host-key-changed", "juni ("));
  assert.deepEqual(juni.logins, []);
  await until(() => gate.openSockets() === 0, "the jump host's socket to be freed");
});

test("a jump host that does not forward, and one that cannot reach the destination", async () => {
  await add("gate", { fault: "refuse-forward" });
  await add("juni", {}, ["ProxyJump gate"]);
  await assert.rejects(place.connect("juni"), kind("refused", "gate (", "juni ("));
  await add("open-gate");
  const gone = await add("gone", {}, ["ProxyJump open-gate"]);
  await gone.stop();
  servers.splice(servers.indexOf(gone), 1);
  await assert.rejects(place.connect("gone"), kind("refused", "open-gate (", "gone ("));
});

test("the jump host goes away: the command ends at once", async () => {
  const gate = await add("gate");
  await add("juni", {}, ["ProxyJump gate"]);
  const connection = await place.connect("juni");
  const running = connection.exec("echo x; sleep 60", {
    stdin: "",
    signal: new AbortController().signal,
    onStdout: () => gate.cut(),
  });
  await assert.rejects(running, kind("dropped", "juni ("));
  assert.equal(connection.alive, false);
});

test("ProxyJump for every host does not jump from the jump host to itself", async () => {
  const gate = await add("gate");
  await add("juni");
  place.write("config", `${place.read("config")}Host *\n  ProxyJump gate\n`);
  const direct = await place.connect("gate");
  direct.close();
  const connection = await place.connect("juni");
  assert.equal(gate.forwards.length, 1);
  connection.close();
});

test("a loop of jump hosts is refused", async () => {
  await add("one", {}, ["ProxyJump two"]);
  await add("two", {}, ["ProxyJump one"]);
  await assert.rejects(place.connect("one"), kind("unsupported", "ProxyJump"));
});

test("a jump host behind ProxyCommand, and one that is no destination", async () => {
  await add("gate", {}, ["ProxyCommand nc %h %p"]);
  await add("juni", {}, ["ProxyJump gate"]);
  await assert.rejects(place.connect("juni"), kind("unsupported", "gate (", "ProxyCommand"));
  const kept = process.env["PATH"];
  process.env["PATH"] = "";
  try {
    place.host("odd", 9, ["ProxyJump -oProxyCommand=x"]);
    await assert.rejects(place.connect("odd"), kind("bad-destination", "-oProxyCommand=x"));
  } finally {
    process.env["PATH"] = kept;
  }
});
