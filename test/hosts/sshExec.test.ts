import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { afterEach, beforeEach, test } from "node:test";
import { type ExecOptions, type HostConnection, HostError, type HostErrorKind } from "../../server/src/hosts/port";
import { knownHost, newPlace, output, type Place, until } from "./support/place";
import { type ServerOptions, startServer, type TestServer } from "./support/server";

let place: Place;
const servers: TestServer[] = [];
const connections: HostConnection[] = [];

beforeEach(() => {
  place = newPlace();
});
afterEach(async () => {
  for (const connection of connections.splice(0)) connection.close();
  for (const server of servers.splice(0)) await server.stop();
  place.remove();
});

async function connected(options: ServerOptions = {}): Promise<{ server: TestServer; connection: HostConnection }> {
  const server = await startServer({ open: true, ...options });
  servers.push(server);
  place.host("juni", server.port);
  place.write("known_hosts", knownHost(`[127.0.0.1]:${server.port}`, server.hostKey));
  const connection = await place.connect("juni");
  connections.push(connection);
  return { server, connection };
}

const run = (connection: HostConnection, command: string, options: Partial<ExecOptions> = {}) =>
  connection.exec(command, { stdin: "", onStdout: () => undefined, signal: new AbortController().signal, ...options });
const kind = (expected: HostErrorKind) => (error: unknown) => {
  assert.ok(error instanceof HostError, String(error));
  assert.equal(error.kind, expected, error.message);
  assert.ok(error.message.includes("juni") && error.next !== "");
  return true;
};

test("exit code, standard error and several commands on one connection", async () => {
  const { connection } = await connected();
  const result = await run(connection, "echo problem >&2; exit 3");
  assert.deepEqual(result, { code: 3, signal: null, stderr: "problem\n" });
  const texts = await Promise.all([1, 2, 3, 4].map((n) => output(connection, `echo ${n}; cat`, `in ${n}`)));
  assert.deepEqual(texts, ["1\nin 1", "2\nin 2", "3\nin 3", "4\nin 4"]);
});

test("the name of a signal that ended the command", async () => {
  const { connection } = await connected();
  assert.deepEqual(await run(connection, "kill -KILL $$"), { code: null, signal: "KILL", stderr: "" });
});

test("standard error keeps its last 4 kB", async () => {
  const { connection } = await connected();
  const { stderr } = await run(connection, "i=0; while [ $i -lt 3000 ]; do echo line $i >&2; i=$((i+1)); done");
  assert.equal(Buffer.byteLength(stderr), 4096);
  assert.ok(stderr.endsWith("line 2999\n"));
});

test("5 MB there and back through a slow reader, every byte", async () => {
  const { connection } = await connected();
  const sent = randomBytes(5_000_000);
  const hash = createHash("sha256");
  let reading = 0;
  const onStdout = async (chunk: Uint8Array) => {
    assert.equal(++reading, 1, "a chunk came while another was being taken");
    hash.update(chunk);
    await new Promise((resolve) => setTimeout(resolve, 1));
    reading--;
  };
  const result = await run(connection, "cat", { stdin: sent, onStdout });
  assert.equal(result.code, 0);
  assert.equal(hash.digest("hex"), createHash("sha256").update(sent).digest("hex"));
});

test("a reader that stands still holds the other side back", async () => {
  let written = 0;
  const { connection } = await connected({
    onExec: (_command, channel) => {
      const more = () => {
        while (written < 50_000_000) {
          written += 100_000;
          if (!channel.write(Buffer.alloc(100_000))) return void channel.once("drain", more);
        }
        channel.exit(0);
        channel.end();
      };
      more();
    },
  });
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let got = 0;
  const onStdout = (chunk: Uint8Array) => {
    got += chunk.length;
    return held;
  };
  const running = run(connection, "flood", { onStdout });
  await until(() => got > 0, "the first chunk");
  let before = -1;
  while (before !== written) {
    before = written;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.ok(written < 20_000_000, `${written} bytes were written to a reader that stands still`);
  release();
  await running;
  assert.equal(got, 50_000_000);
});

test("a command that does not read its input just ends", async () => {
  const { connection } = await connected();
  const result = await run(connection, "exec 0<&-; echo done", { stdin: Buffer.alloc(5_000_000) });
  assert.equal(result.code, 0);
});

test("what the reader throws ends the command and comes out", async () => {
  const { server, connection } = await connected();
  const onStdout = () => {
    throw new RangeError("no room");
  };
  await assert.rejects(run(connection, "echo x; sleep 60", { onStdout }), RangeError);
  await until(() => server.runningCommands() === 0, "the end of the remote command");
  const later = () => Promise.reject(new RangeError("no room"));
  await assert.rejects(run(connection, "echo x; sleep 60", { onStdout: later }), RangeError);
  await until(() => server.runningCommands() === 0, "the end of the remote command");
  assert.equal(await output(connection, "echo alive"), "alive\n");
});

test("aborting ends the remote command, and the connection lives on", async () => {
  const { server, connection } = await connected();
  const abort = new AbortController();
  const running = run(connection, "echo started; sleep 60", { signal: abort.signal, onStdout: () => abort.abort() });
  await assert.rejects(running, kind("cancelled"));
  await until(() => server.runningCommands() === 0, "the end of the remote command");
  assert.deepEqual(server.signals, ["TERM"]);
  assert.equal(await output(connection, "echo alive"), "alive\n");
});

test("aborted while the reader is busy, and before it began", async () => {
  const { connection } = await connected();
  const abort = new AbortController();
  const onStdout = () => {
    abort.abort();
    return new Promise<void>(() => undefined);
  };
  await assert.rejects(run(connection, "echo x; sleep 60", { signal: abort.signal, onStdout }), kind("cancelled"));
  await assert.rejects(run(connection, "true", { signal: AbortSignal.abort() }), kind("cancelled"));
});

test("a dropped link ends running commands at once and those that come after", async () => {
  const { server, connection } = await connected();
  let started = 0;
  const slow = () => {
    started++;
    return new Promise<void>(() => undefined);
  };
  const both = [
    run(connection, "echo x; sleep 60", { onStdout: slow }),
    run(connection, "echo y; sleep 60", { onStdout: slow }),
  ];
  await until(() => started === 2, "both commands");
  server.cut();
  for (const running of both) await assert.rejects(running, kind("dropped"));
  assert.equal(connection.alive, false);
  await assert.rejects(run(connection, "true"), kind("dropped"));
});

test("cut in the middle of the output", async () => {
  const { connection } = await connected({ cutAfter: 300_000 });
  await assert.rejects(run(connection, "head -c 3000000 /dev/zero"), kind("dropped"));
});

test("closing ends running commands", async () => {
  const { server, connection } = await connected();
  const running = run(connection, "echo x; sleep 60", { onStdout: () => connection.close() });
  await assert.rejects(running, kind("dropped"));
  connection.close();
  await until(() => server.openSockets() === 0, "the socket to be freed");
});

test("a host that starts no commands", async () => {
  const { connection } = await connected({ fault: "refuse-exec" });
  await assert.rejects(run(connection, "true"), kind("remote-shell"));
  assert.equal(connection.alive, true);
});
