import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Candidate, ScanReport } from "../../../server/src/hosts/model";
import { nixAvailable, nixComplaint } from "../edit/support";
import { chosen, cursor, labels, storage, suggest } from "./support";

const candidate = (path: string, more: Partial<Candidate> = {}): Candidate => ({
  path,
  kind: "directory",
  status: "new",
  verdict: "persist",
  reason: "",
  about: "",
  by: null,
  section: "services",
  bytes: 1200,
  files: 3,
  user: "root",
  group: "root",
  mode: "0755",
  mtime: 0,
  homeOf: null,
  unwritable: null,
  ...more,
});
const report: ScanReport = {
  version: 1,
  host: "juni",
  root: { kind: "btrfs", source: "/dev/sda2", fsType: "btrfs", subvolume: "/@root", ephemeral: true },
  bootTime: null,
  inventory: false,
  candidates: [
    candidate("/var/lib/thing", { user: "thing", group: "thing", mode: "0750" }),
    candidate("/etc/some.conf", { kind: "file" }),
    candidate("/var/cache/noise", { verdict: "ignore" }),
    candidate("/srv/\uFFFD", { unwritable: "its name is not valid UTF-8" }),
    candidate("/home/josh/.config/thing", {
      user: "josh",
      group: "users",
      homeOf: { user: "josh", home: "/home/josh" },
    }),
    candidate("/home/ann/.config/hers", { user: "ann", group: "users", homeOf: { user: "ann", home: "/home/ann" } }),
  ],
  ignored: {},
  unread: [],
};
const scanned = { reports: [report] };

describe("the order", () => {
  test("services turned on here, then the scanned host, then what every host needs, then the rest", async () => {
    const all = await labels(storage('    directories = [ "|" ];'), scanned);
    assert.deepEqual(all.slice(0, 2).sort(), ["/var/lib/postgresql", "/var/lib/tailscale"]);
    assert.equal(all[2], "/var/lib/thing");
    assert.deepEqual(all.slice(3, 6).sort(), ["/var/lib/nixos", "/var/lib/systemd", "/var/log"]);
    assert.ok(all.includes("/var/lib/forgejo"), "also of services that are off");
    assert.ok(all.indexOf("/var/lib/forgejo") > 6);
    assert.equal(new Set(all).size, all.length, "each once");
  });
  test("files come to files, without what no single file can keep", async () => {
    const all = await labels(storage('    files = [ "|" ];'), scanned);
    assert.equal(all[0], "/etc/some.conf");
    assert.ok(all.includes("/etc/machine-id") && all.includes("/etc/ssh/ssh_host_ed25519_key"));
    for (const no of ["/var/lib/tailscale", "/etc/shadow", "/etc/passwd", "/boot/crypto_keyfile.bin"])
      assert.ok(!all.includes(no), no);
  });
  test("a user gets paths relative to the home, of that user only", async () => {
    const all = await labels(storage('    users.josh.directories = [ "|" ];'), scanned);
    assert.equal(all[0], ".config/thing");
    assert.ok(all.includes(".ssh") && all.includes(".gnupg"));
    assert.ok(!all.includes(".config/hers"));
    assert.ok(all.every((path) => !path.startsWith("/")));
  });
  test("services of other files of the host count, and what is turned on for a user", async () => {
    const others = { "/host/web.nix": "{ services.headscale.enable = true; }" };
    assert.equal(
      (await labels('{ environment.persistence."/p".directories = [ "|" ]; }', { others }))[0],
      "/var/lib/headscale",
    );
    const home = { "/host/home.nix": "{ home-manager.users.josh = { programs.firefox.enable = true; }; }" };
    const first = await labels('{ home.persistence."/p".directories = [ "|" ]; }', { others: home });
    assert.match(first[0] ?? "", /firefox/);
  });
  test("shared sets of paths are lists too", async () => {
    assert.ok((await labels('{ system = { directories = [ "|" ]; files = [ ]; }; }')).includes("/var/log"));
    assert.ok((await labels("{ user.directories = [ | ]; }")).includes(".ssh"));
  });
});

describe("what is kept is not offered", () => {
  for (const [title, body] of [
    ["in the same list", '    directories = [ "/var/lib/tailscale" "|" ];'],
    [
      "behind the cursor, in a text that does not parse",
      '    directories = [\n      "|\n      "/var/lib/tailscale"\n    ];',
    ],
    [
      "in another list",
      '    directories = [ "|" ];\n  };\n  environment.persistence."/other" = { directories = [ "/var/lib/tailscale/" ];',
    ],
    ["by a parent", '    directories = [ "/var/lib" "|" ];'],
    ["as a set", '    directories = [ { directory = "/var/lib/tailscale"; mode = "0700"; } "|" ];'],
  ] as const)
    test(title, async () => assert.ok(!(await labels(storage(body))).includes("/var/lib/tailscale")));

  test("in another file, also for a user by an absolute path", async () => {
    const others = {
      "/host/b.nix": '{ environment.persistence."/p".directories = [ "/home/josh/.ssh" "/var/log" ]; }',
    };
    assert.ok(!(await labels(storage('    directories = [ "|" ];'), { others })).includes("/var/log"));
    assert.ok(!(await labels(storage('    users.josh.directories = [ "|" ];'), { others })).includes(".ssh"));
  });
  test("but the entry at the cursor itself is", async () =>
    assert.ok((await labels(storage('    directories = [ "/var/lib/tail|scale" ];'))).includes("/var/lib/tailscale")));
  test("and one of a storage that is switched off, or of another user", async () => {
    const body =
      '    directories = [ "|" ];\n  };\n  environment.persistence."/off" = { enable = false; directories = [ "/var/log" ];';
    assert.ok((await labels(storage(body))).includes("/var/log"));
    const users = '    users.ann.directories = [ ".ssh" ];\n    users.josh.directories = [ "|" ];';
    assert.ok((await labels(storage(users))).includes(".ssh"));
  });
});

describe("what is put in", () => {
  const results: string[] = [];
  for (const [title, before, label, after] of [
    ["in an empty string", '[ "|" ]', "/var/log", '[ "/var/log" ]'],
    ["over what is typed", '[ "/var/l|" ]', "/var/log", '[ "/var/log" ]'],
    ["over the rest of the string", '[ "/var/|lib/x" ]', "/var/log", '[ "/var/log" ]'],
    ["with the quote that is missing", '[ "/var/l|\n    ]', "/var/log", '[ "/var/log"\n    ]'],
    ["with another string on the line", '[ "/var/l| "/srv" ]', "/var/log", '[ "/var/log" "/srv" ]'],
    ["without quotes", "[ | ]", "/var/log", '[ "/var/log" ]'],
    ["over a path without quotes", "[ /var/l| ]", "/var/log", '[ "/var/log" ]'],
    ["in an indented string", "[ ''/var/|'' ]", "/var/log", "[ ''/var/log'' ]"],
    ["in a set", '[ { directory = "|"; } ]', "/var/log", '[ { directory = "/var/log"; } ]'],
    ["in a set, without quotes", "[ { directory = |; } ]", "/var/log", '[ { directory = "/var/log"; } ]'],
    [
      "with the owner the host has",
      "[ | ]",
      "/var/lib/thing",
      '[ { directory = "/var/lib/thing"; user = "thing"; group = "thing"; mode = "0750"; } ]',
    ],
    [
      "with the owner a service needs",
      "[ | ]",
      "/var/lib/postgresql",
      '[ { directory = "/var/lib/postgresql"; user = "postgres"; group = "postgres"; mode = "0750"; } ]',
    ],
  ] as const)
    test(title, async () => {
      const body = (list: string) => storage(`    directories = ${list};`);
      const result = await chosen(body(before), label, scanned);
      assert.equal(result, body(after));
      results.push(result);
    });
  test("a user's secret gets its mode", async () => {
    const body = (list: string) => storage(`    users.josh.directories = ${list};`);
    const result = await chosen(body("[ .ss| ]"), ".ssh");
    assert.equal(result, body('[ { directory = ".ssh"; mode = "0700"; } ]'));
    results.push(result);
  });
  test("real Nix accepts all of it", { skip: nixAvailable ? false : "nix-instantiate is not installed" }, () => {
    assert.equal(results.length, 13);
    assert.equal(nixComplaint(results), null);
  });
});

describe("where nothing belongs", () => {
  for (const text of [
    '{ environment.persistence."/p".directories = | }',
    '{ environment.persistence."/p|" = { }; }',
    '{ environment.persistence."/p".directories = [ "${|}" ]; }',
    '{ environment.persistence."/p".directories = [ "${x}/|" ]; }',
    '{ environment.persistence."/p".directories = [ # "|"\n ]; }',
    '{ services.x.dataDir = "|"; }',
    '{ options.environment.persistence."/p".directories = [ "|" ]; }',
    '{ x = [ "|" ]; }',
    '{ environment.persistence."/p".directories = [ "/var/log"| ]; }',
    '{ environment.persistence."/p".directories = [ { mode = "0700"|; } ]; }',
    "|",
    '"|',
    "{ environment.persistence.|",
  ])
    test(text, async () => assert.equal(await suggest(text), null));
});

test("hostile and cut-off texts: nothing throws, and what is replaced holds the cursor", async () => {
  const whole = storage(
    '    directories = [\n      "/var/log" # "/x"\n      { directory = "/a"; }\n    ] ++ f "${x.y}" [ /* " */ ];\n    users.josh.files = [ "a" ];',
  );
  for (let cut = 0; cut <= whole.length; cut += 3) {
    for (const text of [`${whole.slice(0, cut)}|`, `${whole.slice(0, cut)}|${whole.slice(cut + 5)}`]) {
      const found = await suggest(text);
      const { offset } = cursor(text);
      if (found !== null) assert.ok(found.replace.start <= offset && offset <= found.replace.end, text);
    }
  }
});

test("a large file is answered at once", async () => {
  const service = '  services.example = {\n    settings = { a = "b"; };\n  };\n  # a comment\n';
  const marked = storage(`    directories = [\n${'      "/srv/x"\n'.repeat(300)}      "|"\n    ];`).replace(
    "  users.users",
    `${service.repeat(950)}  users.users`,
  );
  assert.ok(marked.split("\n").length > 4000);
  const { text, offset } = cursor(marked);
  const { read } = await import("../../support/grammar");
  const { complete } = await import("../../../server/src/completion");
  const file = { name: "/x.nix", text, persistence: await read(text) };
  const request = { file, host: [file], offset, reports: [report], homes: new Map(), soleUser: null, rules: [] };
  const times = Array.from({ length: 9 }, () => {
    const started = performance.now();
    assert.ok((complete(request)?.items.length ?? 0) > 200);
    return performance.now() - started;
  }).sort((a, b) => a - b);
  assert.ok((times[4] ?? 0) < 30, `${times[4]} ms`);
});
