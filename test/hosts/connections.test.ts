import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { Connections } from "../../server/src/hosts/connections";
import { forgetAcceptedKeys } from "../../server/src/hosts/hostKeyPolicy";
import { forgetSecrets } from "../../server/src/hosts/identitiesSecrets";
import { failsWith, knownHost, newPlace, output, type Place, until } from "./support/place";
import { startServer, type TestServer } from "./support/server";

let place: Place;
let server: TestServer;
let kept: Connections<string>;
let made = 0;

beforeEach(async () => {
  forgetAcceptedKeys();
  forgetSecrets();
  place = newPlace();
  server = await startServer({ open: true });
  place.host("juni", server.port);
  place.write("known_hosts", knownHost(`[127.0.0.1]:${server.port}`, server.hostKey));
  kept = new Connections<string>();
  made = 0;
});
afterEach(async () => {
  kept.closeAll();
  await server.stop();
  place.remove();
});

const lease = (key = "juni") =>
  kept.lease(key, async () => ({ connection: await place.connect("juni"), about: `number ${++made}` }));

test("one after the other and side by side, all use one connection", async () => {
  const first = await lease();
  assert.equal(first.reused, false);
  assert.equal(await output(first.connection, "echo one"), "one\n");
  first.connection.close();
  assert.equal(first.connection.alive, false, "what is given back is used no more");

  const [second, third] = await Promise.all([lease(), lease()]);
  assert.deepEqual([second.reused, third.reused, second.about], [true, true, "number 1"]);
  second.connection.close();
  second.connection.close();
  assert.equal(await output(third.connection, "echo three"), "three\n", "one leaving takes nothing from the other");
  third.connection.close();
  assert.deepEqual([made, server.openSockets()], [1, 1]);
});

test("who comes while it is being made waits for it", async () => {
  const leases = await Promise.all([lease(), lease(), lease()]);
  assert.deepEqual([made, server.openSockets()], [1, 1]);
  for (const { connection } of leases) connection.close();
});

test("another key is another connection", async () => {
  const leases = [await lease("juni"), await lease("juni as root")];
  assert.deepEqual([made, server.openSockets()], [2, 2]);
  for (const { connection } of leases) connection.close();
});

test("one that is not used is closed after a while, one that is used is not", async () => {
  kept = new Connections<string>(20);
  const first = await lease();
  const second = await lease();
  first.connection.close();
  assert.equal(await output(second.connection, "sleep 0.1; echo still"), "still\n");
  second.connection.close();
  await until(() => server.openSockets() === 0, "the idle connection to be closed");
  const third = await lease();
  assert.deepEqual([third.reused, made], [false, 2]);
  third.connection.close();
});

test("a lost connection is made anew by the next who asks", async () => {
  const first = await lease();
  server.cut();
  await until(() => !first.connection.alive, "the loss to be noticed");
  first.connection.close();
  const second = await lease();
  assert.deepEqual([second.reused, second.about], [false, "number 2"]);
  assert.equal(await output(second.connection, "echo again"), "again\n");
  second.connection.close();
});

test("a failure is told to who asked, and the next tries again", async () => {
  place.write("known_hosts", "");
  await assert.rejects(lease(), failsWith("host-key-unknown"));
  place.write("known_hosts", knownHost(`[127.0.0.1]:${server.port}`, server.hostKey));
  const { connection, reused } = await lease();
  assert.equal(reused, false);
  connection.close();
});

test("closing all ends the idle ones at once, those in use when they are given back, and keeps none that comes later", async () => {
  const used = await lease();
  (await lease("idle")).connection.close();
  const opening = lease("late");
  kept.closeAll();
  await until(() => server.openSockets() <= 2, "the idle one to be closed");
  assert.equal(await output(used.connection, "echo mine"), "mine\n");
  used.connection.close();
  (await opening).connection.close();
  await until(() => server.openSockets() === 0, "all to be closed");
});
