import type { Written } from "./host-lines";

/** What `tidemark scan --json` prints, as far as it is looked at here. */
export interface Report {
  readonly candidates: readonly Proposal[];
}
export interface Proposal {
  readonly path: string;
  readonly kind: "directory" | "file";
  readonly verdict: "persist" | "probably" | "declare" | "ignore";
  readonly by: { readonly unit: string | null } | null;
}

export interface Figures {
  /** The share of what should be persisted that is proposed at the right level. */
  readonly right: number;
  /** The share of noise among the proposals. */
  readonly noise: number;
  /** The share of proposals that name the unit whose state they are, of those that a unit claims. */
  readonly named: number;
  /** All for people, with every miss. */
  readonly lines: readonly string[];
}

/**
 * Compares proposals with what was written down. Proposals to persist count for what should be persisted; those to declare
 * count as shown, too. What is better left to vanish is no proposal.
 */
export function figuresOf({ keep, may, stateOf }: Written, candidates: readonly Proposal[]): Figures {
  const named = ({ path, kind }: Proposal) => (kind === "directory" ? `${path}/` : path);
  const shown = candidates.filter(({ verdict }) => verdict !== "ignore");
  const toPersist = new Set(shown.filter(({ verdict }) => verdict !== "declare").map(named));
  const missed = keep.filter((levels) => !levels.some((level) => toPersist.has(level)));
  const wanted = new Set([...keep.flat(), ...may]);
  const noise = shown.filter((one) => !wanted.has(named(one)));
  const share = (part: number, of: number) => `${part} of ${of} (${((100 * part) / Math.max(1, of)).toFixed(1)} %)`;
  const right = keep.length - missed.length;
  const claimed = shown.filter(({ path }) => stateOf.has(path));
  const unnamed = claimed.filter(({ path, by }) => by?.unit !== stateOf.get(path));
  return {
    named: 1 - unnamed.length / Math.max(1, claimed.length),
    right: right / keep.length,
    noise: noise.length / Math.max(1, shown.length),
    lines: [
      `proposed at the right level: ${share(right, keep.length)}`,
      ...missed.map((levels) => `  missed: ${levels.join(" | ")}`),
      `noise among the proposals: ${share(noise.length, shown.length)}`,
      ...noise.map((one) => `  noise: ${one.verdict} ${named(one)}`),
      `state of a unit that names it: ${share(claimed.length - unnamed.length, claimed.length)}`,
      ...unnamed.map(({ path, by }) => `  not named: ${path}, by ${by?.unit ?? "nobody"}`),
    ],
  };
}
