import assert from "node:assert/strict";
import { test } from "node:test";
import type { PersistTarget } from "../../../server/src/persistence/target";
import { checkOutcome } from "./check";
import { at, directory, file, nixAvailable, nixComplaint, persist } from "./support";

/** A small generator of random numbers (mulberry32), so that every run sees the same texts. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

class Dice {
  readonly #next: () => number;
  constructor(seed: number) {
    this.#next = generator(seed);
  }
  below(limit: number): number {
    return Math.floor(this.#next() * limit);
  }
  maybe(): boolean {
    return this.below(2) === 0;
  }
  pick<T>(from: readonly T[]): T {
    const picked = from[this.below(from.length)];
    assert.ok(picked !== undefined);
    return picked;
  }
}

const known = ["var", "lib", "etc", "srv", "log", ".config", ".local", "share", "a", "b-c", "Z", "x.y"];
const nasty = [
  'q"q',
  "back\\slash",
  "${x}",
  "$${y}",
  "''",
  "new\nline",
  "tab\t",
  "ü ’ 日本",
  "two words",
  "#no",
  "*",
  "\\${z}",
  "$",
];

function segmentsOf(dice: Dice, names: readonly string[]): string {
  return Array.from({ length: 1 + dice.below(4) }, () => dice.pick(names)).join("/");
}

const plainElements = [
  "lib.dirs",
  "(toString 1)",
  '"${lib.x}/y"',
  "/etc/path",
  '(lib.mkIf lib.c "/cond")',
  "''/indented''",
];

function element(dice: Dice, root: string, used: Set<string>, multi: string | null): string {
  if (dice.below(8) === 0) return dice.pick(plainElements);
  const path = root + segmentsOf(dice, known);
  if (used.has(path)) return "lib.again";
  used.add(path);
  if (dice.below(4) > 0) return `"${path}"`;
  if (multi === null || dice.maybe()) return `{ directory = "${path}"; mode = "0700"; }`;
  return `{${multi}  directory = "${path}";${multi}  mode = "0700";${multi}}`;
}

/** A list as somebody might have written it, for a place indented by `indent`. */
function list(dice: Dice, root: string, used: Set<string>, unit: string, indent: string): string {
  const count = dice.below(7);
  const line = `\n${indent}${unit}`;
  if (dice.below(3) === 0 && count < 5) {
    const [open, close] = dice.maybe() ? ["[ ", " ]"] : ["[", "]"];
    const elements = Array.from({ length: count }, () => element(dice, root, used, null));
    return count === 0 ? dice.pick(["[]", "[ ]", "[ /* none */ ]"]) : open + elements.join(" ") + close;
  }
  let text = "[";
  for (let index = 0; index < count; index++) {
    if (dice.below(5) === 0) text += "\n";
    if (dice.below(5) === 0) text += `${line}# heading "${index}" ]`;
    text += line + element(dice, root, used, line);
    if (dice.below(6) === 0) text += dice.pick([" # trailing", " /* trailing */", "  "]);
  }
  if (dice.below(5) === 0) text += `${line}# "/off"`;
  text += `\n${indent}]`;
  const joined = [`lib.dirs ++ ${text}`, `${text} ++ lib.optionals lib.c [ "/opt/cond" ]`, `with lib; ${text}`];
  return dice.below(4) === 0 ? dice.pick(joined) : text;
}

/** A module with one storage: random spelling, lists, users, indentation, line ends. */
function module(dice: Dice): string {
  const unit = dice.pick(["  ", "  ", "    ", "\t"]);
  const used = new Set<string>();
  const option = dice.pick(["environment.persistence", "preservation.preserveAt"]);
  const lists = ["directories", "files"].filter(() => dice.below(4) > 0);
  const users = dice.maybe();
  const lines: string[] = [];
  const dotted = dice.below(3) === 0;
  const inner = dotted ? unit : unit + unit;
  const head = dotted ? `${option}."/persist".` : "";
  for (const name of lists) {
    let text = list(dice, "/", used, unit, inner);
    if (name === "files") text = text.replaceAll("directory =", "file =").replaceAll(/\s*mode = "0700";/g, "");
    lines.push(`${head}${name} = ${text};`);
    if (dice.below(3) === 0) lines.push("");
  }
  if (users && (dotted || dice.maybe()))
    lines.push(`${head}users.josh.directories = ${list(dice, "", new Set(), unit, inner)};`);
  else if (users) {
    const text = list(dice, "", new Set(), unit, inner + unit);
    lines.push(`users.josh = {\n${inner}${unit}directories = ${text};\n${inner}};`);
  }
  const body = lines.map((line) => (line === "" ? "" : inner + line)).join("\n");
  const text = dotted
    ? `{ lib, ... }:\n{\n${unit}services.a.enable = true;\n${body}\n}\n`
    : `{ lib, ... }:\n{\n${unit}${option}."/persist" = {\n${body}\n${unit}};\n}\n`;
  return dice.below(5) === 0 ? text.replaceAll("\n", "\r\n") : text;
}

function targetsOf(dice: Dice): PersistTarget[] {
  return Array.from({ length: 1 + dice.below(5) }, () => {
    const names = dice.maybe() ? known : [...known, ...nasty];
    const path = `${segmentsOf(dice, names)}-${dice.below(1000)}${dice.maybe() ? "" : dice.pick(nasty)}`;
    const owner = dice.below(3) === 0 ? { user: "svc", group: "svc", mode: "0750" } : {};
    const target = dice.below(3) === 0 ? file(path, owner) : directory(path, owner);
    return dice.below(3) === 0 ? at("josh", target) : { ...target, path: `/${path}` };
  });
}

const results: { before: string; after: string }[] = [];

test("random blocks and random targets: exactly the intended entries are added", async () => {
  let written = 0;
  for (let seed = 1; seed <= 400; seed++) {
    const dice = new Dice(seed);
    const before = module(dice);
    const targets = targetsOf(dice);
    const outcome = await persist({ "x.nix": before }, targets);
    const distinct = targets.filter(({ path }, index) => {
      const earlier = targets.some(
        (other, at) => at !== index && (path.startsWith(`${other.path}/`) || (other.path === path && at < index)),
      );
      return !earlier;
    });
    try {
      await checkOutcome({ "x.nix": before }, distinct, outcome);
    } catch (error) {
      throw new Error(`seed ${seed}\n${before}\n--- ${JSON.stringify(targets)}\n${outcome.after["x.nix"]}`, {
        cause: error,
      });
    }
    written += distinct.length - outcome.refused.length;
    const eols = (text: string) => new Set(text.match(/\r?\n/g));
    assert.deepEqual(eols(outcome.after["x.nix"] ?? ""), eols(before), `seed ${seed}: line ends are mixed`);
    results.push({ before, after: outcome.after["x.nix"] ?? "" });
  }
  assert.ok(written > 800, `only ${written} entries were written`);
});

test("half-typed texts: nothing throws, and only blanks are replaced", async () => {
  for (let seed = 1; seed <= 200; seed++) {
    const dice = new Dice(seed);
    const whole = module(dice);
    const cut = dice.below(whole.length);
    const text = dice.maybe() ? whole.slice(0, cut) : whole.slice(0, cut) + whole.slice(cut + 1 + dice.below(20));
    const { edits } = await persist({ "x.nix": text }, targetsOf(dice));
    for (const { span } of edits.get("x.nix") ?? [])
      assert.equal(text.slice(span.start, span.end).trim(), "", `seed ${seed}`);
  }
});

test("real Nix accepts what it accepted before", {
  skip: nixAvailable ? false : "nix-instantiate is not installed",
}, () => {
  assert.ok(results.length > 0);
  assert.equal(nixComplaint(results.map(({ before }) => before)), null, "the generator makes texts that are no Nix");
  assert.equal(nixComplaint(results.map(({ after }) => after)), null);
});
