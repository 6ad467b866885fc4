import assert from "node:assert/strict";
import { test } from "node:test";
import { createRestarter } from "../../../client/src/restarter";

/** Runs that end when told to. */
function controlled() {
  const runs: { end: () => void; fail: (error: Error) => void }[] = [];
  const restart = createRestarter(() => new Promise((end, fail) => runs.push({ end: () => end(), fail })));
  return { runs, restart };
}

test("runs never overlap, and calls during a run make one more", async () => {
  const { runs, restart } = controlled();
  const first = restart();
  const more = [restart(), restart(), restart()];
  assert.equal(runs.length, 1);
  runs[0]?.end();
  await first;
  await new Promise(setImmediate);
  assert.equal(runs.length, 2);
  runs[1]?.end();
  await Promise.all(more);
  assert.equal(runs.length, 2);
});

test("a call after the queued run began asks for another one", async () => {
  const { runs, restart } = controlled();
  void restart();
  const second = restart();
  runs[0]?.end();
  await new Promise(setImmediate);
  const third = restart();
  runs[1]?.end();
  await second;
  await new Promise(setImmediate);
  assert.equal(runs.length, 3);
  runs[2]?.end();
  await third;
});

test("a failed run is told to its callers and does not stop the next", async () => {
  const { runs, restart } = controlled();
  const first = restart();
  const second = restart();
  runs[0]?.fail(new Error("no"));
  await assert.rejects(first, /no/);
  await new Promise(setImmediate);
  runs[1]?.end();
  await second;
  const third = restart();
  assert.equal(runs.length, 3);
  runs[2]?.end();
  await third;
});
