import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { persistEdits } from "../../../server/src/persistence/edit";
import type { PersistTarget } from "../../../server/src/persistence/target";
import { applyEdits } from "../../../server/src/syntax/span";
import { read } from "../../support/grammar";
import { directory } from "./support";

const scrambled = (count: number) => Array.from({ length: count }, (_, index) => `"/srv/d${(index * 7919) % count}"`);
const option = '{\n  environment.persistence."/persist".directories =';
const targets = [directory("/var/lib/x", { user: "x" }), directory("/srv/new"), directory("/srv/d1/y")];

/** Milliseconds that the edits of one text take, the least of three runs on freshly read data; and the text after them. */
async function timed(text: string, wanted: readonly PersistTarget[]): Promise<{ time: number; after: string }> {
  let time = Number.POSITIVE_INFINITY;
  let after = "";
  for (let run = 0; run < 3; run++) {
    const file = { name: "host.nix", text, persistence: await read(text) };
    const start = performance.now();
    const { edits } = persistEdits([file], wanted);
    time = Math.min(time, performance.now() - start);
    after = applyEdits(text, edits.get("host.nix") ?? []);
  }
  return { time, after };
}

describe("four times the text takes at most eight times as long", () => {
  for (const [title, small, textOf, wanted] of [
    [
      "a list over many lines",
      5000,
      (count) => `${option} [\n    ${scrambled(count).join("\n    ")}\n  ];\n}\n`,
      targets,
    ],
    ["a list on one line", 5000, (count) => `${option} [ ${scrambled(count).join(" ")} ];\n}\n`, targets],
    [
      "a list joined from many",
      2000,
      (count) => `{ lib, ... }: ${option} lib.concatLists [ [ ${scrambled(count).join(" ] [ ")} ] ];\n}\n`,
      targets,
    ],
    [
      "many targets",
      2000,
      () => `${option} [ ];\n}\n`,
      (count: number) => Array.from({ length: count }, (_, index) => directory(`/srv/d${index}`)),
    ],
  ] as const satisfies readonly (readonly [
    string,
    number,
    (count: number) => string,
    readonly PersistTarget[] | ((count: number) => readonly PersistTarget[]),
  ])[]) {
    test(title, async () => {
      const at = (count: number) => timed(textOf(count), typeof wanted === "function" ? wanted(count) : wanted);
      const less = await at(small);
      const more = await at(4 * small);
      assert.match(more.after, /"\/srv\/(?:new|d1999)"/);
      assert.ok(more.time <= 8 * Math.max(less.time, 5), `${less.time} ms, then ${more.time} ms`);
    });
  }
});

test("a list of 200,000 entries is no more than the stack can take", async () => {
  const text = `${option} [ ${scrambled(200_000).join(" ")} ];\n}\n`;
  const { edits, refused } = persistEdits([{ name: "host.nix", text, persistence: await read(text) }], targets);
  assert.deepEqual(
    refused.map(({ path }) => path),
    ["/srv/d1/y"],
  );
  assert.match(applyEdits(text, edits.get("host.nix") ?? []), /^ {4}"\/srv\/new"$/m);
});
