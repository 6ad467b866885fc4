/**
 * The candidate a misspelt name most likely stands for: at most a third of its letters differ, or one is the beginning of the other.
 * Null where none is near.
 */
export function nearest(name: string, candidates: readonly string[]): string | null {
  const allowed = Math.max(1, Math.floor(name.length / 3));
  let best: string | null = null;
  let least = allowed + 1;
  for (const candidate of candidates) {
    const away = distance(name.toLowerCase(), candidate.toLowerCase());
    if (away < least) {
      best = candidate;
      least = away;
    }
  }
  return best ?? candidates.find((candidate) => isBeginning(candidate, name) || isBeginning(name, candidate)) ?? null;
}

function isBeginning(short: string, long: string): boolean {
  return short.length >= 4 && long.toLowerCase().startsWith(short.toLowerCase());
}

/** How many letters must be inserted, dropped, replaced or swapped with their neighbour. Names longer than any option are far from all. */
function distance(from: string, to: string): number {
  if (from.length > 64) return Number.POSITIVE_INFINITY;
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current[column] = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (same ? 0 : 1),
        swapped ? at(beforeLast, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    beforeLast = last;
    last = current;
  }
  return at(last, to.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
