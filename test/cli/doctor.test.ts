import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import type { DoctorReport } from "../../server/src/service/doctor";
import { type DemoFleet, startDemoFleet } from "../support/demoFleet";
import { tidemarkBeside } from "./support/run";

const noSsh = spawnSync("ssh", ["-V"]).error !== undefined && "ssh is not installed";
let fleet: DemoFleet;
before(async () => {
  fleet = await startDemoFleet(["juni"]);
});
after(() => fleet.stop());

const doctor = (...args: string[]) => tidemarkBeside(fleet, "doctor", ...args);
const reach = () => ["juni", "--ssh-config", fleet.demo.sshConfig];
const read = (stdout: string) => JSON.parse(stdout) as DoctorReport;

for (const client of ["ssh2", "openssh"])
  test(`doctor over ${client}: each step, with its time`, { skip: client === "openssh" && noSsh }, async () => {
    const { status, stdout, stderr } = await doctor(...reach(), "--ssh-client", client, "--json");
    assert.equal(status, 0, stderr + stdout);
    const report = read(stdout);
    assert.equal(report.ok, true);
    assert.deepEqual(
      report.steps.map(({ name }) => name),
      ["configuration", "client", "host-key", "login", "shell", "tools", "rights", "root", "deployed"],
    );
    assert.ok(report.steps.every(({ milliseconds }) => milliseconds !== null && milliseconds >= 0));
    const details = Object.fromEntries(report.steps.map(({ name, detail }) => [name, detail]));
    assert.ok(details["configuration"]?.includes(fleet.demo.sshConfig));
    assert.match(details["host-key"] ?? "", /SHA256:[A-Za-z0-9+/]{43}, known \(/);
    assert.match(details["login"] ?? "", /by key /);
    assert.match(details["tools"] ?? "", /GNU findutils/);
    assert.doesNotMatch(details["root"] ?? "", /(\w+) \(\1\)/);
    assert.match(details["deployed"] ?? "", /\d+ of \d+ paths in place.*; (?:no|\d+) units?.*; .*storage/);
  });

test("doctor says where the ssh configuration asks for compression", async () => {
  const config = path.join(path.dirname(fleet.folder), "thin.config");
  writeFileSync(config, `Host juni\n  Compression yes\n${readFileSync(fleet.demo.sshConfig, "utf8")}`);
  const { status, stdout } = await doctor("juni", "--ssh-config", config, "--json");
  assert.equal(status, 0, stdout);
  assert.match(read(stdout).steps[0]?.detail ?? "", /thin\.config; compressed$/);
});

test("doctor for people, and of this machine", async () => {
  const { status, stdout } = await doctor("local");
  assert.equal(status, 0, stdout);
  assert.match(stdout, /client\s+no SSH: the host is this machine/);
  assert.match(stdout, /A scan would work\.\n$/);
});

test("doctor names the step that fails and what to do, and asks nobody", async () => {
  const { status, stdout, stderr } = await doctor("root@127.0.0.1:1", "--json");
  assert.equal(status, 1, stderr);
  const failed = read(stdout).steps.find(({ state }) => state === "failed");
  assert.deepEqual([failed?.name, failed?.next !== ""], ["network", true]);
  assert.ok(read(stdout).steps.some(({ name, state }) => name === "login" && state === "skipped"));

  const config = path.join(path.dirname(fleet.folder), "doctor.config");
  const text = readFileSync(fleet.demo.sshConfig, "utf8");
  writeFileSync(config, text.replace(/^(\s*UserKnownHostsFile) .*$/gm, "$1 /nonexistent"));
  const unknown = await doctor("juni", "--ssh-config", config, "--json");
  assert.equal(unknown.status, 1, unknown.stderr);
  const key = read(unknown.stdout).steps.find(({ state }) => state === "failed");
  assert.equal(key?.name, "host-key");
  assert.match(key?.detail ?? "", /SHA256:/);
});

test("doctor refuses what it does not understand", async () => {
  assert.equal((await doctor()).status, 2);
  const { status, stderr } = await doctor("juni", "--ssh-client", "putty");
  assert.equal(status, 2);
  assert.match(stderr, /auto, ssh2 or openssh/);
});
