import { allOf, boolFrom, integerFrom, later, textFrom, textsFrom, wholeFrom } from "./arguments";
import { hasMember } from "./layers";
import { select } from "./select";
import {
  type Builtin,
  bool,
  type Call,
  force,
  integer,
  list,
  made,
  maximumLength,
  type PathTerm,
  type Run,
  spend,
  string,
  type Term,
  type Thunk,
  tooMuch,
} from "./terms";
import { absolute, pathOf } from "./text";

/** `builtins` and `lib.strings`: functions over strings. */
export const texts: Readonly<Record<string, Builtin>> = {
  toString: {
    arity: 1,
    run: ([value]: readonly Thunk[], { run }: Call) => stringOf(value === undefined ? null : force(value), run, 0),
  },
  concatStrings: { arity: 1, run: ([from]) => join("", textsFrom(from)) },
  concatStringsSep: { arity: 2, run: ([between, from]) => join(textFrom(between), textsFrom(from)) },
  concatMapStrings: { arity: 2, run: ([f, from], call) => join("", results(f, from, call)) },
  concatMapStringsSep: {
    arity: 3,
    run: ([between, f, from], call) => join(textFrom(between), results(f, from, call)),
  },
  optionalString: {
    arity: 2,
    run: ([condition, value]) => {
      const known = boolFrom(condition);
      if (known === null || value === undefined) return null;
      return known ? force(value) : string("");
    },
  },
  hasPrefix: { arity: 2, run: ([part, whole]) => test(part, whole, (a, b) => b.startsWith(a)) },
  hasSuffix: {
    arity: 2,
    run: ([part, whole]) => {
      const [end, path] = [textFrom(part), whole === undefined ? null : force(whole)];
      if (path?.kind !== "path" || end === null) return test(part, whole, (a, b) => b.endsWith(a));
      // A path is copied to the store, under its own name behind a hash.
      const name = path.text.replace(/^.*\//s, "-");
      if (name.length >= end.length) return bool(name.endsWith(end));
      return end.endsWith(name) ? null : bool(false);
    },
  },
  hasInfix: { arity: 2, run: ([part, whole]) => test(part, whole, (a, b) => b.includes(a)) },
  removePrefix: {
    arity: 2,
    run: ([part, whole]) => change(part, whole, (a, b) => (b.startsWith(a) ? b.slice(a.length) : b)),
  },
  removeSuffix: {
    arity: 2,
    run: ([part, whole]) => change(part, whole, (a, b) => (b.endsWith(a) ? b.slice(0, b.length - a.length) : b)),
  },
  replaceStrings: {
    arity: 3,
    run: ([from, to, text], call) => replaced(textsFrom(from), textsFrom(to), textFrom(text), call),
  },
  splitString: {
    arity: 2,
    run: ([between, text], call) => {
      const [separator, whole] = [textFrom(between), textFrom(text)];
      if (separator === null || separator === "" || whole === null) return null;
      const parts = whole.split(separator);
      return spend(call.run, parts.length) ? list(parts.map((part) => made(string(part), call.at))) : tooMuch;
    },
  },
  toLower: { arity: 1, run: ([text]) => ascii(text, (known) => known.replace(/[A-Z]/g, (c) => c.toLowerCase())) },
  toUpper: { arity: 1, run: ([text]) => ascii(text, (known) => known.replace(/[a-z]/g, (c) => c.toUpperCase())) },
  stringLength: {
    arity: 1,
    run: ([text]) => {
      const known = textFrom(text);
      return known === null || !isAscii(known) ? null : integer(known.length);
    },
  },
  substring: {
    arity: 3,
    run: ([start, length, text]) => {
      const [from, count] = [integerFrom(start), integerFrom(length)];
      if (from === null || count === null || from < 0) return null;
      return ascii(text, (known) => known.slice(from, count < 0 ? undefined : from + count));
    },
  },
  baseNameOf: {
    arity: 1,
    run: ([path]) => {
      const text = textOrPath(path);
      return text === null ? null : string(text.replace(/\/$/, "").replace(/^.*\//s, ""));
    },
  },
  dirOf: {
    arity: 1,
    run: ([path]) => {
      const term = path === undefined ? null : force(path);
      if (term?.kind === "path") return folderOf(term);
      const text = textFrom(path);
      if (text === null) return null;
      const end = text.lastIndexOf("/");
      return string(end === -1 ? "." : end === 0 ? "/" : text.slice(0, end));
    },
  },
};

/** A path whose last part is written, or a string. */
function textOrPath(thunk: Thunk | undefined): string | null {
  const term = thunk === undefined ? null : force(thunk);
  if (term?.kind === "string") return term.text;
  const path = term?.kind === "path" ? (absolute(term) ?? term.text) : null;
  return path === null || /(?:^|\/)\.{1,2}\/?$/.test(path) ? null : path;
}

/** The folder a path is in; null where that is not known. */
function folderOf(term: PathTerm): Term | null {
  const path = absolute(term);
  return path === null ? null : pathOf(path.slice(0, Math.max(1, path.lastIndexOf("/"))));
}

function join(between: string | null, parts: readonly string[] | null): Term | null {
  if (between === null || parts === null) return null;
  const size = parts.reduce((sum, part) => sum + part.length + between.length, 0);
  return size > maximumLength ? tooMuch : string(parts.join(between));
}

function results(f: Thunk | undefined, from: Thunk | undefined, call: Call): string[] | null {
  return allOf(wholeFrom(from), ({ value }) => textFrom(later(f, [value], call)));
}

function test(part: Thunk | undefined, whole: Thunk | undefined, of: (a: string, b: string) => boolean): Term | null {
  const [a, b] = [textFrom(part), textFrom(whole)];
  return a === null || b === null ? null : bool(of(a, b));
}

function change(part: Thunk | undefined, whole: Thunk | undefined, of: (a: string, b: string) => string): Term | null {
  const [a, b] = [textFrom(part), textFrom(whole)];
  return a === null || b === null ? null : string(of(a, b));
}

/** Nix counts bytes; only in ASCII are they what JavaScript counts. */
function ascii(text: Thunk | undefined, of: (known: string) => string): Term | null {
  const known = textFrom(text);
  return known === null || !isAscii(known) ? null : string(of(known));
}

function isAscii(text: string): boolean {
  return !/[\u0080-\uFFFF]/.test(text);
}

function replaced(from: string[] | null, to: string[] | null, text: string | null, call: Call): Term | null {
  if (from === null || to === null || text === null || from.length !== to.length || from.includes("")) return null;
  if (!spend(call.run, Math.ceil((text.length * (from.length + 1)) / 50))) return tooMuch;
  let result = "";
  for (let at = 0; at < text.length; ) {
    const index = from.findIndex((part) => text.startsWith(part, at));
    result += index === -1 ? text.charAt(at) : (to[index] ?? "");
    at += index === -1 ? 1 : (from[index] ?? " ").length;
    if (result.length > maximumLength) return tooMuch;
  }
  return string(result);
}

/** What `toString` makes of a term; null where that is not known. */
function stringOf(term: Term | null, run: Run, depth: number): Term | null {
  switch (term?.kind) {
    case "string":
      return string(term.text);
    case "integer":
      return string(`${term.value}`);
    case "bool":
      return string(term.value ? "1" : "");
    case "null":
      return string("");
    case "path": {
      const path = absolute(term);
      return path === null ? null : string(path);
    }
    case "list": {
      if (depth > 20 || term.unknown.length > 0 || term.elements.some((element) => element.conditional)) return null;
      const parts = allOf(term.elements, ({ value }) => stringOf(force(value), run, depth + 1));
      return join(
        " ",
        allOf(parts, (part) => (part.kind === "string" ? part.text : null)),
      );
    }
    case "open":
    case "attrs": {
      const out = hasMember(term, "__toString") === false ? select(term, "outPath", run) : null;
      return out?.kind === "string" ? string(out.text) : null;
    }
    default:
      return null;
  }
}
