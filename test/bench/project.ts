// What a repository costs: all its files read as parts of their hosts, against reading and parsing them once; and what a keystroke in a
// large file of it costs, with the memory after many.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { declarationsIn } from "../../server/src/service/declarations";
import { diskFiles } from "../../server/src/service/diskFiles";
import { Tidemark } from "../../server/src/service/tidemark";
import { SyntaxDocument } from "../../server/src/syntax/document";
import type { Grammar } from "../../server/src/syntax/grammar";
import { grammar } from "../support/grammar";
import { writeRepository } from "./repository/write";

const [count = "4000"] = process.argv.slice(2);

async function main(): Promise<void> {
  const parsed = await grammar();
  const root = mkdtempSync(path.join(tmpdir(), "repository-"));
  try {
    const small = path.join(root, "small");
    const large = path.join(root, "large");
    index(parsed, small, writeRepository(small, sizeOf(200)), false);
    const files = writeRepository(large, sizeOf(Number(count)));
    index(parsed, large, files, true);
    keystrokes(parsed, large, files);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function sizeOf(count: number) {
  return { files: count, hosts: Math.ceil(count / 100), modules: Math.ceil(count / 4) };
}

/** A small repository comes first, for the code to be compiled; then it is measured. */
function index(parsed: Grammar, root: string, files: readonly string[], isMeasured: boolean): void {
  const service = new Tidemark(parsed, diskFiles);
  service.folders = [root];
  const floor = timed(() => {
    for (const name of files) new SyntaxDocument(parsed, readFileSync(name, "utf8")).dispose();
  });
  // Its hosts, with what they persist.
  const evaluated = timed(() => service.projects.modelAt(root));
  const { hosts } = service.projects;
  const persisted = hosts.flatMap(({ storages }) =>
    storages.flatMap(({ lists }) => lists.map(({ entries }) => entries)),
  );
  // All that files declare, each read as a part of its host, and by itself.
  let declared = 0;
  const all = timed(() => {
    const relevant = files.filter((name) => service.files.mentions(name, "persist"));
    const read = relevant.flatMap((name) => {
      const file = service.files.get(name);
      return file === null ? [] : [service.readFile(file)];
    });
    declared = declarationsIn(read, service.broughtFrom).declarations.reduce((sum, one) => sum + one.entries.length, 0);
  });
  // One file of one host is edited, and typing rests.
  const edited = files.find((name) => name.includes("host-1/")) ?? "";
  const before = new Set(service.projects.hosts);
  service.setText(edited, `${readFileSync(edited, "utf8")}# edited`);
  const again = timed(() => {
    for (const _ of service.projects.refresh());
  });
  const anew = service.projects.hosts.filter((host) => !before.has(host)).length;
  service.dispose();
  if (!isMeasured) return;
  const times = (took: number): string => `${took.toFixed(0)} ms, ${(took / floor).toFixed(2)} times`;
  console.log(
    `  ${files.length} files read and parsed once: ${floor.toFixed(0)} ms; ${hosts.length} hosts with ${persisted.flat().length} entries evaluated: ${times(evaluated)} that; all ${declared} entries that files declare: ${times(all)} more; ${anew} hosts evaluated after an edit: ${times(again)} that`,
  );
}

function keystrokes(parsed: Grammar, root: string, files: readonly string[]): void {
  const name = files.find((file) => /hosts\/[^/]+\/default\.nix$/.test(file)) ?? files[0] ?? "";
  const filler = Array.from({ length: 4000 }, (_, at) => `  environment.variables.V${at} = "${at}"; # kept by hand\n`);
  const written = readFileSync(name, "utf8");
  const end = written.lastIndexOf("}");
  const list = `  environment.persistence."/persist".directories = [ "/srv/one" ];\n`;
  const text = `${written.slice(0, end)}${list}${filler.join("")}${written.slice(end)}`;
  writeFileSync(name, text);
  const service = new Tidemark(parsed, diskFiles);
  service.folders = [root];
  service.setText(name, text);
  service.findings(name);
  const at = text.indexOf("/srv/one") + 4;
  const floor: number[] = [];
  const steps: number[] = [];
  const memory: number[] = [];
  // At first code is compiled.
  for (let round = -15; round < 60; round++) {
    const parse = timed(() => new SyntaxDocument(parsed, text).dispose());
    const typed = `${text.slice(0, at)}/x${round}${text.slice(at)}`;
    const step = timed(() => {
      service.setText(name, typed);
      service.findings(name);
    });
    if (round >= 0) floor.push(parse);
    if (round >= 0) steps.push(step);
    if (Math.abs(round) % 10 === 9) for (const _ of service.projects.refresh());
    if (round % 20 === 19) memory.push(process.memoryUsage().rss / 1e6);
  }
  service.dispose();
  const [parse, keystroke] = [percentile(floor, 0.5), percentile(steps, 0.95)];
  console.log(
    `  a keystroke in ${text.split("\n").length} lines: one parse ${parse.toFixed(1)} ms, new findings ${keystroke.toFixed(1)} ms at p95, ${(keystroke - 2 * parse).toFixed(1)} ms over twice the parse; memory ${memory.map((one) => one.toFixed(0)).join(", ")} MB`,
  );
}

function timed(work: () => void): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

void main();
