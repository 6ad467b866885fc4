import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { buildSync } from "esbuild";
import { parseDestination } from "../../server/src/hosts/destination";
import { HostError } from "../../server/src/hosts/port";
import { type HostSettings, resolveSettings } from "../../server/src/hosts/sshConfig";
import { listSshAliases } from "../../server/src/hosts/sshConfigAliases";
import { parseDump } from "../../server/src/hosts/sshConfigDump";
import { newPlace } from "./support/place";

const place = newPlace();
after(() => place.remove());
const hasSsh = spawnSync("ssh", ["-V"]).error === undefined;
const noSsh = hasSsh ? false : "ssh is not installed";
const home = os.userInfo().homedir;

async function settings(config: string, destination: string, log: string[] = []): Promise<HostSettings> {
  const sshConfigFile = place.write("config", config);
  const signal = new AbortController().signal;
  return resolveSettings(parseDestination(destination), { sshConfigFile, signal, log: (line) => log.push(line) });
}

/** The same without any program in reach. */
async function withoutSsh<T>(work: () => Promise<T>): Promise<T> {
  const kept = process.env["PATH"];
  process.env["PATH"] = path.join(place.folder, "empty");
  try {
    return await work();
  } finally {
    process.env["PATH"] = kept;
  }
}

const rich = `
Host juni
  HostName %h.example.org
  User josh
  Port 2222
  IdentityFile "~/my keys/%r"
  IdentityFile ${place.folder}/second
  IdentitiesOnly yes
  IdentityAgent none
  UserKnownHostsFile "${place.folder}/a b" ~/.ssh/more
  GlobalKnownHostsFile none
  HostKeyAlias Stable
  StrictHostKeyChecking accept-new
  ConnectTimeout 1m30
  ProxyJump josh@bastion:2200,second
  PasswordAuthentication no
  Compression yes
Host *
  User nobody
  ConnectTimeout 3
`;

for (const way of ["ssh -G", "own reading"] as const) {
  const skip = way === "ssh -G" ? noSsh : false;
  const run = <T>(work: () => Promise<T>) => (way === "ssh -G" ? work() : withoutSsh(work));

  test(`${way}: everything that is used is read`, { skip }, async () => {
    const found = await run(() => settings(rich, "juni"));
    assert.equal(found.hostName, "juni.example.org");
    assert.equal(found.user, "josh");
    assert.equal(found.port, 2222);
    assert.deepEqual(found.identityFiles, [path.join(home, "my keys/josh"), path.join(place.folder, "second")]);
    assert.equal(found.identitiesOnly, true);
    assert.equal(found.agentSocket, null);
    assert.deepEqual(found.userKnownHosts, [path.join(place.folder, "a b"), path.join(home, ".ssh/more")]);
    assert.deepEqual(found.globalKnownHosts, []);
    assert.equal(found.hostKeyAlias?.toLowerCase(), "stable");
    assert.equal(found.strictHostKeyChecking, "accept-new");
    assert.equal(found.connectTimeout, 90);
    assert.equal(found.proxyJump, "josh@bastion:2200,second");
    assert.equal(found.passwordLogin, false);
    assert.equal(found.questionLogin, true);
    assert.equal(found.compression, true);
  });

  test(`${way}: what was typed beats the configuration`, { skip }, async () => {
    const found = await run(() => settings(rich, "root@juni:22"));
    assert.deepEqual([found.user, found.port, found.hostName], ["root", 22, "juni.example.org"]);
  });

  test(`${way}: a host nothing is said about has ssh's defaults`, { skip }, async () => {
    const found = await run(() => settings("", "Other"));
    assert.deepEqual(
      [found.user, found.port, found.proxyJump, found.connectTimeout],
      [os.userInfo().username, 22, null, 15],
    );
    assert.ok(found.identityFiles.includes(path.join(home, ".ssh/id_ed25519")));
    assert.ok(found.userKnownHosts.includes(path.join(home, ".ssh/known_hosts")));
    assert.equal(found.strictHostKeyChecking, "ask");
    assert.equal(found.compression, false);
  });

  test(`${way}: none means none`, { skip }, async () => {
    const text =
      "Host *\n  ProxyJump none\n  IdentityFile none\n  StrictHostKeyChecking no\n  UserKnownHostsFile none\n";
    const found = await run(() => settings(text, "juni"));
    assert.equal(found.proxyJump, null);
    assert.deepEqual([found.identityFiles, found.userKnownHosts], [[], []]);
    assert.equal(found.strictHostKeyChecking, "off");
  });

  test(`${way}: Include applies only within its section, wildcards and order respected`, { skip }, async () => {
    mkdirSync(path.join(place.folder, "conf.d"), { recursive: true });
    place.write("conf.d/1", "Host juni\n  Port 1111\nHost web\n  Port 8022\n");
    place.write("conf.d/2", "Host juni\n  Port 2222\n  User second\n");
    place.write("only-web", "User webmaster\n");
    const text = `Include ${place.folder}/conf.d/*\nUser outer\nHost web\n  Include ${place.folder}/only-web\n  HostName web.lan\n`;
    const juni = await run(() => settings(text, "juni"));
    assert.deepEqual([juni.port, juni.user, juni.hostName], [1111, "second", "juni"]);
    const web = await run(() => settings(text.replace("User outer\n", ""), "web"));
    assert.deepEqual([web.port, web.user, web.hostName], [8022, "webmaster", "web.lan"]);
    const other = await run(() => settings(text, "other"));
    assert.deepEqual([other.port, other.user], [22, "outer"]);
  });

  test(`${way}: a configuration that cannot be read is an error`, { skip }, async () => {
    const options = {
      sshConfigFile: path.join(place.folder, "absent"),
      signal: new AbortController().signal,
      log: () => undefined,
    };
    await assert.rejects(
      run(() => resolveSettings({ host: "juni" }, options)),
      (error) => error instanceof HostError && error.kind === "unresolvable" && error.message.includes("juni"),
    );
  });
}

test("own reading runs nothing", async () => {
  const witness = path.join(place.folder, "witness");
  const text = `Match exec "touch ${witness}"\n  User evil\nHost juni\n  CanonicalizeHostname yes\n  CanonicalDomains lan\n  User josh\n`;
  const log: string[] = [];
  const found = await withoutSsh(() => settings(text, "juni", log));
  assert.equal(found.user, "josh");
  assert.equal(existsSync(witness), false);
  assert.ok(log.some((line) => line.includes("no ssh program")) && log.some((line) => line.includes("canonical")));
});

test("cancelled while ssh -G runs", { skip: noSsh }, async () => {
  const sshConfigFile = place.write("slow", 'Match exec "sleep 30"\n  User x\n');
  const abort = new AbortController();
  const resolving = resolveSettings({ host: "juni" }, { sshConfigFile, signal: abort.signal, log: () => undefined });
  abort.abort();
  await assert.rejects(resolving, (error) => error instanceof HostError && error.kind === "cancelled");
});

test("the words of ssh -G: repeated keywords, files with spaces", () => {
  const dump = parseDump("identityfile ~/a b\nidentityfile ~/c\nuserknownhostsfile /x/a b /y ~/z\nodd\nport 22\n");
  assert.deepEqual(dump.get("identityfile"), ["~/a b", "~/c"]);
  assert.deepEqual(dump.get("userknownhostsfile"), ["/x/a b", "/y", "~/z"]);
  assert.deepEqual(dump.get("port"), ["22"]);
});

test("aliases: written-out names only, Include followed", async () => {
  place.write("more", "Host web db\n  User deploy\n");
  const file = place.write(
    "aliases",
    [
      "Host *",
      "  User everyone",
      `Include ${place.folder}/more`,
      "host juni juno*",
      "  HostName 10.0.0.4",
      "  User josh",
      "  Port=2222",
      'Host "quoted" !not $(evil) -x',
      "Match host juni",
      "  User other",
      "Host juni",
      "  User late",
      "Host bare",
    ].join("\n"),
  );
  assert.deepEqual(await listSshAliases(file), [
    { name: "web", detail: "deploy@web" },
    { name: "db", detail: "deploy@db" },
    { name: "juni", detail: "josh@10.0.0.4:2222" },
    { name: "quoted", detail: "" },
    { name: "bare", detail: "" },
  ]);
  assert.deepEqual(await listSshAliases(path.join(place.folder, "absent")), []);
});

test("an Include that includes itself ends", async () => {
  const file = place.write("loop", `Include ${place.folder}/loop\nHost juni\n  User josh\n`);
  assert.deepEqual(await listSshAliases(file), [{ name: "juni", detail: "josh@juni" }]);
  const found = await withoutSsh(() => settings(place.read("loop"), "juni"));
  assert.equal(found.user, "josh");
});

const program = (name: string) =>
  spawnSync("/bin/sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).stdout.trim();
const noStranger =
  (process.getuid?.() !== 0 && "needs to be root to become another user") ||
  ((program("ssh") === "" || program("setpriv") === "") && "ssh or setpriv is not installed");

test("a user id without an entry in the user database", { skip: noStranger }, () => {
  chmodSync(place.folder, 0o755);
  const file = place.write("config", "Host juni\n  HostName 10.0.0.4\n");
  chmodSync(file, 0o644);
  const resolve = path.join(__dirname, "../../server/src/hosts/sshConfig.ts");
  const script = `import { resolveSettings } from ${JSON.stringify(resolve)};
    resolveSettings({ host: "juni" }, { sshConfigFile: process.argv[2], signal: new AbortController().signal, log: console.error })
      .then(({ hostName, user, source }) => console.log([hostName, user, source].join(" ")));`;
  const bundled = path.join(place.folder, "resolve.cjs");
  buildSync({ stdin: { contents: script, resolveDir: __dirname }, bundle: true, platform: "node", outfile: bundled });
  chmodSync(bundled, 0o755);
  const words = ["--reuid=61234", "--regid=61234", "--clear-groups", process.execPath, bundled, file];
  const { stdout, stderr } = spawnSync("setpriv", words, {
    encoding: "utf8",
    env: { PATH: process.env["PATH"], USER: "guest" },
  });
  assert.equal(stdout, "10.0.0.4 guest files\n", stderr);
  assert.match(stderr, /user database/);
});
