import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { diskFiles } from "../../../server/src/service/diskFiles";
import { hostChoices } from "../../../server/src/service/hostChoices";
import { configurationNames } from "../../../server/src/service/hostNames";
import { scanNotes } from "../../../server/src/service/scanNotes";
import { readSettings } from "../../../server/src/service/settings";
import { Tidemark } from "../../../server/src/service/tidemark";
import { grammar } from "../../support/grammar";
import { scanOf } from "../scan/roots";

const folder = mkdtempSync(path.join(tmpdir(), "hosts-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const fleetFolder = path.join(folder, "fleet");
cpSync(path.join(__dirname, "..", "..", "fixtures", "projects", "shared-persistence-fleet"), fleetFolder, {
  recursive: true,
});
const inFleet = (name: string) => path.join(fleetFolder, name);
const hostFile = (name: string) => inFleet(`hosts/${name}/impermanence.nix`);

async function service(root: string, ssh = "", hosts: unknown = {}): Promise<Tidemark> {
  const made = new Tidemark(await grammar(), diskFiles);
  made.folders = [root];
  const configFile = path.join(folder, "ssh_config");
  writeFileSync(configFile, ssh);
  made.settings = readSettings({ hosts, ssh: { configFile } }).settings;
  return made;
}

const rows = async (made: Tidemark, file: string | null = null) =>
  (await hostChoices(made, file)).map(
    ({ name, source, detail, ofFile }) =>
      `${source} ${name}${detail === "" ? "" : ` (${detail})`}${ofFile ? " *" : ""}`,
  );

test("a flake's hosts come first, each host once, with how it is reached; then settings, ssh, and this machine", async () => {
  const ssh = "Host juni nas\n  HostName 10.0.0.4\n  User josh\nHost *.lan\n  User root\n";
  const made = await service(fleetFolder, ssh, { l001: { destination: "root@l001.example.org" }, spare: {} });
  assert.deepEqual(await rows(made, hostFile("juni")), [
    "configuration h003",
    "configuration juni (josh@10.0.0.4) *",
    "configuration l001 (root@l001.example.org)",
    "settings spare (spare)",
    "ssh nas (josh@10.0.0.4)",
    `local local (${hostname()}, this machine, without SSH)`,
  ]);
  made.dispose();
});

test("a file that several hosts use belongs to each of them, one outside to none", async () => {
  const made = await service(fleetFolder);
  const shared = inFleet("flakes/impermanence/shared_persistence/essentials.nix");
  const of = async (file: string) => (await rows(made, file)).filter((row) => row.endsWith("*"));
  assert.deepEqual(await of(shared), ["configuration h003 *", "configuration juni *", "configuration l001 *"]);
  assert.deepEqual(await of(path.join(folder, "elsewhere.nix")), []);
  made.dispose();
});

test("without a flake, folders and files that are named after hosts count", async () => {
  const plain = path.join(folder, "plain");
  for (const [name, text] of Object.entries({
    "hosts/nas/default.nix": "{ imports = [ ./disks.nix ]; }",
    "hosts/nas/disks.nix": '{ fileSystems."/".fsType = "tmpfs"; }',
    "hosts/router.nix": '{ networking.hostName = "router"; }',
    "hosts/common.nix": "{ services.openssh.enable = true; }",
    "hosts/common/default.nix": "{ }",
    "hosts/notes/readme.nix": '{ networking.hostName = "notes"; }',
    "machines/desk/configuration.nix": '{ system.stateVersion = "25.11"; }',
  })) {
    mkdirSync(path.dirname(path.join(plain, name)), { recursive: true });
    writeFileSync(path.join(plain, name), text);
  }
  const made = await service(plain);
  const configured = (await rows(made, path.join(plain, "hosts/nas/disks.nix"))).slice(0, -1);
  assert.deepEqual(configured, ["configuration desk", "configuration nas *", "configuration router"]);
  made.dispose();
});

test("the host of this machine's name is this machine, unless there is another way to it", async () => {
  const own = path.join(folder, "own");
  const host = path.join(own, "hosts", hostname());
  mkdirSync(host, { recursive: true });
  writeFileSync(path.join(host, "default.nix"), '{ system.stateVersion = "25.11"; }');
  const made = await service(own);
  assert.deepEqual(await rows(made), [`configuration local (${hostname()}, this machine)`]);
  const other = await service(own, `Host ${hostname()}\n  User josh\n`);
  assert.equal((await rows(other))[0], `configuration ${hostname()} (josh@${hostname()})`);
  made.dispose();
  other.dispose();
});

test("the names a configuration may have go from the way to the host to what it calls itself", () => {
  assert.deepEqual(configurationNames("josh@juni.lan:2222", null), ["josh@juni.lan:2222", "juni.lan", "juni"]);
  assert.deepEqual(configurationNames("10.0.0.4", "juni.example.org"), ["10.0.0.4", "juni.example.org", "juni"]);
  assert.deepEqual(configurationNames("[fe80::1]:22", "juni"), ["[fe80::1]:22", "fe80::1", "juni"]);
  assert.deepEqual(configurationNames("juni", "juni"), ["juni"]);
  assert.ok(configurationNames("local", null).includes(hostname()));
  assert.ok(hostname() === "local" || !configurationNames("local", "juni").includes("local"));
  assert.deepEqual(
    configurationNames("-oProxyCommand=x", null)[0],
    "-oProxyCommand=x",
    "what is no destination is a name",
  );
});

test("a host reached by an address is matched by its own name, else by the file it is scanned from", async () => {
  const made = await service(fleetFolder);
  const live = "d /var/lib/headscale 0750 993\nf /var/lib/headscale/db.sqlite 0644 993 90000";
  const from = hostFile("juni");

  made.hosts.setScan("root@10.0.0.9", scanOf(live, { host: "root@10.0.0.9", name: "l001" }), from, 1);
  assert.equal(made.hosts.configurationOf("root@10.0.0.9"), "l001");
  assert.ok(made.hosts.filesOf("root@10.0.0.9").some(({ name }) => name === hostFile("l001")));
  assert.ok(!made.hosts.filesOf("root@10.0.0.9").some(({ name }) => name === from), "the open file is another host's");

  made.hosts.setScan("root@10.0.0.10", scanOf(live, { host: "root@10.0.0.10", name: "installer" }), from, 1);
  assert.equal(made.hosts.configurationOf("root@10.0.0.10"), "juni", "nobody is called installer");
  assert.equal(made.hosts.configurationOf("root@l001.lan"), "l001", "known without a scan");
  assert.equal(made.hosts.configurationOf("elsewhere"), "elsewhere");
  made.dispose();
});

test("a copy in a hidden folder of a repository is a repository of its own", async () => {
  const outer = path.join(folder, "outer");
  const copy = path.join(outer, ".cache", "fleet");
  mkdirSync(path.join(outer, ".git"), { recursive: true });
  cpSync(fleetFolder, copy, { recursive: true });
  cpSync(fleetFolder, path.join(outer, "fixtures"), { recursive: true });
  const made = await service(copy);
  const juni = made.hostNamed("juni", [path.join(copy, "hosts/juni/impermanence.nix")]);
  assert.equal(juni?.model.root, copy);
  assert.ok(juni?.host.files.every((file) => file.startsWith(copy + path.sep)));
  assert.equal(made.projects.modelOf(path.join(outer, "fixtures/flake.nix"))?.root, outer);
  made.dispose();
});

test("what of a host could not be found out is told, but not that nothing runs below a prefix", () => {
  const deployed = { units: [], tmpfiles: [], storages: [], live: new Map(), space: null, notes: ["no awk"] };
  const found = { notes: ["without root"], deployed };
  assert.deepEqual(scanNotes(scanOf("/var/x", found)), ["without root", "no awk"]);
  assert.deepEqual(scanNotes(scanOf("/var/x", { ...found, prefix: "/mnt" })), ["without root"]);
});

test("of data files those count that an evaluation looked at", async () => {
  const root = path.join(folder, "data");
  mkdirSync(root);
  writeFileSync(path.join(root, "paths.json"), "[]");
  writeFileSync(
    path.join(root, "configuration.nix"),
    '{ environment.persistence."/p".directories = builtins.fromJSON (builtins.readFile ./paths.json); }',
  );
  const made = await service(root);
  made.findings(path.join(root, "configuration.nix"));
  const looked = ["paths.json", "package.json"].map((name) => made.projects.lookAt(path.join(root, name)));
  assert.deepEqual(looked, [true, false]);
  made.dispose();
});
