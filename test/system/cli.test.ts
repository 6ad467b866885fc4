// The command line against real hosts with an ephemeral root, over a real sshd.
import assert from "node:assert/strict";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { type CliResult, tidemark } from "./support/cli";
import { type EphemeralHost, fingerprintOf, freePort, generateKey, startEphemeralHost } from "./support/host";
import { HOSTILE } from "./support/host-content";
import { persistedBy, syntaxError } from "./support/nix";
import { copyWorkspace, type Workspace } from "./support/workspace";

/** What `tidemark scan --json` prints, as far as it is looked at here. */
interface Report {
  readonly version: number;
  readonly host: string;
  readonly root: { readonly kind: string; readonly subvolume: string; readonly ephemeral: boolean | null };
  readonly bootTime: string | null;
  readonly candidates: readonly Candidate[];
  readonly ignored: Readonly<Record<string, number>>;
  readonly unread: readonly string[];
}
interface Candidate {
  readonly path: string;
  readonly kind: string;
  readonly status: string;
  readonly verdict: string;
  readonly reason: string;
  readonly bytes: number;
  readonly files: number;
  readonly user: string;
  readonly group: string;
  readonly mode: string;
  readonly unwritable: string | null;
}

let workspace: Workspace;
before(() => {
  workspace = copyWorkspace();
});
after(() => workspace.remove());

function scan(host: EphemeralHost, alias = "juni", configFile = host.sshConfigFile): Report {
  const result = tidemark("scan", alias, "--config", workspace.hostFile, "--ssh-config", configFile, "--json");
  assert.equal(result.code, 0, result.stderr);
  assert.equal(result.stderr, "");
  return JSON.parse(result.stdout) as Report;
}

const byPath = (report: Report) => new Map(report.candidates.map((candidate) => [candidate.path, candidate]));
const worth = (report: Report) =>
  report.candidates.filter(({ verdict }) => verdict === "persist" || verdict === "probably");

/** A refusal: exit code 2, nothing on standard output, a message and not a trace of our code. */
function assertRefused(result: CliResult, ...wanted: readonly RegExp[]): void {
  assert.equal(result.code, 2, result.stdout);
  assert.equal(result.stdout, "");
  for (const pattern of wanted) assert.match(result.stderr, pattern);
  assert.doesNotMatch(result.stderr, /^\s+at .*:\d+/m);
  assert.equal(result.stderr.trimEnd().split("\n").length, 1, `one message:\n${result.stderr}`);
}

describe("a host whose btrfs root is reset at boot", () => {
  let host: EphemeralHost;
  let report: Report;
  let candidates: Map<string, Candidate>;
  before(async () => {
    host = await startEphemeralHost({ kind: "btrfs", live: HOSTILE });
    report = scan(host);
    candidates = byPath(report);
  });
  after(() => host.stop());

  test("is described", () => {
    assert.equal(report.version, 1);
    assert.equal(report.host, "juni");
    assert.equal(report.root.kind, "btrfs");
    assert.equal(report.root.subvolume, "/@root");
    assert.notEqual(report.root.ephemeral, false);
    const booted = Number(/^btime (\d+)/m.exec(host.run("cat /proc/stat"))?.[1]);
    assert.ok(report.bootTime !== null);
    assert.ok(Math.abs(Date.parse(report.bootTime) / 1000 - booted) <= 2, report.bootTime);
  });

  test("would lose the state of its services, listed with owner, mode and size", () => {
    const facts = (at: string) => {
      const found = candidates.get(at);
      return found && [found.kind, found.status, found.user, found.group, found.mode, found.files];
    };
    assert.deepEqual(facts("/var/lib/headscale"), ["directory", "new", "headscale", "headscale", "0750", 2]);
    assert.deepEqual(facts("/var/lib/postgresql"), ["directory", "new", "postgres", "postgres", "0750", 61]);
    assert.deepEqual(facts("/var/lib/acme"), ["directory", "new", "acme", "nginx", "0755", 2]);
    assert.deepEqual(facts("/bao-keys"), ["directory", "new", "root", "root", "0700", 1]);
    assert.deepEqual(facts("/var/lib/private/AdGuardHome"), ["directory", "new", "62123", "62123", "0700", 1]);
    for (const at of ["/var/lib/headscale", "/var/lib/postgresql", "/var/lib/acme", "/bao-keys"]) {
      assert.match(candidates.get(at)?.verdict ?? "", /^(persist|probably)$/, at);
      assert.notEqual(candidates.get(at)?.reason, "", at);
    }
    const bytes = Number(host.run("cat /var/lib/headscale/* | wc -c"));
    assert.equal(candidates.get("/var/lib/headscale")?.bytes, bytes);
  });

  test("shows what changed since the boot before", () => {
    assert.equal(candidates.get("/var/lib/forgejo")?.status, "changed");
    assert.equal(candidates.get("/var/lib/forgejo")?.user, "forgejo");
  });

  test("shows what the last boot has already lost", () => {
    const bluetooth = candidates.get("/var/lib/bluetooth");
    assert.equal(bluetooth?.status, "lost");
    assert.equal(bluetooth?.mode, "0700");
    assert.equal(candidates.get("/var/lib/fail2ban")?.status, "lost");
  });

  test("is not asked to persist what survives already", () => {
    const kept = [
      ["/var/log", "/var/lib/nixos", "/var/lib/tailscale", "/etc/NetworkManager", "/home/josh/projects"],
      ["/etc/machine-id", "/etc/ssh", "/var/lib/vaultwarden"],
      ["/persist", "/nix", "/.snapshots", "/usr", "/bin", "/lib", "/lib64", "/proc", "/sys", "/dev", "/run"],
    ].flat();
    for (const { path: at } of report.candidates) {
      assert.ok(!kept.some((known) => at === known || at.startsWith(`${known}/`)), at);
    }
  });

  test("is not asked to persist what every boot makes anew", () => {
    const noise = [
      "/etc/passwd",
      "/etc/static",
      "/etc/NIXOS",
      "/var/cache",
      "/var/lib/logrotate.status",
      "/root/.nix-channels",
    ];
    for (const { path: at } of worth(report)) {
      assert.ok(!noise.some((known) => at === known || at.startsWith(`${known}/`)), at);
    }
    const folded = Object.values(report.ignored).reduce((sum, count) => sum + count, 0);
    assert.ok(folded >= 15, JSON.stringify(report.ignored));
  });

  test("keeps its odd file names out of every language on the way", () => {
    assert.ok(candidates.get('/var/lib/say "${hello}"'), "quotes and interpolation");
    assert.equal(candidates.get("/var/lib/hostile")?.files, 6);
    const notText = report.candidates.find(({ path: at }) => at.startsWith("/var/lib/caf"));
    assert.ok(notText?.unwritable, "a name that is not UTF-8 cannot be written in Nix");
    assert.equal(host.run("find / -xdev -name pwned"), "");
  });

  test("is left as it was", () => {
    const fingerprint = () => host.run("find / -xdev -printf '%p %y %s %T@ %C@ %U %G %m\\n' | sort | sha256sum");
    const earlier = fingerprint();
    scan(host);
    assert.equal(fingerprint(), earlier);
    assert.doesNotMatch(host.run("ps -eo args"), /find|sudo/, "something still runs there");
  });

  test("tells josh, who may use sudo, the same", () => {
    assert.deepEqual(
      report.candidates.map(({ path: at, status, verdict }) => [at, status, verdict]),
      scan(host, "juni-josh").candidates.map(({ path: at, status, verdict }) => [at, status, verdict]),
    );
  });

  test("tells mia, who may not, what it can, and what it could not read", () => {
    const partial = scan(host, "juni-mia");
    assert.ok(partial.unread.includes("/bao-keys"), JSON.stringify(partial.unread));
    assert.ok(partial.unread.some((at) => at.startsWith("/var/lib/postgresql")));
    assert.ok(byPath(partial).has("/var/lib/hostile"));
    const given = ["--config", workspace.hostFile, "--ssh-config", host.sshConfigFile];
    const { stdout } = tidemark("scan", "juni-mia", ...given);
    assert.match(
      stdout,
      /Not read for lack of permission: .*\/bao-keys.*To see them, connect as root, or give --sudo\./,
    );
    assert.match(stdout, /Scanned as mia, without root/);
    assert.deepEqual(report.unread, []);
  });

  test("is reported for people on the terminal", () => {
    const { code, stdout } = tidemark(
      "scan",
      "juni",
      "--config",
      workspace.hostFile,
      "--ssh-config",
      host.sshConfigFile,
    );
    assert.equal(code, 0);
    assert.match(stdout, /\/var\/lib\/headscale/);
    assert.match(stdout, /btrfs/);
    assert.doesNotMatch(stdout, /[\u0000-\u0009\u000b-\u001f\u007f]/, "control characters of file names or colours");
  });

  test("finds its configuration becoming complete", () => {
    const file = path.join(path.dirname(workspace.hostFile), "complete.nix");
    copyFileSync(workspace.hostFile, file);
    const paths = worth(report)
      .filter(({ unwritable, path: at }) => unwritable === null && at !== '/var/lib/say "${hello}"')
      .map(({ path: at }) => at);
    assert.ok(paths.length > 5);
    const json = path.join(workspace.folder, "scan.json");
    writeFileSync(json, JSON.stringify(report));
    const fixed = tidemark("fix", file, "--persist", ...paths, "--from", json, "--write");
    assert.equal(fixed.code, 0, fixed.stderr);
    assert.equal(syntaxError(file), null);
    const persisted = new Map(persistedBy(file).map((entry) => [entry.path, entry]));
    for (const at of paths) assert.ok(persisted.has(at), at);
    assert.equal(persisted.get("/var/lib/headscale")?.options["user"], "headscale");
    const again = tidemark("scan", "juni", "--config", file, "--ssh-config", host.sshConfigFile, "--json");
    const left = worth(JSON.parse(again.stdout) as Report).map(({ path: at }) => at);
    assert.deepEqual(
      left.filter((at) => paths.includes(at)),
      [],
    );
  });
});

describe("a host with its root on tmpfs", () => {
  let host: EphemeralHost;
  before(async () => {
    host = await startEphemeralHost({ kind: "tmpfs" });
  });
  after(() => host.stop());

  test("is described and would lose the state of its services", () => {
    const report = scan(host);
    assert.equal(report.root.kind, "tmpfs");
    assert.equal(report.root.ephemeral, true);
    const candidates = byPath(report);
    for (const at of ["/var/lib/headscale", "/var/lib/postgresql", "/var/lib/acme", "/var/lib/forgejo"]) {
      assert.equal(candidates.get(at)?.status, "new", at);
    }
    assert.ok(!candidates.has("/var/lib/bluetooth"));
    for (const at of ["/var/log", "/var/lib/tailscale", "/persist", "/nix", "/etc/machine-id"]) {
      assert.ok(!candidates.has(at), at);
    }
  });
});

describe("a host that must not be trusted, or cannot be reached", () => {
  let host: EphemeralHost;
  before(async () => {
    host = await startEphemeralHost({ kind: "tmpfs" });
  });
  after(() => host.stop());
  const attempt = (configFile: string) => tidemark("scan", "juni", "--ssh-config", configFile, "--json");

  test("refuses a host key nobody knows, and names it as ssh-keygen does", () => {
    const empty = path.join(host.folder, "no_known_hosts");
    writeFileSync(empty, "");
    assertRefused(
      attempt(host.sshConfig("unknown", { knownHosts: empty })),
      /juni/,
      new RegExp(host.fingerprint.replace(/[+/.]/g, "\\$&")),
    );
    assert.equal(readFileSync(empty, "utf8"), "", "nothing is remembered unasked");
  });

  test("refuses a host key that changed, and names both", () => {
    const other = generateKey(path.join(host.folder, "other_key"), "other");
    const changed = path.join(host.folder, "changed_known_hosts");
    const key = readFileSync(`${other}.pub`, "utf8").split(" ").slice(0, 2).join(" ");
    writeFileSync(changed, `[127.0.0.1]:${host.port} ${key}\n`);
    const literal = (text: string) => new RegExp(text.replace(/[+/.]/g, "\\$&"));
    assertRefused(
      attempt(host.sshConfig("changed", { knownHosts: changed })),
      /changed/,
      literal(host.fingerprint),
      literal(fingerprintOf(`${other}.pub`)),
    );
  });

  test("says that nothing listens there", async () => {
    assertRefused(attempt(host.sshConfig("refused", { port: await freePort() })), /juni/);
  });

  test("says that the key is not accepted", () => {
    const stranger = generateKey(path.join(host.folder, "stranger"), "stranger");
    const config = path.join(host.folder, "stranger_config");
    writeFileSync(config, readFileSync(host.sshConfigFile, "utf8").replaceAll(host.identity, stranger));
    assertRefused(attempt(config), /juni/);
  });

  test("takes no destination for an option", () => {
    for (const destination of ["-oProxyCommand=touch pwned", "a b", "$(touch pwned)"]) {
      const result = tidemark("scan", "--ssh-config", host.sshConfigFile, "--", destination);
      assert.equal(result.code, 2, destination);
    }
  });
});
