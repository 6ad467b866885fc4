import { textFrom } from "./arguments";
import { type Builtin, type Call, list, made, type Run, spend, string, type Term } from "./terms";

const maximumPattern = 200;
/** Ways to try an expression on a text; more take longer than a tenth of a second. */
const maximumWays = 1e7;

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
function divided(expression: string, subject: string, { at, run }: Call): Term | null {
  // Of several alternatives Nix takes the longest, JavaScript the first.
  if (!isSimple(expression) || expression.includes("|") || !ends(expression, subject, 1, run)) return null;
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

function matched(expression: string, subject: string, { at, run }: Call): Term | null {
  if (!isSimple(expression) || !ends(expression, subject, 0, run)) return null;
  try {
    const found = new RegExp(`^(?:${expression})$`, "s").exec(subject);
    if (found === null) return { kind: "null" };
    return groupsOf(found, at);
  } catch {
    return null;
  }
}

/** Only what POSIX and JavaScript read alike: no repeated group, no classes such as `[[:space:]]`. */
function isSimple(expression: string): boolean {
  return !(expression.length > maximumPattern || /\[[:.=]|\(\?|\)[*+?{]|\\[A-Za-z0-9]|[^\x20-\x7e]/.test(expression));
}

/**
 * Whether trying it ends soon: each repetition may end anywhere in the text, each `?` and `|` doubles the ways,
 * and a search (`free` is 1) may begin anywhere. What it takes is counted as work.
 */
function ends(expression: string, { length }: string, free: 0 | 1, run: Run): boolean {
  const repeated = (expression.match(/[*+{]/g) ?? []).length + free;
  const doubled = (expression.match(/[?|]/g) ?? []).length;
  const ways = Math.max(2, length) ** repeated * 2 ** doubled;
  return ways <= maximumWays && spend(run, Math.ceil((ways + length) / 1000));
}
