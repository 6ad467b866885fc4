// How good a scan's proposals are, on real hosts with the state of many programs: what should be persisted is proposed at the
// level a person would write, and hardly anything else. The figures are printed.
import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { tidemarkIn } from "./support/cli";
import { type EphemeralHost, startEphemeralHost } from "./support/host";
import { withAccounts } from "./support/host-content";
import { readContent, type Written } from "./support/host-lines";
import { figuresOf, type Report } from "./support/proposals";

/** All else is on the ephemeral root. */
const MOUNTED = ["/etc/ssh/ssh_host_ed25519_key", "/etc/ssh/ssh_host_ed25519_key.pub"];
const CONFIGURATION = `{
  environment.persistence."/persist".files = [ ${MOUNTED.map((at) => JSON.stringify(at)).join(" ")} ];
}
`;
/** Of the state that units claim so much is proposed with the unit's name. */
const LEAST_NAMED = 0.95;
/** Of what should be persisted so much is proposed at the right level; of the proposals so much is noise. */
const LEAST_RIGHT = 0.95;
const MOST_NOISE = 0.05;

const HELD_OUT = "held-out.txt";

/** Many files quickly: folder, how many, and whose. `split` writes them all in one process. */
interface Bulk {
  readonly folder: string;
  readonly files: number;
  readonly owner: string;
}

async function start(kind: "btrfs" | "tmpfs", written: Written): Promise<EphemeralHost> {
  const live = [...withAccounts(written.accounts), ...written.nodes];
  const host = await startEphemeralHost({ kind, live, store: written.store, mounted: MOUNTED });
  writeFileSync(path.join(host.folder, "juni.nix"), CONFIGURATION);
  return host;
}

function fill(host: EphemeralHost, bulks: readonly Bulk[]): void {
  const lines = bulks.map(({ folder, files, owner }) =>
    [
      `mkdir -p ${folder}`,
      `head -c ${files * 24} /dev/zero | split -b 24 -a 5 -d - ${folder}/f`,
      `chown -R ${owner} ${folder}`,
    ].join(" && "),
  );
  host.run(`set -e\n${lines.join("\n")}`);
}

/** Sockets, which only a program can make; their makers are gone, as after a crash. */
function leaveSockets(host: EphemeralHost, paths: readonly string[]): void {
  host.run(
    `perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => $_, Listen => 1) or die $! for @ARGV' ${paths.join(" ")}`,
  );
}

function scan(host: EphemeralHost): Report {
  const result = tidemarkIn(host.folder, "scan", "juni", "--ssh-config", host.sshConfigFile, "--json");
  assert.equal(result.code, 0, result.stderr);
  return JSON.parse(result.stdout) as Report;
}

function describeHost(
  title: string,
  kind: "btrfs" | "tmpfs",
  contents: readonly string[],
  bulks: readonly Bulk[],
  sockets: readonly string[],
): void {
  describe(title, () => {
    const written = readContent(...contents);
    let host: EphemeralHost;
    let report: Report;
    before(async () => {
      host = await start(kind, written);
      fill(host, bulks);
      if (sockets.length > 0) leaveSockets(host, sockets);
      report = scan(host);
    });
    after(() => host.stop());

    test("proposes what should be persisted, at the level a person would write, and hardly anything else", (t) => {
      const figures = figuresOf(written, report.candidates);
      for (const line of figures.lines) t.diagnostic(line);
      // Paths that were chosen when the code was done, without those that were known while it was made.
      if (contents.includes(HELD_OUT))
        t.diagnostic(`${HELD_OUT} alone: ${figuresOf(readContent(HELD_OUT), report.candidates).lines[0]}`);
      assert.ok(figures.right >= LEAST_RIGHT, `${figures.right}`);
      assert.ok(figures.noise <= MOST_NOISE, `${figures.noise}`);
      assert.ok(figures.named >= LEAST_NAMED, `${figures.named}`);
    });

    // Once is enough, where a scan is quick.
    if (bulks.length > 0) return;
    test("does not speak of what is ignored, and says how much that is", () => {
      const file = path.join(host.folder, ".tidemarkignore");
      writeFileSync(file, "~/notes.txt\n[host juni]\n/var/lib/head*/\n[host other]\n/var/lib/acme/\n");
      const shown = tidemarkIn(host.folder, "scan", "juni", "--ssh-config", host.sshConfigFile).stdout;
      rmSync(file);
      assert.doesNotMatch(shown, /headscale|notes\.txt/);
      assert.match(shown, /\/var\/lib\/acme /);
      assert.match(shown, /Left out: 2 paths ignored by you, in \.tidemarkignore or the settings/);
    });
  });
}

describeHost(
  "a server on btrfs with the state of many services and 150,000 files",
  "btrfs",
  ["server.txt", "base.txt", "noise.txt"],
  [
    { folder: "/var/lib/containers/storage/overlay/1a2b/diff/usr/share", files: 40_000, owner: "root" },
    { folder: "/var/lib/docker/overlay2/1a/diff/usr/share", files: 20_000, owner: "root" },
    { folder: "/var/lib/immich/thumbs/0a", files: 20_000, owner: "immich:immich" },
    { folder: "/var/lib/forgejo/repositories/josh/big.git/objects/0a", files: 20_000, owner: "forgejo:forgejo" },
    { folder: "/var/lib/postgresql/16/base/16384", files: 5_000, owner: "postgres:postgres" },
    { folder: "/var/vmail/example.org/josh/cur", files: 20_000, owner: "vmail:vmail" },
    { folder: "/root/.cache/nix/tarball-cache/objects", files: 10_000, owner: "root" },
    { folder: "/var/cache/nginx/proxy/0a", files: 10_000, owner: "nginx:nginx" },
    { folder: "/home/josh/.cache/restic/0a/index", files: 5_000, owner: "josh:users" },
  ],
  ["/var/lib/rspamd/rspamd.sock", "/var/lib/stray.sock"],
);

describeHost(
  "a desktop on tmpfs with the state of many programs and 50,000 files",
  "tmpfs",
  ["desktop.txt", "base.txt", "noise.txt"],
  [
    { folder: "/home/josh/projects/app/node_modules/x/lib", files: 15_000, owner: "josh:users" },
    { folder: "/home/josh/.cache/mozilla/firefox/x.default/cache2/entries", files: 10_000, owner: "josh:users" },
    { folder: "/home/josh/.local/share/Steam/steamapps/common/game/assets", files: 10_000, owner: "josh:users" },
    { folder: "/home/josh/go/pkg/mod/example.org/x", files: 5_000, owner: "josh:users" },
    { folder: "/home/josh/.cargo/registry/src/index.crates.io-0a/x", files: 5_000, owner: "josh:users" },
    { folder: "/var/lib/flatpak/repo/objects/0b", files: 5_000, owner: "root" },
  ],
  ["/home/josh/.gnupg/S.gpg-agent", "/home/josh/.config/Code/1.10-main.sock"],
);

describeHost("a host on tmpfs with paths that people persist", "tmpfs", ["public.txt", HELD_OUT, "base.txt"], [], []);
