import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { HostScan } from "../../../server/src/hosts/model";
import { coverageOf } from "../../../server/src/persistence/coverage";
import { rules } from "../../../server/src/rules";
import { hoverAt } from "../../../server/src/service/hover";
import { read } from "../../support/grammar";
import { cursor } from "../completion/support";
import { mount, scanOf } from "../scan/roots";

/** What a hover at the `|` says, without Markdown; null where it says nothing. */
async function hover(marked: string, scans: readonly HostScan[] = []): Promise<string | null> {
  const { text, offset } = cursor(marked);
  const file = { name: "/x.nix", text, persistence: await read(text) };
  const coverage = coverageOf([file.persistence]);
  const world = { file, coverage, scans, reports: [], homes: new Map(), users: ["josh"], rules };
  return hoverAt(world, offset)?.plain ?? null;
}
const block = (body: string) => `{ environment.persistence."/persist" = { ${body} }; }`;
const said = async (marked: string, scans?: readonly HostScan[]) =>
  (await hover(marked, scans)) ?? assert.fail("no hover");

describe("on a path", () => {
  test("what keeps state there, what is lost, owner, option, caveats, and when it is there", async () => {
    const text = await said(block('directories = [ "/var/lib/for|gejo" ];'));
    for (const part of [
      /^Forgejo · state · persist it/,
      /If lost: /,
      /Owner forgejo:forgejo/,
      /Moved with services\.forgejo\.stateDir/,
    ])
      assert.match(text, part);
    assert.match(text, /before local-fs\.target: services see it, activation scripts .* do not/);
  });
  test("a path nothing is known of is still told when it is there", async () =>
    assert.match(await said(block('directories = [ "/dat|a/x" ];')), /^Mounted before local-fs\.target/));
  for (const [text, expected] of [
    [block('directories = [ "/var/l|og" ];'), /Mounted in the initrd, before activation/],
    [block('files = [ "/etc/mach|ine-id" ];'), /at activation by persist-files/],
    [
      '{ preservation.preserveAt."/p".directories = [ "/var/l|og" ]; }',
      /sysinit\.target.*With inInitrd|sysinit\.target.*inInitrd = true/,
    ],
    [
      '{ preservation.preserveAt."/p".directories = [ { directory = "/var/l|og"; inInitrd = true; } ]; }',
      /from the initrd on/,
    ],
    [
      '{ x, ... }: { preservation.preserveAt."/p".files = [ { file = "/etc/m|"; inInitrd = x; } ]; }',
      /depends on inInitrd/,
    ],
  ] as const)
    test(`when: ${text}`, async () => assert.match(await said(text), expected));
  test("a file replaced by rename, a link of DynamicUser", async () => {
    assert.match(await said(block('users.josh.files = [ ".zsh_hist|ory" ];')), /renaming a new one over it/);
    assert.match(await said(block('directories = [ "/var/lib/AdGuard|Home" ];')), /only a link that systemd makes/);
  });
  test("what keeps it besides", async () =>
    assert.match(
      await said(block('directories = [ "/var/lib" "/var/lib/tail|scale" ];')),
      /Kept already by \/var\/lib\./,
    ));
  test("what a scanned host has there, also where it is covered", async () => {
    const mounts = [mount("/"), { ...mount("/var/log"), root: "/@persist/var/log" }];
    const scan = scanOf(
      "/etc/link -> /persist/etc/link\n/var/lib/forgejo/ @forgejo 0750\n/var/lib/forgejo/db @forgejo 2000",
      { mounts },
    );
    const on = (path: string) => said(block(`directories = [ "${path}|" ];`), [scan]);
    assert.match(await on("/var/log"), /On juni: mounted from \/@persist\/var\/log on \/dev\/sda2\./);
    assert.match(await on("/var/log/journal"), /On juni: lies in \/var\/log, mounted from/);
    assert.match(await on("/etc/link"), /On juni: a link to \/persist\/etc\/link\./);
    assert.match(await on("/var/lib/none"), /On juni: it is not there\./);
    assert.match(
      await on("/var/lib/forgejo"),
      /On juni: not mounted when it was scanned; 1 file, 2\.0 kB, owner forgejo:forgejo, mode 0750, lie/,
    );
  });
});

describe("on an option", () => {
  for (const [text, expected] of [
    [block("hide|Mounts = true;"), /^hideMounts · boolean · option of impermanence.*Default: false/s],
    [block("hideMounts = tr|ue;"), /^hideMounts/],
    [block("direc|tories = [ ];"), /list of directories/],
    [block("us|ers.josh.files = [ ];"), /relative to their home/],
    [block("users.josh.fi|les = [ ];"), /^files/],
    [block('files = [ { file = "/a"; parentDirectory.mo|de = "0700"; } ];'), /^mode · mode, a string/],
    [block('files = [ { file = "/a"; method = "sym|link"; } ];'), /one of "auto", "symlink"/],
    [block("allow|Other = true;"), /Removed: it no longer has any effect/],
    ['{ environment.persistence."/p".hide|Mounts = ', /^hideMounts/],
    ['{ preservation.preserveAt."/p".directories = [ { h|ow = ', /bindmount/],
  ] as const)
    test(text, async () => assert.match(await said(text), expected));
  test("nothing elsewhere", async () => {
    for (const text of ["{ services.x.hide|Mounts = true; }", block("nons|ense = 1;"), "{ |}", "|", '{ x = "| '])
      assert.equal(await hover(text), null, text);
  });
});

describe("on the option that turns a program on", () => {
  test("its state, and whether this host keeps it", async () => {
    const text = (entry: string) =>
      `{ services.forgejo.en|able = true; ${block(`directories = [ ${entry} ];`).slice(2)}`;
    assert.match(
      await said(text("")),
      /^Forgejo\n\nIf its state is lost: .*- \/var\/lib\/forgejo · state · no entry here keeps it \(persist it\)/s,
    );
    assert.match(await said(text('"/var/lib"')), /\/var\/lib\/forgejo · state · persisted/);
  });
  test("on any part of its name, in a set, for a user, and when it keeps nothing", async () => {
    assert.match(await said("{ services.for|gejo.enable = true; }"), /^Forgejo/);
    assert.match(await said("{ config.services.forgejo = { ena|ble = true; }; }"), /^Forgejo/);
    assert.match(await said("{ home-manager.users.josh.programs.firefox.ena|ble = true; }"), /Firefox/);
    assert.match(
      await said("{ services.avahi-daemon.enable = true; services.avahi.ena|ble = true; }"),
      /keeps no state on disk/,
    );
    assert.equal(await hover("{ services.forgejo.port|able = true; }"), null);
    assert.equal(await hover("{ x = services.forgejo.en|able; }"), null);
  });
});

describe("on a rule in a comment", () => {
  test("its title, level and documentation", async () => {
    assert.match(
      await said("{ } # tidemark-ignore wrong-type, duplicate-|path"),
      /^The same path is persisted twice · error\n\nimpermanence counts/,
    );
    assert.match(await said("# tidemark-ignore-file |covered-by-parent\n{ }"), /^[A-Z].* · hint/);
    assert.equal(await hover("{ } # tidemark-ignore duplicate-path since |covered-by-parent"), null);
    assert.equal(await hover("{ } # about |duplicate-path"), null);
  });
});
