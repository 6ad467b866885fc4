// What Tidemark reads out of real configurations: `npm run bench -- corpus FOLDER [--truth FOLDER] [--json FILE]`.
// FOLDER holds one folder for each repository. The repositories are not part of this project: bring your own.
import { parseArgs } from "node:util";
import { grammar } from "../support/grammar";
import { measure } from "./corpus/measure";
import { report, writeJson } from "./corpus/report";
import { repositoriesIn } from "./corpus/repositories";
import { compare } from "./corpus/truth";

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { truth: { type: "string" }, json: { type: "string" } },
  });
  if (positionals.length === 0) throw new Error("Give the folder that holds the repositories.");
  const parsed = await grammar();
  const all = positionals.flatMap(repositoriesIn).map((repository) => measure(parsed, repository));
  console.log(report(all));
  if (values.truth !== undefined) console.log(`\n${compare(all, values.truth)}`);
  if (values.json !== undefined) writeJson(values.json, all);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
