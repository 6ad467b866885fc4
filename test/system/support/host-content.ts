import { directory, file, link, type Owner, ROOT, type TreeNode } from "./file-tree";

/** Numbers as a NixOS machine hands them out; services without a fixed number count down from 999. */
const JOSH: Owner = [1000, 100];
const MIA: Owner = [1001, 100];
const POSTGRES: Owner = [71, 71];
const ACME: Owner = [995, 60];
const VAULTWARDEN: Owner = [991, 991];
const FORGEJO: Owner = [992, 992];
const HEADSCALE: Owner = [993, 993];
/** A systemd DynamicUser: no name for it anywhere. */
const DYNAMIC: Owner = [62123, 62123];

const SHELL = "/run/current-system/sw/bin/bash";
const PASSWD = `root:x:0:0:System administrator:/root:${SHELL}
sshd:x:998:998:SSH privilege separation user:/var/empty:/run/current-system/sw/bin/nologin
postgres:x:71:71:PostgreSQL server user:/var/lib/postgresql:/run/current-system/sw/bin/nologin
acme:x:995:60:ACME:/var/lib/acme:/run/current-system/sw/bin/nologin
headscale:x:993:993::/var/lib/headscale:/run/current-system/sw/bin/nologin
forgejo:x:992:992:Forgejo Service:/var/lib/forgejo:/run/current-system/sw/bin/nologin
vaultwarden:x:991:991::/var/lib/vaultwarden:/run/current-system/sw/bin/nologin
josh:x:1000:100:Josh:/home/josh:${SHELL}
mia:x:1001:100:Mia:/home/mia:${SHELL}
nobody:x:65534:65534:Unprivileged account (don't use!):/var/empty:/run/current-system/sw/bin/nologin
`;
const GROUP = `root:x:0:
wheel:x:1:josh
tty:x:3:
nginx:x:60:
postgres:x:71:
users:x:100:
headscale:x:993:headscale
forgejo:x:992:
vaultwarden:x:991:
sshd:x:998:
nogroup:x:65534:
`;

/** `/etc/passwd` and `/etc/group` with more accounts. */
export function withAccounts(more: ReadonlyMap<string, Owner>): TreeNode[] {
  const has = (text: string, name: string) => text.includes(`\n${name}:`);
  const people = [...more].filter(([name]) => !has(PASSWD, name));
  const users = people.map(
    ([name, [uid, gid]]) => `${name}:x:${uid}:${gid}::/var/lib/${name}:/run/current-system/sw/bin/nologin\n`,
  );
  const groups = [...more].filter(([name]) => !has(GROUP, name)).map(([name, [, gid]]) => `${name}:x:${gid}:\n`);
  return [file("/etc/passwd", PASSWD + users.join("")), file("/etc/group", GROUP + groups.join(""))];
}

const STORE = "/nix/store";
const SYSTEM = `${STORE}/4w2k0pza9lq8c3y5v7n1m6j9r0dfhs2x-nixos-system-juni-25.11`;
/** What /etc/static leads to. */
export const ETC = `${STORE}/9c1b7fj5s8hd0qk3n6w2zxv4yl5mrpga-etc/etc`;

/** Text of several hundred bytes that differs from name to name, as data files do. */
const filler = (name: string, lines = 20) => `${name} 0123456789abcdef\n`.repeat(lines);

/** What activation and boot put on a NixOS root each time: byte for byte the same in every boot. */
const REGENERATED: readonly TreeNode[] = [
  link("/etc/static", ETC),
  link("/etc/.system", SYSTEM),
  ...["hosts", "nsswitch.conf", "pam.d", "profile", "fstab", "locale.conf"].map((name) =>
    link(`/etc/${name}`, `/etc/static/${name}`),
  ),
  link("/etc/ssh/sshd_config", "/etc/static/ssh/sshd_config"),
  link("/etc/ssh/authorized_keys.d", "/etc/static/ssh/authorized_keys.d"),
  link("/etc/systemd/system", "/etc/static/systemd/system"),
  link("/etc/tmpfiles.d", "/etc/static/tmpfiles.d"),
  link("/etc/mtab", "/proc/mounts"),
  link("/etc/localtime", "/etc/zoneinfo/Europe/Berlin"),
  file("/etc/NIXOS", ""),
  file("/etc/.clean", ""),
  file("/etc/.updated", "# This file was created by systemd-update-done.\n"),
  file("/etc/hostname", "juni\n"),
  file("/etc/passwd", PASSWD),
  file("/etc/group", GROUP),
  file("/etc/shadow", PASSWD.replace(/^([^:]*):.*$/gm, "$1:*:1::::::"), [0, 0], 0o640),
  file("/etc/subuid", "josh:100000:65536\n"),
  file("/etc/resolv.conf", "nameserver 127.0.0.53\n"),
  file("/etc/sudoers", "root ALL=(ALL:ALL) SETENV: ALL\n%wheel ALL=(ALL:ALL) NOPASSWD:SETENV: ALL\n", ROOT, 0o440),
  directory("/var/empty", ROOT, 0o555),
  directory("/var/tmp", ROOT, 0o1777),
  link("/var/run", "/run"),
  link("/var/lock", "/run/lock"),
  file("/var/.updated", "# This file was created by systemd-update-done.\n"),
  file("/var/cache/nginx/proxy/1", filler("cache")),
  file("/var/lib/dhcpcd/eth0.lease", filler("lease")),
  file("/var/lib/logrotate.status", "logrotate state -- version 2\n"),
  file("/var/spool/cron/README", "cron\n"),
  directory("/srv"),
  directory("/mnt"),
  directory("/root", ROOT, 0o700),
  file("/root/.nix-channels", "https://nixos.org/channels/nixos-25.11 nixos\n"),
  directory("/home/josh", JOSH, 0o700),
  directory("/home/mia", MIA, 0o700),
  directory("/home/josh/.cache", JOSH, 0o700),
  file("/home/josh/.cache/fontconfig/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n", JOSH),
];

/** State that is on the live root only. */
const NEW: readonly TreeNode[] = [
  directory("/var/lib/headscale", HEADSCALE, 0o750),
  file("/var/lib/headscale/db.sqlite", filler("headscale", 200), HEADSCALE, 0o644),
  file("/var/lib/headscale/noise_private.key", "privkey:0000\n", HEADSCALE, 0o600),
  directory("/var/lib/vaultwarden", VAULTWARDEN, 0o700),
  file("/var/lib/vaultwarden/db.sqlite3", filler("vault", 150), VAULTWARDEN, 0o644),
  file("/var/lib/vaultwarden/rsa_key.pem", "key\n", VAULTWARDEN, 0o600),
  directory("/var/lib/postgresql", POSTGRES, 0o750),
  directory("/var/lib/postgresql/16", POSTGRES, 0o750),
  file("/var/lib/postgresql/16/PG_VERSION", "16\n", POSTGRES, 0o600),
  ...Array.from({ length: 60 }, (_, i) =>
    file(`/var/lib/postgresql/16/base/5/${16384 + i}`, filler(`${i}`), POSTGRES, 0o600),
  ),
  directory("/var/lib/acme", ACME, 0o755),
  directory("/var/lib/acme/example.org", ACME, 0o750),
  file("/var/lib/acme/example.org/key.pem", "key\n", ACME, 0o640),
  file("/var/lib/acme/example.org/fullchain.pem", "chain\n", ACME, 0o640),
  directory("/var/lib/private", ROOT, 0o700),
  directory("/var/lib/private/AdGuardHome", DYNAMIC, 0o700),
  file("/var/lib/private/AdGuardHome/AdGuardHome.yaml", filler("adguard"), DYNAMIC, 0o600),
  link("/var/lib/AdGuardHome", "private/AdGuardHome"),
  directory("/bao-keys", ROOT, 0o700),
  file("/bao-keys/unseal.json", "{}\n", ROOT, 0o600),
  file("/var/lib/containers/storage/overlay/0a1b/diff/bin/tool", filler("layer")),
  file("/var/lib/containers/storage/volumes/n8n/_data/database.sqlite", filler("n8n", 80)),
  file("/home/josh/notes.txt", "buy milk\n", JOSH),
  directory("/home/josh/.mozilla", JOSH, 0o700),
  file("/home/josh/.mozilla/firefox/x.default/places.sqlite", filler("places"), JOSH),
];

/** Names that would break a shell, a record format or a Nix string. */
export const HOSTILE: readonly TreeNode[] = [
  file("/var/lib/hostile/$(touch pwned) `touch pwned`; touch pwned &", "a\n"),
  file("/var/lib/hostile/line\nbreak", "b\n"),
  file("/var/lib/hostile/tab\tand \\ backslash \\n", "c\n"),
  file("/var/lib/hostile/-rf", "d\n"),
  file("/var/lib/hostile/🌊 Überlauf", "e\n"),
  file(`/var/lib/hostile/${"n".repeat(255)}`, "f\n"),
  file('/var/lib/say "${hello}"/state.db', filler("say")),
  file(Buffer.from("/var/lib/caf\xe9/state.db", "latin1"), filler("latin1")),
];

export const LIVE: readonly TreeNode[] = [
  ...REGENERATED,
  ...NEW,
  directory("/var/lib/forgejo", FORGEJO, 0o750),
  file("/var/lib/forgejo/custom/conf/app.ini", filler("app.ini"), FORGEJO, 0o600),
  file("/var/lib/forgejo/data/forgejo.db", filler("forgejo", 300), FORGEJO, 0o640),
  file("/var/lib/alsa/asound.state", filler("alsa after", 30)),
];

/** The root of the boot before. Bluetooth and fail2ban state is only here: it is lost. */
export const OLD: readonly TreeNode[] = [
  ...REGENERATED,
  directory("/var/lib/forgejo", FORGEJO, 0o750),
  file("/var/lib/forgejo/custom/conf/app.ini", filler("app.ini"), FORGEJO, 0o600),
  file("/var/lib/forgejo/data/forgejo.db", filler("forgejo", 100), FORGEJO, 0o640),
  file("/var/lib/alsa/asound.state", filler("alsa before", 25)),
  directory("/var/lib/bluetooth", ROOT, 0o700),
  directory("/var/lib/bluetooth/A0:B1:C2:D3:E4:F5", ROOT, 0o700),
  file("/var/lib/bluetooth/A0:B1:C2:D3:E4:F5/11:22:33:44:55:66/info", "[LinkKey]\nKey=00\n", ROOT, 0o600),
  file("/var/lib/fail2ban/fail2ban.sqlite3", filler("bans")),
];

/** Below the storage path, and mounted from there; `impermanence.nix` of the test's workspace declares the same paths. */
export const PERSISTED: readonly TreeNode[] = [
  file("/etc/machine-id", "4b1a0f0e8c4f4c0f9a7d3b1c5e6f7a8b\n", ROOT, 0o444),
  file("/var/log/journal/4b1a0f0e8c4f4c0f9a7d3b1c5e6f7a8b/system.journal", filler("journal", 500)),
  file("/var/lib/nixos/uid-map", "{}\n"),
  directory("/var/lib/tailscale", ROOT, 0o700),
  file("/var/lib/tailscale/tailscaled.state", "{}\n", ROOT, 0o600),
  file("/etc/NetworkManager/system-connections/home.nmconnection", "[connection]\n", ROOT, 0o600),
  directory("/home/josh/projects", JOSH),
  file("/home/josh/projects/flake.nix", "{ }\n", JOSH),
];

/** Paths bound from storage. The two key files are made for each host. */
export const MOUNTED: readonly string[] = [
  "/etc/machine-id",
  "/etc/ssh/ssh_host_ed25519_key",
  "/etc/ssh/ssh_host_ed25519_key.pub",
  "/var/log",
  "/var/lib/nixos",
  "/var/lib/tailscale",
  "/etc/NetworkManager/system-connections",
  "/home/josh/projects",
];

/** The store's part the host needs to work; paths are below /nix. `publicKey` opens all three people's accounts. */
export const nixStore = (publicKey: string): TreeNode[] =>
  [
    link(`${SYSTEM}/sw/bin`, "/usr/bin"),
    link(`${SYSTEM}/etc`, ETC),
    file(`${SYSTEM}/nixos-version`, "25.11.20261110.abcdef0\n"),
    link("/nix/var/nix/profiles/system", SYSTEM),
    file(`${ETC}/hosts`, "127.0.0.1 localhost juni\n::1 localhost\n"),
    file(`${ETC}/nsswitch.conf`, "passwd: files\ngroup: files\nshadow: files\nhosts: files\nsudoers: files\n"),
    file(`${ETC}/profile`, "export EDITOR=nano\n"),
    file(`${ETC}/fstab`, "# made by NixOS\n"),
    file(`${ETC}/locale.conf`, "LANG=C.UTF-8\n"),
    file(`${ETC}/ssh/sshd_config`, "# see the command line of sshd\n"),
    directory(`${ETC}/systemd/system`),
    ...["root", "josh", "mia"].map((user) => file(`${ETC}/ssh/authorized_keys.d/${user}`, publicKey)),
    ...["sudo", "other"].map((name) =>
      file(
        `${ETC}/pam.d/${name}`,
        "auth required pam_unix.so\naccount required pam_permit.so\nsession required pam_permit.so\n",
      ),
    ),
  ].map((node) => ({ ...node, path: String(node.path).replace(/^\/nix/, "") }));
