import assert from "node:assert/strict";
import { test } from "node:test";
import { read } from "../../support/grammar";

/** One line a list: `storage scope: entries`, an entry as `path`, `path=` where a name or a computation led to it, `path?` under a condition; `!` a reason. */
async function summary(text: string): Promise<string[]> {
  const { blocks } = await read(text);
  return blocks.flatMap((block) => [
    ...block.lists.map((list) => {
      const scope = list.scope.kind === "system" ? list.list : `${list.scope.user} ${list.list}`;
      const entries = list.entries.map((entry) => {
        const owner = [entry.user, entry.group, entry.mode].filter((part) => part !== null).join(":");
        const marks = (entry.certainty === "literal" ? "" : "=") + (entry.conditional ? "?" : "");
        return `${entry.path ?? `~${entry.written}`}${marks}${owner === "" ? "" : ` ${owner}`}`;
      });
      const reasons = list.unknown.map(({ reason }) => `!${reason}`);
      return `${list.storagePath} ${scope}: ${[...entries, ...reasons].join(", ")}`;
    }),
    ...block.unknown.map(({ reason }) => `!${reason}`),
  ]);
}

const P = 'environment.persistence."/p"';

const cases: readonly (readonly [string, readonly string[]])[] = [
  // Lists by name.
  [`let dirs = [ "/a" "/b" ]; in { ${P}.directories = dirs; }`, ["/p directories: /a=, /b="]],
  [`let dirs = [ "/a" ]; in { ${P}.directories = dirs ++ [ "/b" ]; }`, ["/p directories: /a=, /b"]],
  [`{ ${P}.directories = let s = "/var/lib"; in [ "\${s}/a" "/b" ]; }`, ["/p directories: /var/lib/a=, /b"]],
  [
    `let s = { system.directories = [ "/a" ]; files = [ "/f" ]; }; in { ${P} = { inherit (s.system) directories; inherit (s) files; }; }`,
    ["/p directories: /a=", "/p files: /f="],
  ],
  [
    `let c = { directories = [ ".a" ]; }; in { ${P}.users = { josh = c; ann = c; }; }`,
    ["/p josh directories: /home/josh/.a=", "/p ann directories: /home/ann/.a="],
  ],
  [
    `let c = { hideMounts = true; files = [ "/f" ]; }; in { ${P} = c // { directories = [ "/a" ]; }; }`,
    ["/p files: /f=", "/p directories: /a"],
  ],
  [`let a = b; b = a; in { ${P}.directories = a; }`, ["/p directories: !it refers to itself"]],
  // Elements.
  [`let d = "/a"; in { ${P}.directories = [ d "\${d}/b" (d + "/c") ]; }`, ["/p directories: /a=, /a/b=, /a/c="]],
  [
    `let init = d: { directory = d; mode = "0700"; }; in { ${P}.directories = map init [ "/a" ] ++ [ (init "/b") "/c" ]; }`,
    ["/p directories: /a= 0700, /b= 0700, /c"],
  ],
  [
    `let own = { user ? "u", ... }@args: args // { inherit user; group = "g"; }; in { ${P}.directories = [ (own { directory = "/a"; }) ]; }`,
    ["/p directories: /a u:g"],
  ],
  [
    `let user = "u"; group = "g"; in { ${P}.directories = [ { directory = "/a"; inherit user group; } ]; }`,
    ["/p directories: /a u:g"],
  ],
  [
    `{ config, ... }: { ${P}.directories = with config.services.jellyfin; [ { directory = dataDir; inherit user group; } { directory = "/a"; inherit user; } ]; }`,
    ["/p directories: /a, !`dataDir` is not resolved"],
  ],
  [
    `{ config, ... }: { ${P}.directories = [ { directory = "/a"; inherit (config.services.x) user group; } ]; }`,
    ["/p directories: /a"],
  ],
  [
    `{ config, ... }: { ${P}.directories = [ ({ directory = "/a"; } // { mode = "0700"; }) ({ directory = "/b"; } // config.x) ]; }`,
    ["/p directories: /a 0700, !`config.x` is not resolved"],
  ],
  [`{ ${P}.directories = map (n: "/home/u/\${n}") [ "A" "B" ]; }`, ["/p directories: /home/u/A=, /home/u/B="]],
  [`{ ${P}.directories = [ "/a" "/b" ] |> map (d: d + "/x"); }`, ["/p directories: /a/x=, /b/x="]],
  // Conditions.
  [
    `{ lib, config, ... }: { ${P}.directories = lib.optionals config.x [ "/a" ] ++ lib.optionals true [ "/b" ] ++ lib.optional false "/c"; }`,
    ["/p directories: /a?, /b"],
  ],
  [
    `{ lib, config, ... }: let on = true; in { ${P} = lib.mkIf (on && !on) { directories = [ "/a" ]; }; config.environment.persistence."/q" = lib.mkIf on { files = [ "/f" ]; }; }`,
    ["/q files: /f"],
  ],
  [`{ lib, ... }: let on = false; in { config = lib.mkIf on { ${P}.directories = [ "/a" ]; }; }`, []],
  [
    `{ lib, ... }: let on = true; in { config = lib.mkIf on { ${P}.directories = [ "/a" ]; }; }`,
    ["/p directories: /a"],
  ],
  [`{ config, ... }: { ${P}.directories = if config.x then [ "/a" ] else [ "/b" ]; }`, ["/p directories: /a?, /b?"]],
  [
    `{ config, ... }: { ${P} = if config.x then { directories = [ "/a" ]; } else { directories = [ "/b" ]; }; }`,
    ["/p directories: /a?", "/p directories: /b?"],
  ],
  [`{ lib, ... }: { ${P}.directories = lib.unique ([ "/a" ] ++ [ "/a" "/b" ]); }`, ["/p directories: /a, /b"]],
  [
    `{ lib, config, ... }: { ${P}.directories = lib.unique ([ "/a" ] ++ config.x); }`,
    ["/p directories: /a?, !`config.x` is not resolved"],
  ],
  // Storages and users.
  [`let root = "/p"; in { environment.persistence.\${root}.directories = [ "/a" ]; }`, ["/p directories: /a"]],
  [
    `let root = "/p"; in { environment.persistence."\${root}/system" = { directories = [ "/a" ]; }; }`,
    ["/p/system directories: /a"],
  ],
  [
    `let cfg.root = "/p"; in { environment.persistence.\${cfg.root}.directories = [ "\${cfg.root}/a" ]; }`,
    ["/p directories: /p/a="],
  ],
  [
    `{ root, ... }: { environment.persistence.\${root}.directories = [ "\${root}/a" "/b" ]; }`,
    ["null directories: /b, !`${root}` is not resolved"],
  ],
  [
    `let user = "josh"; in { ${P}.users.\${user}.files = [ ".a" ]; users.users.\${user}.home = "/h/\${user}"; }`,
    ["/p josh files: /h/josh/.a"],
  ],
  [
    `let user = "josh"; in { home-manager.users."\${user}".home.persistence."/p".files = [ ".a" ]; }`,
    ["/p josh files: /home/josh/.a"],
  ],
  [
    `{ lib, ... }: { ${P}.users = lib.genAttrs [ "josh" "ann" ] (u: { files = [ ".a" ".\${u}" ]; }); }`,
    ["/p josh files: /home/josh/.a=, /home/josh/.josh=", "/p ann files: /home/ann/.a=, /home/ann/.ann="],
  ],
  [
    `{ lib, ... }: { preservation.preserveAt = lib.mapAttrs (k: v: v // { persistentStoragePath = "/nix/\${k}"; }) { state.directories = [ "/a" ]; }; }`,
    ["/nix/state directories: /a="],
  ],
  [
    `{ lib, config, ... }: { ${P}.users = lib.mapAttrs (n: v: v.persist) config.home-manager.users; }`,
    ["!`lib.mapAttrs (n: v: v.persist) config.home-manager.users` is not resolved"],
  ],
  [`rec { root = "/p"; environment.persistence.\${root}.directories = [ "/a" ]; }`, ["/p directories: /a"]],
  // Other files.
  [
    `let x = import ./x.nix { }; in { ${P} = { directories = x.dirs ++ [ "/a" ]; files = x.files; }; }`,
    ["/p directories: /a, !`./x.nix` is another file", "/p files: !`./x.nix` is another file"],
  ],
];

for (const [text, expected] of cases) test(text, async () => assert.deepEqual(await summary(text), expected));

test("switches and mounts of the host may have names, too", async () => {
  const { facts } = await read(
    'let on = true; disk = "/persist"; in { services.openssh.enable = on; fileSystems.${disk}.neededForBoot = on; }',
  );
  assert.equal(facts.switches.get("services.openssh.enable"), true);
  assert.deepEqual(
    facts.fileSystems.map(({ mountPoint, neededForBoot }) => [mountPoint, neededForBoot]),
    [["/persist", true]],
  );
});

/** The text of each place a list could be added to. */
async function literals(text: string): Promise<string[]> {
  const { blocks } = await read(text);
  return blocks.flatMap(({ lists }) =>
    lists.flatMap((list) => list.literals.map(({ start, end }) => text.slice(start, end))),
  );
}

for (const [text, expected] of [
  [`let dirs = [ 1 ]; in { ${P}.directories = dirs; }`, ["[ 1 ]"]],
  [`let dirs = [ 1 ]; in { ${P}.directories = dirs; backup = dirs; }`, []],
  [`let dirs = [ 1 ]; all = dirs; in { ${P}.directories = all ++ [ 2 ]; }`, ["[ 1 ]", "[ 2 ]"]],
  [`let s = { a = [ 1 ]; b = [ 2 ]; }; in { ${P} = { directories = s.a; files = s.b; }; }`, ["[ 1 ]", "[ 2 ]"]],
  [`let s = { a = [ 1 ]; b = [ 2 ]; }; in { ${P} = { directories = s.a; files = s.a; }; }`, []],
  [`let s = { a = [ 1 ]; b = [ 2 ]; }; in { ${P}.directories = s.a; x = s; }`, []],
  [`let f = x: [ x ]; in { ${P}.directories = f "/a" ++ [ "/b" ]; }`, ['[ "/b" ]']],
  [`let f = x: x ++ [ 1 ]; in { ${P}.directories = f [ "/b" ]; }`, []],
  [`{ ${P}.directories = map (x: x) [ "/b" ] ++ lib.filter c [ "/c" ]; }`, []],
  [`{ ${P}.directories = lib.optionals c [ "/b" ] ++ lib.optionals true [ "/c" ]; }`, ['[ "/c" ]']],
  [
    `{ ${P}.directories = lib.concatLists [ [ 1 ] (lib.optionals c [ 2 ]) ] ++ lib.flatten [ [ 3 ] 4 ]; }`,
    ["[ 1 ]", "[ [ 3 ] 4 ]", "[ 3 ]"],
  ],
  [`let c = { directories = [ 1 ]; }; in { ${P} = c; }`, ["[ 1 ]"]],
  [`let c = { directories = [ 1 ]; }; in { ${P} = c; environment.persistence."/q" = c; }`, []],
] as const)
  test(`entries could be added to ${expected.join(" or ") || "nothing"}: ${text}`, async () =>
    assert.deepEqual(await literals(text), expected));
