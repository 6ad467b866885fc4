// `npm run bench [-- NAME…] [-- --short]`: measurements, not tests; each prints ratios against a floor measured in the same run.
// `npm run bench -- corpus FOLDER…`: what is read out of the repositories in a folder.
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { makeReady } from "../lib/ready.mjs";

const asked = process.argv.slice(2);
const benches = {
  keystroke: "a keystroke, against one parse of the file",
  project: "a repository, against reading and parsing its files once",
  memory: "what many edits leave behind",
  scan: "a scan, against a bare find",
};
const sizes = { project: "800", memory: "1000", scan: "20000" };
/** Bundled as the server is: otherwise the loader of TypeScript is measured, too. */
const bundled = ["keystroke", "project", "memory", "scan"];
const wanted = asked.filter((word) => !word.startsWith("-"));
const short = asked.includes("--short");
const here = path.dirname(fileURLToPath(import.meta.url));

makeReady((line) => process.stdout.write(`$ ${line}\n`));
if (asked[0] === "corpus") process.exit(run("corpus", asked.slice(1)));
for (const [name, title] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  process.stdout.write(`\n${name}: ${title}${short ? " (short)" : ""}\n`);
  const size = short ? sizes[name] : undefined;
  const words = size === undefined ? [] : [size];
  const status = bundled.includes(name) ? await runBundled(name, words) : run(name, words);
  if (status !== 0) process.exit(status);
}

async function runBundled(name, words) {
  const { build } = await import("esbuild");
  // Two folders below the repository, as its source is, for what it looks for beside itself.
  const folder = path.join(here, "..", "..", "dist", "bench");
  const outfile = path.join(folder, `${name}.cjs`);
  const options = { bundle: true, platform: "node", target: "node20", format: "cjs", packages: "external" };
  try {
    await build({ ...options, entryPoints: [path.join(here, `${name}.ts`)], outfile, logLevel: "error" });
    return spawnSync(process.execPath, [outfile, ...words], { stdio: "inherit" }).status ?? 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(name, words) {
  const program = ["--import", "tsx", path.join(here, `${name}.ts`)];
  return spawnSync(process.execPath, [...program, ...words], { stdio: "inherit" }).status ?? 1;
}
