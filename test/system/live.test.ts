// What a configuration declares against what a real ephemeral host runs from and stores.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { tidemarkIn } from "./support/cli";
import { type EphemeralHost, startEphemeralHost } from "./support/host";
import { MOUNTED } from "./support/host-content";

interface Finding {
  readonly code: string;
  readonly level: string;
  readonly path: string | null;
  readonly message: string;
  readonly file: string | null;
  readonly range: { readonly start: { readonly line: number } } | null;
  readonly fixes: readonly {
    readonly title: string;
    readonly commands?: readonly { readonly what: string; readonly command: string | null }[];
  }[];
}

const files = ["/etc/machine-id", "/etc/ssh/ssh_host_ed25519_key", "/etc/ssh/ssh_host_ed25519_key.pub"];
const folders = MOUNTED.filter((one) => !files.includes(one) && !one.startsWith("/home/"));
const quoted = (paths: readonly string[]) => paths.map((one) => `      "${one}"`).join("\n");

/** A configuration of one file that keeps what the host has mounted, and `more`. */
const configuration = (
  more: { readonly directories?: string; readonly files?: string; readonly users?: string } = {},
) => `{
  system.stateVersion = "25.11";
  environment.persistence."/persist" = {
    directories = [
${quoted(folders)}
      ${more.directories ?? ""}
    ];
    files = [
${quoted(files)}
      ${more.files ?? ""}
    ];
    users.josh.directories = [ "projects" ${more.users ?? ""} ];
  };
}
`;

for (const [kind, tools] of [
  ["btrfs", "gnu"],
  ["tmpfs", "gnu"],
  ["btrfs", "busybox"],
] as const) {
  describe(`a host on ${kind} with ${tools} tools`, () => {
    let host: EphemeralHost;
    before(async () => {
      host = await startEphemeralHost({ kind, tools });
    });
    after(() => host.stop());

    function scan(name: string, text: string): readonly Finding[] {
      const folder = path.join(host.folder, name);
      mkdirSync(folder, { recursive: true });
      const file = path.join(folder, "configuration.nix");
      writeFileSync(file, text);
      const { code, stdout, stderr } = tidemarkIn(
        folder,
        "scan",
        "juni",
        "--config",
        file,
        "--ssh-config",
        host.sshConfigFile,
        "--json",
      );
      assert.equal(code, 0, stderr);
      const report = JSON.parse(stdout) as { readonly findings: readonly Finding[] };
      return report.findings.filter((finding) => finding.code !== "lost-last-boot");
    }
    const told = (findings: readonly Finding[]) =>
      findings.map(({ code, level, path: at }) => `${code} ${level} ${at}`);

    /** Runs the commands of findings on the host, with the GNU tools. Those that compare end with 1 where something differs. */
    function mend(findings: readonly Finding[], shell = "sh"): void {
      for (const { commands = [] } of findings.flatMap(({ fixes }) => fixes))
        execFileSync("ssh", ["-F", host.sshConfigFile, "juni", "--", "PATH=/usr/sbin:/usr/bin:$PATH", shell], {
          input: [...commands.flatMap(({ command }) => command ?? []), ...(shell === "sh" ? ["true"] : [])].join("\n"),
          stdio: ["pipe", "pipe", "pipe"],
        });
    }

    test("is as it is declared: nothing to tell", () => {
      assert.deepEqual(told(scan("settled", configuration())), []);
      const folder = path.join(host.folder, "settled");
      const shown = tidemarkIn(folder, "scan", "juni", "--config", ".", "--ssh-config", host.sshConfigFile).stdout;
      const doctor = tidemarkIn(folder, "doctor", "juni", "--config", ".", "--ssh-config", host.sshConfigFile).stdout;
      assert.match(doctor, / deployed +(\d+) of \1 paths in place; no units of systemd; storage: \/persist /);
      // What was lost is among the candidates; the older root still has it.
      assert.equal(shown.includes("`--commands` prints"), kind === "btrfs", shown);
    });

    test("lacks what is declared: each thing is told, and the commands for it mend it", () => {
      host.run(
        [
          "ln -s /persist/etc/gone.key /etc/gone.key",
          "printf secret > /etc/app.key && chmod 0600 /etc/app.key",
          "mkdir -p /persist/var/lib/old /persist/var/lib/older/data /srv/new",
          "head -c 5000 /dev/zero > /persist/var/lib/older/data/db",
          "chmod 0755 /persist/var/lib/tailscale",
        ].join("\n"),
      );
      const text = configuration({
        directories: '"/var/lib/headscale" "/srv/new"',
        files: '"/etc/gone.key" "/etc/app.key"',
        users: '".config/none"',
      }).replace('"/var/lib/tailscale"', '{ directory = "/var/lib/tailscale"; mode = "0700"; }');
      const findings = scan("pending", text);
      assert.deepEqual(told(findings), [
        "hidden-data warning /var/lib/headscale",
        "existing-file-blocks error /etc/app.key",
        "dangling-target hint /etc/gone.key",
        "mode-drift warning /var/lib/tailscale",
        "not-deployed info null",
        "orphan-in-storage hint null",
      ]);
      assert.ok(findings.every(({ file, range }) => file?.endsWith("configuration.nix") && range !== null));
      assert.match(findings[4]?.message ?? "", /^2 paths .*: \/srv\/new, \/home\/josh\/\.config\/none\./);
      assert.match(findings[5]?.message ?? "", /: \/var\/lib\/old \(empty\), \/var\/lib\/older \(5\.0 kB\)\./);

      mend(findings.slice(0, 4), "sh -e");
      assert.equal(host.run("stat -c '%a %U:%G' /persist/var/lib/headscale"), "750 headscale:headscale\n");
      assert.equal(
        host.run("cmp /var/lib/headscale/db.sqlite /persist/var/lib/headscale/db.sqlite && echo same"),
        "same\n",
      );
      assert.equal(host.run("cat /persist/etc/app.key; stat -c ' %a' /persist/etc/app.key"), "secret 600\n");
      const hidden = () => scan("copied", text).filter(({ code }) => code === "hidden-data");
      assert.deepEqual(told(hidden()), [], "the copy kept its times");
      host.run("printf more > /var/lib/headscale/more");
      assert.match(hidden()[0]?.message ?? "", /\/persist\/var\/lib\/headscale has data of its own/);
      mend(hidden());
      assert.equal(
        host.run("cat /persist/var/lib/headscale.from-root/more; ls /persist/var/lib/headscale"),
        "moredb.sqlite\nnoise_private.key\n",
      );
      assert.deepEqual(
        hidden().map(({ fixes }) => fixes),
        [[]],
        "it lies there now",
      );
      host.run("rm -r /var/lib/headscale/more /persist/var/lib/headscale.from-root");
      // What a switch does.
      host.run(
        [
          "mount --bind /persist/var/lib/headscale /var/lib/headscale",
          ": > /etc/app.key && mount --bind /persist/etc/app.key /etc/app.key",
          "printf x > /persist/etc/gone.key",
        ].join("\n"),
      );
      assert.deepEqual(told(scan("switched", text)), ["not-deployed info null", "orphan-in-storage hint null"]);
    });

    test("has a link of systemd's where a directory is declared", () => {
      host.run(
        [
          "mkdir /run/units",
          "printf '[Service]\\nDynamicUser=true\\nStateDirectory=AdGuardHome\\n' > /run/units/adguardhome.service",
          "ln -sfn /run/units /etc/systemd/system",
        ].join("\n"),
      );
      const findings = scan("link", configuration({ directories: '"/var/lib/AdGuardHome"' }));
      const [found] = findings.filter(({ path: at }) => at === "/var/lib/AdGuardHome");
      assert.equal(found?.code, "dynamic-user-link");
      assert.match(found?.message ?? "", /link to \/var\/lib\/private\/AdGuardHome on juni.* adguardhome\.service/);
      const mended = scan("link", configuration({ directories: '"/var/lib/private/AdGuardHome"' }));
      assert.deepEqual(told(mended.filter(({ path: at }) => at?.includes("AdGuardHome"))), [
        "hidden-data warning /var/lib/private/AdGuardHome",
      ]);
    });

    test("runs with what is no longer declared", () => {
      const findings = scan("removed", configuration().replace(/ *"\/var\/lib\/tailscale"\n/, ""));
      const undeclared = findings.filter(({ code }) => code === "undeclared-mount");
      assert.match(undeclared[0]?.message ?? "", /juni has .*\/var\/lib\/tailscale.* mounted from \/persist/);
      assert.ok(undeclared[0]?.fixes.some(({ title }) => title === "Persist /var/lib/tailscale again"));
    });

    test("shows what programs, and those who ran something as root, left behind", () => {
      host.run(
        [
          "mkdir -p /persist/home/josh/.config /home/josh/.config",
          "printf old > /persist/home/josh/.config/monitors.xml && /usr/bin/touch -d '9 days ago' /persist/home/josh/.config/monitors.xml",
          "printf newer > /home/josh/.config/monitors.xml",
          "mkdir -p /persist/etc/ssh && : > /persist/etc/ssh/ssh_host_rsa_key",
          "rm -rf /persist/srv && printf x > /persist/srv",
          ...(kind === "tmpfs" ? ["fallocate -l 470M /var/cache/blob"] : []),
        ].join("\n"),
      );
      const text = configuration({
        directories: '"/srv"',
        files: '"/etc/ssh/ssh_host_rsa_key"',
      }).replace(
        'directories = [ "projects"',
        'files = [ ".config/monitors.xml" ];\n    users.josh.directories = [ "projects"',
      );
      const findings = scan("left", text).filter(
        ({ code }) => !["not-deployed", "orphan-in-storage", "undeclared-mount"].includes(code),
      );
      assert.deepEqual(told(findings), [
        "type-mismatch error /srv",
        "atomic-rewrite-seen warning /home/josh/.config/monitors.xml",
        "empty-target warning /etc/ssh/ssh_host_rsa_key",
        "loose-parent-owner warning null",
        ...(kind === "tmpfs" ? ["root-nearly-full warning null"] : []),
      ]);
      if (kind === "tmpfs") assert.match(findings.at(-1)?.message ?? "", /9\d % of .* \/var\/cache/);
      const owner = findings.find(({ code }) => code === "loose-parent-owner");
      const commands = owner?.fixes.flatMap((fix) => fix.commands ?? []).flatMap(({ command }) => command ?? []);
      host.run((commands ?? []).join("\n"));
      assert.equal(host.run("stat -c %U:%G /home/josh/.config /persist/home/josh/.config"), "josh:users\njosh:users\n");
      if (kind === "tmpfs") host.run("rm /var/cache/blob");
    });

    test("as a user without rights, tells nothing that was not seen", () => {
      const folder = path.join(host.folder, "settled");
      const config = path.join(folder, "configuration.nix");
      const { code, stdout, stderr } = tidemarkIn(
        folder,
        "scan",
        "juni-mia",
        "--config",
        config,
        "--ssh-config",
        host.sshConfigFile,
        "--json",
      );
      assert.equal(code, 0, stderr);
      const { findings } = JSON.parse(stdout) as { readonly findings: readonly Finding[] };
      assert.deepEqual(
        findings.filter(({ code: one }) => !["lost-last-boot", "undeclared-mount", "orphan-in-storage"].includes(one)),
        [],
      );
    });

    test("prints the same for people, with the commands where asked", () => {
      const folder = path.join(host.folder, "removed");
      const file = path.join(folder, "configuration.nix");
      const args = ["scan", "juni", "--config", file, "--ssh-config", host.sshConfigFile];
      const plain = tidemarkIn(folder, ...args).stdout;
      assert.match(plain, /Configuration, host and storage \(\d+\)/);
      assert.match(plain, /undeclared-mount\n\s+.*configuration\.nix:3:3/);
      if (kind === "btrfs")
        assert.match(tidemarkIn(folder, ...args, "--commands").stdout, /cp -a --reflink=auto -T -- \/\.snapshots/);
    });
  });
}
