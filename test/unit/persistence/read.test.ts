import assert from "node:assert/strict";
import { test } from "node:test";
import type { PersistenceFile } from "../../../server/src/persistence/model";
import { read } from "../../support/grammar";

/** One line an entry: `module storage scope kind path owner mode ?` (`?` for conditional), and one for each unknown part. */
function summary({ blocks }: PersistenceFile): string[] {
  return blocks.flatMap((block) => [
    ...block.lists.flatMap((list) => {
      const scope = list.scope.kind === "system" ? "system" : `user:${list.scope.user}`;
      const where = `${block.module === "impermanence" ? "" : `${block.module} `}${list.storagePath} ${scope}`;
      return [
        ...list.entries.map((entry) => {
          const owner = entry.user === null && entry.group === null ? [] : [`${entry.user}:${entry.group}`];
          const mode = entry.mode === null ? [] : [entry.mode];
          const flags = entry.conditional ? ["?"] : [];
          return [where, entry.kind, entry.path ?? `~${entry.written}`, ...owner, ...mode, ...flags].join(" ");
        }),
        ...list.unknown.map((part) => `${where} unknown: ${part.reason}`),
      ];
    }),
    ...block.unknown.map((part) => `unknown: ${part.reason}`),
    ...(block.enabled ? [] : ["disabled"]),
  ]);
}

const P = "/persist system directory";
const cases: readonly (readonly [string, readonly string[]])[] = [
  // Every way to spell one directory.
  [`{ environment.persistence."/persist" = { directories = [ "/a" ]; }; }`, [`${P} /a`]],
  [`{ environment.persistence."/persist".directories = [ "/a" ]; }`, [`${P} /a`]],
  [`{ environment.persistence = { "/persist".directories = [ "/a" ]; }; }`, [`${P} /a`]],
  [`{ environment.persistence = { "/persist" = { directories = [ "/a" ]; }; }; }`, [`${P} /a`]],
  [`{ environment = { persistence = { "/persist" = { directories = [ "/a" ]; }; }; }; }`, [`${P} /a`]],
  [`{ environment = { persistence."/persist" = { directories = [ "/a" ]; }; }; }`, [`${P} /a`]],
  [`{ environment = { persistence = { "/persist".directories = [ "/a" ]; }; }; }`, [`${P} /a`]],
  [`{ config.environment.persistence."/persist".directories = [ "/a" ]; }`, [`${P} /a`]],
  [`{ config = { environment.persistence."/persist".directories = [ "/a" ]; }; }`, [`${P} /a`]],
  [
    `{ config, ... }: let x = 1; in with lib; assert true; { environment.persistence."/persist".directories = [ "/a" ]; }`,
    [`${P} /a`],
  ],
  [`{ inputs, }: { lib, ... }: { environment.persistence."/persist".directories = [ "/a" ]; }`, [`${P} /a`]],
  [`{ environment.persistence."/persist" = { directories = (([ ("/a") ])); }; }`, [`${P} /a`]],
  [
    `{ /* x */ environment . persistence /* y */ . "/persist" = { # z\n directories /* w */ = [ /* v */ "/a" # u\n ]; }; }`,
    [`${P} /a`],
  ],
  // Users.
  [`{ environment.persistence."/p".users.josh.files = [ ".a" ]; }`, ["/p user:josh file /home/josh/.a"]],
  [`{ environment.persistence."/p".users.josh = { files = [ ".a" ]; }; }`, ["/p user:josh file /home/josh/.a"]],
  [`{ environment.persistence."/p" = { users.josh.files = [ ".a" ]; }; }`, ["/p user:josh file /home/josh/.a"]],
  [
    `{ environment.persistence."/p" = { users = { josh = { files = [ ".a" ]; }; }; }; }`,
    ["/p user:josh file /home/josh/.a"],
  ],
  [
    `{ environment.persistence."/p".users = { "josh" = { files = [ ".a" ]; }; }; }`,
    ["/p user:josh file /home/josh/.a"],
  ],
  [`{ environment.persistence."/p".users.root.files = [ ".a" ]; }`, ["/p user:root file /root/.a"]],
  [
    `{ users.users.josh.home = "/h/j"; environment.persistence."/p".users.josh.files = [ ".a" ]; }`,
    ["/p user:josh file /h/j/.a"],
  ],
  [`{ environment.persistence."/p".users.\${user}.files = [ ".a" ]; }`, ["/p user:null file ~.a"]],
  [
    `{ environment.persistence."/p".users.josh.directories = [ "/home/josh/.ssh" ]; }`,
    ["/p user:josh directory /home/josh/home/josh/.ssh"],
  ],
  // Entries.
  [
    `{ environment.persistence."/p".directories = [ { directory = "/a"; user = "u"; group = "g"; mode = "0700"; } ]; }`,
    ["/p system directory /a u:g 0700"],
  ],
  [
    `{ environment.persistence."/p".files = [ { file = "/a"; parentDirectory.mode = "0700"; } ]; }`,
    ["/p system file /a"],
  ],
  [
    `{ environment.persistence."/p".directories = [ "/a//b/" "c" ]; }`,
    ["/p system directory /a/b", "/p system directory /c"],
  ],
  [
    `{ environment.persistence."/p".directories = [ x.y z 5 ]; }`,
    [
      "/p system unknown: `x.y` is not resolved",
      "/p system unknown: `z` is not resolved",
      "/p system unknown: this is not an entry",
    ],
  ],
  [`{ environment.persistence."/p".directories = [ "/a\${x}" ]; }`, ["/p system unknown: `${x}` is not resolved"]],
  // Lists that are put together.
  [
    `{ environment.persistence."/p".directories = [ "/a" ] ++ cfg.more ++ [ "/b" ]; }`,
    ["/p system directory /a", "/p system directory /b", "/p system unknown: `cfg.more` is not resolved"],
  ],
  [
    `{ environment.persistence."/p".directories = [ "/a" ] ++ lib.optionals c [ "/b" ] ++ lib.optional d "/e"; }`,
    ["/p system directory /a", "/p system directory /b ?", "/p system directory /e ?"],
  ],
  [`{ environment.persistence."/p".directories = lib.mkIf c [ "/a" ]; }`, ["/p system directory /a ?"]],
  [
    `{ environment.persistence."/p".directories = lib.mkAfter (lib.mkMerge [ [ "/a" ] (lib.mkIf c [ "/b" ]) ]); }`,
    ["/p system directory /a", "/p system directory /b ?"],
  ],
  [
    `{ environment.persistence."/p".directories = [ (lib.mkIf c "/a") "/b" ]; }`,
    ["/p system directory /a ?", "/p system directory /b"],
  ],
  [`{ environment.persistence."/p" = lib.mkIf c { directories = [ "/a" ]; }; }`, ["/p system directory /a ?"]],
  [`{ config = lib.mkIf c { environment.persistence."/p".directories = [ "/a" ]; }; }`, ["/p system directory /a ?"]],
  [
    `{ config = lib.mkMerge [ { environment.persistence."/p".directories = [ "/a" ]; } (lib.mkIf c { environment.persistence."/p".files = [ "/b" ]; }) ]; }`,
    ["/p system directory /a", "/p system file /b ?"],
  ],
  // Storages.
  [
    `{ environment.persistence = { "/p".files = [ "/a" ]; "/q" = { files = [ "/b" ]; }; }; }`,
    ["/p system file /a", "/q system file /b"],
  ],
  [`{ environment.persistence.\${root}.files = [ "/a" ]; }`, ["null system file /a"]],
  [`{ environment.persistence.main = { persistentStoragePath = "/p"; files = [ "/a" ]; }; }`, ["/p system file /a"]],
  [`{ environment.persistence.main.files = [ "/a" ]; }`, ["null system file /a"]],
  [`{ environment.persistence."/p" = { enable = false; files = [ "/a" ]; }; }`, ["/p system file /a", "disabled"]],
  [`{ environment.persistence."/p" = cfg; }`, ["unknown: `cfg` is not resolved"]],
  // Other modules and places.
  [`{ home.persistence."/p".files = [ ".a" ]; }`, ["home-manager /p user:null file ~.a"]],
  [
    `{ home-manager.users.josh = { home.persistence."/p".files = [ ".a" ]; }; }`,
    ["home-manager /p user:josh file /home/josh/.a"],
  ],
  [
    `{ home-manager.users = let mk = x: { name = x; value.home.persistence."/p".files = [ ".a" ]; }; in f (map mk [ "ann" ]); }`,
    ["home-manager /p user:null file ~.a"],
  ],
  [
    `{ home-manager.users = f (name: { home.persistence."/p".files = [ ".a" ]; }); }`,
    ["home-manager /p user:null file ~.a"],
  ],
  [`{ preservation.preserveAt."/p".users.josh.files = [ ".a" ]; }`, ["preservation /p user:josh file /home/josh/.a"]],
  [`{ flake.modules.nixos.x = { environment.persistence."/p".files = [ "/a" ]; }; }`, ["/p system file /a"]],
  [
    `{ flake.nixosConfigurations.a = f { modules = [ ({ ... }: { environment.persistence."/p".files = [ "/a" ]; }) ]; }; }`,
    ["/p system file /a"],
  ],
  // What only looks like a declaration.
  [`{ options.environment.persistence = lib.mkOption { }; }`, []],
  [`{ x = config.environment.persistence."/p".files; }`, []],
  [`{ services.restic.backups.a.paths = [ "/a" ]; directories = [ "/b" ]; }`, []],
  [`# environment.persistence."/p".files = [ "/a" ];\n{ }`, []],
];

for (const [text, expected] of cases) {
  test(text, async () => assert.deepEqual(summary(await read(text)), expected));
}

test("modules side by side in one file are told apart", async () => {
  const { blocks } = await read(`{
    environment.persistence."/p".files = [ "/a" ];
    flake.nixosConfigurations = {
      one = f { modules = [ { environment.persistence."/p".files = [ "/a" ]; } ]; };
      two = f { modules = [ { environment.persistence."/p".files = [ "/a" ]; } ]; };
    };
    home-manager.users.josh.home.persistence."/p".files = [ "b" ];
  }`);
  const units = blocks.map((block) => block.unit);
  assert.equal(units[0], "");
  assert.equal(units[3], "", "a Home Manager user belongs to the same host");
  assert.equal(new Set(units).size, 3);
});

test("half-typed text never throws and never takes code for a path", async () => {
  const whole = `{ ... }:\n{\n  environment.persistence."/persist" = {\n    directories = [\n      "/var/log"\n      { directory = "/x"; mode = "0700"; }\n    ];\n    users.josh.files = [ ".a" ];\n  };\n}\n`;
  for (let end = 0; end <= whole.length; end++) {
    const file = await read(whole.slice(0, end));
    for (const block of file.blocks)
      for (const entry of block.lists.flatMap((list) => list.entries))
        assert.ok(
          ["/var/log", "/x", ".a"].includes(entry.written) || block.brokenFrom !== null,
          `${end}: ${entry.written}`,
        );
  }
});
