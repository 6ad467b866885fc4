import type { HostEntries, OurRow, Row } from "./row";

/**
 * What is wrong with what is said of one host, given what Nix says of it under each answer that upstream could give;
 * `unsure` are the paths that may be missing or conditional although Nix has them always.
 */
export function mistakes(
  ours: HostEntries,
  worlds: readonly (readonly Row[])[],
  unsure: ReadonlySet<string>,
): string[] {
  const wrong: string[] = [];
  const lists = new Set([...ours.rows, ...worlds.flat()].map(listOf));
  for (const list of lists) {
    const said = ours.rows.filter((row) => listOf(row) === list);
    for (const world of worlds) {
      const real = world.filter((row) => listOf(row) === list);
      if (!agree(said, real, unsure))
        wrong.push(`${list}\n  we say: ${said.map(line).join(", ")}\n  Nix says: ${real.map(line).join(", ")}`);
    }
    for (const row of said)
      if (row.conditional && !unsure.has(row.path) && worlds.every((world) => world.some((real) => same(row, real))))
        wrong.push(`${list}: ${row.path} is called conditional, and Nix has it always`);
  }
  const said = new Set(ours.rows.map(({ path }) => path));
  const lacking = worlds.flat().some(({ path }) => !said.has(path));
  if (lacking && ours.unknown.length === 0) wrong.push("entries are missing and nothing is called unknown");
  return [...new Set(wrong)];
}

/** Whether ours can be made Nix's list by leaving out conditional rows, and rows of Nix that may be missing. */
function agree(ours: readonly OurRow[], real: readonly Row[], unsure: ReadonlySet<string>): boolean {
  let reached = new Set([0]);
  const skip = (positions: Set<number>) => {
    for (const at of positions) if (unsure.has(real[at]?.path ?? "")) positions.add(at + 1);
    return positions;
  };
  skip(reached);
  for (const row of ours) {
    const next = new Set<number>(row.conditional ? reached : []);
    for (const at of reached) {
      const there = real[at];
      if (there !== undefined && same(row, there)) next.add(at + 1);
    }
    reached = skip(next);
  }
  return reached.has(real.length);
}

function listOf({ module, storage, scope, list }: Row): string {
  return `${module} ${storage} ${scope} ${list}`;
}

function same(ours: Row, real: Row): boolean {
  const plain = real.scope === "system" ? "root" : real.scope.slice("user:".length);
  const mode = real.module === "preservation" && real.kind === "file" ? "0644" : "0755";
  return (
    ours.path === real.path &&
    ours.kind === real.kind &&
    holds(ours.user, real.user, plain) &&
    holds(ours.mode, real.mode, mode) &&
    holds(ours.group, real.group, real.scope === "system" ? plain : real.user === plain ? real.group : null)
  );
}

/** What is not said is the default. */
function holds(ours: string | null, real: string | null, usual: string | null): boolean {
  return real === null || ours === real || (ours === null && real === usual);
}

function line({ path, user, group, mode, ...row }: Row | OurRow): string {
  return `${path}${"conditional" in row && row.conditional ? "?" : ""} (${user ?? "-"}:${group ?? "-"} ${mode ?? "-"})`;
}
