// `npm test`: makes the clone ready, then runs every test that needs no root and no other program.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { makeReady } from "./lib/ready.mjs";

makeReady((line) => process.stdout.write(`$ ${line}\n`));
const run = fileURLToPath(new URL("run.mjs", import.meta.url));
const { status } = spawnSync(process.execPath, [run, "unit", "evaluation", "lsp", "hosts", "cli", "start"], {
  stdio: "inherit",
});
process.exit(status ?? 1);
