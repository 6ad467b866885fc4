import assert from "node:assert/strict";
import { rules } from "../../../server/src/rules";
import { PlaceWalk } from "../../../server/src/syntax/placeWalk";
import { unmark } from "./support";

/** The same random numbers in each run (a linear congruential generator). */
class Dice {
  #state: number;
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }
  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * limit);
  }
  pick<T>(from: readonly T[]): T {
    const picked = from[this.below(from.length)];
    assert.ok(picked !== undefined);
    return picked;
  }
}

/** Other ways to write a text down; all mean the same to Nix. */
const spellings: Readonly<Record<string, (text: string) => string>> = {
  "as it is": (text) => text,
  "with line ends of two characters": (text) => text.replaceAll("\n", "\r\n"),
  "with tabs": (text) => text.replace(/^(?: {2})+/gm, (blanks) => "\t".repeat(blanks.length / 2)),
  "with a comment on every line": (text) => atLineEnds(text, " # ] } \" ''"),
  "with blank lines": (text) => atLineEnds(text, "\n"),
  "with other text around it": (text) =>
    `# Ω 💣 "\n${text.replace(/^\{(?: \.\.\.)?(?!.*:)/m, "{ a = ''\n  \"[ { ''${\n  ''; # ß")}`,
};

/** Adds something behind the brackets and semicolons that end a line of Nix; lines of a string stay as they are. */
function atLineEnds(text: string, added: string): string {
  const walk = new PlaceWalk(text);
  return text.replace(/(?<=[;\]}[{])$/gm, (_, offset: number) => (walk.walkTo(offset) === "code" ? added : ""));
}

/** Every example of every rule, in every spelling. */
export function spelledExamples(): { readonly title: string; readonly text: string }[] {
  return rules
    .filter(({ id }) => id !== "syntax-error")
    .flatMap(({ id, examples }) =>
      examples.flatMap((example) =>
        Object.entries(spellings).map(([spelling, respell]) => ({
          title: `${id}: ${example.title}, ${spelling}`,
          text: respell(unmark(example.text).text),
        })),
      ),
    );
}

const systemPaths = [
  "/var/log",
  "/var/log/",
  "/var//lib/a",
  "var/lib/b",
  "/var/lib/b",
  "/srv/./c",
  "/srv/c",
  "/var/lib",
  "/etc/x",
  "~/y",
];
const userPaths = [".ssh", ".ssh/", "/home/josh/.ssh", "Documents", "./x", ".config//y", "/etc/z"];
const switches = [
  "hideMounts = true;",
  'hideMounts = "true";',
  "allowOther = true;",
  "hidemounts = true;",
  "enableWarnings = false;",
];

/** A module with one or two storages, with mistakes of all kinds in it. */
export function randomModule(seed: number): string {
  const dice = new Dice(seed);
  const users = dice.below(2) === 0 ? "" : `    users.josh = {\n${lists(dice, userPaths, "      ")}    };\n`;
  const more = dice.below(2) === 0 ? "" : `    ${dice.pick(switches)}${dice.pick(["", " # kept"])}\n`;
  const option = dice.pick(["environment.persistence", "environment.persistence", "preservation.preserveAt"]);
  const second =
    dice.below(3) === 0 ? `  ${option}."/cache".directories = ${list(dice, "directory", systemPaths, "  ")};\n` : "";
  const text = `{ config, lib, ... }:\n{\n  users.users.josh.home = "/home/josh";\n  ${option}."/persist" = {\n${more}${lists(dice, systemPaths, "    ")}${users}  };\n${second}}\n`;
  return dice.below(4) === 0 ? text.replaceAll("\n", "\r\n") : text;
}

function lists(dice: Dice, paths: readonly string[], indent: string): string {
  const directories = `${indent}directories = ${list(dice, "directory", paths, indent)};\n`;
  if (dice.below(2) === 0) return directories;
  return `${directories}${indent}files = ${list(dice, "file", paths, indent)};\n`;
}

function list(dice: Dice, kind: "directory" | "file", paths: readonly string[], indent: string): string {
  const elements = Array.from({ length: dice.below(6) }, () => element(dice, kind, dice.pick(paths)));
  if (elements.length === 1 && dice.below(6) === 0) return elements[0] ?? "[ ]";
  if (dice.below(3) === 0) return dice.pick([`[ ${elements.join(" ")} ]`, `[${elements.join(" ")}]`]);
  const lines = elements.map((one) => `${indent}  ${one}${dice.pick(["", "", " # ] note", " /* b */"])}\n`);
  const text = `[\n${lines.join("")}${indent}]`;
  return dice.below(5) === 0 ? `${text} ++ lib.optionals config.x [ "/opt" ]` : text;
}

function element(dice: Dice, kind: "directory" | "file", path: string): string {
  const mode = dice.pick(['mode = "0700";', "mode = 0700;", 'mode = "loose";', "method = true;", 'user = "josh";']);
  const bare = path.startsWith("/") && !path.endsWith("/") && !path.includes("//") ? path : `"${path}"`;
  return dice.pick([`"${path}"`, `"${path}"`, `"${path}"`, `''${path}''`, bare, `{ ${kind} = "${path}"; ${mode} }`]);
}
