// Runs the test files of the given folders of test/ with node's own runner: `node test/run.mjs unit lsp`.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const files = process.argv
  .slice(2)
  .flatMap((name) =>
    name.endsWith(".test.ts")
      ? [path.resolve(name)]
      : readdirSync(path.join(here, name), { recursive: true, encoding: "utf8" })
          .filter((file) => file.endsWith(".test.ts"))
          .map((file) => path.join(here, name, file)),
  )
  .sort();
if (files.length === 0) throw new Error(`no test files in ${process.argv.slice(2).join(" ")}`);
// Node's own default leaves one processor idle.
const { status } = spawnSync(
  process.execPath,
  [
    "--import",
    "tsx",
    "--test",
    "--test-reporter=spec",
    "--test-timeout=180000",
    `--test-concurrency=${availableParallelism()}`,
    ...files,
  ],
  {
    cwd: path.dirname(here),
    stdio: "inherit",
    // Tests only parse and evaluate: Nix then needs no store, which not every user may open.
    env: { ...process.env, NIX_REMOTE: "dummy://" },
  },
);
process.exit(status ?? 1);
