// What a scan costs, against a bare find of the same tree: `npm run bench -- scan`, by hand with a million paths.
// On btrfs (a loop image, with an older read-only snapshot) and on tmpfs as root, else in a plain folder; through a real sshd on loopback.
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { HostScan } from "../../server/src/hosts/model";
import type { HostConnection } from "../../server/src/hosts/port";
import { type ScanOptions, scanHost } from "../../server/src/hosts/scanHost";
import { coverageOf } from "../../server/src/persistence/coverage";
import { driftBetween } from "../../server/src/scan/compareScans";
import { mayHoldState } from "../../server/src/scan/outline";
import { buildReport } from "../../server/src/scan/report";
import { newPlace } from "../hosts/support/place";
import { newKey } from "../hosts/support/server";
import { noSshd, startSshd } from "../hosts/support/sshd";
import { changeRoot, writeRoot } from "./root/write";

const entries = Number(process.argv[2] ?? 1_000_000);
/** What this process is for: nothing given for the measurement itself, see `child` for the others. */
const [task, folder = "", olderRoots] = process.argv.slice(3);
const rounds = entries > 300_000 ? 3 : 5;
const snapshot = "2026-11-21_09-30-00";

interface Root {
  readonly name: string;
  readonly folder: string;
  /** Where older roots are; null for none. */
  readonly snapshots: string | null;
  remove(): void;
}

const run = (program: string, ...words: string[]): string => execFileSync(program, words, { encoding: "utf8" });

/** A part in a process of its own: writing must not be in the way of what is measured, nor its memory be counted. */
function child(...words: string[]): Promise<void> {
  const [script = ""] = process.argv.slice(1);
  const started = spawn(process.execPath, [script, `${entries}`, ...words], { stdio: "inherit" });
  return new Promise((resolve, reject) => {
    started.on("error", reject);
    started.on("close", (code) => (code === 0 ? resolve() : reject(new Error(`${words[0]} ended with ${code}`))));
  });
}

/** Why something cannot be made is printed: a measurement left out must not look like one that was good. */
async function made(make: () => Promise<Root>): Promise<Root[]> {
  try {
    return [await make()];
  } catch (error) {
    console.log(`  left out: ${error instanceof Error ? error.message.split("\n")[0] : error}`);
    return [];
  }
}

function plainRoot(base: string): Promise<Root> {
  const folder = path.join(base, "plain");
  mkdirSync(folder);
  const root = { name: "a plain folder", folder, snapshots: null, remove: () => rmSync(folder, { recursive: true }) };
  return written(root, () => child("write", folder));
}

async function tmpfsRoot(base: string): Promise<Root> {
  const mount = path.join(base, "tmpfs");
  mkdirSync(mount);
  run(
    "mount",
    "-t",
    "tmpfs",
    "-o",
    `size=${Math.ceil(entries / 250)}m,nr_inodes=${entries * 2 + 10_000}`,
    "tmpfs",
    mount,
  );
  const folder = path.join(mount, "root");
  const root = { name: "tmpfs", folder, snapshots: null, remove: () => void run("umount", mount) };
  return written(root, () => child("write", folder));
}

async function btrfsRoot(base: string): Promise<Root> {
  const image = path.join(base, "image");
  const mount = path.join(base, "btrfs");
  mkdirSync(mount);
  run("truncate", "-s", `${Math.max(512, Math.ceil(entries / 200))}M`, image);
  run("mkfs.btrfs", "-q", image);
  run("mount", "-o", "loop,noatime", image, mount);
  const folder = path.join(mount, "root");
  const snapshots = path.join(mount, "old_roots");
  const remove = (): void => {
    run("umount", mount);
    rmSync(image);
  };
  return written({ name: "btrfs", folder, snapshots, remove }, async () => {
    run("btrfs", "subvolume", "create", folder);
    mkdirSync(snapshots);
    await child("write", folder);
    run("btrfs", "subvolume", "snapshot", "-r", folder, path.join(snapshots, snapshot));
    await child("change", folder);
  });
}

async function written(root: Root, write: () => Promise<void>): Promise<Root> {
  try {
    await write();
    return root;
  } catch (error) {
    root.remove();
    throw error;
  }
}

/** One bare walk, as the target has it, at the priority of whoever asks. */
function bareFind(folder: string, through: readonly string[] = []): Promise<void> {
  const words = [...through, "find", folder, "-xdev", "-printf", "%y %s %T@ %U %G %m %P\\0"];
  const child = spawn(words[0] ?? "find", words.slice(1), { stdio: "ignore", env: { ...process.env, LC_ALL: "C" } });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", () => resolve());
  });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
const mega = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

function judged(what: string, value: number, target: number, unit = ""): void {
  // Below that a scan's own beginnings, which do not grow with the tree, are most of it.
  const verdict = entries < 300_000 ? "at a million paths" : value <= target ? "met" : "MISSED";
  console.log(`    ${what}: ${value.toFixed(unit === "" ? 2 : 0)}${unit} (target ${target}${unit}, ${verdict})`);
}

const nothingKept = coverageOf([]);

interface Figures {
  readonly milliseconds: number;
  readonly first: number | null;
  readonly received: number;
  readonly paths: number;
  readonly scan: HostScan | null;
}

/** What a second scan adds by comparing itself with the first. */
async function drift(connection: HostConnection, root: Root, options: Partial<ScanOptions>): Promise<number> {
  const one = await scanOnce(connection, root, options);
  const other = await scanOnce(connection, root, options);
  const milliseconds = await timed(async () => {
    const found = driftBetween(one.scan, other.scan);
    if (found?.paths !== 0) throw new Error(`two scans of an untouched root differ in ${found?.paths} paths`);
  });
  return milliseconds;
}

/** From a connection being there to candidates. */
async function scanOnce(
  connection: HostConnection,
  root: Root,
  options: Partial<ScanOptions>,
): Promise<Figures & { readonly scan: HostScan }> {
  const started = performance.now();
  let first: number | null = null;
  const scan = await scanHost(connection, {
    host: "bench",
    root: root.folder,
    signal: new AbortController().signal,
    log: () => {},
    onProgress: () => {},
    firstLook: {
      holds: mayHoldState,
      onRead: () => {
        first ??= performance.now() - started;
      },
    },
    ...options,
  });
  buildReport(scan, nothingKept);
  return {
    milliseconds: performance.now() - started,
    first,
    received: scan.cost?.received ?? 0,
    paths: scan.tree.size,
    scan,
  };
}

const idle = ["nice", "-n", "19", "ionice", "-c", "3"];

async function measure(connection: HostConnection, root: Root): Promise<void> {
  const none = path.join(root.folder, "none");
  const kinds: Readonly<Record<string, Partial<ScanOptions>>> = {
    one: { walks: 1, snapshots: none },
    two: { walks: 2, snapshots: none },
    ...(root.snapshots === null ? {} : { compared: { walks: 2, snapshots: root.snapshots } }),
  };
  const floor: number[] = [];
  const idleFloor: number[] = [];
  const figures = new Map<string, Figures[]>(Object.keys(kinds).map((kind) => [kind, []]));
  // The first round fills the caches; runs alternate, so that other load on the machine meets all alike.
  for (let round = 0; round <= rounds; round += 1) {
    const bare = await timed(() => bareFind(root.folder));
    const low = await timed(() => bareFind(root.folder, idle));
    if (round > 0) floor.push(bare);
    if (round > 0) idleFloor.push(low);
    for (const [kind, options] of Object.entries(kinds)) {
      const found = await scanOnce(connection, root, options);
      // Without its tree: only the figures are for later.
      if (round > 0) figures.get(kind)?.push({ ...found, scan: null });
    }
  }
  const bare = median(floor);
  const of = (kind: string): readonly Figures[] => figures.get(kind) ?? [];
  const ratio = (kind: string): number => median(of(kind).map((one) => one.milliseconds)) / bare;
  const [sample] = of("two");
  const empty = path.join(path.dirname(root.folder), "empty");
  mkdirSync(empty);
  const fixed = await scanOnce(connection, { ...root, folder: empty }, { walks: 1, snapshots: none });
  rmSync(empty, { recursive: true });
  console.log(
    `  ${root.name}: ${sample?.paths ?? 0} paths, bare find ${bare.toFixed(0)} ms (at idle priority ${median(idleFloor).toFixed(0)} ms); times are ratios to the bare find; a scan of an empty folder takes ${fixed.milliseconds.toFixed(0)} ms`,
  );
  judged("one walk at a time, to candidates", ratio("one"), 1.15);
  judged("two walks side by side", ratio("two"), 0.8);
  if (root.snapshots !== null) judged("with an older root compared", ratio("compared"), 1.5);
  const again = await drift(connection, root, { walks: 2, snapshots: none });
  console.log(`    a second scan compared with the first: ${(again / bare).toFixed(2)}, ${again.toFixed(0)} ms`);
  const firsts = of("one").flatMap((one) => (one.first === null ? [] : [one.first / one.milliseconds]));
  if (firsts.length > 0) judged("first known state, share of the time of one walk", median(firsts), 0.1);
  console.log(
    `    received: ${mega(sample?.received ?? 0)}, ${((sample?.received ?? 0) / (sample?.paths ?? 1)).toFixed(0)} bytes a path`,
  );
}

/** Peak memory of our own process, with the host as a process of its own; and again after more scans. */
async function memory(connection: HostConnection, root: Root): Promise<void> {
  const peak = (): number => process.resourceUsage().maxRSS / 1e3;
  const before = peak();
  const options = { walks: 2, ...(root.snapshots === null ? {} : { snapshots: root.snapshots }) } as const;
  const peaks: number[] = [];
  const host = watchHost();
  for (let round = 0; round < 4; round += 1) {
    await scanOnce(connection, root, options);
    peaks.push(peak());
  }
  console.log(
    `  memory of a process that scans ${root.name}: ${before.toFixed(0)} MB before, at most ${peaks.map((one) => one.toFixed(0)).join(", ")} MB after each scan`,
  );
  judged("at most", peaks.at(-1) ?? 0, 220, " MB");
  judged("on the host beside find and sshd", host() / 1e3, 64, " MB");
}

/** Looks now and then at what runs for sshd; answers the most memory that was not find's or sshd's, in kB. */
function watchHost(): () => number {
  let most = 0;
  const timer = setInterval(() => {
    let now = 0;
    for (const pid of readdirSync("/proc")) {
      if (!/^\d+$/.test(pid)) continue;
      try {
        const status = readFileSync(`/proc/${pid}/status`, "utf8");
        if (!/^Name:\t(?:sh|dash|bash|xargs|sha256sum|sort|uniq|cut|tr|stdbuf|nice|ionice)$/m.test(status)) continue;
        if (!readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("tidemark")) continue;
        now += Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0);
      } catch {
        // It has ended.
      }
    }
    most = Math.max(most, now);
  }, 50);
  return () => {
    clearInterval(timer);
    return most;
  };
}

/** A connection over a real sshd on loopback. What the user's shell reads at its start is left out: it is no part of a scan. */
async function connected(work: (connection: HostConnection) => Promise<void>): Promise<void> {
  const place = newPlace();
  const key = newKey();
  const server = await startSshd({ authorizedKeys: [key.public], lines: [`SetEnv HOME=${place.folder}`] });
  try {
    place.host("bench", server.port, [`IdentityFile ${place.write("key", key.private)}`, `User ${server.user}`]);
    place.write(
      "known_hosts",
      `[127.0.0.1]:${server.port} ${server.hostKey.public.split(" ").slice(0, 2).join(" ")}\n`,
    );
    const connection = await place.connect("bench");
    await work(connection);
    connection.close();
  } finally {
    await server.stop();
    place.remove();
  }
}

async function all(): Promise<void> {
  if (noSshd !== false) return console.log(`  left out: ${noSshd}`);
  const base = mkdtempSync(path.join(os.tmpdir(), "tidemark-bench-"));
  let roots: Root[] = [];
  try {
    const started = performance.now();
    const makers = process.getuid?.() === 0 ? [btrfsRoot, tmpfsRoot] : [];
    roots = (await Promise.all(makers.map((make) => made(() => make(base))))).flat();
    if (roots.length === 0) roots = await made(() => plainRoot(base));
    console.log(`  roots written in ${((performance.now() - started) / 1000).toFixed(0)} s`);
    for (const root of roots) await connected((connection) => measure(connection, root));
    const [first] = roots;
    if (first !== undefined)
      await child("memory", first.folder, ...(first.snapshots === null ? [] : [first.snapshots]));
  } finally {
    for (const root of roots) root.remove();
    rmSync(base, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  if (task === "write") writeRoot(folder, entries);
  else if (task === "change") changeRoot(folder, entries);
  else if (task === "memory") {
    const root = { name: path.basename(path.dirname(folder)), folder, snapshots: olderRoots ?? null, remove() {} };
    await connected((connection) => memory(connection, root));
  } else await all();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
