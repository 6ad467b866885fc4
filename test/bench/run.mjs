// `npm run bench [-- NAME…] [-- --short]`: measurements, not tests; each prints ratios against a floor measured in the same run.
import { spawnSync } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { makeReady } from "../lib/ready.mjs";

const benches = { keystroke: "a keystroke, against one parse of the file", scan: "a scan, against a bare find" };
const wanted = process.argv.slice(2).filter((word) => !word.startsWith("-"));
const short = process.argv.includes("--short");
const here = path.dirname(fileURLToPath(import.meta.url));

makeReady((line) => process.stdout.write(`$ ${line}\n`));
for (const [name, title] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  process.stdout.write(`\n${name}: ${title}${short ? " (short)" : ""}\n`);
  const size = short ? ["20000"] : [];
  const { status } = spawnSync(process.execPath, ["--import", "tsx", path.join(here, `${name}.ts`), ...size], {
    stdio: "inherit",
  });
  if (status !== 0) process.exit(status ?? 1);
}
