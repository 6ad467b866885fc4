import type { HostScan } from "../../../../server/src/hosts/model";
import { coverageOf } from "../../../../server/src/persistence/coverage";
import { persistEdits } from "../../../../server/src/persistence/edit";
import type { LiveContext, LiveFinding } from "../../../../server/src/rules/live/rule";
import { buildReport } from "../../../../server/src/scan/report";
import { peopleOf } from "../../../../server/src/service/hostPeople";
import { isWhollyKnown } from "../../../../server/src/service/hostSources";
import { liveContext } from "../../../../server/src/service/live";
import { applyEdits } from "../../../../server/src/syntax/span";
import { read } from "../../../support/grammar";
import { now } from "./host";

/** What live rules look at: a scan, and the host's files by name. */
export async function contextOf(
  scan: HostScan,
  texts: Readonly<Record<string, string>>,
  more: Partial<LiveContext> = {},
): Promise<LiveContext> {
  const files = await Promise.all(
    Object.entries(texts).map(async ([name, text]) => ({ name, text, persistence: await read(text) })),
  );
  const people = peopleOf(scan);
  const coverage = coverageOf(
    files.map((file) => file.persistence),
    people.homes,
    people.hints,
  );
  const context = liveContext({
    scan,
    scannedAt: now,
    people,
    report: buildReport(scan, coverage),
    coverage,
    found: null,
    files,
    shared: files,
    added: [],
    doubtful: new Set(),
    whole: isWhollyKnown(null, files),
    severalHosts: false,
    limit: 10,
  });
  return { ...context, ...more };
}

/** The text of the host's only file after the first fix of the findings that edits it; null where there is none. */
export function fixed({ files, hints }: LiveContext, found: readonly LiveFinding[]): string | null {
  const [file] = files;
  for (const fix of found.flatMap(({ fixes = [] }) => fixes)) {
    if (fix.kind === "commands" || fix.kind === "ignore" || file === undefined) continue;
    const edits =
      fix.kind === "edits" ? fix.edits : (persistEdits(files, fix.targets, hints).edits.get(file.name) ?? []);
    return applyEdits(file.text, edits);
  }
  return null;
}

/** The commands of the first fix that shows some, one a line; null where there is none. */
export function commands(found: readonly LiveFinding[]): string | null {
  for (const fix of found.flatMap(({ fixes = [] }) => fixes))
    if (fix.kind === "commands") return fix.sheet.steps.flatMap(({ command }) => command ?? []).join("\n");
  return null;
}
