import { textFrom } from "./arguments";
import { type Builtin, type Call, list, made, string, type Term } from "./terms";

/** Longer ones are not tried: an expression may take long for a text. */
const maximumText = 1000;
const maximumPattern = 200;

/** `builtins.match`: what the groups of an extended regular expression match. */
export const matching: Readonly<Record<string, Builtin>> = {
  match: {
    arity: 2,
    run: ([pattern, text], call) => {
      const [expression, subject] = [textFrom(pattern), textFrom(text)];
      return expression === null || subject === null ? null : matched(expression, subject, call);
    },
  },
  split: {
    arity: 2,
    run: ([pattern, text], call) => {
      const [expression, subject] = [textFrom(pattern), textFrom(text)];
      return expression === null || subject === null ? null : divided(expression, subject, call);
    },
  },
};

/** What is between the matches, and the groups of each match as a list. */
function divided(expression: string, subject: string, { at }: Call): Term | null {
  if (subject.length > maximumText || !isSimple(expression)) return null;
  try {
    const regular = new RegExp(expression, "gs");
    const parts: Term[] = [];
    let end = 0;
    for (const found of subject.matchAll(regular)) {
      if (found[0] === "") return null;
      parts.push(string(subject.slice(end, found.index)), groupsOf(found, at));
      end = found.index + found[0].length;
    }
    parts.push(string(subject.slice(end)));
    return list(parts.map((part) => made(part, at)));
  } catch {
    return null;
  }
}

function groupsOf(found: RegExpMatchArray, at: Call["at"]): Term {
  return list(
    found.slice(1).map((group: string | undefined) => made(group === undefined ? { kind: "null" } : string(group), at)),
  );
}

function matched(expression: string, subject: string, { at }: Call): Term | null {
  if (subject.length > maximumText || !isSimple(expression)) return null;
  try {
    const found = new RegExp(`^(?:${expression})$`, "s").exec(subject);
    if (found === null) return { kind: "null" };
    return groupsOf(found, at);
  } catch {
    return null;
  }
}

/**
 * Only what POSIX and JavaScript read alike, and what ends soon for any text: no repeated group, few repetitions,
 * no classes such as `[[:space:]]`.
 */
function isSimple(expression: string): boolean {
  if (expression.length > maximumPattern || /\[[:.=]|\(\?|\)[*+?{]|\\[A-Za-z0-9]|[^\x20-\x7e]/.test(expression))
    return false;
  return (expression.match(/[*+{]/g) ?? []).length <= 4;
}
