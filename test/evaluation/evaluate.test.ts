// What Nix itself says of a flake's hosts: the real program, a store of the test's own, nothing from the network.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { evaluateCached } from "../../server/src/evaluation/cached";
import { type Evaluation, evaluateHost } from "../../server/src/evaluation/evaluate";
import { EvaluationError } from "../../server/src/evaluation/model";
import { type NixFlake, nixFlake, noNix } from "../support/nixFlake";

let flake: NixFlake;
before(() => {
  flake = nixFlake();
});
after(() => flake.remove());

interface Given {
  readonly folder?: string;
  readonly environment?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
  readonly timeout?: number;
  readonly progress?: string[];
}

function options({ environment, signal, timeout, progress = [] }: Given) {
  return {
    environment: environment ?? flake.environment,
    signal: signal ?? new AbortController().signal,
    ...(timeout === undefined ? {} : { timeout }),
    onProgress: (message: string) => void progress.push(message),
  };
}

function evaluate(host: string, given: Given = {}): Promise<Evaluation> {
  return evaluateHost({ kind: "flake", folder: given.folder ?? flake.folder, host }, options(given));
}

/** The failure of an evaluation that must fail. */
async function failureOf(evaluation: Promise<Evaluation>): Promise<EvaluationError> {
  const error = await evaluation.then(
    () => null,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof EvaluationError, String(error));
  return error;
}

describe("with the real Nix", { skip: noNix }, () => {
  test("a host's entries, file systems, users and services, as its modules make them", async () => {
    const progress: string[] = [];
    const { host, problem } = await evaluate("juni", { progress });
    assert.equal(problem, null);
    assert.deepEqual(
      host.entries.map(({ path: at, kind, user, group, mode }) => [at, kind, user, group, mode].join(" ")),
      [
        "/var/lib/extra directory root root 0755",
        "/var/log directory root root 0755",
        "/var/lib/sbctl directory root root 0700",
        "/var/lib/forgejo directory root root 0755",
        "/etc/machine-id file   ",
        "/home/josh/.ssh directory josh users 0755",
      ],
    );
    assert.deepEqual(host.entries.at(-1)?.scope, { kind: "user", user: "josh" });
    assert.deepEqual(host.services, [
      { name: "headscale", stateDirectories: ["headscale", "headscale/keys"], dynamicUser: true, user: null },
    ]);
    assert.deepEqual(host.users, [{ name: "josh", home: "/home/josh", group: "users" }]);
    assert.ok(progress.length > 0 && progress[0] === "evaluating juni", progress.join("\n"));
    assert.equal(existsSync(flake.file("flake.lock")), false, "the flake is only read");
  });

  test("passwords in mount options stay out", async () => {
    const { host, answer } = await evaluate("juni");
    assert.deepEqual(host.fileSystems, [
      { mountPoint: "/mnt/share", device: "//josh@nas/share", fsType: "cifs", neededForBoot: false, options: ["ro"] },
      {
        mountPoint: "/persist",
        device: "/dev/disk/by-label/persist",
        fsType: "btrfs",
        neededForBoot: true,
        options: ["subvol=@persist"],
      },
    ]);
    assert.equal(answer?.includes("hunter2"), false);
  });

  test("preservation, Home Manager and switched-off storages, of a host with a dot in its name", async () => {
    const { host } = await evaluate("h001.fleet");
    assert.deepEqual(
      host.entries.map(({ module, path: at, storagePath }) => `${module} ${at} ${storagePath}`),
      [
        "impermanence /var/lib/extra /persist",
        "preservation /var/lib/x /keep",
        "preservation /home/mia/a/b /keep",
        "home-manager /home/mia/Documents /persist",
      ],
    );
    assert.deepEqual(
      host.storages.filter(({ enabled }) => !enabled).map((storage) => storage.path),
      ["/state"],
    );
  });

  test("an error is told at its place in the host's own file", async () => {
    const error = await failureOf(evaluate("broken"));
    assert.equal(error.kind, "nix-error");
    assert.match(error.message, /broken.*'services' missing/);
    assert.deepEqual(error.place, { file: flake.file("hosts/broken.nix"), line: 5, column: 5 });
  });

  test("an option that does not exist is found where it is written, though Nix names the file only", async () => {
    const error = await failureOf(evaluate("misspelt"));
    assert.match(error.message, /directorys' does not exist.*`hosts\/misspelt\.nix'/);
    assert.deepEqual(error.place, { file: flake.file("hosts/misspelt.nix"), line: 3, column: 5 });
  });

  test("a part that throws leaves the rest, and Nix's own words for it", async () => {
    const { host, problem, answer } = await evaluate("thrower");
    assert.deepEqual(
      host.entries.map((entry) => entry.path),
      ["/srv"],
    );
    assert.deepEqual(host.failed, ["environment.persistence./persist", "fileSystems./"]);
    assert.match(problem?.message ?? "", /pick a file/);
    assert.equal(answer, null, "what is not complete is not kept");
  });

  test("nothing is built", async () => {
    const error = await failureOf(evaluate("builder"));
    assert.match(error.next, /Tidemark builds nothing/);
  });

  test("a host the flake does not have is told with those it has", async () => {
    const error = await failureOf(evaluate("nobody"));
    assert.equal(error.kind, "no-such-host");
    assert.match(error.next, /juni/);
    assert.equal(error.place?.file, flake.file("flake.nix"));
  });

  test("names that are no names reach no Nix text", async () => {
    for (const host of ['"', 'a" b', 'juni"].x', '${builtins.abort "owned"}', "", "-x", "a\nb", "%22", "a^b", "a#b"])
      assert.equal((await failureOf(evaluate(host))).kind, "bad-host", host);
  });

  test("cancelling ends Nix and all it started", async () => {
    const abort = new AbortController();
    const evaluation = failureOf(evaluate("endless", { signal: abort.signal }));
    const running = () => spawnSync("pgrep", ["-f", 'nixosConfigurations."endless"'], { encoding: "utf8" }).stdout;
    while (running() === "") await new Promise((resolve) => setImmediate(resolve));
    abort.abort();
    assert.equal((await evaluation).kind, "cancelled");
    assert.equal(running(), "");
  });

  test("after the timeout Nix is ended", async () => {
    const error = await failureOf(evaluate("endless", { timeout: 300 }));
    assert.equal(error.kind, "timeout");
    assert.match(error.message, /did not finish/);
  });

  test("a configuration without a flake is evaluated with the nixpkgs of the search path", async () => {
    const nixpkgs = path.join(path.dirname(flake.folder), "nixpkgs");
    mkdirSync(path.join(nixpkgs, "nixos"), { recursive: true });
    const lib = JSON.stringify(flake.file("lib.nix"));
    writeFileSync(
      path.join(nixpkgs, "nixos", "default.nix"),
      `{ configuration ? <nixos-config> }: (import (/. + ${lib})).system [ configuration ]\n`,
    );
    const target = { kind: "file", file: flake.file("hosts/juni.nix") } as const;
    const environment = { ...flake.environment, NIX_PATH: `nixpkgs=${nixpkgs}` };
    const { host } = await evaluateHost(target, options({ environment }));
    assert.ok(host.entries.some((entry) => entry.path === "/var/lib/forgejo"));

    const without = await failureOf(
      evaluateHost(target, options({ environment: { ...flake.environment, NIX_PATH: "" } })),
    );
    assert.match(without.next, /NIX_PATH/);
  });

  test("an answer is kept under what it was made from, and asked for again when that changes", async (t) => {
    // Nix 2.8 itself takes no git repository whose path has spaces.
    const own = nixFlake("fleet");
    t.after(() => own.remove());
    const cacheFolder = path.join(path.dirname(own.folder), "state", "evaluations");
    const target = { kind: "flake", folder: own.folder, host: "juni" } as const;
    const ask = async () => {
      const progress: string[] = [];
      await evaluateCached(target, { ...options({ progress, environment: own.environment }), cacheFolder });
      return progress.length > 0;
    };
    assert.equal(await ask(), true);
    assert.equal(existsSync(cacheFolder), false, "without a lock file nobody knows what the inputs are");
    const features = ["--extra-experimental-features", "nix-command flakes"];
    spawnSync("nix", ["flake", "lock", ...features], { cwd: own.folder, env: own.environment });
    const git = (...args: string[]) =>
      spawnSync("git", ["-c", "user.name=a", "-c", "user.email=a@b.c", ...args], { cwd: own.folder, stdio: "ignore" });
    for (const repository of [false, true]) {
      if (repository)
        for (const args of [
          ["init", "-q"],
          ["add", "-A"],
          ["commit", "-qm", "x"],
        ])
          git(...args);
      assert.equal(await ask(), true, "first");
      assert.equal(await ask(), false, "the same contents: not asked again");
      const host = own.file("hosts/juni.nix");
      writeFileSync(host, readFileSync(host, "utf8").replace('"forgejo', '"forgejo-next'));
      assert.equal(await ask(), true, "an edit that is not committed counts");
      assert.equal(await ask(), false);
    }
    const [kept = ""] = readdirSync(cacheFolder);
    assert.match(kept, /^[0-9a-f]{64}\.json$/);
    const text = readFileSync(path.join(cacheFolder, kept), "utf8");
    assert.equal(text.includes("hunter2"), false);
    writeFileSync(own.file("notes.txt"), "not tracked, so not part of the flake");
    assert.equal(await ask(), false);
  });
});

describe("with programs that stand for Nix", () => {
  /** A folder with a `nix` of the given shell lines, first in the environment's PATH. */
  function fakeNix(name: string, script: string): NodeJS.ProcessEnv {
    const folder = path.join(path.dirname(flake.folder), name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, "nix"), `#!/bin/sh\n${script}\n`);
    chmodSync(path.join(folder, "nix"), 0o755);
    return { ...flake.environment, PATH: `${folder}:${process.env["PATH"]}`, SECRET_TOKEN: "hunter2" };
  }

  test("no Nix is a failure that says so; a nix in a relative folder of PATH is none", async () => {
    const folder = path.join(path.dirname(flake.folder), "empty");
    mkdirSync(folder, { recursive: true });
    symlinkSync("/bin/false", path.join(flake.folder, "nix"));
    const error = await failureOf(evaluate("juni", { environment: { PATH: `${folder}:.:` } }));
    assert.equal(error.kind, "no-nix");
    assert.match(error.message, /no program `nix`/);
  });

  test("the newer format of errors: frames first, the error last", async () => {
    const environment = fakeNix(
      "newer",
      `case "$1" in flake) echo '{"path":"/nix/store/abc-source","resolvedUrl":"path:x"}'; exit 0; esac
cat >&2 <<'END'
error:
       … while evaluating the attribute 'config'
         at /nix/store/zzz-source/lib/modules.nix:402:9:
          401|         options = checked options;
       … while calling the 'map' builtin
         at /nix/store/abc-source/hosts/juni.nix:10:3:

       (stack trace truncated; use '--show-trace' to show the full, detailed trace)

       error: undefined variable 'pkgz'
       at /nix/store/abc-source/hosts/broken.nix:5:5:
            4|     "/var/log"
            5|     pkgz
             |     ^
END
exit 1`,
    );
    const error = await failureOf(evaluate("juni", { environment }));
    assert.match(error.message, /undefined variable 'pkgz'\.$/);
    assert.deepEqual(error.place, { file: flake.file("hosts/broken.nix"), line: 5, column: 5 });
  });

  test("a wrapper that hangs, ignores the request to end and has children is ended with them", async () => {
    const pids = path.join(path.dirname(flake.folder), "pids");
    const environment = fakeNix("hanging", `trap '' TERM\nsleep 1000 & echo $! > '${pids}'\nwait\nwait`);
    const abort = new AbortController();
    const evaluation = failureOf(evaluate("juni", { environment, signal: abort.signal }));
    const child = () => (existsSync(pids) ? readFileSync(pids, "utf8").trim() : "");
    while (child() === "") await new Promise((resolve) => setImmediate(resolve));
    abort.abort();
    assert.equal((await evaluation).kind, "cancelled");
    // What is dead and not yet collected is shown as Z.
    assert.match(spawnSync("ps", ["-o", "stat=", "-p", child()], { encoding: "utf8" }).stdout, /^(?:Z.*\n)?$/);
  });

  test("what is no answer is said to be none, and the environment stays out", async () => {
    const seen = path.join(path.dirname(flake.folder), "seen");
    const environment = fakeNix("other", `env > '${seen}'; printf '%s\\n' "$@" >> '${seen}'; echo '[]'`);
    assert.equal((await failureOf(evaluate("juni", { environment }))).kind, "answer");
    const text = readFileSync(seen, "utf8");
    assert.equal(text.includes("SECRET_TOKEN"), false);
    for (const needed of ["--no-write-lock-file", "allow-import-from-derivation", "GIT_TERMINAL_PROMPT=0"])
      assert.ok(text.includes(needed), needed);
  });

  test("an answer without end is cut off", async () => {
    const environment = fakeNix("flood", "exec cat /dev/zero");
    assert.equal((await failureOf(evaluate("juni", { environment }))).kind, "too-large");
  });
});
