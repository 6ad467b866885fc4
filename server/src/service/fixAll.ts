import type { Finding, SourceFile } from "../rules/rule";
import { applyEdits, type TextEdit } from "../syntax/span";

/** Fixes may bring others to light (two spellings of a path become the same path); more rounds than this would be a mistake of ours. */
const maximumRounds = 10;

/**
 * The edits that apply every safe preferred fix of `file`, until there is none left: so a second time there is nothing to do. Fixes that
 * would break the syntax are not applied.
 */
export function fixAll(
  file: SourceFile,
  parse: (text: string) => SourceFile,
  check: (file: SourceFile) => readonly Finding[],
): readonly TextEdit[] {
  let current = file;
  let first: readonly TextEdit[] = [];
  for (let round = 0; round < maximumRounds; round++) {
    const edits = apart(check(current));
    if (edits.length === 0) break;
    const next = parse(applyEdits(current.text, edits));
    if (next.persistence.syntaxError !== null && current.persistence.syntaxError === null) break;
    first = round === 0 ? edits : [difference(file.text, next.text)];
    current = next;
  }
  return first;
}

/** The edits of the safe fixes, in the order of the text; of two that touch the same text the first. */
function apart(findings: readonly Finding[]): TextEdit[] {
  const fixes = findings.flatMap(({ fixes: [preferred] = [] }) => {
    if (preferred?.safe !== true || preferred.edits.length === 0) return [];
    const edits = [...preferred.edits].sort((one, other) => one.span.start - other.span.start);
    return [{ edits, start: edits[0]?.span.start ?? 0, end: Math.max(...edits.map(({ span }) => span.end)) }];
  });
  let last = -1;
  return fixes
    .sort((one, other) => one.start - other.start)
    .flatMap(({ edits, start, end }) => {
      if (start <= last) return [];
      last = end;
      return edits;
    });
}

/** The one edit that turns `before` into `after`. */
function difference(before: string, after: string): TextEdit {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  let tail = 0;
  while (tail < shorter - start && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  return { span: { start, end: before.length - tail }, text: after.slice(start, after.length - tail) };
}
