import assert from "node:assert/strict";
import { type AddressInfo, createServer, connect as dial, type Socket } from "node:net";
import { test } from "node:test";
import { HostError } from "../../server/src/hosts/port";
import { knownHost, newPlace, until } from "./support/place";
import { startServer } from "./support/server";

test("a host that goes silent while a command runs is given up after half a minute", async (context) => {
  const server = await startServer({ open: true, onExec: () => undefined });
  const sockets: Socket[] = [];
  // Between the two a wire that can be made to carry nothing more, without anyone being told.
  const wire = createServer((near) => {
    const far = dial(server.port, "127.0.0.1");
    for (const socket of [near, far]) sockets.push(socket.on("error", () => undefined));
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => wire.listen(0, "127.0.0.1", resolve));
  const { port } = wire.address() as AddressInfo;
  const place = newPlace();
  context.after(async () => {
    for (const socket of sockets) socket.destroy();
    wire.close();
    await server.stop();
    place.remove();
  });
  place.host("juni", port);
  place.write("known_hosts", knownHost(`[127.0.0.1]:${port}`, server.hostKey));

  context.mock.timers.enable({ apis: ["setInterval"] });
  const connection = await place.connect("juni");
  const { signal } = new AbortController();
  const failures: unknown[] = [];
  connection.exec("sleep", { stdin: "", onStdout: () => undefined, signal }).catch((error) => {
    failures.push(error);
  });
  await until(() => server.commands.length === 1, "the command");
  for (const socket of sockets) socket.unpipe().pause();

  context.mock.timers.tick(29_000);
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(failures.length === 0);
  context.mock.timers.tick(2000);
  await until(() => failures.length > 0, "the command to be given up");
  const [failure] = failures;
  assert.ok(failure instanceof HostError && failure.kind === "dropped", String(failure));
});
