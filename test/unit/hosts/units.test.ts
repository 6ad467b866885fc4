import assert from "node:assert/strict";
import { test } from "node:test";
import { words } from "../../../server/src/hosts/systemdWords";
import { tmpfilesRules } from "../../../server/src/hosts/tmpfilesRules";
import { parseSystemctl, unitsFromFiles } from "../../../server/src/hosts/units";

/** As `systemctl show` of systemd 252 prints it, in its own order, arguments of programs already cut off by the probe. */
const shown = `ExecStart={ path=/nix/store/4w2k0pza9lq8c3y5v7n1m6j9r0dfhs2x-forgejo-11.0.3/bin/gitea
User=forgejo
Group=forgejo
DynamicUser=no
StateDirectory=forgejo forgejo/custom "with space"
CacheDirectory=forgejo
LogsDirectory=
ConfigurationDirectory=
Id=forgejo.service
Description=Forgejo (Beyond coding. We forge.)
ActiveState=active

ExecStart={ path=/usr/bin/one
ExecStart={ path=/usr/bin/two
User=
Group=
DynamicUser=yes
StateDirectory=AdGuardHome
Id=adguardhome.service
Description=AdGuard Home = DNS
ActiveState=failed

User=
Id=auditd.service
Description=auditd.service
ActiveState=inactive
`;

test("units as systemctl shows them", () => {
  const [adguard, auditd, forgejo, ...others] = parseSystemctl(shown);
  assert.deepEqual(others, []);
  assert.deepEqual(forgejo, {
    name: "forgejo.service",
    description: "Forgejo (Beyond coding. We forge.)",
    state: "active",
    dynamicUser: false,
    user: "forgejo",
    group: "forgejo",
    stateDirectories: ["/var/lib/forgejo", "/var/lib/forgejo/custom", "/var/lib/with space"],
    cacheDirectories: ["/var/cache/forgejo"],
    logsDirectories: [],
    configurationDirectories: [],
    program: "forgejo-11.0.3/bin/gitea",
  });
  assert.deepEqual(
    [adguard?.dynamicUser, adguard?.user, adguard?.state, adguard?.description, adguard?.program],
    [true, null, "failed", "AdGuard Home = DNS", "/usr/bin/one"],
  );
  assert.deepEqual([auditd?.program, auditd?.stateDirectories], [null, []]);
});

test("units from files: drop-ins, templates, instances, masks", () => {
  const template = `Description=Backup of %i
ExecStart=@/nix/store/4w2k0pza9lq8c3y5v7n1m6j9r0dfhs2x-restic-0.18/bin/restic
StateDirectory=restic/%i restic/%H
CacheDirectory=%p
User=%i`;
  const units = unitsFromFiles([
    { path: "forgejo.service", lines: "StateDirectory=forgejo\nLogsDirectory = a  b\nDynamicUser=1" },
    { path: "forgejo.service.d/20-last.conf", lines: "StateDirectory=\nStateDirectory=git" },
    { path: "forgejo.service.d/10-first.conf", lines: "StateDirectory=first\nUser=git" },
    { path: "multi-user.target.wants/forgejo.service", lines: "StateDirectory=forgejo" },
    { path: "backup@.service", lines: template },
    { path: "backup@.service.d/overrides.conf", lines: "Group=all" },
    { path: "backup@home.service.d/overrides.conf", lines: "Group=%i" },
    { path: "timers.target.wants/backup@srv.service", lines: template },
    { path: "masked.service", lines: null },
    { path: "lonely.service.d/overrides.conf", lines: "StateDirectory=lonely" },
  ]);
  assert.deepEqual(
    units.map(({ name, user, group, stateDirectories, program }) => [name, user, group, stateDirectories, program]),
    [
      ["backup@home.service", "home", "home", ["/var/lib/restic/home"], "restic-0.18/bin/restic"],
      ["backup@srv.service", "srv", "all", ["/var/lib/restic/srv"], "restic-0.18/bin/restic"],
      ["forgejo.service", "git", null, ["/var/lib/git"], null],
    ],
  );
  assert.deepEqual(units[0]?.cacheDirectories, ["/var/cache/backup"]);
  assert.deepEqual([units[2]?.logsDirectories, units[2]?.dynamicUser], [["/var/log/a", "/var/log/b"], true]);
  assert.deepEqual([units[0]?.description, units[0]?.state], ["Backup of home", "unknown"]);
});

test("directories that lead out of their place are none", () => {
  const [unit] = unitsFromFiles([{ path: "a.service", lines: "StateDirectory=../x /etc a/../b . a//b/ %t ok:link" }]);
  assert.deepEqual(unit?.stateDirectories, ["/var/lib/a/b", "/var/lib/ok"]);
});

test("words are split as systemd does", () => {
  assert.deepEqual(words(String.raw`a  "b c"d 'e "f' g\x20h i\sj k\\l ""`), [
    "a",
    "b cd",
    'e "f',
    "g h",
    "i j",
    "k\\l",
    "",
  ]);
});

test("tmpfiles rules: precedence, quotes, specifiers, patterns", () => {
  const rules = tmpfilesRules([
    { name: "b.conf", lines: ' d /var/lib/a 0750 forgejo forgejo\n d "/var/lib/with space" - -' },
    {
      name: "a.conf",
      lines:
        " L+ /var/lib/link\n C! /etc/x ~0644 :root - \n R /var/lib/gone\n d /var/lib/%m\n z /var/lib/*\n d /100%%/./y/",
    },
    { name: "masked.conf", lines: null },
    { name: "masked.conf", lines: " d /var/lib/never" },
    { name: "b.conf", lines: " d /var/lib/never" },
    { name: "c.conf", lines: " d relative\n d\n\n ! /x\n d /mode u=rwx" },
  ]);
  assert.deepEqual(
    rules.map(({ type, path, mode, user, group, file }) => [type, path, mode, user, group, file].join(" ")),
    [
      "L /var/lib/link    a.conf",
      "C /etc/x 0644 root  a.conf",
      "d /100%/y    a.conf",
      "d /var/lib/a 0750 forgejo forgejo b.conf",
      "d /var/lib/with space    b.conf",
      "d /mode    c.conf",
    ],
  );
});

test("no text makes the parsers throw or invent paths", () => {
  const pieces = [
    "Id=",
    "a.service",
    "\n",
    "\n\n",
    "StateDirectory=",
    "..",
    "/",
    "%",
    '"',
    "'",
    "\\",
    "x2f",
    "\0",
    "é",
    "{ path=",
    " ",
    "=",
    "@",
    "d /a",
  ];
  let seed = 7;
  const next = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed % below;
  };
  for (let round = 0; round < 3000; round += 1) {
    const text = Array.from({ length: next(30) }, () => pieces[next(pieces.length)]).join("");
    const found = [
      ...parseSystemctl(text),
      ...unitsFromFiles([
        { path: `${text.slice(0, 9)}.service`, lines: text },
        { path: "a@b.service", lines: text },
      ]),
    ];
    const paths = found.flatMap((unit) => [...unit.stateDirectories, ...unit.cacheDirectories]);
    assert.ok(
      paths.every((path) => /^\/var\/(lib|cache)\/[^/]/.test(path) && !/(^|\/)\.\.?(\/|$)/.test(path)),
      JSON.stringify(text),
    );
    assert.ok(tmpfilesRules([{ name: "x", lines: text }]).every(({ path }) => path.startsWith("/")));
  }
});
