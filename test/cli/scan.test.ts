import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import type { Candidate, ScanReport } from "../../server/src/hosts/model";
import { newKey, startServer } from "../hosts/support/server";
import { type DemoFleet, startDemoFleet } from "../support/demoFleet";
import { tidemarkBeside } from "./support/run";

let fleet: DemoFleet;
before(async () => {
  fleet = await startDemoFleet(["juni", "l001"]);
});
after(() => fleet.stop());

const tidemark = (...args: string[]) => tidemarkBeside(fleet, ...args);

const at = (host: string, ...more: string[]) => [
  "scan",
  host,
  "--ssh-config",
  fleet.demo.sshConfig,
  "--root",
  fleet.demo.hosts[host]?.root ?? "",
  ...more,
];

test("scan --json: the report as documented", async () => {
  const { status, stdout, stderr } = await tidemark(...at("juni", "--config", fleet.file("juni").name, "--json"));
  assert.equal(status, 0, stderr);
  const report = JSON.parse(stdout) as ScanReport;
  assert.equal(report.version, 1);
  assert.equal(report.host, "juni");
  assert.equal(report.root.kind, "bcachefs");
  assert.match(report.bootTime ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/);
  const byPath = new Map<string, Candidate>(report.candidates.map((candidate) => [candidate.path, candidate]));
  const bluetooth = byPath.get("/var/lib/bluetooth");
  assert.deepEqual(
    { ...bluetooth, reason: undefined, about: undefined, bytes: undefined, files: undefined, mtime: undefined },
    {
      path: "/var/lib/bluetooth",
      kind: "directory",
      status: "changed",
      verdict: "persist",
      reason: undefined,
      about: undefined,
      by: { source: "catalog", unit: null, user: "root", program: "Bluetooth (BlueZ)", text: "known from the catalog" },
      section: "system",
      bytes: undefined,
      files: undefined,
      user: "root",
      group: "root",
      mode: "0700",
      mtime: undefined,
      homeOf: null,
      unwritable: null,
    },
  );
  assert.equal(byPath.get("/home/josh/.local/share/atuin")?.status, "lost");
  for (const covered of ["/var/log", "/var/lib/nixos", "/home/josh/.ssh", "/persist"])
    assert.equal(byPath.has(covered), false, covered);
  assert.ok(Object.values(report.ignored).every((count) => count > 0));
  assert.deepEqual(report.unread, []);
});

test("scan finds the configuration by the host's name, and for people prints what to do", async () => {
  const { status, stdout, stderr } = await tidemark(...at("juni"));
  assert.equal(status, 0, stderr);
  assert.match(stdout, /hosts\/juni\/impermanence\.nix/);
  assert.match(stdout, /Persist these/);
  assert.doesNotMatch(stdout, /\/var\/lib\/nixos /);
});

test("scan --config: the flake stands for its host, and a folder for what is the host's in it", async () => {
  const persisted = async (...files: string[]) => {
    const { status, stdout, stderr } = await tidemark(...at("juni", "--config", ...files));
    assert.equal(status, 0, stderr);
    return stdout.split("\n").find((line) => line.startsWith("Persisted according to ")) ?? stdout;
  };
  const own = await persisted(path.join("hosts", "juni"));
  assert.match(own, /hosts\/juni\/impermanence\.nix/);
  assert.equal(await persisted("flake.nix"), own);
  assert.equal(await persisted("."), own);
  assert.match(await persisted(".", path.join("hosts", "h003", "impermanence.nix")), /hosts\/h003\/impermanence\.nix/);
});

test("scan --help names all that --json prints", async () => {
  const saved = path.join(path.dirname(fleet.folder), "help.scan");
  await tidemark(...at("juni", "--save", saved));
  const { stdout } = await tidemark(...at("juni", "--json", "--since", saved));
  const { stdout: help } = await tidemark("scan", "--help");
  const report = JSON.parse(stdout) as ScanReport & { findings: object[] };
  assert.ok(report.candidates.length > 0 && report.findings.length > 0);
  const owners = report.candidates.flatMap(({ homeOf }) => homeOf ?? []);
  for (const part of [report, ...report.candidates, ...report.findings, ...owners])
    for (const key of Object.keys(part)) assert.ok(help.includes(`"${key}"`), key);
});

test("scan --since: what is not as in the scan that --save wrote", async () => {
  const file = path.join(path.dirname(fleet.folder), "juni.scan");
  const root = fleet.demo.hosts["juni"]?.root ?? "";
  const run = async (...more: string[]) => {
    const { status, stdout, stderr } = await tidemark(...at("juni", ...more));
    assert.equal(status, 0, stderr);
    return stdout;
  };
  assert.doesNotMatch(await run("--save", file), /saved scan/);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.match(await run("--since", file), /^Nothing changed since the saved scan \(today\)$/m);
  mkdirSync(path.join(root, "srv/came"), { recursive: true });
  writeFileSync(path.join(root, "srv/came/a"), "12345");
  chmodSync(path.join(root, "var/lib/bluetooth"), 0o750);
  try {
    const shown = await run("--since", file, "--save", file);
    assert.match(
      shown,
      /paths differ since the saved scan \(today\)\n(?:.*\n)*? {2}\+ \/srv(?:\/came)? {2}[23] paths, 5 B\n/,
    );
    assert.match(shown, /\n {2}~ \/var\/lib\/bluetooth {2}mode\n/);
    assert.match(await run("--since", file), /^Nothing changed since the saved scan/m);
  } finally {
    rmSync(path.join(root, "srv/came"), { recursive: true });
    chmodSync(path.join(root, "var/lib/bluetooth"), 0o700);
  }
  const { since } = JSON.parse(await run("--since", file, "--json")) as {
    since: { removed: number; changes: object[] };
  };
  assert.ok(since.removed >= 2 && since.changes.length >= 2);
  const refused = async (host: string, named: string) => (await tidemark(...at(host, "--since", named))).stderr;
  assert.match(await refused("l001", file), /one of juni, not of l001/);
  assert.match(await refused("juni", `${file}.none`), /does not exist/);
  assert.match(await refused("juni", fleet.file("juni").name), /is no scan that --save wrote/);
});

test("what the host has mounted from its storage counts as persisted, whatever the configuration says", async () => {
  const { stdout } = await tidemark(...at("l001", "--config", fleet.file("juni").name, "--json"));
  const report = JSON.parse(stdout) as ScanReport;
  assert.equal(
    report.candidates.some((candidate) => candidate.path.startsWith("/var/lib/headscale")),
    false,
  );
  assert.ok(report.candidates.length > 0);
});

test("scan says which way it took, and takes the one it is told to", async () => {
  const via = async (...more: string[]) => {
    const { status, stdout, stderr } = await tidemark(...at("juni", "--json", ...more));
    assert.equal(status, 0, stderr);
    return (JSON.parse(stdout) as { via?: { client: string; reason: string } }).via;
  };
  const usual = { client: "ssh2", reason: "nothing in the ssh configuration needs more" };
  assert.deepEqual(await via(), usual);
  if (spawnSync("ssh", ["-V"]).error === undefined)
    assert.deepEqual(await via("--ssh-client", "openssh"), { client: "openssh", reason: "chosen by the settings" });
  const local = ["scan", "local", "--root", fleet.demo.hosts["juni"]?.root ?? "", "--json"];
  const here = JSON.parse((await tidemark(...local)).stdout) as ScanReport & { via?: { client: string } };
  assert.deepEqual([here.via?.client, here.root.kind], ["local", "bcachefs"]);
});

test("an unknown host key is refused without a terminal, with its fingerprint", async () => {
  const config = path.join(path.dirname(fleet.folder), "unknown.config");
  writeFileSync(
    config,
    `Host stranger\n  HostName 127.0.0.1\n  Port ${fleet.demo.hosts["juni"]?.port}\n  User root\n  UserKnownHostsFile /nonexistent\n  GlobalKnownHostsFile /dev/null\n`,
  );
  const { status, stdout, stderr } = await tidemark("scan", "stranger", "--ssh-config", config);
  assert.equal(status, 2);
  assert.equal(stdout, "");
  assert.match(stderr, /SHA256:[A-Za-z0-9+/]{43}/);
});

test("a link that drops in the middle gives one message and no half report", async (t) => {
  const user = newKey();
  const server = await startServer({ authorizedKeys: [user.public], cutAfter: 20_000 });
  t.after(() => server.stop());
  const home = path.dirname(fleet.folder);
  const identity = path.join(home, "drop_key");
  const known = path.join(home, "drop_known");
  writeFileSync(identity, user.private, { mode: 0o600 });
  writeFileSync(known, `[127.0.0.1]:${server.port} ${server.hostKey.public}\n`);
  const config = path.join(home, "drop.config");
  writeFileSync(
    config,
    `Host drop\n  HostName 127.0.0.1\n  Port ${server.port}\n  User josh\n  IdentityFile ${identity}\n  IdentitiesOnly yes\n  UserKnownHostsFile ${known}\n`,
  );
  const { status, stdout, stderr } = await tidemark(
    "scan",
    "drop",
    "--ssh-config",
    config,
    "--root",
    fleet.demo.hosts["juni"]?.root ?? "",
    "--json",
  );
  assert.equal(status, 2, stderr);
  assert.equal(stdout, "");
  assert.match(stderr, /^tidemark: .+\n$/);
  assert.doesNotMatch(stderr, /\n\s+at /);
});

test("a refused connection names the host and the next step", async () => {
  const { status, stderr } = await tidemark("scan", "root@127.0.0.1:1");
  assert.equal(status, 2);
  assert.match(stderr, /127\.0\.0\.1/);
});
