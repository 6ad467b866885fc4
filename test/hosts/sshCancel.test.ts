import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { forgetAcceptedKeys } from "../../server/src/hosts/hostKeyPolicy";
import { forgetSecrets } from "../../server/src/hosts/identitiesSecrets";
import { HostError, type Prompter } from "../../server/src/hosts/port";
import { answering, knownHost, newPlace, type Place, until } from "./support/place";
import { encryptedKey, type ServerOptions, startServer, type TestServer } from "./support/server";

let place: Place;
const servers: TestServer[] = [];

beforeEach(() => {
  place = newPlace();
  forgetAcceptedKeys();
  forgetSecrets();
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
  place.remove();
});

async function juni(options: ServerOptions, lines: readonly string[] = [], isKnown = true): Promise<TestServer> {
  const server = await startServer(options);
  servers.push(server);
  place.host("juni", server.port, lines);
  if (isKnown) place.write("known_hosts", knownHost(`[127.0.0.1]:${server.port}`, server.hostKey));
  return server;
}

const isCancelled = (error: unknown) => {
  assert.ok(error instanceof HostError, String(error));
  assert.equal(error.kind, "cancelled", error.message);
  return true;
};

/** Connects, aborts when `reached`, and expects a clean end: cancelled, and no socket left on the other side. */
async function cancelAt(
  server: TestServer,
  prompter: Prompter,
  reached: () => boolean,
  abort = new AbortController(),
): Promise<void> {
  const connecting = place.connect("juni", prompter, abort.signal);
  connecting.catch(() => undefined);
  await until(reached, "the stage to cancel at");
  abort.abort();
  await assert.rejects(connecting, isCancelled);
  await until(() => server.openSockets() === 0, "the socket to be freed");
}

/** Somebody who looks at every question and answers none. */
function thinking(): { readonly prompter: Prompter; readonly asked: () => boolean } {
  let asked = false;
  const wait = () => {
    asked = true;
    return new Promise<never>(() => undefined);
  };
  return { prompter: { confirmHostKey: wait, secret: wait }, asked: () => asked };
}

test("before it began", async () => {
  const server = await juni({ open: true });
  await assert.rejects(place.connect("juni", answering({}), AbortSignal.abort()), isCancelled);
  assert.equal(server.openSockets(), 0);
});

test("while the configuration is read", async () => {
  const server = await juni({ open: true });
  const abort = new AbortController();
  const connecting = place.connect("juni", answering({}), abort.signal);
  abort.abort();
  await assert.rejects(connecting, isCancelled);
  assert.equal(server.openSockets(), 0);
});

test("while the host says nothing", async () => {
  const server = await juni({ fault: "socket" });
  await cancelAt(server, answering({}), () => server.openSockets() === 1);
});

test("while the host does not answer the login", async () => {
  const server = await juni({ fault: "login" });
  await cancelAt(server, answering({}), () => place.log.some((line) => line.includes("is known")));
});

test("while the host key is shown", async () => {
  const server = await juni({ open: true }, [], false);
  const { prompter, asked } = thinking();
  await cancelAt(server, prompter, asked);
  assert.deepEqual(server.logins, []);
});

test("while a passphrase is asked for", async () => {
  const key = encryptedKey("secret");
  const server = await juni({ authorizedKeys: [key.public] }, [`IdentityFile ${place.write("id", key.private)}`]);
  const { prompter, asked } = thinking();
  await cancelAt(server, prompter, asked);
});

test("while a password is asked for", async () => {
  const server = await juni({ password: "secret" });
  const { prompter, asked } = thinking();
  await cancelAt(server, prompter, asked);
});

test("while a question of the host waits", async () => {
  const server = await juni({ questions: [{ prompt: "Code:", echo: true, answer: "1" }] });
  const { prompter, asked } = thinking();
  await cancelAt(server, prompter, asked);
});

test("behind a jump host: both sockets are freed", async () => {
  const gate = await startServer({ open: true });
  servers.push(gate);
  place.host("gate", gate.port);
  const server = await juni({ fault: "login" }, ["ProxyJump gate"], false);
  const lines = [gate, server].map(({ port, hostKey }) => knownHost(`[127.0.0.1]:${port}`, hostKey));
  place.write("known_hosts", lines.join(""));
  await cancelAt(server, answering({}), () =>
    place.log.some((line) => line.startsWith("juni") && line.includes("is known")),
  );
  await until(() => gate.openSockets() === 0, "the jump host's socket to be freed");
});

test("the time limit does not run while a person is asked", async () => {
  await juni({ password: "secret" }, ["ConnectTimeout 1"]);
  const prompter: Prompter = {
    ...answering({}),
    secret: async () => {
      await new Promise((resolve) => setTimeout(resolve, 1500));
      return "secret";
    },
  };
  (await place.connect("juni", prompter)).close();
});

test("a prompter that fails ends the attempt with its error in the chain", async () => {
  await juni({ password: "secret" });
  const prompter: Prompter = { ...answering({}), secret: () => Promise.reject(new Error("the window was closed")) };
  await assert.rejects(
    place.connect("juni", prompter),
    (error) => error instanceof HostError && error.message.includes("juni"),
  );
});
