// What every way to a host has to do alike: the built-in SSH, the ssh program (sharing one connection, or one for each command), and
// no SSH at all where that applies. The same tests against servers made with ssh2 and against a real sshd; keys are in `conformanceKeys`.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { describe, test } from "node:test";
import type { HostConnection } from "../../server/src/hosts/port";
import {
  connected,
  ends,
  identity,
  isRunning,
  know,
  place,
  prepare,
  run,
  type Serve,
  serversFor,
} from "./support/clients";
import { failsWith, knownHost, output, until } from "./support/place";
import { newKey } from "./support/server";
import { noSshd, startSshd } from "./support/sshd";
import { wireTo } from "./support/wire";

for (const client of ["ssh2", "openssh"] as const) {
  for (const [title, serve, missing] of serversFor(client)) {
    describe(`${client} and ${title}: commands`, { skip: missing }, () => {
      prepare(client);
      commands(serve);
    });
  }
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
