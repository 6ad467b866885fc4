import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { which } from "../lib/which.mjs";

const real = which("find") ?? "find";
const wrapper = path.resolve(__dirname, "../demo/find.mjs");

describe("the demo hosts' find", () => {
  let folder = "";
  let root = "";
  const owners = path.join("..", "owners.json");
  const wrapped = (args: readonly string[]) =>
    spawnSync(process.execPath, [wrapper, real, owners, root, "--", ...args], { cwd: root, maxBuffer: 1 << 28 });

  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), "tidemark-find-"));
    root = path.join(folder, "root");
    mkdirSync(path.join(root, "etc"), { recursive: true });
    writeFileSync(path.join(root, "etc/passwd"), "josh:x:1000:100::/home/josh:/bin/sh\n");
    writeFileSync(path.join(root, "etc/group"), "users:x:100:\n");
    mkdirSync(path.join(root, "many"));
    for (let at = 0; at < 4000; at++) writeFileSync(path.join(root, "many", `file ${at}`), "");
    writeFileSync(path.join(root, "a\nb %U"), "x");
    writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xff, 0xfe])]), "y");
    writeFileSync(path.join(root, "größe"), "z");
    symlinkSync("/nix/store/none", path.join(root, "link"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("writes byte for byte what the real one writes, where the owners are the real ones", () => {
    const { uid, gid } = lstatSync(root);
    const paths = ["", ...readdirSync(root, { recursive: true, encoding: "latin1" })];
    const table = paths.map((name) => [Buffer.from(name, "latin1").toString("utf8"), [uid, gid]]);
    writeFileSync(path.join(folder, "owners.json"), JSON.stringify(Object.fromEntries(table)));
    // Names that are not UTF-8 cannot be in the table and belong to root there.
    const known = ["!", "-name", "??", "!", "-regex", ".*/[^a-zA-Z].*"];
    for (const args of [
      [".", ...known, "-printf", "%d%y %s %T@ %U %G %m %P\\0"],
      [root, ...known, "-printf", "%U%G%%U\\n"],
      [".", ...known, "-type", "l", "-printf", "L%U %p\\0%l\\0", "-o", ...known, "-printf", "\\0\\0%8s%G"],
      [".", "-maxdepth", "1", "-print0"],
      [".", "-maxdepth", "1", "-printf", "%m %f\\n"],
      ["."],
      ["missing", "-printf", "%U"],
    ]) {
      const expected = spawnSync(real, args, { cwd: root, maxBuffer: 1 << 28 });
      const actual = wrapped(args);
      assert.deepEqual([actual.status, actual.stderr], [expected.status, expected.stderr], args.join(" "));
      assert.ok(actual.stdout.equals(expected.stdout), args.join(" "));
    }
  });

  it("leaves standard output open for what the shell runs next", () => {
    writeFileSync(path.join(folder, "owners.json"), "{}");
    const script = '"$@" -printf "%U\\n"; "$@" -printf "%f\\n"; echo after';
    const words = [process.execPath, wrapper, real, owners, root, "--", ".", "-maxdepth", "0"];
    const { stdout, status } = spawnSync("/bin/sh", ["-c", script, "sh", ...words], { cwd: root, encoding: "utf8" });
    assert.deepEqual([stdout, status], ["0\n.\nafter\n", 0]);
  });

  it("tells the owners of the table, and root for what is not in it", () => {
    writeFileSync(path.join(folder, "owners.json"), JSON.stringify({ größe: [1000, 100], "a\nb %U": [7, 8] }));
    // What asks for an owner cannot be answered by the real one, and gets no for an answer.
    const own = [
      "(",
      "-uid",
      `${process.getuid?.()}`,
      "-printf",
      "mine %f\\0",
      "-o",
      "-printf",
      "%U:%G %u %g %f\\0",
      ")",
    ];
    const { stdout } = wrapped([".", "-maxdepth", "1", "-type", "f", ...own]);
    const records = stdout.toString("latin1").split("\0").sort();
    assert.deepEqual(
      records.map((record) => Buffer.from(record, "latin1").toString("utf8")),
      ["", "0:0 0 0 \ufffd\ufffd", "1000:100 josh users größe", "7:8 7 8 a\nb %U"],
    );
  });
});
