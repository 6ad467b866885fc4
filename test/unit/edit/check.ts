import assert from "node:assert/strict";
import { test } from "node:test";
import type { EditHints } from "../../../server/src/persistence/edit";
import { normalise } from "../../../server/src/persistence/paths";
import type { PersistTarget } from "../../../server/src/persistence/target";
import { read } from "../../support/grammar";
import { nixAvailable, nixComplaint, type Outcome, persist } from "./support";

/** One text before and after; both begin on the line after the opening quote. */
export interface Case {
  readonly name: string;
  readonly before: string;
  readonly add: readonly PersistTarget[];
  readonly after: string;
  readonly hints?: EditHints;
}

/** One test per case, and one that asks real Nix about all results. */
export function runCases(cases: readonly Case[]): void {
  const results: string[] = [];
  for (const { name, before, add, after, hints } of cases) {
    test(name, async () => {
      const texts = { "host.nix": before.replace(/^\n/, "") };
      const outcome = await persist(texts, add, hints);
      assert.deepEqual(outcome.refused, []);
      assert.equal(outcome.after["host.nix"], after.replace(/^\n/, ""));
      await checkOutcome(texts, add, outcome, hints);
      results.push(outcome.after["host.nix"] ?? "");
    });
  }
  test("real Nix accepts every result", { skip: nixAvailable ? false : "nix-instantiate is not installed" }, () => {
    assert.equal(results.length, cases.length);
    assert.equal(nixComplaint(results), null);
  });
}

/**
 * What holds for any edit: it replaces only blanks; every entry that was there is there still and in order, and new ones are exactly the
 * targets, once each; nothing else broke; and asked a second time there is nothing left to do.
 */
export async function checkOutcome(
  texts: Readonly<Record<string, string>>,
  targets: readonly PersistTarget[],
  outcome: Outcome,
  hints: EditHints = {},
): Promise<void> {
  const before: string[] = [];
  const now: string[] = [];
  for (const [name, text] of Object.entries(texts)) {
    for (const edit of outcome.edits.get(name) ?? [])
      assert.match(text.slice(edit.span.start, edit.span.end), /^\s*$/, "only blanks may be replaced");
    const result = outcome.after[name] ?? "";
    const reread = await read(result);
    assert.equal(reread.syntaxError, null, `${name} no longer parses:\n${result}`);
    now.push(...entriesOf(name, reread));
    before.push(...entriesOf(name, await read(text)));
  }
  const added = [...now];
  for (let index = 0, from = 0; index < before.length; index++, from++) {
    // Order is asked of each list alone: a new list may come between two old ones.
    from = added.indexOf(before[index] ?? "");
    assert.notEqual(from, -1, `an entry is gone or changed: ${before[index]}`);
    added.splice(from, 1);
  }
  const kept = now.filter((entry) => before.includes(entry));
  assert.deepEqual(kept, before, "entries changed their order");
  const refused = new Set(outcome.refused.map(({ path }) => path));
  const wanted = targets.filter(({ path }) => !refused.has(path));
  for (const target of wanted) assert.equal(added.filter((entry) => names(entry, target)).length, 1, target.path);
  assert.equal(added.length, wanted.length, `more was added than asked for: ${added.join("; ")}`);

  const again = await persist(outcome.after, targets, hints);
  assert.deepEqual([...again.edits], [], "asked again, it edits again");
  for (const { path } of wanted) {
    const reason = again.refused.find((one) => one.path === path)?.reason;
    assert.match(reason ?? "", /already persisted through/);
  }
}

function entriesOf(file: string, persistence: Awaited<ReturnType<typeof read>>): string[] {
  return persistence.blocks.flatMap((block) =>
    block.lists.flatMap((list) =>
      list.entries.map(({ kind, written, user, group, mode, conditional }) =>
        JSON.stringify([file, list.scope, kind, written, user, group, mode, conditional]),
      ),
    ),
  );
}

function names(entry: string, { path, kind, homeOf }: PersistTarget): boolean {
  const [, , entryKind, written] = JSON.parse(entry) as [string, unknown, string, string];
  const wanted = normalise(path);
  return entryKind === kind && (written === wanted || (homeOf !== null && `${homeOf.home}/${written}` === wanted));
}
