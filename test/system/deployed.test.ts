// What a scan tells of how a host is set up, against real mounts, a real storage and units as NixOS lays them out. No systemd runs there.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { connect } from "../../server/src/hosts/connect";
import type { HostScan, SeenPath } from "../../server/src/hosts/model";
import { scanHost } from "../../server/src/hosts/scanHost";
import { directory, file, link } from "./support/file-tree";
import { type EphemeralHost, startEphemeralHost } from "./support/host";
import { ETC } from "./support/host-content";

const UNITS = "/nix/store/1a2b3c4d5f6g7h8i9j0k1l2m3n4p5q6r-system-units";
const unit = (name: string, text: string) => {
  const folder = `/nix/store/2b3c4d5f6g7h8i9j0k1l2m3n4p5q6r1a-unit-${name.replace("@", "-")}`;
  return [file(`${folder}/${name}`, text), link(`${UNITS}/${name}`, `${folder}/${name}`)];
};
/** Paths of the store, below /nix as the host's own. */
const store = [
  ...unit(
    "forgejo.service",
    `[Unit]
Description=Forgejo (Beyond coding. We forge.)
[Service]
Environment="SECRET=of-the-unit"
ExecStart=/nix/store/4w2k0pza9lq8c3y5v7n1m6j9r0dfhs2x-forgejo-11.0.3/bin/gitea web --token of-the-unit
User=forgejo
Group=forgejo
StateDirectory=forgejo forgejo/custom
LogsDirectory=forgejo
`,
  ),
  ...unit("adguardhome.service", "[Service]\nDynamicUser=true\nStateDirectory=AdGuardHome\n"),
  ...unit("restic@.service", "[Service]\nCacheDirectory=restic/%i\n"),
  link(`${UNITS}/timers.target.wants/restic@home.service`, "../restic@.service"),
  file(`${UNITS}/forgejo.service.d/overrides.conf`, "[Service]\nCacheDirectory=forgejo\n"),
  file(
    `${ETC}/tmpfiles.d/forgejo.conf`,
    "d '/var/lib/forgejo' 0750 forgejo forgejo - -\nL+ /etc/linked - - - - /persist/x\n",
  ),
].map((node) => ({ ...node, path: String(node.path).replace(/^\/nix/, "") }));

const persist = [
  directory("/var/lib/empty"),
  directory("/var/lib/orphan", [992, 992], 0o750),
  file("/var/lib/orphan/data", "12345", [992, 992]),
  directory("/var/lib/forgejo", [992, 992], 0o700),
  file("/var/lib/forgejo/old.db", "old", [992, 992]),
];
const live = [link("/etc/dangling", "/persist/etc/missing")];

async function scanned(host: EphemeralHost, as = "juni"): Promise<HostScan> {
  const signal = new AbortController().signal;
  const connection = await connect(as, {
    sshConfigFile: host.sshConfigFile,
    client: "ssh2",
    stateFolder: host.folder,
    prompter: { confirmHostKey: async () => "no", secret: async () => null },
    signal,
    log: () => undefined,
  });
  try {
    return await scanHost(connection, {
      host: "juni",
      configured: () => ({
        storages: ["/persist"],
        directories: ["/var/lib/forgejo", "/var/lib/empty", "/var/lib/never", "/var/log", "/home/josh/projects"],
        files: ["/etc/machine-id", "/etc/dangling"],
      }),
      signal,
      log: () => undefined,
      onProgress: () => undefined,
    });
  } finally {
    connection.close();
  }
}

const brief = (seen: SeenPath | null | undefined): string =>
  seen === undefined
    ? "unknown"
    : seen === null
      ? "absent"
      : `${seen.type} ${seen.user}:${seen.group} ${seen.mode}${seen.empty ? " empty" : ""}${seen.target === null ? "" : ` -> ${seen.target}`}`;

for (const [kind, tools] of [
  ["btrfs", "gnu"],
  ["tmpfs", "gnu"],
  ["btrfs", "busybox"],
  ["tmpfs", "busybox"],
] as const) {
  describe(`what a host with a ${kind} root and ${tools} tools runs from`, () => {
    test("units, rules, storage, live paths and space are exactly what is there", async () => {
      const host = await startEphemeralHost({ kind, tools, store, persist, live });
      try {
        // /etc/systemd/system leads to a folder of the store that is made for each host.
        host.run(`ln -sfn ${UNITS} /etc/systemd/system`);
        host.run("mkdir -p /persist/inner/deep && mount -t tmpfs none /persist/inner && mkdir /persist/inner/other");
        const { deployed, notes } = await scanned(host);
        assert.ok(deployed !== null);
        assert.deepEqual(
          deployed.units.map(
            ({ name, user, dynamicUser, stateDirectories, cacheDirectories, logsDirectories, program }) => [
              name,
              user,
              dynamicUser,
              [...stateDirectories, ...cacheDirectories, ...logsDirectories].join(" "),
              program,
            ],
          ),
          [
            ["adguardhome.service", null, true, "/var/lib/AdGuardHome", null],
            [
              "forgejo.service",
              "forgejo",
              false,
              "/var/lib/forgejo /var/lib/forgejo/custom /var/cache/forgejo /var/log/forgejo",
              "forgejo-11.0.3/bin/gitea",
            ],
            ["restic@home.service", null, false, "/var/cache/restic/home", null],
          ],
        );
        assert.deepEqual(
          deployed.tmpfiles
            .filter((rule) => rule.file === "forgejo.conf")
            .map(({ type, path, mode, user }) => [type, path, mode, user]),
          [
            ["d", "/var/lib/forgejo", "0750", "forgejo"],
            ["L", "/etc/linked", null, null],
          ],
        );
        if (tools === "gnu") assert.match(deployed.notes.join("\n"), /systemctl gives no answer/);
        assert.equal(/^No GNU findutils and coreutils there/.test(notes.join("\n")), tools === "busybox");
        assert.match(notes.at(-1) ?? "", /^Wiped at boot like the root, and looked into: .*\/persist\/inner\.$/);

        const [tree, ...others] = deployed.storages;
        assert.deepEqual([tree?.storage, tree?.present, others], ["/persist", true, []]);
        const stored = (at: string) => brief(tree?.paths.get(at));
        assert.equal(stored("/var/lib/empty"), "directory root:root 0755 empty");
        assert.equal(stored("/var/lib/orphan"), "directory forgejo:forgejo 0750");
        assert.equal(stored("/var/lib/orphan/data"), "file forgejo:forgejo 0644");
        assert.equal(stored("/var/lib/forgejo"), "directory forgejo:forgejo 0700");
        // What is persisted as a whole is not looked into, declared or mounted.
        for (const at of ["/var/lib/forgejo/old.db", "/var/log/journal", "/var/lib/tailscale/tailscaled.state"])
          assert.equal(stored(at), "unknown", at);
        for (const at of ["/", "/etc", "/var", "/var/lib", "/var/lib/orphan", "/home/josh"])
          assert.ok(tree?.listed.has(at), at);
        for (const at of ["/var/lib/forgejo", "/var/log", "/var/lib/tailscale"]) assert.ok(!tree?.listed.has(at), at);
        assert.equal(stored("/etc/machine-id"), "file root:root 0444");
        // A file system of its own is not looked into.
        assert.equal(stored("/inner/other"), "unknown");
        assert.ok(!tree?.listed.has("/inner") && tree?.paths.get("/inner")?.empty === false);

        const seen = (at: string) => brief(deployed.live.get(at));
        assert.equal(seen("/var/lib/forgejo"), "directory forgejo:forgejo 0750");
        assert.equal(seen("/var/lib/never"), "absent");
        assert.equal(seen("/var/lib/empty"), "absent");
        assert.equal(seen("/etc/dangling"), "symlink root:root 0777 -> /persist/etc/missing");
        assert.equal(seen("/etc/machine-id"), "file root:root 0444");
        assert.equal(seen("/home/josh"), "directory josh:users 0700");
        // Of mounts nobody declares, too.
        assert.equal(seen("/var/lib/tailscale"), "directory root:root 0700");
        assert.equal(seen("/var/cache"), "unknown");
        const [, size, , available] = host
          .run("/usr/bin/df -B1 --output=target,size,used,avail / | tail -n 1")
          .trim()
          .split(/\s+/);
        assert.equal(deployed.space?.total, Number(size));
        assert.ok(Math.abs((deployed.space?.free ?? 0) - Number(available)) < 16 << 20);
      } finally {
        await host.stop();
      }
    });

    test("without rights it says less, and nothing that is not so", async () => {
      const host = await startEphemeralHost({ kind, tools, store, persist, live });
      try {
        const { deployed } = await scanned(host, "juni-mia");
        const seen = (at: string) => brief(deployed?.live.get(at));
        assert.equal(seen("/home/josh"), "directory josh:users 0700");
        assert.equal(seen("/home/josh/projects"), "unknown");
        assert.equal(seen("/var/lib/never"), "absent");
        const [tree] = deployed?.storages ?? [];
        assert.equal(tree?.paths.get("/var/lib/orphan")?.empty, null);
        assert.ok(tree?.listed.has("/var/lib") && !tree.listed.has("/var/lib/orphan"));
      } finally {
        await host.stop();
      }
    });
  });
}
