/** Whole hosts: what should be persisted is proposed at the level a person would write it, and hardly anything else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { buildReport, recommended } from "../../../server/src/scan/report";
import { activation, coverage, mount, outline, scanOf } from "./roots";

const server = `
/var/lib/nixos/uid-map 200
/var/lib/nixos/gid-map 200
/etc/machine-id 33 0444
/etc/ssh/ssh_host_ed25519_key 399 0600
/etc/ssh/ssh_host_ed25519_key.pub 90
/var/lib/systemd/timers/stamp-fstrim.timer
/var/lib/systemd/random-seed 512 0600
/var/lib/systemd/coredump/
/var/log/journal/abc/system.journal 8000000
/var/log/wtmp 300
/var/log/README -> /nix/store/a/README
/var/lib/acme/example.org/key.pem 900 @400 0600
/var/lib/tailscale/tailscaled.state 900 0600
/etc/NetworkManager/system-connections/home.nmconnection 400 0600
/etc/NetworkManager/NetworkManager.conf -> /etc/static/NetworkManager/NetworkManager.conf
`;
/** What the template for servers persists. */
const template = coverage(
  [
    "/var/lib/nixos",
    "/var/lib/systemd/coredump",
    "/var/log",
    "/var/lib/tailscale",
    "/etc/NetworkManager/system-connections",
    "/var/lib/acme",
  ],
  ["/etc/machine-id", "/etc/ssh/ssh_host_ed25519_key", "/etc/ssh/ssh_host_ed25519_key.pub"],
);
const leftByTemplate = ["persist /var/lib/systemd/random-seed", "persist /var/lib/systemd/timers/"];

test("a root with nothing but what NixOS makes has no candidates, and says why", () => {
  const report = buildReport(scanOf(activation), coverage());
  assert.deepEqual(outline(report), []);
  assert.deepEqual(Object.keys(report.ignored).sort(), [
    "empty",
    "in caches",
    "made by NixOS at activation",
    "regenerated at each boot",
    "temporary",
  ]);
});

test("a server without any persistence: the minimal list, most important first", () => {
  assert.deepEqual(outline(buildReport(scanOf(activation + server), coverage())), [
    "persist /var/lib/nixos/",
    "persist /etc/machine-id",
    "persist /etc/ssh/ssh_host_ed25519_key",
    "persist /etc/ssh/ssh_host_ed25519_key.pub",
    "persist /etc/NetworkManager/system-connections/",
    "persist /var/lib/acme/",
    "persist /var/lib/tailscale/",
    "persist /var/log/",
    "persist /var/lib/systemd/random-seed",
    "persist /var/lib/systemd/timers/",
  ]);
});

test("the template covers nearly all of it", () => {
  assert.deepEqual(outline(buildReport(scanOf(activation + server), template)), leftByTemplate);
});

test("h001: many services, services with dynamic users, containers, keys at the top", () => {
  const report = buildReport(
    scanOf(`${activation}${server}
/var/lib/forgejo/data/forgejo.db 9000000 @forgejo
/var/lib/forgejo/custom/conf/app.ini 500 @forgejo
/var/lib/forgejo/repositories/a/HEAD 40 @forgejo
/var/lib/zitadel/masterkey 32 @995 0600
/var/lib/openbao -> private/openbao
/var/lib/private/openbao/raft/raft.db 100000 @64000 0600
/bao-keys/unseal.json 300 0600
/var/lib/trilium/document.db 7000000 @trilium
/var/lib/opengist/opengist.db 60000 @996
/var/lib/n8n -> private/n8n
/var/lib/private/n8n/.n8n/database.sqlite 60000 @64001
/var/lib/containers/storage/overlay/l1/diff/etc/passwd 100
/var/lib/containers/storage/overlay-images/images.json 100
/var/lib/containers/storage/volumes/web/_data/index.html 100
/var/lib/containers/storage/db.sql 5000
/var/lib/containers/storage/storage.lock
/var/cache/nginx/proxy/x 200
/var/cache/thing/blob 20000000
`),
    template,
  );
  assert.deepEqual(outline(report), [
    "persist /var/lib/forgejo/",
    "persist /var/lib/trilium/",
    "persist /var/lib/private/openbao/",
    "persist /var/lib/opengist/",
    "persist /var/lib/private/n8n/",
    "persist /bao-keys/",
    "persist /var/lib/zitadel/",
    "persist /var/lib/containers/storage/volumes/",
    ...leftByTemplate,
    "ignore /var/cache/thing/",
  ]);
  assert.equal(report.ignored["in container images and layers"], 3);
  assert.equal(report.ignored["linked to another path"], 2);
});

test("l001 and o001: headscale; vaultwarden, postgresql and fail2ban", () => {
  assert.deepEqual(
    outline(buildReport(scanOf(`${activation}${server}/var/lib/headscale/db.sqlite 4000 @headscale`), template)),
    ["persist /var/lib/headscale/", ...leftByTemplate],
  );
  const report = buildReport(
    scanOf(`${activation}${server}
/var/lib/vaultwarden/db.sqlite3 4000 @vaultwarden
/var/lib/postgresql/16/base/1 40000 @postgres
/var/lib/postgresql/16/postmaster.pid 4 @postgres
/var/lib/fail2ban/fail2ban.sqlite3 400
`),
    template,
  );
  assert.deepEqual(outline(report), [
    "persist /var/lib/postgresql/",
    "persist /var/lib/vaultwarden/",
    "persist /var/lib/fail2ban/",
    ...leftByTemplate,
  ]);
});

test("h003: AdGuard Home with a dynamic user, and dnsmasq", () => {
  const report = buildReport(
    scanOf(`${activation}${server}
/var/lib/AdGuardHome -> private/AdGuardHome
/var/lib/private/AdGuardHome/AdGuardHome.yaml 900 @64000
/var/lib/dnsmasq/dnsmasq.leases 80 @dnsmasq
`),
    template,
  );
  assert.deepEqual(
    outline(report).filter((line) => !leftByTemplate.includes(line)),
    ["persist /var/lib/private/AdGuardHome/", "persist /var/lib/dnsmasq/"],
  );
});

const juni = `
.bash_history 500
.zsh_history 500
.zshrc -> /nix/store/h-home-manager-files/.zshrc
.nix-profile -> /nix/var/nix/profiles/per-user/josh
.mozilla/firefox/x.default/places.sqlite 5000000
.mozilla/firefox/x.default/lock -> 127.0.1.1:+1234
.mozilla/extensions/
.ssh/id_ed25519 400 0600
.ssh/config -> /nix/store/h/.ssh/config
.gnupg/private-keys-v1.d/a.key 400
.config/Signal/sql/db.sqlite 4000000
.config/BraveSoftware/Brave-Browser/Default/History 5000
.config/git/config -> /nix/store/h/git
.config/kwinrc 300
.config/user-dirs.dirs 300
.config/systemd/user/default.target.wants/x.service -> /home/josh/.config/systemd/user/x.service
.config/systemd/user/x.service -> /nix/store/h/x.service
.config/unknown/settings.json 90
.config/electron/GPUCache/x 900
.local/share/Steam/steamapps/common/x 9000000
.local/share/weird/x.db 300
.local/state/wireplumber/restore 90
.local/state/nix/profiles/profile -> profile-1-link
.local/state/nix/profiles/profile-1-link -> /nix/store/x
.cache/mozilla/firefox/a 90000000
.cache/fontconfig/a 3
.Xauthority 30
.lesshst
projects/app/main.ts 40
notes.txt 40
Documents/letter.odt 400
Desktop/
.var/app/org.x/data/y 30`
  .trim()
  .split("\n")
  .map((line) => `/home/josh/${line} @josh`)
  .join("\n");

test("juni, a desktop: the home is split into what a person would list", () => {
  const report = buildReport(scanOf(`${activation}${juni}\ns:/home/josh/.gnupg/S.gpg-agent`), coverage());
  const home = outline(report).map((line) => line.replace("/home/josh/", ""));
  assert.deepEqual(home, [
    "persist .mozilla/firefox/",
    "persist .config/BraveSoftware/Brave-Browser/",
    "persist .gnupg/",
    "persist .ssh/",
    "persist .config/Signal/",
    "persist .local/share/Steam/",
    "persist Documents/",
    "persist .var/app/",
    "persist projects/",
    "persist .local/state/wireplumber/",
    "persist .bash_history",
    "probably .zsh_history",
    "probably .local/share/weird/",
    "probably notes.txt",
    "probably .config/unknown/",
    "declare .config/kwinrc",
    "ignore .cache/",
  ]);
  assert.ok(report.candidates.every((candidate) => candidate.homeOf?.user === "josh"));
});

test("among what is needed, what nothing brings back comes before what only costs work, and that before history", () => {
  const files = ["prometheus2", "grafana", "dnsmasq", "immich", "jellyfin", "forgejo", "vaultwarden", "chrony"];
  const report = buildReport(scanOf(files.map((name) => `/var/lib/${name}/x 400`).join("\n")), coverage());
  assert.deepEqual(
    outline(report).map((line) => line.replace("persist /var/lib/", "")),
    ["forgejo/", "immich/", "vaultwarden/", "grafana/", "jellyfin/", "chrony/", "dnsmasq/", "prometheus2/"],
  );
});

test("juni with its list: what the list forgot", () => {
  const listed = [".ssh", ".gnupg", "projects", ".config", ".local/share"].map((path) => `/home/josh/${path}`);
  const report = buildReport(scanOf(activation + juni), coverage(listed));
  assert.deepEqual(
    recommended(report).map((candidate) => candidate.path.replace("/home/josh/", "")),
    [".mozilla/firefox", "Documents", ".var/app", ".local/state/wireplumber", ".bash_history"],
  );
});

test("every service of a rollout over many hosts is to be persisted, for a reason that names it", () => {
  const services: [string, string, RegExp][] = [
    ["/var/lib/forgejo", "data/forgejo.db", /Forgejo/],
    ["/var/lib/zitadel", "masterkey", /ZITADEL/],
    ["/var/lib/openbao", "raft/raft.db", /OpenBao/],
    ["/var/lib/private/openbao", "raft/raft.db", /OpenBao/],
    ["/bao-keys", "unseal.json", /OpenBao/],
    ["/var/lib/trilium", "document.db", /Trilium/],
    ["/var/lib/opengist", "opengist.db", /Opengist/],
    ["/var/lib/open-webui", "data/webui.db", /Open WebUI/],
    ["/var/lib/private/open-webui", "data/webui.db", /Open WebUI/],
    ["/var/lib/n8n", ".n8n/database.sqlite", /n8n/],
    ["/var/lib/private/n8n", ".n8n/database.sqlite", /n8n/],
    ["/var/lib/nixarr/state", "radarr/radarr.db", /Nixarr/],
    ["/var/lib/containers/storage/volumes", "web/_data/index.html", /Podman/],
    ["/var/lib/vaultwarden", "db.sqlite3", /Vaultwarden/],
    ["/var/lib/postgresql", "16/base/1", /PostgreSQL/],
    ["/var/lib/fail2ban", "fail2ban.sqlite3", /Fail2ban/i],
    ["/var/lib/headscale", "db.sqlite", /Headscale/],
    ["/var/lib/AdGuardHome", "AdGuardHome.yaml", /AdGuard Home/],
    ["/var/lib/dnsmasq", "dnsmasq.leases", /dnsmasq/],
    ["/var/lib/tailscale", "tailscaled.state", /Tailscale/],
    ["/var/lib/acme", "example.org/key.pem", /ACME/],
    ["/var/lib/flatpak", "repo/config", /Flatpak/],
  ];
  for (const [folder, file, name] of services) {
    const { candidates } = buildReport(scanOf(`${activation}${folder}/${file} 4000`), coverage());
    assert.deepEqual(
      candidates.map(({ path, kind, verdict }) => [path, kind, verdict]),
      [[folder, "directory", "persist"]],
    );
    assert.match(candidates[0]?.reason ?? "", name);
    assert.match(candidates[0]?.reason ?? "", /If lost: /);
  }
});

test("Nixarr: its state rather than the folder around it, unless that is the state", () => {
  const nixarr = (lines: string): string[] => outline(buildReport(scanOf(lines), coverage()));
  assert.deepEqual(nixarr("/var/lib/nixarr/state/radarr/radarr.db\n/var/lib/nixarr/wg0.conf 300 0600"), [
    "persist /var/lib/nixarr/state/",
    "persist /var/lib/nixarr/wg0.conf",
  ]);
  assert.deepEqual(nixarr("/var/lib/nixarr/radarr/radarr.db"), ["persist /var/lib/nixarr/"]);
});

test("/boot on the ephemeral root: the key of the disk is a file to keep, the boot loader is noise", () => {
  const scan = scanOf(
    `${activation}
/boot/keyfile_nvme0n1p1 4096 0400
/boot/EFI/systemd/systemd-bootx64.efi 90000
/boot/loader/entries/nixos-generation-1.conf
/boot/grub/grub.cfg 9000
/boot/kernels/abc-linux-bzImage 9000000`,
    { mounts: [mount("/"), mount("/nix"), mount("/persist")] },
  );
  const report = buildReport(scan, coverage());
  assert.deepEqual(outline(report), ["persist /boot/keyfile_nvme0n1p1"]);
  assert.match(report.candidates[0]?.reason ?? "", /^LUKS key file on \/boot\. If lost: the disk/);
  assert.equal(report.ignored["belonging to the boot loader"], 4);
});

test("keys of disks come first, wherever they usually lie", () => {
  const report = buildReport(
    scanOf(`
/etc/cryptsetup-keys.d/data.key 4096 0400
/etc/luks-keys/backup 4096 0400
/etc/secrets/initrd/ssh_host_ed25519_key 399 0600
/etc/machine-id 33
/var/lib/postgresql/16/base/1 90000000 @postgres
`),
    coverage(),
  );
  assert.deepEqual(outline(report), [
    "persist /etc/cryptsetup-keys.d/",
    "persist /etc/luks-keys/",
    "persist /etc/machine-id",
    "persist /var/lib/postgresql/",
    "persist /etc/secrets/initrd/",
  ]);
});
