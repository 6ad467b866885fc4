import assert from "node:assert/strict";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { forgetSecrets } from "../../server/src/hosts/identitiesSecrets";
import { HostError, type Prompter } from "../../server/src/hosts/port";
import { buildReport } from "../../server/src/scan/report";
import { localConnection } from "./support/local";
import { recordedRoot, scan, statuses, temporaryFolder, write } from "./support/root";
import { toolsWithout } from "./support/tools";

const asRoot = process.getuid?.() === 0;
/** Someone who is not root; root reads everything. */
const someone = asRoot ? { uid: 65_534, gid: 65_534 } : {};
const path0 = process.env["PATH"] ?? "/usr/bin:/bin";

const old = ".snapshots/old_roots/2026-11-21_09-30-00";

test("folders that may not be read are listed, and the rest is shown", async (context) => {
  const root = recordedRoot(context, {
    "root/secret": "",
    "srv/closed\nby\tname/inner": "",
    "var/listed-only/inner": "",
    "var/open": "",
    [`${old}/root/secret`]: "",
    [`${old}/var/open`]: "",
  });
  chmodSync(path.join(root, "root"), 0o000);
  chmodSync(path.join(root, old, "root"), 0o000);
  chmodSync(path.join(root, "srv/closed\nby\tname"), 0o711);
  chmodSync(path.join(root, "var/listed-only"), 0o744);
  const folders = ["root", `${old}/root`, "srv/closed\nby\tname", "var/listed-only"];
  // Owned by root, the last two are read by others; owned by us, they are closed to us as well.
  if (!asRoot) for (const folder of folders.slice(2)) chmodSync(path.join(root, folder), 0o300);
  const result = await scan(localConnection(someone), root).finally(() => {
    for (const folder of folders) chmodSync(path.join(root, folder), 0o755);
  });
  assert.deepEqual(result.unread, [`/${old}/root`, "/root", "/srv/closed\nby\tname", "/var/listed-only"]);
  const found = statuses(result.tree);
  assert.equal(found["/var/open"], "regenerated");
  assert.equal(found["/root"], "regenerated");
  assert.equal(found["/root/secret"], undefined);
  assert.equal(result.tree.mode(result.tree.find("/root") ?? -1), "0000");
});

test("what is in the older root of a folder that may not be read now is not called lost", async (context) => {
  const names = ["var/lib/forgejo/data/forgejo.db", "bao-keys/unseal.json", "home/josh/notes.txt"];
  const closedInOld = "var/lib/grafana/grafana.db";
  const root = recordedRoot(context, {
    ...Object.fromEntries(
      [...names, closedInOld].flatMap((name) => [
        [name, "live"],
        [`${old}/${name}`, "old"],
      ]),
    ),
    [`${old}/var/lib/trilium/document.db`]: "gone",
  });
  const folders = ["var/lib/forgejo", "bao-keys", "home/josh", `${old}/var/lib/grafana`];
  for (const [index, folder] of folders.entries())
    chmodSync(path.join(root, folder), asRoot ? (index === 0 ? 0o750 : 0o700) : 0o000);
  const result = await scan(localConnection(someone), root).finally(() => {
    for (const folder of folders) chmodSync(path.join(root, folder), 0o755);
  });
  const report = buildReport(result, { directories: new Set(), files: new Set(), storages: new Set() });
  assert.deepEqual(report.unread, [`/${old}/var/lib/grafana`, "/bao-keys", "/home/josh", "/var/lib/forgejo"]);
  assert.deepEqual(report.candidates.map((candidate) => [candidate.path, candidate.status]).sort(), [
    ["/var/lib/grafana", "new"],
    ["/var/lib/trilium", "lost"],
  ]);
});

test("a root that may not be read is an error with a next step", async (context) => {
  const root = recordedRoot(context);
  chmodSync(root, 0o000);
  const scanning = scan(localConnection(someone), root).finally(() => chmodSync(root, 0o755));
  await assert.rejects(scanning, (error) => {
    assert.ok(error instanceof HostError);
    assert.equal(error.kind, "remote-permission");
    assert.match(error.next, /Connect as root/);
    return true;
  });
});

/** PATH with a sudo that keeps a list of its calls and then does what `script` says. */
function withSudo(folder: string, script: string): string {
  write(folder, { sudo: { text: `#!/bin/sh\necho "$1 $2" >> ${folder}/calls\n${script}\n`, mode: 0o755 } });
  write(folder, { calls: { text: "", mode: 0o666 } });
  return `${folder}:${path0}`;
}

test("sudo is tried once, without asking, and its refusal is said", async (context) => {
  const folder = temporaryFolder(context);
  const PATH = withSudo(folder, "echo 'sudo: a password is required' >&2; cat > /dev/null; exit 1");
  const result = await scan(localConnection({ ...someone, env: { PATH } }), recordedRoot(context, { "var/x": "" }));
  assert.ok(result.tree.find("/var/x") !== null);
  assert.equal(readFileSync(`${folder}/calls`, "utf8"), "-n /bin/sh\n");
  assert.match(result.notes.join("\n"), /^Scanned as \S+, without root: `sudo -n` asks for a password/);
});

test("where sudo allows it, the probe runs under it, the comparison too", async (context) => {
  const folder = temporaryFolder(context);
  const PATH = withSudo(folder, `[ "$1" = -n ] || exit 1\nshift\nexec "$@"`);
  const files: Record<string, string> = { "var/x": "1", [`${old}/var/x`]: "1" };
  const connection = localConnection({ ...someone, env: { PATH } });
  // One walk at a time: of two, the one that is done first may help the other, which is a call more.
  const result = await scan(connection, recordedRoot(context, files), { walks: 1 });
  assert.equal(statuses(result.tree)["/var/x"], "regenerated");
  // To try, and once each for the facts, the older roots, the two walks, what the host runs from, and the comparison.
  assert.equal(readFileSync(`${folder}/calls`, "utf8"), "-n /bin/sh\n".repeat(7));
  assert.deepEqual(result.notes, []);
});

const sudoPassword = 'it\'s \\ $1 "x" ü';

/** PATH with a sudo that wants a password on its standard input each time, and takes nothing else. */
function withAskingSudo(folder: string): string {
  write(folder, { password: sudoPassword });
  return withSudo(
    folder,
    `[ "$1 $2 $3 $4" = "-k -S -p " ] || exit 1
shift 4
IFS= read -r password
[ "$password" = "$(cat ${folder}/password)" ] || exit 1
exec "$@"`,
  );
}

/** Answers in turn, and keeps the questions. */
function asked(...answers: (string | null)[]): Pick<Prompter, "secret"> & { readonly prompts: string[] } {
  const prompts: string[] = [];
  return {
    prompts,
    secret: async ({ prompt }) => {
      prompts.push(prompt);
      return answers.shift() ?? null;
    },
  };
}

test("the sudo password is asked for where it may be, once, and never given on a command line", async (context) => {
  forgetSecrets();
  const folder = temporaryFolder(context);
  const PATH = withAskingSudo(folder);
  const connection = localConnection({ ...someone, env: { PATH } });
  const files: Record<string, string> = { "var/x": "1", [`${old}/var/x`]: "1", "var/y": "2", [`${old}/var/y`]: "3" };
  const root = recordedRoot(context, files);
  const sudo = asked("wrong", sudoPassword);
  const result = await scan(connection, root, { sudo });
  assert.equal(sudo.prompts.length, 2);
  assert.match(sudo.prompts[0] ?? "", /^sudo password of \S+ on here/);
  assert.match(sudo.prompts[1] ?? "", /^That was not accepted\. /);
  assert.deepEqual([statuses(result.tree)["/var/x"], statuses(result.tree)["/var/y"]], ["regenerated", "changed"]);
  assert.deepEqual(result.notes, []);
  const again = asked();
  await scan(connection, root, { sudo: again });
  assert.equal(again.prompts.length, 0, "remembered");
});

test("without the sudo password, or where sudo is not to be used, it is said", async (context) => {
  forgetSecrets();
  const folder = temporaryFolder(context);
  const PATH = withAskingSudo(folder);
  const connection = localConnection({ ...someone, env: { PATH } });
  const none = await scan(connection, recordedRoot(context), { sudo: asked(null) });
  assert.match(none.notes.join("\n"), /without root: `sudo -n` asks for a password/);
  if (asRoot) writeFileSync(`${folder}/calls`, "");
  const never = await scan(connection, recordedRoot(context), { sudo: "never" });
  assert.match(never.notes.join("\n"), /without root, as the settings say/);
  if (asRoot) assert.equal(readFileSync(`${folder}/calls`, "utf8"), "");
});

test("no sudo at all is said", async (context) => {
  const PATH = toolsWithout(temporaryFolder(context), []);
  const result = await scan(localConnection({ ...someone, env: { PATH } }), recordedRoot(context));
  assert.match(result.notes.join("\n"), /there is no sudo/);
});

test("root needs no sudo", { skip: !asRoot && "needs to be root" }, async (context) => {
  const folder = temporaryFolder(context);
  const PATH = withSudo(folder, "exit 1");
  const result = await scan(localConnection({ env: { PATH } }), recordedRoot(context));
  assert.equal(readFileSync(`${folder}/calls`, "utf8"), "");
  assert.deepEqual(result.notes, []);
});

test("old roots that may not be read are said", async (context) => {
  const root = recordedRoot(context, { [`${old}/x`]: "" });
  const closed = path.join(root, ".snapshots/old_roots");
  chmodSync(closed, 0o000);
  const result = await scan(localConnection(someone), root).finally(() => chmodSync(closed, 0o755));
  assert.equal(result.oldRoot, null);
  assert.match(result.notes.join("\n"), /older roots may not be read/);
});
