// The figures of a corpus, as text.
import { writeFileSync } from "node:fs";
import type { Declaration, Measured } from "./measure";

const share = (part: number, whole: number): string =>
  `${part} of ${whole}${whole === 0 ? "" : ` (${((100 * part) / whole).toFixed(1)} %)`}`;

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;

/** How often each value occurs, commonest first. */
function counted(values: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}

/** Names in a reason differ from place to place; the kind of reason counts. */
const kind = (reason: string): string => reason.replace(/`[^`]*`/g, "`…`");

function table(title: string, values: readonly string[], limit: number): string {
  const rows = counted(values);
  const shown = rows.slice(0, limit).map(([value, count]) => `  ${String(count).padStart(6)}  ${value}`);
  return [`${title} (${values.length}, ${rows.length} kinds)`, ...shown].join("\n");
}

const known = (declaration: Declaration): boolean => declaration.unknown.length === 0;

export function report(all: readonly Measured[]): string {
  const declarations = all.flatMap((each) => each.declarations);
  const elements = declarations.flatMap((each) => each.elements);
  const unknown = declarations.flatMap((each) => each.unknown);
  const withHosts = all.filter(({ hosts }) => hosts.length > 0);
  const files = all.reduce((sum, each) => sum + each.repository.files.length, 0);
  const lines = [
    `${all.length} repositories, ${files} Nix files, ${(all.reduce((sum, each) => sum + each.bytes, 0) / 1e6).toFixed(1)} MB`,
    "",
    `declarations: ${declarations.length} in ${all.filter((each) => each.declarations.length > 0).length} repositories`,
    ...counted(declarations.map((each) => each.module)).map(
      ([module, count]) => `  ${String(count).padStart(6)}  ${module}`,
    ),
    `repositories whose hosts are found: ${share(withHosts.length, all.length)}, ${all.flatMap(({ hosts }) => hosts).length} hosts`,
    "lists (one that hosts have for several users or storages counts once, as known where all of them are):",
    ...placesOf("all", all, () => true),
    ...placesOf("that a host of the repository has", all, ({ used }) => used),
    ...placesOf("that no host there has", all, ({ used }) => !used),
    `elements known: ${share(elements.length, elements.length + unknown.length)} (an unknown part may stand for several)`,
    ...[true, false].map(
      (used) =>
        `  of lists ${used ? "that a host has" : "that no host has"}: ${elementsOf(declarations.filter((each) => each.used === used))}`,
    ),
    `  of these ${counted(elements.map((each) => each.certainty))
      .map(([name, count]) => `${count} ${name}`)
      .join(", ")}; ${elements.filter((each) => each.conditional).length} conditional`,
    `declarations whose elements are all known: ${share(declarations.filter(known).length, declarations.length)}`,
    `declarations known in full, with storage and user: ${share(
      declarations.filter(wholly).length,
      declarations.length,
    )}`,
    "",
    table(
      "unknown elements by reason",
      unknown.map((each) => kind(each.reason)),
      30,
    ),
    table(
      "unknown storage by reason",
      declarations.flatMap((each) => (each.storagePath === null ? [kind(each.storageReason ?? "no reason")] : [])),
      15,
    ),
    table(
      "parts of blocks not followed",
      all.flatMap((each) => each.opaque.map((part) => kind(part.reason))),
      20,
    ),
    "",
    ...all.flatMap(({ repository, failures, slow }) => [
      ...failures.map((each) => `EXCEPTION ${repository.name}/${each.file} (${each.doing}): ${each.message}`),
      ...slow.map((each) => `SLOW ${repository.name}/${each.file} (${each.doing}): ${seconds(each.ms)}`),
    ]),
    `exceptions: ${all.reduce((sum, each) => sum + each.failures.length, 0)}, files over a second: ${all.reduce((sum, each) => sum + each.slow.length, 0)}`,
    "",
    `files whose text sets persistence: ${all.reduce((sum, each) => sum + each.mentioning, 0)}; not in any block:`,
    ...all.flatMap(({ repository, silent }) =>
      silent.map((each) => `  ${repository.name}/${each.file}:${each.lines.join(",")}`),
    ),
    "",
    ...findingsReport(all),
    "",
    ...timeReport(all),
    "",
    "by repository: declarations, known in full, elements known, elements unknown",
    ...all.map(repositoryLine),
  ];
  return lines.join("\n");
}

/** Of how many lists the storage and the user are known. */
function placesOf(title: string, all: readonly Measured[], counts: (one: Declaration) => boolean): string[] {
  const lists = all.flatMap(({ declarations }) => {
    const byPlace = new Map<string, Declaration[]>();
    for (const one of declarations.filter(counts)) {
      const key = `${one.file}\0${one.line}\0${one.list}`;
      byPlace.set(key, [...(byPlace.get(key) ?? []), one]);
    }
    return [...byPlace.values()];
  });
  const users = lists.filter((same) => same.some(({ user }) => user !== null));
  const stored = (same: readonly Declaration[]): boolean => same.every(({ storagePath }) => storagePath !== null);
  const owned = (same: readonly Declaration[]): boolean => same.every(({ user }) => user?.name !== null);
  return [
    `  ${title}: storage path known ${share(lists.filter(stored).length, lists.length)},`,
    `    user known ${share(users.filter(owned).length, users.length)} of users' lists, both ${share(lists.filter((same) => stored(same) && owned(same)).length, lists.length)}`,
  ];
}

function elementsOf(declarations: readonly Declaration[]): string {
  const known = declarations.flatMap(({ elements }) => elements).length;
  return share(known, known + declarations.flatMap(({ unknown }) => unknown).length);
}

const wholly = (declaration: Declaration): boolean =>
  known(declaration) && declaration.storagePath !== null && declaration.user?.name !== null;

function repositoryLine({ repository, declarations }: Measured): string {
  const elements = declarations.flatMap((each) => each.elements).length;
  const unknown = declarations.flatMap((each) => each.unknown).length;
  const numbers = [declarations.length, declarations.filter(wholly).length, elements, unknown];
  return `${numbers.map((number) => String(number).padStart(6)).join("")}  ${repository.name}`;
}

function findingsReport(all: readonly Measured[]): string[] {
  const findings = all.flatMap((each) => each.findings.map((said) => ({ ...said, repository: each.repository.name })));
  const serious = findings.filter((each) => each.level === "error" || each.level === "warning");
  const rules = counted(findings.map((each) => `${each.level} ${each.code}`));
  return [
    `findings: ${rules.map(([rule, count]) => `${count} ${rule}`).join(", ") || "none"}`,
    ...counted(serious.map((each) => each.code)).flatMap(([code]) => [
      `${code}:`,
      ...serious
        .filter((each) => each.code === code)
        .map((each) => `  ${each.level.padEnd(7)} ${each.repository}/${each.file}:${each.line}  ${each.message}`),
    ]),
  ];
}

function timeReport(all: readonly Measured[]): string[] {
  const sum = (of: keyof Measured["ms"]): number => all.reduce((total, each) => total + each.ms[of], 0);
  const ratio = (each: Measured): number => (each.ms.read + each.ms.check) / each.ms.parse;
  const worst = [...all].sort((a, b) => ratio(b) - ratio(a)).slice(0, 5);
  return [
    `reading and parsing all files: ${seconds(sum("parse"))}; the service reading them: ${seconds(sum("read"))}, ratio ${(sum("read") / sum("parse")).toFixed(2)}; all findings after that: ${seconds(sum("check"))}, ratio ${(sum("check") / sum("parse")).toFixed(2)}`,
    `highest ratios: ${worst.map((each) => `${each.repository.name} ${ratio(each).toFixed(2)} (${seconds(each.ms.parse)})`).join(", ")}`,
  ];
}

/** Everything, for other programs to look at. */
export function writeJson(name: string, all: readonly Measured[]): void {
  const shown = all.map(({ repository, ...rest }) => ({ repository: repository.name, ...rest }));
  writeFileSync(name, JSON.stringify(shown, null, 1));
}
