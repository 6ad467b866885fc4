import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { version } from "../../package.json";
import { progressLine } from "../../server/src/cli/terminal";
import { nixFlake, noNix } from "../support/nixFlake";

const cli = path.join(__dirname, "..", "..", "dist", "cli.js");
const folder = mkdtempSync(path.join(tmpdir(), "tidemark-cli-"));
after(() => rmSync(folder, { recursive: true, force: true }));

function tidemark(args: readonly string[], input = "") {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], {
    cwd: folder,
    encoding: "utf8",
    input,
    env: { ...process.env, NO_COLOR: "1" },
  });
  return { status, stdout, stderr };
}

function file(name: string, text: string): string {
  mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  writeFileSync(path.join(folder, name), text);
  return name;
}

const clean = `{ ... }:
{
  environment.persistence."/persist" = {
    directories = [
      "/var/lib/nixos"
      "/var/log"
    ];
    files = [ "/etc/machine-id" ];
    users.josh.directories = [ "code" ];
  };
}
`;

test("--help and --version everywhere, exit 0, on standard output", () => {
  assert.deepEqual(tidemark(["--version"]), { status: 0, stdout: `tidemark ${version}\n`, stderr: "" });
  for (const command of ["check", "entries", "scan", "fix", "lsp"]) {
    const help = tidemark([command, "--help"]);
    assert.equal(help.status, 0);
    assert.match(help.stdout, new RegExp(`^Usage: tidemark ${command}`));
    assert.equal(help.stderr, "");
    assert.equal(tidemark([command, "--version"]).stdout, `tidemark ${version}\n`);
    assert.match(tidemark(["--help"]).stdout, new RegExp(`^  ${command} `, "m"));
  }
});

for (const [args, message] of [
  [[], /Usage/],
  [["nonsense"], /no command nonsense/],
  [["check", "--nonsense"], /nonsense.*--help/],
  [["check", "missing.nix"], /missing\.nix does not exist/],
  [["scan"], /Which host/],
  [["scan", "a", "b"], /one destination/],
  [["scan", "-oProxyCommand=x"], /./],
  [["scan", "a b"], /a b/],
  [["scan", "x", "--config", "missing.nix"], /missing\.nix does not exist/],
  [["fix"], /Which file/],
] as const) {
  test(`tidemark ${args.join(" ")} says why it cannot, in one message, exit 2`, () => {
    const { status, stdout, stderr } = tidemark(args);
    assert.equal(status, 2, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /\n\s+at /, "no stack trace");
  });
}

test("check: findings as JSON, exit codes 0 and 1", () => {
  file("clean/a.nix", clean);
  assert.deepEqual(JSON.parse(tidemark(["check", "clean", "--json"]).stdout), { version: 1, findings: [] });
  assert.equal(tidemark(["check", "clean"]).status, 0);

  file("twice/b.nix", clean.replace('"/var/log"', '"/var/log" "/var/log/"'));
  const { status, stdout } = tidemark(["check", "twice/b.nix", "clean", "--json"]);
  assert.equal(status, 1);
  const { findings } = JSON.parse(stdout);
  const duplicate = findings.find((finding: { code: string }) => finding.code === "duplicate-path");
  assert.deepEqual(
    { ...duplicate, message: undefined },
    {
      file: "twice/b.nix",
      range: { start: { line: 5, character: 17 }, end: { line: 5, character: 28 } },
      code: "duplicate-path",
      level: "error",
      message: undefined,
      fixes: ['Remove "/var/log/"'],
    },
  );
  const text = tidemark(["check", "twice"]);
  assert.equal(text.status, 1);
  assert.match(text.stdout, /twice\/b\.nix\n\s+6:18\s+error/);
});

test("check: a broken file gives one clear finding, a hint is no error", () => {
  file("broken.nix", clean.replace("];", "]"));
  const { findings } = JSON.parse(tidemark(["check", "broken.nix", "--json"]).stdout);
  assert.deepEqual(
    findings.map((finding: { code: string }) => finding.code),
    ["syntax-error"],
  );
  file("hint.nix", clean.replace('"/var/log"', '"/var/log/"'));
  assert.equal(tidemark(["check", "hint.nix"]).status, 0);
});

test("entries: what a file persists, as JSON", () => {
  file("clean/a.nix", clean);
  const { version: format, hosts, declarations } = JSON.parse(tidemark(["entries", "clean/a.nix", "--json"]).stdout);
  assert.equal(format, 1);
  assert.deepEqual(hosts, []);
  assert.equal(declarations.length, 3);
  assert.deepEqual(declarations[2], {
    file: "clean/a.nix",
    range: { start: { line: 8, character: 4 }, end: { line: 8, character: 40 } },
    module: "impermanence",
    storagePath: "/persist",
    scope: { kind: "user", user: "josh" },
    list: "directories",
    entries: [
      {
        path: "/home/josh/code",
        kind: "directory",
        range: { start: { line: 8, character: 31 }, end: { line: 8, character: 37 } },
        certainty: "literal",
        conditional: false,
        user: null,
        group: null,
        mode: null,
      },
    ],
    unknown: [],
  });
});

test("fix: prints a unified diff that `patch` applies, writes with --write, and is idempotent", () => {
  const name = file("fix/host.nix", clean);
  const { status, stdout, stderr } = tidemark(["fix", name, "--persist", "/var/lib/headscale", "/home/josh/.gnupg"]);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^--- a\/fix\/host\.nix\n\+\+\+ b\/fix\/host\.nix\n@@ /);
  assert.match(stdout, /^\+ +"\/var\/lib\/headscale"$/m);
  assert.equal(readFileSync(path.join(folder, name), "utf8"), clean, "nothing is written unasked");

  const written = tidemark(["fix", name, "--persist", "/var/lib/headscale", "/home/josh/.gnupg", "--write"]);
  assert.deepEqual(written, { status: 0, stdout: "", stderr: "" });
  const text = readFileSync(path.join(folder, name), "utf8");
  assert.match(text, /"\/var\/lib\/headscale"/);
  assert.match(text, /"\.gnupg"/);

  const patched = spawnSync("git", ["apply", "--stat", "-"], { cwd: folder, input: stdout, encoding: "utf8" });
  assert.equal(patched.status, 0, patched.stderr);

  const again = tidemark(["fix", name, "--persist", "/var/lib/headscale", "--write"]);
  assert.equal(again.status, 1);
  assert.match(again.stderr, /already persisted/);
  assert.equal(readFileSync(path.join(folder, name), "utf8"), text);
});

test("fix: what should not or cannot be written is refused with the reason", () => {
  const name = file("fix/refuse.nix", clean);
  for (const wanted of ["/nix/store", "/", "/tmp/x", "/proc"]) {
    const { status, stdout, stderr } = tidemark(["fix", name, "--persist", wanted]);
    assert.equal(status, 1, wanted);
    assert.equal(stdout, "");
    assert.match(stderr, /is not written: ./);
  }
  assert.equal(tidemark(["fix", name, "--persist", "relative"]).status, 2);
});

test("fix: takes kind, owner and mode from a scan's report", () => {
  const name = file("fix/from.nix", clean);
  const candidate = {
    path: "/var/lib/acme",
    kind: "directory",
    user: "acme",
    group: "acme",
    mode: "0750",
    homeOf: null,
  };
  const report = JSON.stringify({ version: 1, candidates: [candidate] });
  const { stdout } = tidemark(["fix", name, "--persist", "/var/lib/acme", "--from", "-"], report);
  for (const expected of ['directory = "/var/lib/acme";', 'user = "acme";', 'group = "acme";', 'mode = "0750";'])
    assert.ok(stdout.includes(expected), stdout);
  const unnamed = file(
    "fix/unnamed.nix",
    clean.replace("{ ... }:", "{ primaryUser, ... }:").replace("users.josh", 'users."${primaryUser}"'),
  );
  const home = {
    ...candidate,
    path: "/home/josh/.gnupg",
    user: "josh",
    group: "users",
    mode: "0755",
    homeOf: { user: "josh", home: "/home/josh" },
  };
  const ofOne = JSON.stringify({ version: 1, candidates: [home], people: ["josh"] });
  assert.match(
    tidemark(["fix", unnamed, "--persist", home.path, "--from", "-"], ofOne).stdout,
    /\[ "code" "\.gnupg" \]/,
  );
  const ofTwo = JSON.stringify({ version: 1, candidates: [home], people: ["josh", "mia"] });
  assert.equal(tidemark(["fix", unnamed, "--persist", home.path, "--from", "-"], ofTwo).status, 1);
  const wrong = tidemark(["fix", name, "--persist", "/var/lib/acme", "--from", "-"], "nonsense");
  assert.equal(wrong.status, 2);
  assert.match(wrong.stderr, /not a report/);
});

test("fix --write keeps the mode and follows a link", () => {
  const name = file("fix/linked.nix", clean);
  symlinkSync("linked.nix", path.join(folder, "fix/link.nix"));
  const { status, stderr } = tidemark(["fix", "fix/link.nix", "--persist", "/srv/x", "--write"]);
  assert.equal(status, 0, stderr);
  assert.match(readFileSync(path.join(folder, name), "utf8"), /"\/srv\/x"/);
  assert.equal(statSync(path.join(folder, name)).mode & 0o777, 0o644 & ~process.umask());
});

test("fix: bytes that are no UTF-8 are never rewritten", () => {
  const name = path.join(folder, "fix/latin.nix");
  const bytes = Buffer.concat([
    Buffer.from("{ # "),
    Buffer.from([0xff, 0xfe]),
    Buffer.from(`\n${clean.slice(clean.indexOf("environment"))}`),
  ]);
  writeFileSync(name, bytes);
  const { status, stderr } = tidemark(["fix", "fix/latin.nix", "--persist", "/srv/x", "--write"]);
  assert.equal(status, 2);
  assert.match(stderr, /not valid UTF-8.*Nothing was changed/);
  assert.deepEqual(readFileSync(name), bytes);
});

test("fix: a home the file states is not the default one; a folder is no file; a guess is said", () => {
  const name = file(
    "fix/home.nix",
    clean.replace("environment.", 'users.users.josh.home = "/data/josh"; environment.'),
  );
  const { stdout } = tidemark(["fix", name, "--persist", "/data/josh/.gnupg", "/home/josh/.config/gh"]);
  assert.match(stdout, /^\+.*"\.gnupg"/m);
  assert.match(stdout, /^\+.*"\/home\/josh\/\.config\/gh"/m);
  assert.match(tidemark(["fix", "fix", "--persist", "/a"]).stderr, /is a folder/);
  assert.match(tidemark(["fix", name, "--persist", "/srv/unheard-of"]).stderr, /taken for a directory/);
});

test("names on the terminal carry no control characters", () => {
  file("odd/a\u001b[31m\nb.nix", clean.replace('"/var/log"', '"/var/log" "/var/log"'));
  const { stdout } = tidemark(["check", "odd"]);
  assert.equal(stdout.includes("\u001b"), false);
  assert.match(stdout, /a\\u\{1b\}\[31m\\nb\.nix/);
});

test("options that the locked impermanence still has are not called removed", () => {
  const name = file(
    "old/host.nix",
    '{ environment.persistence."/p" = { allowOther = true; directories = [ "/srv" ]; }; }\n',
  );
  file("old/flake.nix", "{ }\n");
  const lock = (lastModified: number) =>
    file(
      "old/flake.lock",
      JSON.stringify({ nodes: { i: { locked: { repo: "impermanence", lastModified } } }, version: 7 }),
    );
  lock(1_780_000_000);
  assert.match(tidemark(["check", name]).stdout, /removed-option/);
  lock(1_737_831_083);
  assert.doesNotMatch(tidemark(["check", name]).stdout, /removed-option/);
  file("old/flake.lock", "nonsense");
  assert.match(tidemark(["check", name]).stdout, /removed-option/);
});

for (const [args, message] of [
  [["entries", "--evaluate"], /--evaluate needs --host NAME/],
  [["entries", "--host", "juni"], /There is no host juni in \.\. None is known there\./],
  [["entries", "missing", "--host", "juni", "--evaluate"], /missing does not exist/],
  [["entries", ".", "--host", "juni", "--evaluate"], /no flake\.nix/],
] as const) {
  test(`tidemark ${args.join(" ")} says what it needs`, () => {
    const { status, stdout, stderr } = tidemark(args);
    assert.deepEqual([status, stdout], [2, ""], stderr);
    assert.match(stderr, message);
  });
}

test("entries --evaluate: what only Nix knows, and where it differs; errors with their place", { skip: noNix }, (t) => {
  const flake = nixFlake();
  t.after(() => flake.remove());
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [cli, "entries", ...args, "--evaluate"], {
      cwd: flake.folder,
      env: flake.environment,
      encoding: "utf8",
    });
  const { evaluated: host, declarations } = JSON.parse(run("--host", "juni", "--json").stdout);
  assert.deepEqual(
    host.entries.map((entry: { path: string; certainty: string }) => [entry.path, entry.certainty]),
    [
      ["/var/lib/extra", "evaluated"],
      ["/var/lib/forgejo", "evaluated"],
    ],
  );
  const [difference] = host.differences.filter(({ kind }: { kind: string }) => kind === "only-text");
  assert.equal(difference.file, "hosts/juni.nix");
  assert.equal(difference.range.start.line, 32);
  assert.deepEqual(
    declarations.map(({ file: shown }: { file: string }) => shown),
    ["hosts/juni.nix", "hosts/juni.nix", "hosts/juni.nix"],
    "only the host's own files",
  );
  assert.match(run("--host", "juni", "hosts").stdout, /\/var\/lib\/forgejo {2}only Nix knows it/);
  const broken = run("--host", "broken", "hosts/broken.nix");
  assert.equal(broken.status, 2);
  const partly = run("--host", "thrower", "hosts/thrower.nix");
  assert.equal(partly.status, 2, "a part that cannot be evaluated is a failure, told after what is known");
  assert.match(partly.stdout, /Nix cannot evaluate thrower: pick a file/);
  assert.match(broken.stderr, /^tidemark: hosts\/broken\.nix:5:5: Nix cannot evaluate broken/);
});

test("progress stays on one line of the terminal, and shows no control characters", () => {
  assert.equal(progressLine("reading 1 path", 80), "\r\x1b[Kreading 1 path");
  assert.equal(progressLine("x".repeat(300), 40), `\r\x1b[K${"x".repeat(39)}`);
  assert.equal(progressLine("x".repeat(300), undefined).length, 4 + 79);
  assert.ok(
    !progressLine("a\x1b[2Jb\nc", 80)
      .slice(4)
      .match(/[\x1b\n]/),
  );
});
