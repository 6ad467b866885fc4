import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { HostError, type HostErrorKind } from "../../server/src/hosts/port";
import { shellWord } from "../../server/src/hosts/probeQuote";
import { localConnection } from "./support/local";
import { recordedRoot, scan, temporaryFolder, write } from "./support/root";
import { toolsWithout } from "./support/tools";

const fails = (kind: HostErrorKind | readonly HostErrorKind[], message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof HostError, String(error));
  assert.ok([kind].flat().includes(error.kind), `${error.kind}: ${error.message}`);
  assert.match(error.message, message);
  assert.ok(error.next.length > 15);
  return true;
};

test("one quoting function: every text comes out of the shell as it went in", () => {
  const texts = [
    "",
    "a",
    "it's",
    "''",
    '$(x) `y` ${z} \\ \\n " !',
    "new\nline\n",
    "-n",
    "*",
    "\u{1f600}é",
    "a".repeat(9999),
  ];
  const script = `printf '%s\\0' ${texts.map(shellWord).join(" ")}`;
  for (const shell of ["/bin/sh", "/bin/bash"].filter(existsSync)) {
    const { stdout } = spawnSync(shell, ["-s"], { input: script });
    assert.deepEqual(stdout.toString().split("\0").slice(0, -1), texts, shell);
  }
  assert.throws(() => shellWord("a\0b"), RangeError);
});

/** A login shell that prints before and after it does what it is told. */
function noisyShell(folder: string, before: string, after: string): string {
  const shell = path.join(folder, "shell");
  writeFileSync(shell, `#!/bin/sh\n${before}\n/bin/sh -c "$2"\n${after}\n`);
  chmodSync(shell, 0o755);
  return shell;
}

test("banners before and after are passed over", async (context) => {
  const root = recordedRoot(context, { "var/x": "" });
  const shell = noisyShell(
    temporaryFolder(context),
    "printf 'Welcome\\0to tidemark:\\n'; echo careful >&2",
    "echo bye",
  );
  const { tree } = await scan(localConnection({ shell: [shell] }), root);
  assert.ok(tree.find("/var/x") !== null);
});

for (const name of ["bash", "dash", "busybox", "fish", "csh", "zsh", "mksh", "ksh93", "nu"]) {
  const found = spawnSync("/bin/sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).stdout.trim();
  test(`works under ${name} as login shell`, { skip: found === "" && `${name} is not installed` }, async (context) => {
    const root = recordedRoot(context, { "var/x": "1", ".snapshots/old_roots/2026-11-21_09-30-00/var/x": "1" });
    const shell = name === "busybox" ? [found, "sh"] : [found];
    const { tree } = await scan(localConnection({ shell }), root);
    assert.equal(tree.status(tree.find("/var/x") ?? -1), "regenerated");
  });
}

test("a login shell that never runs the probe is told from a broken link", async (context) => {
  const root = recordedRoot(context);
  const folder = temporaryFolder(context);
  const shell = path.join(folder, "nologin");
  writeFileSync(shell, "#!/bin/sh\necho 'This account is \u001b[31mnot available.'\nexit 1\n");
  chmodSync(shell, 0o755);
  await assert.rejects(
    scan(localConnection({ shell: [shell] }), root),
    fails("remote-shell", /code 1.*"This account is \[31mnot available\."/),
  );
});

test("a shell that prints for ever is stopped", async (context) => {
  const shell = noisyShell(temporaryFolder(context), "exec yes spam", "");
  await assert.rejects(
    scan(localConnection({ shell: [shell] }), recordedRoot(context)),
    fails("protocol", /prints without end/),
  );
});

test("the tools named in the probe are all it needs", async (context) => {
  const root = recordedRoot(context, { "var/x": "1", ".snapshots/old_roots/2026-11-21_09-30-00/var/x": "1" });
  const PATH = toolsWithout(temporaryFolder(context), []);
  const { tree } = await scan(localConnection({ env: { PATH } }), root);
  assert.equal(tree.status(tree.find("/var/x") ?? -1), "regenerated");
});

test("without GNU find the answer says what to install", async (context) => {
  const PATH = toolsWithout(temporaryFolder(context), ["find"]);
  await assert.rejects(
    scan(localConnection({ env: { PATH } }), recordedRoot(context)),
    fails("remote-tools", /: find is missing/),
  );
});

test("with BSD find likewise", async (context) => {
  const PATH = toolsWithout(temporaryFolder(context), ["find", "stat"]);
  write(PATH, { find: { text: "#!/bin/sh\necho 'find: illegal option -- -' >&2\nexit 1\n", mode: 0o755 } });
  await assert.rejects(
    scan(localConnection({ env: { PATH } }), recordedRoot(context)),
    fails("remote-tools", /: find and stat are missing or of another kind\./),
  );
});

test("output cut anywhere is refused as a whole", async (context) => {
  const root = recordedRoot(context, {
    "var/a": "",
    "var/b": { link: "x" },
    ".snapshots/old_roots/2026-11-21_09-30-00/etc/group": "root:x:0:\nusers:x:100:\n",
  });
  // Told how many, since each walk has its own marks, and how many there are depends on what else the machine does.
  for (const walks of [1, 2] as const) {
    let total = 0;
    const count = (chunk: Buffer) => {
      total += chunk.length;
      return chunk;
    };
    await scan(localConnection({ tamper: count }), root, { walks });
    assert.ok(total > 300);
    for (let limit = 0; limit < total - 1; limit += Math.ceil(total / 25)) {
      // Nothing at all from one of the runs looks like a shell that does not run it.
      const kind = limit < 50 ? "remote-shell" : (["remote-shell", "protocol"] as const);
      const scanned = scan(localConnection({ limit }), root, { walks });
      await assert.rejects(scanned, fails(kind, /./), `${walks}: cut after ${limit} of ${total}`);
    }
  }
});

test("a dropped link is called so", async (context) => {
  const root = recordedRoot(context, { "var/a": "" });
  let chunks = 0;
  const drop = (chunk: Buffer) => {
    chunks += 1;
    return chunks > 2 ? null : chunk;
  };
  await assert.rejects(scan(localConnection({ tamper: drop }), root), fails("dropped", /lost/));
});

test("changed output is called so", async (context) => {
  const root = recordedRoot(context, { "var/a": "" });
  const crlf = (chunk: Buffer) => Buffer.from(chunk.toString("latin1").replaceAll(" 755 ", " 75x "), "latin1");
  await assert.rejects(scan(localConnection({ tamper: crlf }), root), fails("protocol", /broken record/));
});

test("a root that is not there, is a file, or is no path", async (context) => {
  const root = recordedRoot(context, { file: "" });
  await assert.rejects(scan(localConnection(), `${root}/none`), fails("bad-destination", /none does not exist/));
  await assert.rejects(scan(localConnection(), `${root}/file`), fails("bad-destination", /not a folder/));
  await assert.rejects(scan(localConnection(), "relative"), fails("bad-destination", /absolute/));
  await assert.rejects(scan(localConnection(), "/a\0b"), fails("bad-destination", /absolute/));
});

for (const ends of ["all", "first"] as const) {
  test(`cancelling ends the walk on the host, told to ${ends} of its processes`, async (context) => {
    const folder = temporaryFolder(context);
    const PATH = toolsWithout(folder, ["find"]);
    // A find that is asked to walk says so, and then is as slow as one on a dead disk.
    const find = ["/usr/bin/find", "/run/current-system/sw/bin/find"].find(existsSync) ?? "find";
    const slow = `#!/bin/sh\ncase "$*" in "./. -maxdepth 1 "* | "-files0-from - -maxdepth 3 "*) echo $$ >> "${folder}/pids"; exec sleep 1000 ;; esac\nexec ${find} "$@"\n`;
    write(PATH, { find: { text: slow, mode: 0o755 } });
    symlinkSync("/bin/sleep", path.join(folder, "sleep"));
    const stop = new AbortController();
    const connection = localConnection({ env: { PATH }, ends });
    const running = scan(connection, recordedRoot(context), { signal: stop.signal });
    const pids = () =>
      existsSync(`${folder}/pids`) ? (readFileSync(`${folder}/pids`, "utf8").match(/\d+(?=\n)/g) ?? []) : [];
    await until(() => pids().length > 0);
    const started = Date.now();
    stop.abort();
    await assert.rejects(running, fails("cancelled", /Stopped/));
    await until(() => pids().every((pid) => !isAlive(Number(pid))));
    assert.ok(Date.now() - started < 1000);
    await assert.rejects(scan(localConnection(), "/", { signal: stop.signal }), fails("cancelled", /Stopped/));
  });
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    assert.ok(Date.now() < deadline, "waited for too long");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function isAlive(pid: number): boolean {
  try {
    // A process that has ended but is not yet waited for is in state Z.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
