import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { diskFiles } from "../../../server/src/service/diskFiles";
import { readSettings } from "../../../server/src/service/settings";
import { Tidemark } from "../../../server/src/service/tidemark";
import { applyEdits } from "../../../server/src/syntax/span";
import { grammar } from "../../support/grammar";
import { scanOf } from "../scan/roots";

const root = mkdtempSync(path.join(tmpdir(), "fleet-"));
after(() => rmSync(root, { recursive: true, force: true }));
cpSync(path.join(__dirname, "..", "..", "fixtures", "projects", "shared-persistence-fleet"), root, { recursive: true });

const inRoot = (name: string) => path.join(root, name);
const shared = (name: string) => inRoot(`flakes/impermanence/shared_persistence/${name}.nix`);
const hostFile = (name: string) => inRoot(`hosts/${name}/impermanence.nix`);

/** The service over a copy of a fleet of three hosts. */
async function fleet(): Promise<Tidemark> {
  const service = new Tidemark(await grammar(), diskFiles);
  service.folders = [root];
  return service;
}

/** Opens a file and puts `to` where `from` stands in it, as typing would. */
function write(service: Tidemark, file: string, from: string, to: string): void {
  const text = service.files.text(file) ?? "";
  assert.ok(text.includes(from), `${from} in ${file}`);
  service.setText(file, text);
  service.setText(file, text.replace(from, to));
}

/** What is said of a file: the code and what it is about. */
function said(service: Tidemark, file: string): string[] {
  const text = service.files.text(file) ?? "";
  return service.findings(file).map(({ code, span }) => `${code} ${text.slice(span.start, span.end)}`);
}

function evaluateAnew(service: Tidemark): void {
  for (const _ of service.projects.refresh());
}

test("the files of every host are read with what they are called with, however many hosts there are", async () => {
  const service = await fleet();
  for (const name of ["h003", "juni", "l001"]) {
    const blocks = service.files.get(hostFile(name))?.persistence.blocks ?? [];
    const lists = blocks.flatMap((block) => block.lists);
    assert.deepEqual(
      lists.flatMap(({ unknown }) => unknown.map(({ reason }) => reason)),
      [],
      name,
    );
    assert.ok(
      lists.some(({ entries }) => entries.some((entry) => entry.path === "/var/lib/nixos")),
      name,
    );
  }
  service.dispose();
});

test("what is wrong in a data file is said there, and not in the hosts that take it", async () => {
  const service = await fleet();
  const entry = `{ directory = "/var/lib/bluetooth"; mdoe = "0700"; mode = 700; }`;
  write(service, shared("bluetooth"), `"/var/lib/bluetooth"`, entry);
  const expected = ["unknown-option mdoe", "invalid-mode 700"];
  const check = (when: string) => {
    assert.deepEqual(said(service, shared("bluetooth")).sort(), [...expected].sort(), when);
    const wrong = said(service, hostFile("juni")).filter((one) => /unknown-option|invalid-mode/.test(one));
    assert.deepEqual(wrong, [], when);
  };
  check("while it is typed");
  evaluateAnew(service);
  check("after it was evaluated");
  service.dispose();
});

test("a path that is twice in data files is no error where the hosts take it once", async () => {
  const service = await fleet();
  const doubles = () =>
    [shared("bluetooth"), shared("essentials"), hostFile("juni")].flatMap((file) =>
      service.findings(file).filter(({ code }) => code === "duplicate-path"),
    );
  assert.deepEqual(doubles(), [], "in two files");
  write(service, shared("bluetooth"), `"/var/log"`, `"/var/log"\n    "/var/lib/bluetooth"`);
  assert.deepEqual(doubles(), [], "in one file, while it is typed");
  evaluateAnew(service);
  assert.deepEqual(doubles(), [], "in one file");
  service.dispose();
});

test("a path of a data file that a host adds once more is too much in the host's file", async () => {
  const service = await fleet();
  write(service, hostFile("juni"), `"/var/lib/flatpak"`, `"/var/lib/flatpak" "/var/lib/bluetooth"`);
  const check = (when: string) => {
    assert.deepEqual(said(service, hostFile("juni")), [`duplicate-path "/var/lib/bluetooth"`], when);
    assert.deepEqual(said(service, shared("bluetooth")), [], when);
  };
  check("while it is typed");
  evaluateAnew(service);
  check("after it was evaluated");
  service.dispose();
});

/** A scan of juni that found these files, new since the boot. */
function scanned(service: Tidemark, ...paths: string[]): void {
  service.hosts.setScan("juni", scanOf(paths.map((one) => `new ${one} 90`).join("\n")), null, 0);
}

const lost = (service: Tidemark) => service.hosts.report("juni")?.candidates.map((candidate) => candidate.path) ?? [];

/** Persists a path as the quick fix does. */
function persist(service: Tidemark, one: string): string[] {
  const { edits, refused } = service.hosts.persist("juni", [one]);
  assert.deepEqual(refused, []);
  for (const [name, own] of edits) service.setText(name, applyEdits(service.files.text(name) ?? "", own));
  return [...edits.keys()].map((name) => path.relative(root, name));
}

test("a path is written beside its like in a data file, what nothing there is like into the host's own file", async () => {
  const service = await fleet();
  scanned(service, "/var/lib/systemd/rfkill/x", "/var/lib/forgejo/x", "/var/lib/bluetooth/x", "/etc/foo.conf");
  assert.deepEqual(lost(service).sort(), ["/etc/foo.conf", "/var/lib/forgejo"], "data files keep the others");
  write(service, shared("essentials"), `"/var/lib/systemd"`, `"/var/lib/systemd/timers"`);
  evaluateAnew(service);
  assert.deepEqual(persist(service, "/var/lib/systemd/rfkill"), [path.relative(root, shared("essentials"))]);
  assert.deepEqual(persist(service, "/var/lib/forgejo"), [path.relative(root, hostFile("juni"))]);
  assert.deepEqual(persist(service, "/etc/foo.conf"), [path.relative(root, hostFile("juni"))]);
  assert.match(service.files.text(hostFile("juni")) ?? "", /files = shared\.system\.files \+\+ \[/);
  assert.deepEqual(lost(service), [], "covered as soon as they are written");
  evaluateAnew(service);
  assert.deepEqual(lost(service), [], "and after it was evaluated");
  service.dispose();
});

test("what would be written into a file of several hosts says so", async () => {
  const service = await fleet();
  write(service, shared("essentials"), `"/var/lib/systemd"`, `"/var/lib/systemd/timers"`);
  evaluateAnew(service);
  scanned(service, "/var/lib/systemd/rfkill/x", "/var/lib/forgejo/x");
  const live = (file: string) =>
    service
      .findings(file)
      .flatMap(({ code, message, actions }) =>
        code === "unpersisted" ? [`${actions[0]?.title} | ${message.split(". ").at(-1)}`] : [],
      );
  assert.deepEqual(live(shared("essentials")), [
    "Persist /var/lib/systemd/rfkill (also on h003 and l001) | It would be written to essentials.nix, which h003 and l001 use, too.",
  ]);
  assert.equal(live(hostFile("juni"))[0]?.split(" | ")[0], "Persist /var/lib/forgejo");
  service.dispose();
});

test("what is half typed uncovers nothing, neither at once nor when the pause is over", async () => {
  const service = await fleet();
  const kept = ["/var/lib/bluetooth/x", "/var/lib/nixos/x", "/home/josh/projects/x", "/var/lib/flatpak/x"];
  scanned(service, ...kept, "/var/lib/forgejo/x");
  const typings = [
    [shared("essentials"), `"/var/log"\n`, `"/var/log"\n      "/var/li\n`],
    [hostFile("juni"), `"/var/lib/flatpak"`, `"/var/lib/flatpak" "/var`],
    [hostFile("juni"), `      bluetooth\n`, `      bluetooth\n      adgua\n`],
    [hostFile("juni"), `shared.user.directories ++`, `shared.user.dir ++`],
  ] as const;
  for (const [file, from, to] of typings) {
    write(service, file, from, to);
    assert.deepEqual(lost(service), ["/var/lib/forgejo"], `${to}: at once`);
    evaluateAnew(service);
    assert.deepEqual(lost(service), ["/var/lib/forgejo"], `${to}: after the pause`);
    write(service, file, to, from);
    evaluateAnew(service);
    assert.deepEqual(lost(service), ["/var/lib/forgejo"], `${to}: taken back`);
  }
  service.dispose();
});

test("a file that does not parse is waited for, and what it becomes counts", async () => {
  const service = await fleet();
  scanned(service, "/var/lib/bluetooth/x", "/var/lib/forgejo/x");
  write(service, shared("bluetooth"), `"/var/lib/bluetooth"`, `"/var/lib/forgejo`);
  assert.equal(service.projects.isStale, false);
  write(service, hostFile("juni"), `"/var/lib/flatpak"`, ``);
  assert.equal(service.projects.isStale, true);
  evaluateAnew(service);
  assert.equal(service.projects.isStale, false);
  write(service, shared("bluetooth"), `"/var/lib/forgejo`, `"/var/lib/forgejo"`);
  assert.equal(service.projects.isStale, true);
  assert.deepEqual(lost(service), ["/var/lib/bluetooth"], "at once");
  evaluateAnew(service);
  assert.deepEqual(lost(service), ["/var/lib/bluetooth"], "after it was evaluated");
  service.dispose();
});

test("a set that a host no longer lists, a file that is gone and one that is new count once evaluated", async () => {
  const service = await fleet();
  scanned(service, "/var/lib/bluetooth/x", "/var/lib/forgejo/x");
  assert.deepEqual(lost(service), ["/var/lib/forgejo"]);
  writeFileSync(shared("forgejo"), `{ system.directories = [ "/var/lib/forgejo" ]; }\n`);
  service.filesChanged();
  write(service, hostFile("juni"), `      bluetooth\n`, `      forgejo\n`);
  evaluateAnew(service);
  assert.deepEqual(lost(service), ["/var/lib/bluetooth"]);
  rmSync(shared("forgejo"));
  service.filesChanged();
  evaluateAnew(service);
  assert.ok(lost(service).includes("/var/lib/bluetooth"));
  service.dispose();
});

test("in a data file what all its hosts keep anyway is not offered, and paths of users nobody knows are explained", async () => {
  const service = await fleet();
  const offered = (file: string, before: string, typed: string) => {
    write(service, file, before, `${before} "${typed}"`);
    const offset = (service.files.text(file) ?? "").indexOf(`"${typed}"`) + 1 + typed.length;
    const labels = service.complete(file, offset)?.items.map(({ label }) => label) ?? [];
    write(service, file, `${before} "${typed}"`, before);
    return labels;
  };
  const system = offered(shared("bluetooth"), `"/var/log"`, "/var/lib/");
  assert.ok(system.includes("/var/lib/upower"), "what nobody keeps");
  assert.ok(!system.includes("/var/lib/nixos"), "what another data file keeps");
  const user = offered(shared("shell"), `".local/share/direnv"`, ".");
  assert.ok(user.includes(".gnupg") && !user.includes(".ssh"), "relative paths, but for those kept");
  const text = service.files.text(shared("essentials")) ?? "";
  assert.match(service.hover(shared("essentials"), text.indexOf(`".ssh"`) + 2)?.plain ?? "", /SSH/);
  service.dispose();
});

test("an absolute path in a data file of several users is found", async () => {
  const service = await fleet();
  const texts = [`"/home/josh/.gnupg"`, `"~/.gnupg"`, `"/var/lib/x"`];
  for (const text of texts) {
    write(
      service,
      shared("essentials"),
      `{ directory = ".ssh"; mode = "0700"; }`,
      `{ directory = ".ssh"; mode = "0700"; } ${text}`,
    );
    assert.ok(said(service, shared("essentials")).includes(`absolute-user-path ${text}`), text);
    assert.deepEqual(said(service, hostFile("juni")), []);
    write(service, shared("essentials"), ` ${text}`, "");
  }
  service.dispose();
});

test("an ignore file at the root of the repository counts as it is in the editor, for all hosts or one", async () => {
  const service = await fleet();
  scanned(service, "/var/lib/forgejo/x", "/home/josh/.config/zettel/x");
  const file = path.join(root, ".tidemarkignore");
  const ignore = (one: string, everywhere: boolean) => {
    const found = service.hosts.ignore("juni", one, everywhere);
    assert.equal(found?.file, file);
    service.setText(file, applyEdits(found?.text ?? "", found === null ? [] : [found.edit]));
  };
  ignore("/var/lib/forgejo", true);
  assert.deepEqual(lost(service), ["/home/josh/.config/zettel"]);
  ignore("/home/josh/.config/zettel", false);
  assert.deepEqual(lost(service), []);
  assert.equal(service.hosts.ignore("juni", "/home/josh/.config/zettel", false), null, "it is no candidate any more");
  assert.equal(service.files.get(file), null, "it is no Nix file");
  service.close(file);
  assert.equal(lost(service).length, 2, "it was never saved");

  writeFileSync(file, "/var/lib/forgejo/\n\n[host l001]\n~/.config/zettel/\n");
  assert.deepEqual(lost(service), ["/home/josh/.config/zettel"]);
  rmSync(file);
  service.settings = readSettings({ scan: { ignore: ["~/.config/*"] } }).settings;
  assert.deepEqual(lost(service), ["/var/lib/forgejo"]);
  service.dispose();
});
