import type { Node } from "../syntax/node";
import { stringText } from "../syntax/strings";
import { evaluate } from "./evaluate";
import { child, type Source, span } from "./nodes";
import type { Scope } from "./scope";
import { select } from "./select";
import { affordsText, maximumLength, type PathTerm, type Run, type Term, tooMuch, unknown } from "./terms";

/** A `"…"` or `''…''`, with the strings that are put into it. */
export function evaluateString(node: Node, scope: Scope): Term {
  let computed = false;
  let left = maximumLength;
  const result = stringText(node, scope.run.source, (interpolation) => {
    const term = evaluate(child(interpolation, "expression"), scope);
    const known = inString(term, scope.run);
    if (known === null) return null; // a number is an error
    computed = true;
    left -= known.length;
    return left < 0 ? null : known;
  });
  if (computed && !affordsText(scope.run, maximumLength - left)) return tooMuch;
  if ("unknown" in result) return left < 0 ? tooMuch : unknown(result.unknown);
  return { kind: "string", text: result.text, resolved: computed, ...(computed ? {} : { place: span(node) }) };
}

/** `/var/log`, `./x`, `~/x`, and those with `${…}` in them. */
export function evaluatePath(node: Node, scope: Scope): Term {
  const at = span(node);
  const { source } = scope.run;
  const holes = node.namedChildren.filter((part) => part.type === "interpolation");
  const base = baseOf(scope.run.origin);
  if (holes.length === 0) return writtenPath(source.slice(at.start, at.end), scope.run.origin);
  let text = "";
  let from = at.start;
  for (const hole of holes) {
    const term = evaluate(child(hole, "expression"), scope);
    if (term.kind !== "string") return unknown("the path is computed");
    text += source.slice(from, hole.startIndex) + term.text;
    from = hole.endIndex;
    if (text.length > maximumLength) return tooMuch;
  }
  return pathOf(text + source.slice(from, at.end), base);
}

/** A path that is written as it is. */
export function writtenPath(text: string, origin: Source | null): PathTerm {
  return { kind: "path", text, ...baseOf(origin) };
}

/** The folder relative paths count from, where the file is known. */
function baseOf(origin: Source | null): Pick<PathTerm, "base"> {
  return origin === null ? {} : { base: origin.file.slice(0, origin.file.lastIndexOf("/")) || "/" };
}

/** A path from `/` on, without `.`, `..` and doubled slashes; null where a relative one counts from an unknown folder. */
export function absolute({ text, base }: PathTerm): string | null {
  if (!text.startsWith("/") && (base === undefined || text.startsWith("~") || text.startsWith("<"))) return null;
  const path = pathOf(text.startsWith("/") ? text : `${base ?? ""}/${text}`);
  return path.kind === "path" ? path.text : null;
}

/** What a term gives inside a string: its text, or where a flake or a path lies. Null where that is not known. */
function inString(term: Term, run: Run): string | null {
  if (term.kind === "string") return term.text;
  // Its copy in the store has the same files.
  if (term.kind === "path" && run.world !== null) return absolute(term);
  if (term.kind !== "open" && term.kind !== "attrs") return null;
  const out = select(term, "outPath", run);
  return out?.kind === "string" ? out.text : null;
}

/** A path as Nix makes it, without `.`, `..` and doubled slashes; a relative one stays relative to its file. */
export function pathOf(text: string, base: Pick<PathTerm, "base"> = {}): Term {
  const absolute = text.startsWith("/");
  if (!absolute && !/^\.\.?(?:\/|$)/.test(text)) return unknown("the path is computed");
  const kept: string[] = [];
  for (const segment of text.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment !== "..") kept.push(segment);
    else if (kept.length > 0 && kept[kept.length - 1] !== "..") kept.pop();
    else if (!absolute) kept.push("..");
  }
  const joined = kept.join("/");
  if (absolute) return { kind: "path", text: `/${joined}` };
  return { kind: "path", text: kept[0] === ".." ? joined : `./${joined}`, ...base };
}

/** The name a segment of an attribute path stands for: `a`, `"a"`, `"${x}/y"`, `${x}`; null where it is not known. */
export function nameOf(part: Node, scope: Scope): string | null {
  if (part.type === "identifier") return scope.run.source.slice(part.startIndex, part.endIndex);
  const node = part.type === "interpolation" ? child(part, "expression") : part;
  const term = evaluate(node, scope);
  return term.kind === "string" ? term.text : null;
}
