import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { diskFiles } from "../../../server/src/service/diskFiles";
import { Tidemark } from "../../../server/src/service/tidemark";
import { grammar } from "../../support/grammar";
import { hostOf, now } from "../rules/live/host";

const root = mkdtempSync(path.join(tmpdir(), "live-"));
after(() => rmSync(root, { recursive: true, force: true }));
cpSync(path.join(__dirname, "..", "..", "fixtures", "projects", "shared-persistence-fleet"), root, { recursive: true });

const shared = (name: string) => path.join(root, `flakes/impermanence/shared_persistence/${name}.nix`);
const hostFile = (name: string) => path.join(root, `hosts/${name}/impermanence.nix`);

async function fleet(): Promise<Tidemark> {
  const service = new Tidemark(await grammar(), diskFiles);
  service.folders = [root];
  return service;
}

function scanned(service: Tidemark, host: string, state: string): void {
  service.hosts.setScan(host, hostOf(state, host), null, now);
}

/** What live rules say in a file: the code, what it stands on, and the hosts it names. */
function said(service: Tidemark, file: string): string[] {
  const text = service.files.text(file) ?? "";
  return service
    .findings(file)
    .filter(({ code }) => !["unpersisted", "not-deployed"].includes(code))
    .map(({ code, span, message }) => {
      const hosts = ["juni", "l001", "h003"].filter((host) => message.includes(host));
      return `${code} ${text.slice(span.start, span.end)} ${hosts.join(" ")}`;
    });
}

const settled = "/persist/x\n/var/lib/bluetooth/a/info 100\n";

test("an entry of a data file is told there, once for each host that was scanned, and in no file of another", async () => {
  const service = await fleet();
  scanned(service, "juni", settled);
  assert.deepEqual(said(service, shared("bluetooth")), ['hidden-data "/var/lib/bluetooth" juni']);
  assert.deepEqual(said(service, hostFile("juni")), []);
  scanned(service, "l001", settled);
  const hosts = service.projects.hosts.filter(({ files }) => files.includes(hostFile("l001")));
  const uses = hosts.some(({ storages }) =>
    storages.some(({ lists }) => lists.some(({ entries }) => entries.some((one) => one.path === "/var/lib/bluetooth"))),
  );
  const expected = ['hidden-data "/var/lib/bluetooth" juni'];
  assert.deepEqual(
    said(service, shared("bluetooth")),
    uses ? [...expected, 'hidden-data "/var/lib/bluetooth" l001'] : expected,
  );
  assert.deepEqual(said(service, hostFile("h003")), []);
  service.dispose();
});

test("an edit counts at once, with no new scan", async () => {
  const service = await fleet();
  scanned(service, "juni", `${settled}/var/lib/forgejo/app.ini 300\n`);
  const file = hostFile("juni");
  const text = service.files.text(file) ?? "";
  assert.deepEqual(said(service, file), []);
  service.setText(file, text);
  service.setText(file, text.replace('"/var/lib/flatpak"', '"/var/lib/flatpak" "/var/lib/forgejo"'));
  assert.deepEqual(said(service, file), ['hidden-data "/var/lib/forgejo" juni']);
  for (const _ of service.projects.refresh());
  assert.deepEqual(said(service, file), ['hidden-data "/var/lib/forgejo" juni'], "and after it was evaluated");
  const [found] = service.findings(file).filter(({ code }) => code === "hidden-data");
  assert.deepEqual(
    found?.actions.map(({ kind, title }) => `${kind} ${title}`),
    ["commands Show the commands that copy /var/lib/forgejo into the storage"],
  );
  service.settings = { ...service.settings, levels: { "hidden-data": "off" } };
  assert.deepEqual(said(service, file), []);
  service.hosts.forget("juni");
  assert.deepEqual(service.findings(shared("bluetooth")), []);
  service.dispose();
});

test("what was removed and is still mounted can be persisted again", async () => {
  const service = await fleet();
  scanned(service, "juni", "/var/lib/flatpak mounted\n/persist/var/lib/flatpak/ full\n");
  const file = hostFile("juni");
  const text = service.files.text(file) ?? "";
  const undeclared = () => service.findings(file).filter(({ code }) => code === "undeclared-mount");
  assert.deepEqual(undeclared(), []);
  service.setText(file, text);
  service.setText(file, text.replace('"/var/lib/flatpak"', ""));
  assert.deepEqual(undeclared(), [], "not before all of it is known again");
  for (const _ of service.projects.refresh());
  const [found] = undeclared();
  assert.match(found?.message ?? "", /juni has \/var\/lib\/flatpak mounted from \/persist/);
  const again = found?.actions.find(({ kind }) => kind === "persist");
  assert.equal(again?.title, "Persist /var/lib/flatpak again");
  const { edits } = service.hosts.persist("juni", ["/var/lib/flatpak"]);
  assert.match([...edits.values()].flat()[0]?.text ?? "", /"\/var\/lib\/flatpak"/);
  service.dispose();
});

test("what the host shows of a link of systemd's is told once, with the host's evidence", async () => {
  const service = await fleet();
  const file = hostFile("juni");
  const text = service.files.text(file) ?? "";
  service.setText(
    file,
    text
      .replace('"/var/lib/flatpak"', '"/var/lib/flatpak" "/var/lib/prowlarr"')
      .replace("environment.persistence", "services.prowlarr.enable = true;\n  environment.persistence"),
  );
  for (const _ of service.projects.refresh());
  const told = () => said(service, file).filter((one) => one.includes("prowlarr"));
  assert.deepEqual(told(), ['dynamic-user-state "/var/lib/prowlarr" ']);
  const host = "/var/lib/prowlarr -> private/prowlarr\n/var/lib/private/prowlarr/prowlarr.db 900\n";
  scanned(service, "juni", `${host}unit prowlarr.service dynamic /var/lib/prowlarr\n`);
  assert.deepEqual(told(), ['dynamic-user-link "/var/lib/prowlarr" juni']);
  scanned(service, "juni", host);
  assert.deepEqual(told(), ['dynamic-user-state "/var/lib/prowlarr" '], "nothing is supposed of a link alone");
  service.dispose();
});

test("a live rule's id in a comment is explained", async () => {
  const service = await fleet();
  const text = "# tidemark-ignore-file hidden-data\n{ }\n";
  service.setText("/nowhere/x.nix", text);
  assert.match(service.hover("/nowhere/x.nix", text.indexOf("hidden"))?.plain ?? "", /storage hides what the host has/);
  service.dispose();
});

test("what Nix does not persist on the host is not waited for there", async () => {
  const service = await fleet();
  scanned(service, "juni", "/persist/x\n");
  const waiting = () => service.findings(hostFile("juni")).find(({ code }) => code === "not-deployed")?.message ?? "";
  assert.match(waiting(), /\/var\/lib\/flatpak/);
  const target = { kind: "flake", folder: root, host: "juni" } as const;
  const host = { storages: [], entries: [], fileSystems: [], users: [], services: [], failed: [] };
  service.evaluations.set("juni", target, { host, answer: null, problem: null }, (homes) =>
    service.hosts.textOf("juni", null, homes),
  );
  assert.equal(waiting(), "");
  service.evaluations.forget("juni");
  assert.match(waiting(), /\/var\/lib\/flatpak/);
  service.dispose();
});
