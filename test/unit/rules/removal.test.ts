import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { nearest } from "../../../server/src/rules/support/nearest";
import { removal } from "../../../server/src/rules/support/removal";
import { applyEdits } from "../../../server/src/syntax/span";

/** What is left when the part between `«` and `»` is taken out. */
function without(marked: string): string {
  const start = marked.indexOf("«");
  const end = marked.indexOf("»") - 1;
  const text = marked.replace(/[«»]/g, "");
  return applyEdits(text, [removal(text, { start, end })]);
}

describe("removing an element or a binding", () => {
  for (const [title, before, after] of [
    ["alone on its line", '[\n  "/a"\n  «"/b"»\n  "/c"\n]', '[\n  "/a"\n  "/c"\n]'],
    ["with its own comment", '[\n  # group\n  «"/b"»  # old\n  "/c"\n]', '[\n  # group\n  "/c"\n]'],
    ["over several lines", "[\n  «{\n    x = 1;\n  }»\n]", "[\n]"],
    ["with Windows line ends", '[\r\n  "/a"\r\n  «"/b"» # x\r\n]', '[\r\n  "/a"\r\n]'],
    ["with tabs", "{\n\t«x = 1;»\n}", "{\n}"],
    ["at the end of a text that ends early", '[\n  «"/b"»', "[\n"],
    ["at the very beginning", "«x»\ny", "y"],
    ["the only one inline", '[ «"/a"» ]', "[ ]"],
    ["the only one in narrow brackets", '[«"/a"»]', "[]"],
    ["the first inline", '[ «"/a"» "/b" ]', '[ "/b" ]'],
    ["the first in narrow brackets", '["/a" «"/b"»]', '["/a"]'],
    ["the last in narrow brackets", '[«"/a"» "/b"]', '["/b"]'],
    ["in the middle", '[ "/a" «"/b"» "/c" ]', '[ "/a" "/c" ]'],
    ["before a comment on the line", '[ "/a" «"/b"» # both\n]', '[ "/a" # both\n]'],
    ["behind a comment on the line", '[\n  /* x */ «"/b"»\n]', "[\n  /* x */\n]"],
    ["the first of a line", '[\n  «"/a"» "/b"\n]', '[\n  "/b"\n]'],
    ["the first of a line that closes", '[\n  "/a"\n  «"/b"» ];', '[\n  "/a"\n  ];'],
    ["between names that must not meet", '[a«"/b"»c]', "[a c]"],
    ["behind a blank, before a name", '[ a «"/b"»c ]', "[ a c ]"],
    ["behind a name, before a blank", '[ a«"/b"» c ]', "[ a c ]"],
    ["a binding inline", "{ a = 1; «b = 2;» }", "{ a = 1; }"],
    ["a binding in narrow braces", "{a=1;«b=2;»c=3;}", "{a=1;c=3;}"],
  ] as const)
    test(title, () => assert.equal(without(before), after));
});

describe("the nearest name", () => {
  const names = ["directories", "files", "hideMounts", "enable", "users", "parent"];
  for (const [name, expected] of [
    ["directory", "directories"],
    ["file", "files"],
    ["fiels", "files"],
    ["hidemounts", "hideMounts"],
    ["enabled", "enable"],
    ["parentDirectory", "parent"],
    ["user", "users"],
    ["persistence", null],
    ["x", null],
    ["", null],
    ["f".repeat(100_000), null],
  ] as const)
    test(`of ${name.slice(0, 20)}`, () => assert.equal(nearest(name, names), expected));
});
