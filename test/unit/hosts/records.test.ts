import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameError, probeFrame } from "../../../server/src/hosts/probeFrame";
import { outermost, prunePatterns } from "../../../server/src/hosts/probePrune";
import { factsReader, parseGroup, parsePasswd } from "../../../server/src/hosts/recordsFacts";

const number = "00112233445566778899aabbccddeeff";

function framed(input: Buffer, size: number, limit?: number) {
  const records: string[] = [];
  const frame = probeFrame(
    number,
    "1",
    (bytes, from, to) => records.push(Buffer.from(bytes.subarray(from, to)).toString("latin1")),
    limit,
  );
  for (let at = 0; at < input.length; at += size) frame.push(input.subarray(at, at + size));
  return { records, frame };
}

const good = Buffer.from(
  `Welcome!\r\ntidemark:\0 no\0tidemark:${number}\x001\0one\0\0.end\0two\nlines\0.end:${number}\x000\0bye\0`,
);

test("records are cut out of the noise before and after, in chunks of any size", () => {
  for (let size = 1; size <= good.length; size += 1) {
    const { records, frame } = framed(good, size);
    assert.deepEqual(records, ["one", "", ".end", "two\nlines"], `chunks of ${size}`);
    assert.deepEqual([frame.state, frame.status], ["ended", 0]);
    assert.match(frame.noise, /^Welcome!/);
  }
});

test("cut anywhere before its end, a stream has no status", () => {
  const whole = good.length - "\0bye\0".length;
  for (let length = 0; length < whole; length += 1) {
    assert.equal(framed(good.subarray(0, length), 7).frame.status, null, `${length} bytes`);
  }
});

test("another version, a long record, a broken end and endless noise are refused", () => {
  const begin = `tidemark:${number}\0`;
  const cases = [
    `${begin}2\0`,
    `${begin}1\0${"x".repeat(101)}`,
    `${begin}1\0${"x".repeat(101)}\0`,
    `${begin}1\0.end:${number}\0zero\0`,
  ];
  for (const text of cases) assert.throws(() => framed(Buffer.from(text), 16, 100), FrameError, text);
  assert.throws(() => framed(Buffer.alloc(1_200_000, "spam\n"), 65_536), /without end/);
});

test("of the paths to leave out only the outermost count", () => {
  assert.deepEqual(outermost(["/a/b", "/a-b", "/a", "/", "/a/b/c", "/ab", "/a", "/a b/c"]).sort(), [
    "/a",
    "/a b/c",
    "/a-b",
    "/ab",
  ]);
});

test("patterns take special characters as they are and stay short enough for one argument", () => {
  assert.deepEqual(prunePatterns(["/a.b", "/c|d(e)", "/x\\y[z]"]), [String.raw`\.(/a\.b|/c\|d\(e\)|/x\\y\[z\])`]);
  assert.deepEqual(prunePatterns(["/a/b/c"], Number.POSITIVE_INFINITY), [String.raw`\.(/\./a/b/c)`]);
  assert.deepEqual(prunePatterns(["/a", "/a/b", "/a/b/c", "/a/b/c/d", "/a/b/c/d/e"], 2), [
    String.raw`\.(/\./a|/a/\./b|/a/\./b/c|/a/b/c/\./d|/a/b/c/\./d/e)`,
  ]);
  const many = prunePatterns(
    Array.from({ length: 3000 }, (_, index) => `/var/lib/containers/overlay/${"0".repeat(60)}${index}`),
  );
  assert.ok(many.length > 1 && many.every((pattern) => pattern.length < 100_000));
  assert.deepEqual(prunePatterns([]), []);
});

test("users and groups: all of them, without broken lines", () => {
  assert.deepEqual(
    parsePasswd("root:x:0:0:Admin:/root:/bin/sh\nbad\njosh:x:1000:100::/home/josh:\n:x:1:1::/:\nx:x:a:1::/:\n"),
    [
      { name: "root", uid: 0, gid: 0, home: "/root" },
      { name: "josh", uid: 1000, gid: 100, home: "/home/josh" },
    ],
  );
  assert.deepEqual(
    [...parseGroup("root:x:0:\nwheel:x:1:josh\nalias:x:1:\nbad:x\n")],
    [
      [0, "root"],
      [1, "wheel"],
    ],
  );
});

test("facts: unknown keys are passed over, an odd number of records is not", () => {
  const reader = factsReader();
  const send = (text: string) => reader.onRecord(Buffer.from(text), 0, Buffer.byteLength(text));
  for (const text of ["boot", "1795388283", "future", "?", "births", "- 7 .\n8 9 etc"]) send(text);
  const facts = reader.read();
  assert.deepEqual([facts.bootTime, facts.recordedMountinfo], [1_795_388_283, null]);
  assert.deepEqual(facts.births, [
    { path: "/", born: null, changed: 7 },
    { path: "/etc", born: 8, changed: 9 },
  ]);
  send("root");
  assert.throws(() => reader.read(), FrameError);
});
