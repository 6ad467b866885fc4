// What a scan costs beyond one bare walk of the same tree: `npx tsx test/bench/scan.ts [files]`, run by hand.
// Prints ratios of medians; runs alternate so that other load on the machine meets both alike.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { localConnection } from "../hosts/support/local";
import { mountinfo, scan } from "../hosts/support/root";

const files = Number(process.argv[2] ?? 100_000);
const compared = 10_000;
const runs = 7;
const old = ".snapshots/old_roots/2026-11-21_09-30-00";

function makeTree(root: string, count: number, text: (index: number) => string): void {
  for (let index = 0; index < count; index += 1) {
    const folder = path.join(root, `var/lib/service-${index % 50}/data/part-${index % 2000}`);
    if (index < 2000) mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, `file-with-a-usual-name-${index}.dat`), text(index));
  }
}

function makeRoot(): string {
  const root = mkdtempSync(path.join(tmpdir(), "tidemark-bench-"));
  mkdirSync(path.join(root, "proc/self"), { recursive: true });
  writeFileSync(path.join(root, "proc/self/mountinfo"), mountinfo);
  writeFileSync(path.join(root, "proc/stat"), "btime 1795000000\n");
  return root;
}

/** `through` runs it at the priority of a scan, which matters only where others want the processors too. */
function bareWalk(root: string, through: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const [program = "find", ...words] = [...through, "find", root, "-xdev", "-printf", "%y %s %T@ %U %G %m %P\\0"];
    const child = spawn(program, words, { stdio: "ignore" });
    child.on("error", reject);
    child.on("close", () => resolve());
  });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - started) / 1e6;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

async function ratio(name: string, root: string): Promise<void> {
  const floor: number[] = [];
  const idleFloor: number[] = [];
  const whole: number[] = [];
  let paths = 0;
  for (let run = 0; run <= runs; run += 1) {
    const bare = await timed(() => bareWalk(root, []));
    const idle = await timed(() => bareWalk(root, ["nice", "-n", "19", "ionice", "-c", "3"]));
    const full = await timed(async () => {
      paths = (await scan(localConnection(), root)).tree.size;
    });
    // The first run fills the caches.
    if (run === 0) continue;
    floor.push(bare);
    idleFloor.push(idle);
    whole.push(full);
  }
  const [low, idle, high] = [median(floor), median(idleFloor), median(whole)];
  const shown = `bare walk ${low.toFixed(0)} ms (idle priority ${idle.toFixed(0)} ms), scan ${high.toFixed(0)} ms`;
  console.log(`${name}: ${paths} paths, ${shown}, ratio ${(high / low).toFixed(2)} (${(high / idle).toFixed(2)})`);
}

async function main(): Promise<void> {
  const live = makeRoot();
  const both = makeRoot();
  try {
    makeTree(live, files, (index) => `${index}`);
    await ratio("one root", live);
    makeTree(both, compared, (index) => `content of ${index} `.repeat(30));
    makeTree(path.join(both, old), compared, (index) => `content of ${index % 100 === 0 ? -index : index} `.repeat(30));
    await ratio(`${compared} files compared with an old root (the bare walk covers both)`, both);
  } finally {
    for (const folder of [live, both]) rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
