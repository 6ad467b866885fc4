import assert from "node:assert/strict";
import { test } from "node:test";
import { readAnswer } from "../../../server/src/evaluation/answer";
import { NixLog } from "../../../server/src/evaluation/nixLog";
import { filesIn, optionIn, parseNixText } from "../../../server/src/evaluation/nixText";
import { withoutSecrets } from "../../../server/src/evaluation/secrets";
import { random } from "../../support/random";

test("an error of before 2.4, in one line", () => {
  assert.deepEqual(parseNixText("error: undefined variable 'x', at /etc/nixos/a.nix:3:5\n"), {
    message: "undefined variable 'x'",
    place: { file: "/etc/nixos/a.nix", line: 3, column: 5 },
    frames: [],
  });
});

test("an error of 2.8: its own place, then the frames outwards", () => {
  const text = `error: cannot coerce a set to a string

       at /nix/store/a-source/b.nix:1:11:

            1| { x = 1 + "a"; }
             |           ^

       … while evaluating the attribute 'config'

       at /nix/store/c-source/lib/modules.nix:402:9:
`;
  assert.deepEqual(parseNixText(text), {
    message: "cannot coerce a set to a string",
    place: { file: "/nix/store/a-source/b.nix", line: 1, column: 11 },
    frames: [{ file: "/nix/store/c-source/lib/modules.nix", line: 402, column: 9 }],
  });
});

test("an error of 2.20 and newer: the frames before it, outermost first", () => {
  const text = `error:
       … while evaluating the attribute 'config'
         at /nix/store/a-source/flake.nix:5:3:
       … while calling the 'map' builtin
         at /nix/store/a-source/hosts/juni.nix:10:3:

       error: The option \`environment.x' does not exist. Definition values:
       - In \`/nix/store/a-source/hosts/juni.nix': true
`;
  const error = parseNixText(text);
  assert.match(error?.message ?? "", /does not exist.*\n- In/);
  assert.equal(error?.place, null);
  assert.deepEqual(
    error?.frames.map((frame) => frame.line),
    [10, 5],
  );
  assert.deepEqual(filesIn(error?.message ?? ""), [
    { file: "/nix/store/a-source/hosts/juni.nix", line: null, column: null },
  ]);
});

test("the option a message is about, by its names", () => {
  assert.deepEqual(optionIn('The option `environment.persistence."/persist.d".directorys\' does not exist.'), [
    "environment",
    "persistence",
    "/persist.d",
    "directorys",
  ]);
  assert.deepEqual(optionIn("infinite recursion encountered"), []);
});

test("JSON lines: the last error counts, its trace are the frames, what starts is progress", () => {
  const log = new NixLog();
  const json = (value: unknown) => log.line(`@nix ${JSON.stringify(value)}`);
  assert.equal(json({ action: "start", text: "copying '/a'\u001b[0m", level: 4 }), "copying '/a'");
  assert.equal(json({ action: "start", text: "" }), null);
  json({ action: "msg", level: 1, msg: "warning: dirty" });
  json({ action: "msg", level: 0, raw_msg: "first", file: null, line: null, column: null });
  const trace = [{ file: "/b.nix", line: 2, column: 3, raw_msg: "while …" }, { raw_msg: "from call site" }];
  json({ action: "msg", level: 0, raw_msg: "\u001b[31mlast\u001b[0m", file: "/a.nix", line: 1, column: 1, trace });
  assert.deepEqual(log.error(), {
    message: "last",
    place: { file: "/a.nix", line: 1, column: 1 },
    frames: [{ file: "/b.nix", line: 2, column: 3 }],
  });
});

test("nonsense in a log or an answer throws nothing and is nothing", () => {
  const next = random(7);
  const pieces = [
    "@nix ",
    "{",
    "}",
    '"action":"msg"',
    "null",
    "error: ",
    " at /a:1:",
    "1:",
    "\n",
    "[]",
    ",",
    '"level":0',
  ];
  for (let round = 0; round < 2000; round++) {
    const text = Array.from({ length: 12 }, () => pieces[next(pieces.length)]).join("");
    const log = new NixLog();
    for (const line of text.split("\n")) log.line(line);
    log.error();
    assert.equal(readAnswer(text), null);
    assert.equal(readAnswer(withoutSecrets(text)), null);
  }
});

test("credentials leave an answer, settings stay", () => {
  const options = ["subvol=@a,password=x", "credentials=/etc/x", "x-systemd.automount", "size=2G", "user=josh"];
  const answer = (device: string) => ({ version: 1, fileSystems: [{ mountPoint: "/a", device, options }] });
  const read = (device: string) => readAnswer(withoutSecrets(JSON.stringify(answer(device))))?.fileSystems[0];
  assert.deepEqual(read("https://josh:x@host/dav")?.options, ["subvol=@a", "x-systemd.automount", "size=2G"]);
  assert.equal(read("https://josh:x@host/dav")?.device, "https://josh@host/dav");
  assert.equal(read("josh@host:/srv")?.device, "josh@host:/srv");
  assert.equal(read("/dev/disk/by-label/a")?.device, "/dev/disk/by-label/a");
});
