import { execFile } from "node:child_process";
import path from "node:path";
import type { Destination } from "./destination";
import { cancelled, timedOut, unreadableConfiguration } from "./failures";
import type { Dump, RawSettings, ResolveOptions } from "./sshConfig";

/** `Match exec` commands of the user's own configuration run while ssh resolves, so it needs a limit. */
const limitSeconds = 20;

/** ssh will not work at all for a user id without an entry in the user database. */
const nobodyKnown = /^No user exists for uid \d+/m;

/**
 * What `ssh -G` says about a destination, or null where there is no ssh program that works. The destination goes in as separate arguments
 * after validation, never through a shell.
 */
export async function dumpSshConfig(
  destination: Destination,
  { sshConfigFile, signal, log }: ResolveOptions,
): Promise<Dump | null> {
  const { host, user, port } = destination;
  const args = [
    "-v",
    "-G",
    ...(sshConfigFile === undefined ? [] : ["-F", sshConfigFile]),
    ...(user === undefined ? [] : ["-l", user]),
    ...(port === undefined ? [] : ["-p", String(port)]),
    "--",
    host,
  ];
  const outcome = await run(args, signal);
  if (signal.aborted) throw cancelled(host);
  if (outcome.missing) {
    log(`${host}: no ssh program found; reading the ssh configuration files instead`);
    return null;
  }
  if (outcome.failure !== null && nobodyKnown.test(outcome.stderr)) {
    log(`${host}: ssh does not run for a user without an entry in the user database; reading its files instead`);
    return null;
  }
  if (outcome.timedOut) throw timedOut(`the ssh configuration of ${host}`, limitSeconds);
  if (outcome.failure !== null) throw unreadableConfiguration(host, outcome.failure);
  const read = [...outcome.stderr.matchAll(/^debug1: Reading configuration data (.+?)\r?$/gm)];
  return { raw: parseDump(outcome.stdout), files: [...new Set(read.map(([, file]) => file ?? ""))] };
}

interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly missing: boolean;
  readonly timedOut: boolean;
  readonly failure: string | null;
}

function run(args: readonly string[], signal: AbortSignal): Promise<Outcome> {
  return new Promise((resolve) => {
    const limits = { signal, timeout: limitSeconds * 1000, maxBuffer: 4 << 20, windowsHide: true };
    const child = execFile("ssh", args, limits, (error, stdout, stderr) => {
      const code = error === null ? null : (error.code ?? null);
      resolve({
        stdout,
        stderr,
        missing: code === "ENOENT" || code === "EACCES",
        timedOut: error?.killed === true,
        failure: error === null ? null : lastLine(stderr) || error.message,
      });
    });
    child.stdin?.on("error", () => undefined).end();
  });
}

/** ssh names the mistake first and gives up last; both lines are worth showing, the rest is not. */
function lastLine(text: string): string {
  return text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "" && !/^(?:Pseudo-terminal|debug1: |OpenSSH_)/.test(line))
    .slice(0, 2)
    .join("; ");
}

const fileLists = new Set(["userknownhostsfile", "globalknownhostsfile"]);

/** Lines of `ssh -G`: a lower-case keyword, a space, the value. Keywords may repeat. */
export function parseDump(text: string): RawSettings {
  const settings = new Map<string, string[]>();
  for (const line of text.split(/\r?\n/)) {
    const space = line.indexOf(" ");
    if (space <= 0) continue;
    const name = line.slice(0, space).toLowerCase();
    const value = line.slice(space + 1);
    const values = fileLists.has(name) ? splitFiles(value) : [value];
    settings.set(name, [...(settings.get(name) ?? []), ...values]);
  }
  return settings;
}

/** ssh joins several files with spaces and does not quote; every file it names is absolute, so a piece that is not belongs to the one before. */
function splitFiles(value: string): string[] {
  const files: string[] = [];
  for (const piece of value.split(" ")) {
    const begins =
      path.isAbsolute(piece) || piece.startsWith("~") || piece.startsWith("__PROGRAMDATA__") || files.length === 0;
    if (begins) files.push(piece);
    else files.push(`${files.pop() ?? ""} ${piece}`);
  }
  return files;
}
