// `npm run bench [-- NAME…] [-- --short]`: measurements, not tests; each prints ratios against a floor measured in the same run.
// `npm run bench -- corpus FOLDER…`: what is read out of the repositories in a folder.
import { spawnSync } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { makeReady } from "../lib/ready.mjs";

const asked = process.argv.slice(2);
const benches = {
  keystroke: "a keystroke, against one parse of the file",
  project: "a repository, against reading and parsing its files once",
  scan: "a scan, against a bare find",
};
const sizes = { project: "800", scan: "20000" };
const wanted = asked.filter((word) => !word.startsWith("-"));
const short = asked.includes("--short");
const here = path.dirname(fileURLToPath(import.meta.url));

makeReady((line) => process.stdout.write(`$ ${line}\n`));
if (asked[0] === "corpus") process.exit(run("corpus", asked.slice(1)));
for (const [name, title] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  process.stdout.write(`\n${name}: ${title}${short ? " (short)" : ""}\n`);
  const size = short ? sizes[name] : undefined;
  const status = run(name, size === undefined ? [] : [size]);
  if (status !== 0) process.exit(status);
}

function run(name, words) {
  const program = ["--import", "tsx", path.join(here, `${name}.ts`)];
  return spawnSync(process.execPath, [...program, ...words], { stdio: "inherit" }).status ?? 1;
}
