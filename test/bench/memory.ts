// What many edits leave behind: the heap and the parser's memory after a thousand keystrokes, and after ten times as many.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { diskFiles } from "../../server/src/service/diskFiles";
import { Tidemark } from "../../server/src/service/tidemark";
import { grammar } from "../support/grammar";
import { random } from "../support/random";
import { writeRepository } from "./repository/write";

const [count = "10000"] = process.argv.slice(2);

/** Pauses in typing after which the repository is evaluated anew: one in so many edits. */
const pause = 50;
/** What is typed, of which some does not parse until it is taken back. */
const typed = ['"/srv/x"', "enable = true;", "# why", "[", '"', "{ a = 1; }", "lib.mkIf true ", "\n", "x", " "];

interface Memory {
  readonly heap: number;
  readonly parser: number;
}

async function main(): Promise<void> {
  const memories = watchMemories();
  const parsed = await grammar();
  const root = mkdtempSync(path.join(tmpdir(), "repository-"));
  const service = new Tidemark(parsed, diskFiles);
  try {
    const files = writeRepository(root, { files: 200, hosts: 2, modules: 100 });
    service.folders = [root];
    const open = files.filter((file) => /hosts\/[^/]+\/default\.nix$|service-\d+\.nix$/.test(file)).slice(0, 4);
    const texts = new Map(open.map((name) => [name, readFileSync(name, "utf8")]));
    for (const [name, text] of texts) service.setText(name, text);
    const next = random(1);
    const measured: Memory[] = [];
    const [first, last] = [Number(count) / 10, Number(count)];
    for (let edit = 1; edit <= last; edit++) {
      const name = open[next(open.length)] ?? "";
      const text = texts.get(name) ?? "";
      const at = next(text.length + 1);
      service.setText(name, text.slice(0, at) + (typed[next(typed.length)] ?? "") + text.slice(at + next(3)));
      service.findings(name);
      // Every other edit is taken back, so that the files stay what they are.
      if (edit % 2 === 0) for (const [one, before] of texts) service.setText(one, before);
      if (edit % pause === 0) for (const _ of service.projects.refresh());
      if (edit === first || edit === last) measured.push(memoryOf(memories));
    }
    report(first, last, measured);
  } finally {
    service.dispose();
    rmSync(root, { recursive: true, force: true });
  }
}

/** A `WebAssembly.Memory`, which the types of Node do not have. */
interface ParserMemory {
  readonly buffer: { readonly byteLength: number };
}

/** The memories that WebAssembly modules loaded from now on get. */
function watchMemories(): readonly ParserMemory[] {
  const found: ParserMemory[] = [];
  const { WebAssembly } = globalThis as unknown as { WebAssembly: { Memory: new (size: object) => ParserMemory } };
  const { Memory } = WebAssembly;
  WebAssembly.Memory = class extends Memory {
    constructor(size: object) {
      super(size);
      found.push(this);
    }
  };
  return found;
}

function memoryOf(memories: readonly ParserMemory[]): Memory {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect === "function") for (let round = 0; round < 3; round++) collect();
  return {
    heap: process.memoryUsage().heapUsed / 1e6,
    parser: memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0) / 1e6,
  };
}

function report(first: number, last: number, [early, late]: readonly Memory[]): void {
  if (early === undefined || late === undefined) return;
  const line = (what: string, before: number, after: number): string =>
    `${what} ${before.toFixed(1)} and ${after.toFixed(1)} MB, ratio ${(after / before).toFixed(2)}`;
  console.log(
    `  after ${first} and ${last} edits: ${line("heap", early.heap, late.heap)}; ${line("parser", early.parser, late.parser)}`,
  );
}

void main();
