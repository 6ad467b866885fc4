import assert from "node:assert/strict";

/** Waits until `condition` holds; a rejection counts as not yet. Fails with `what` after `seconds`. */
export async function until(what: string, condition: () => boolean | Promise<boolean>, seconds = 30): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  let last: unknown = null;
  while (Date.now() < deadline) {
    try {
      if (await condition()) return;
      last = null;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(`not within ${seconds} s: ${what}${last instanceof Error ? ` (${last.message})` : ""}`);
}
