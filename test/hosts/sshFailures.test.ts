import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { afterEach, beforeEach, test } from "node:test";
import { HostError } from "../../server/src/hosts/port";
import { failsWith, knownHost, newPlace, output, type Place, until } from "./support/place";
import { newKey, type ServerOptions, startServer, type TestServer } from "./support/server";

let place: Place;
const servers: TestServer[] = [];

beforeEach(() => {
  place = newPlace();
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

test("nothing listens: refused", async () => {
  const idle = createServer().listen(0, "127.0.0.1");
  await once(idle, "listening");
  const { port } = idle.address() as AddressInfo;
  idle.close();
  await once(idle, "close");
  place.host("juni", port);
  await assert.rejects(place.connect("juni"), failsWith("refused", "juni", String(port)));
});

test("a name nobody knows: unresolvable", async () => {
  place.write(
    "config",
    "Host juni\n  HostName nowhere.invalid\n  UserKnownHostsFile none\n  GlobalKnownHostsFile none\n",
  );
  await assert.rejects(place.connect("juni"), failsWith("unresolvable", "nowhere.invalid"));
});

test("a host that says nothing: timeout, and no socket is left", async () => {
  const server = await juni({ fault: "socket" }, ["ConnectTimeout 1"]);
  await assert.rejects(place.connect("juni"), failsWith("timeout", "1 s"));
  await until(() => server.openSockets() === 0, "the socket to be freed");
});

test("a port that speaks something else: protocol", async () => {
  const web = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n".repeat(400))).listen(
    0,
    "127.0.0.1",
  );
  await once(web, "listening");
  place.host("juni", (web.address() as AddressInfo).port);
  await assert.rejects(
    place.connect("juni"),
    (error) => error instanceof HostError && ["protocol", "dropped"].includes(error.kind),
  );
  web.close();
});

test("a host that hangs up at once: dropped", async () => {
  const rude = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
  await once(rude, "listening");
  place.host("juni", (rude.address() as AddressInfo).port);
  await assert.rejects(place.connect("juni"), failsWith("dropped", "juni"));
  rude.close();
});

test("ProxyCommand is refused before anything is sent", async () => {
  place.host("juni", 9, ["ProxyCommand nc %h %p"]);
  await assert.rejects(place.connect("juni"), failsWith("unsupported", "ProxyCommand", "ProxyJump"));
});

for (const destination of ["-oProxyCommand=x", "a b", "$(x)"]) {
  test(`${destination} is no destination`, async () => {
    await assert.rejects(place.connect(destination), failsWith("bad-destination"));
  });
}

test("without any ssh program it works as well", async () => {
  const key = newKey();
  await juni({ authorizedKeys: [key.public] }, [`IdentityFile ${place.write("id", key.private)}`]);
  const kept = process.env["PATH"];
  process.env["PATH"] = "";
  try {
    const connection = await place.connect("juni");
    assert.equal(await output(connection, "echo fine"), "fine\n");
    connection.close();
  } finally {
    process.env["PATH"] = kept;
  }
  assert.ok(place.log.some((line) => line.includes("no ssh program")));
});
