import path from "node:path";
import type { HostScan, ScanReport } from "../hosts/model";
import { HostError } from "../hosts/port";
import { agoOf } from "../knowledge/text";
import { coverageOf } from "../persistence/coverage";
import type { SourceFile } from "../rules/rule";
import { buildReport } from "../scan/report";
import { saveBaseline } from "../service/baselines";
import { configurationNames } from "../service/hostNames";
import { peopleOf } from "../service/hostPeople";
import { ignoreRules, ignoringOf } from "../service/ignoring";
import { scanNotes } from "../service/scanNotes";
import { type ScanRequest, scan as scanHost } from "../service/scanning";
import type { Settings } from "../service/settings";
import { stateFolder } from "../service/stateFolder";
import { unreadNote } from "../service/unread";
import { visible } from "../syntax/visible";
import { type Command, CommandError, readArguments } from "./command";
import { configuration, doubts } from "./hostConfiguration";
import { openService } from "./inputs";
import { readReach } from "./reach";
import { candidateLines, leftOutLine } from "./scanCandidates";
import { savedScan, since, sinceLines, sinceRow } from "./scanChanges";
import { findingsOf, renderFindings, rowsOf } from "./scanFindings";
import { paint, progressLine } from "./terminal";
import { terminalPrompter } from "./terminalPrompter";

const help = `Usage: tidemark scan DESTINATION [--config FILE…] [--ssh-config FILE] [--ssh-client CLIENT] [--sudo] [--root FOLDER]
                     [--snapshots FOLDER] [--save FILE] [--since FILE] [--all] [--commands] [--json]

Connects over SSH, reads (never writes) and prints what the host would lose at the next reboot, and in what its configuration, what it runs
from and its storage disagree; of a root that no boot wipes, which state it has.
DESTINATION is an alias of your ssh configuration, USER@HOST[:PORT], or \`local\` for this machine.

Options:
  --config FILE      the host's configuration: what it persists is not listed; a folder counts with all below it; may be repeated.
                     Without it, files below the current folder named after the host are used (hosts/NAME/…, NAME.nix)
                     What the .tidemarkignore of its repository names is counted, not listed
  --ssh-config FILE  an ssh configuration file instead of your own
  --ssh-client CLIENT  auto (the built-in SSH, unless your ssh configuration needs more), ssh2 (built-in) or openssh (the ssh program)
  --sudo             read as root through sudo, and ask for its password where it wants one
  --root FOLDER      scan this folder of the host as if it were /
  --snapshots FOLDER look for older roots in this folder of the host only, instead of the usual places; or a zfs snapshot (POOL/ROOT@NAME)
  --save FILE        write what was found on the root into FILE (paths, sizes, owners, times; packed, readable for you alone)
  --since FILE       print also what is not as in the scan that --save wrote into FILE; may be the same file
  --all              list also what is better left to vanish, and every path that differs
  --commands         print the commands that mend it on the host, for you to run there
  --json             print JSON: { "version": 1, "host", "root", "bootTime", "inventory", "candidates": [{ "path", "kind", "status", "verdict",
                     "reason", "about", "section", "by": { "source", "unit", "user", "program", "text" }, "bytes", "files", "user",
                     "group", "mode", "mtime", "homeOf": { "user", "home" }, "unwritable" }], "ignored": { reason: count of files, links and
                     empty folders; of what you ignore, each with all below it counts once }, "unread": [path],
                     "findings": [{ "code", "level", "path", "message", "file", "range", "fixes": [{ "title", "commands"? }] }],
                     "ephemeralMounts": [path], "oldRoot", "oldRoots": [path], "blank", "notes": [text], "people": [name],
                     "via": { "client", "reason" }, "cost": { "milliseconds", "sent", "received", "walks" },
                     "since"? (with --since): { "takenAt", "rebooted", "added", "changed", "removed",
                     "changes": [{ "path", "kind", "type", "parts", "paths", "bytes" }] } }

Exit code: 0, or 2 if it could not be done.
`;

export const scan: Command = {
  name: "scan",
  summary: "read over SSH what a host would lose at the next reboot",
  help,
  async run(argv) {
    const { values, positionals } = readArguments(argv, "scan", {
      config: { type: "string", multiple: true },
      "ssh-config": { type: "string" },
      "ssh-client": { type: "string" },
      sudo: { type: "boolean" },
      root: { type: "string" },
      snapshots: { type: "string" },
      save: { type: "string" },
      since: { type: "string" },
      all: { type: "boolean" },
      commands: { type: "boolean" },
      json: { type: "boolean" },
    });
    const [host, ...more] = positionals;
    if (host === undefined) throw new CommandError("Which host? `tidemark scan DESTINATION`; `--help` explains.");
    const service = await openService();
    // `--config a b` reads naturally; what follows the host are then files too.
    if (more.length > 0 && values.config === undefined)
      throw new CommandError(
        `${more.join(" ")} is not understood: one destination at a time; files go after --config.`,
      );
    const given = values.config === undefined ? null : [...values.config, ...more];
    const before = await savedScan(values.since);
    const { files, kept, found } = configuration(service, host, given);
    const settings = readReach(values["ssh-config"], values["ssh-client"]);
    const { root = null, snapshots, sudo } = values;
    const result = await read(host, settings, {
      root,
      ...(snapshots === undefined ? {} : { snapshots }),
      ...(sudo === undefined ? {} : { sudo }),
      configured: (known) => {
        const { homes, hints } = peopleOf(known);
        return coverageOf(kept, homes, hints);
      },
    });
    const { homes, hints, people } = peopleOf(result);
    const coverage = coverageOf(kept, homes, hints);
    const ignoring = ignoringOf(
      service.projects,
      (name) => service.files.readText(name),
      files.map(({ name }) => name),
      settings,
    );
    const ignore = ignoreRules(ignoring, [
      ...configurationNames(host, result.name),
      ...(found === null ? [] : [found.host.name]),
    ]);
    const report = buildReport(result, coverage, { ignore, now: now() });
    const findings = findingsOf(service, { scan: result, report, coverage, files, found });
    service.dispose();
    const changed = before === null ? null : since(before, result);
    if (values.save !== undefined) await save(values.save, result);
    const notes = [...scanNotes(result), ...doubts(files)];
    if (values.json)
      process.stdout.write(
        `${JSON.stringify({ ...report, ...comparedWith(result), cost: result.cost, via: result.via, people, notes, findings: rowsOf(findings, files), ...(changed === null ? {} : { since: sinceRow(changed) }) }, null, 2)}\n`,
      );
    else {
      process.stdout.write(render(report, { ...result, notes }, files, values.all ?? false));
      process.stdout.write(renderFindings(findings, files, values.commands ?? false));
      if (changed !== null) process.stdout.write(`${sinceLines(changed, values.all ?? false, now()).join("\n")}\n`);
    }
    return 0;
  },
};

async function save(file: string, result: HostScan): Promise<void> {
  await saveBaseline(file, result, now()).catch((error: Error) => {
    throw new CommandError(`${file} cannot be written: ${error.message}.`, { cause: error });
  });
}

/** What a scan compared with, for scripts. */
function comparedWith({ ephemeralMounts, oldRoot, oldRoots, blank }: HostScan) {
  return { ephemeralMounts, oldRoot, oldRoots, blank };
}

/** Scans, showing progress on a terminal. Ctrl-C cancels and leaves nothing running on the host. */
async function read(
  host: string,
  settings: Settings,
  how: Pick<ScanRequest, "root" | "snapshots" | "sudo" | "configured">,
): Promise<HostScan> {
  const abort = new AbortController();
  const interrupt = () => abort.abort();
  process.once("SIGINT", interrupt);
  const terminal = process.stderr.isTTY;
  try {
    return await scanHost({
      host,
      ...how,
      settings,
      prompter: terminalPrompter,
      stateFolder: stateFolder(),
      signal: abort.signal,
      log: (line) => {
        if (process.env["TIDEMARK_LOG"]) process.stderr.write(`${line}\n`);
      },
      onProgress: (message) => {
        if (terminal) process.stderr.write(progressLine(message, process.stderr.columns));
      },
    });
  } catch (error) {
    if (error instanceof HostError) throw new CommandError(`${error.message} ${error.next}`, { cause: error });
    throw error;
  } finally {
    if (terminal) process.stderr.write("\r\x1b[K");
    process.off("SIGINT", interrupt);
  }
}

function render(report: ScanReport, result: HostScan, files: readonly SourceFile[], all: boolean): string {
  const lines = [
    paint(
      "bold",
      `${report.host}: ${describeRoot(report)}${report.bootTime === null ? "" : `, booted ${agoOf(Date.parse(report.bootTime) / 1000, now())}`}`,
    ),
  ];
  const configured = files
    .filter((file) => file.persistence.blocks.length > 0)
    .map((file) => path.relative("", file.name));
  lines.push(
    configured.length > 0
      ? `Persisted according to ${configured.join(", ")} and the host's mounts.`
      : files.length > 0
        ? `${files.map((file) => path.relative("", file.name)).join(", ")} persists nothing that is understood: only what is mounted counts as persisted.`
        : "No configuration was found for it (see --config): only what is mounted counts as persisted.",
  );
  if (report.inventory)
    lines.push(
      "This root is not wiped at boot. What follows is an inventory: the state that is there, as it would have to be persisted before the root is.",
    );
  if (report.root.ephemeral === null)
    lines.push("It is not known whether a boot wipes this root. What follows would be lost if one does.");
  if (result.oldRoot !== null) lines.push(`Compared with the older root ${visible(result.oldRoot)}${others(result)}.`);
  if (result.blank !== null) lines.push(`Compared with the empty root ${visible(result.blank)}.`);
  for (const note of result.notes) lines.push(paint("yellow", visible(note)));
  lines.push(...candidateLines(report, all, now()));
  if (report.candidates.length === 0)
    lines.push("", report.inventory ? "There is no state that is not persisted." : "Nothing would be lost.");
  const leftOut = leftOutLine(report);
  if (leftOut !== null) lines.push("", paint("grey", leftOut));
  const unread = unreadNote(report.unread, "connect as root, or give --sudo");
  if (unread !== null) lines.push("", paint("yellow", unread));
  return `${lines.join("\n")}\n`;
}

const mostOthers = 3;

/** The older roots that were not compared with. */
function others({ oldRoot, oldRoots }: HostScan): string {
  const rest = oldRoots.filter((each) => each !== oldRoot).map(visible);
  if (rest.length === 0) return "";
  const more = rest.length - mostOthers;
  return `; older ones: ${rest.slice(0, mostOthers).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** Seconds since the epoch. */
function now(): number {
  return Math.floor(Date.now() / 1000);
}

function describeRoot({ root }: ScanReport): string {
  const kind =
    root.kind === "plain"
      ? `plain ${root.fsType} root`
      : root.kind === "unknown"
        ? "root of unknown kind"
        : `${root.kind} root`;
  const subvolume = root.subvolume === "/" || root.subvolume === "" ? "" : ` ${root.subvolume}`;
  const wiped = { true: "", false: ", not wiped at boot", null: ", not known whether it is wiped at boot" };
  return `${kind}${subvolume}${wiped[`${root.ephemeral}`]}`;
}
