import { allOf, integerFrom, later, textFrom, textsFrom, wholeFrom } from "./arguments";
import {
  type Builtin,
  bool,
  type Call,
  force,
  integer,
  list,
  made,
  maximumLength,
  ready,
  spend,
  string,
  type Term,
  type Thunk,
} from "./terms";

/** `lib.strings`: functions that take strings apart, quote them or read versions and numbers in them. */
export const words: Readonly<Record<string, Builtin>> = {
  stringToCharacters: {
    arity: 1,
    run: ([text], call) => {
      const letters = lettersOf(text, call);
      return letters === null ? null : list(letters.map((letter) => made(string(letter), call.at)));
    },
  },
  stringAsChars: {
    arity: 2,
    run: ([f, text], call) => {
      const letters = lettersOf(text, call)?.map((letter) => later(f, [ready(string(letter), call.at)], call)) ?? null;
      return join("", allOf(letters, textFrom));
    },
  },
  concatLines: { arity: 1, run: ([from]) => join("", textsFrom(from)?.map((line) => `${line}\n`) ?? null) },
  concatImapStringsSep: {
    arity: 3,
    run: ([between, f, from], call) => join(textFrom(between), numbered(f, from, call)),
  },
  concatImapStrings: { arity: 2, run: ([f, from], call) => join("", numbered(f, from, call)) },
  trim: { arity: 1, run: ([text]) => changed(text, (known) => known.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "")) },
  escapeShellArg: { arity: 1, run: ([text]) => changed(text, quoted) },
  escapeShellArgs: { arity: 1, run: ([from]) => join(" ", textsFrom(from)?.map(quoted) ?? null) },
  replaceString: {
    arity: 3,
    run: ([from, to, text]) => {
      const [old, now] = [textFrom(from), textFrom(to)];
      return old === null || old === "" || now === null ? null : changed(text, (known) => known.split(old).join(now));
    },
  },
  toSentenceCase: {
    arity: 1,
    run: ([text]) => {
      const known = textFrom(text);
      if (known === null || /[\u0080-\uFFFF]/.test(known)) return null;
      return string(known.charAt(0).toUpperCase() + known.slice(1).toLowerCase());
    },
  },
  toInt: {
    arity: 1,
    run: ([text]) => {
      const known = textFrom(text)?.trim() ?? "";
      return /^-?(?:0|[1-9]\d*)$/.test(known) ? integer(Number(known)) : null;
    },
  },
  fixedWidthString: {
    arity: 3,
    run: ([width, fill, text]) => {
      const [size, filler] = [integerFrom(width), textFrom(fill)];
      if (size === null || filler?.length !== 1 || size > 1000) return null;
      return changed(text, (known) => known.padStart(size, filler));
    },
  },
  compareVersions: { arity: 2, run: ([a, b]) => compared(a, b, integer) },
  versionOlder: { arity: 2, run: ([a, b]) => compared(a, b, (order) => bool(order < 0)) },
  versionAtLeast: { arity: 2, run: ([a, b]) => compared(a, b, (order) => bool(order >= 0)) },
};

function lettersOf(text: Thunk | undefined, call: Call): readonly string[] | null {
  const known = textFrom(text);
  // Nix cuts between bytes.
  return known === null || /[\u0080-\uFFFF]/.test(known) || !spend(call.run, known.length) ? null : known.split("");
}

function join(between: string | null, parts: readonly string[] | null): Term | null {
  return between === null || parts === null ? null : string(parts.join(between));
}

function changed(text: Thunk | undefined, of: (known: string) => string): Term | null {
  const known = textFrom(text);
  return known === null || known.length > maximumLength ? null : string(of(known));
}

function numbered(f: Thunk | undefined, from: Thunk | undefined, call: Call): readonly string[] | null {
  const elements = wholeFrom(from)?.map(({ value }, index) => ({ value, index })) ?? null;
  return allOf(elements, ({ value, index }) => {
    const number = ready({ kind: "integer", text: `${index + 1}`, value: index + 1 }, call.at);
    return textFrom(later(f, [number, value], call));
  });
}

function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function compared(a: Thunk | undefined, b: Thunk | undefined, of: (order: number) => Term | null): Term | null {
  const [x, y] = [a, b].map((one) => (one === undefined ? null : force(one)));
  return x?.kind === "string" && y?.kind === "string" ? of(compareVersions(x.text, y.text)) : null;
}

/** As `builtins.compareVersions` documents it: parts are numbers or words, `pre` comes before anything, words before numbers. */
function compareVersions(a: string, b: string): number {
  const [left, right] = [partsOf(a), partsOf(b)];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const [x, y] = [left[index] ?? "", right[index] ?? ""];
    if (x === y) continue;
    return isBefore(x, y) ? -1 : isBefore(y, x) ? 1 : 0;
  }
  return 0;
}

function partsOf(version: string): string[] {
  return version.match(/\d+|[^\d.-]+/g) ?? [];
}

function isBefore(a: string, b: string): boolean {
  const [x, y] = [/^\d+$/.test(a) ? Number(a) : null, /^\d+$/.test(b) ? Number(b) : null];
  if (x !== null && y !== null) return x < y;
  if (a === "" && y !== null) return true;
  if (a === "pre" && b !== "pre") return true;
  if (b === "pre") return false;
  if (y !== null) return true;
  return x === null && a < b;
}
