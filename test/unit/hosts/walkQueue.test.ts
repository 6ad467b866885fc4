import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameError } from "../../../server/src/hosts/probeFrame";
import type { WalkStart } from "../../../server/src/hosts/recordsWalk";
import { WalkQueue } from "../../../server/src/hosts/walkQueue";

const names = ["", "srv", "var", "etc", "opt", "var/lib", "var/log"];
const start = (node: number): WalkStart => ({ node, pruned: undefined, identity: null, levels: 1 });
const queueOf = () => new WalkQueue((node) => Buffer.from(names[node] ?? ""));

test("what goes first is dealt out before the others and never together with them", async () => {
  const queue = queueOf();
  for (const node of [1, 4]) queue.add(start(node));
  for (const node of [2, 3]) queue.add(start(node), true);
  const given = queue.walk().names();
  const next = async () => String((await given.next()).value);
  assert.equal(await next(), "./var/.\0./etc/.\0/.\0");
  assert.equal(await next(), "./srv/.\0/.\0");
});

test("walks share what goes first, and what is found later waits for its turn", () => {
  const queue = queueOf();
  queue.walk();
  queue.walk();
  queue.add(start(1));
  for (const node of [2, 3]) queue.add(start(node), true);
  const taken = () => queue.take().map(({ node }) => names[node]);
  assert.deepEqual(taken(), ["var"]);
  queue.add(start(5));
  assert.deepEqual([taken(), taken(), taken(), taken()], [["etc"], ["srv"], ["var/lib"], []]);
});

test("a walk ends when all is walked, and tells which folders a mark is about", async () => {
  const queue = queueOf();
  queue.add(start(0));
  const walk = queue.walk();
  const given = walk.names();
  assert.equal(String((await given.next()).value), "./.\0/.\0");
  const name = Buffer.from("./.");
  assert.equal(walk.startNamed(name, 0, name.length).node, 0);
  assert.throws(() => walk.startNamed(name, 0, name.length), FrameError);
  const ended = given.next();
  assert.equal(queue.done, false);
  assert.deepEqual(
    walk.onMark().map(({ node }) => node),
    [0],
  );
  assert.deepEqual([(await ended).done, queue.done], [true, true]);
  assert.throws(() => walk.onMark(), FrameError);
});
