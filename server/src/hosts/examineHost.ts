import path from "node:path";
import { printable } from "./failures";
import type { Deployed, HostScan } from "./model";
import { decodeBytes, toMount } from "./mountinfo";
import type { HostConnection, Log } from "./port";
import { HostError } from "./port";
import { type ConfiguredPaths, readDeployed } from "./readDeployed";
import type { Facts } from "./recordsFacts";
import { readFacts } from "./scanHost";
import { shownPath, situationOf } from "./scanHostLayout";
import { placeNotes } from "./scanHostPlaceNotes";
import { findPlaces } from "./scanHostPlaces";
import { plainTools } from "./scanHostPlain";
import { buildTree } from "./tree";

/** A look at a host without reading its files: what it is, and whether a scan would work there. */

/** What the login shell and the tools of a host say of themselves; empty where they say nothing. */
export interface HostTools {
  readonly shell: string;
  /** `Linux 6.12.1`. */
  readonly kernel: string;
  /** First line of `find --version`. */
  readonly find: string;
}

/** Runs on the host under `exec /bin/sh -s`; reads and never writes. Between two marks, since a login shell may print things of its own. */
const script = `PATH="\${PATH:-/usr/bin:/bin}:/run/wrappers/bin:/run/current-system/sw/bin"
export PATH
printf '\\n<tidemark>%s\\n%s\\n%s\\n</tidemark>\\n' "$SHELL" "$(uname -sr 2> /dev/null)" "$(find --version 2>&1 | head -n 1)"
`;

/** More than any of these lines takes. */
const maxOutput = 1 << 16;

/** Whether commands run, and under what. Throws HostError. */
export async function examineTools(connection: HostConnection, signal: AbortSignal): Promise<HostTools> {
  let text = "";
  const result = await connection.exec("exec /bin/sh -s", {
    stdin: script,
    signal,
    onStdout(chunk) {
      if (text.length < maxOutput) text += Buffer.from(chunk).toString("utf8");
    },
  });
  const found = /\n<tidemark>(.*)\n(.*)\n(.*)\n<\/tidemark>\n/.exec(text);
  if (found === null) {
    const said = printable(text === "" ? result.stderr : text);
    throw new HostError(
      "remote-shell",
      `${connection.description} let us in but did not run a command (it ended with ${result.code ?? result.signal})${said === "" ? "" : `: ${said}`}.`,
      "Check that the user's login shell runs commands given to ssh (`ssh HOST exec /bin/sh -s`), that no ForceCommand stands in the way, and that /bin/sh exists.",
    );
  }
  const [, shell = "", kernel = "", find = ""] = found;
  return { shell: printable(shell), kernel: printable(kernel), find: printable(find) };
}

/** The tools are there and the folder can be read: what a scan would walk. */
export interface HostRoot {
  /** Without a walk, and without what the host runs from. */
  readonly scan: HostScan;
  /** Reads what the host runs from. */
  readonly deployed: (configured: ConfiguredPaths) => Promise<Deployed>;
  /** The older root, or the empty one, that a scan would compare with; null for none. */
  readonly comparedWith: string | null;
}

export interface ExamineOptions {
  readonly root: string;
  /** The only folder to look for older roots in; null for the usual places. */
  readonly snapshots: string | null;
  readonly sudo: boolean;
  /** The host's name for the result. */
  readonly host: string;
  readonly signal: AbortSignal;
  readonly log: Log;
}

/** What the probe finds out before it walks; the root is null where it would not get so far. Asks for no password. Throws HostError. */
export async function examineRoot(
  connection: HostConnection,
  { root, snapshots, sudo, signal, log, host }: ExamineOptions,
): Promise<{ readonly facts: Facts; readonly root: HostRoot | null }> {
  const facts = await readFacts(connection, path.posix.resolve("/", root), sudo ? "ask" : "no", { signal, log });
  if ((facts.lacking.length > 0 && facts.plain === null) || facts.problem !== null) return { facts, root: null };
  const situation = situationOf(facts);
  const elevate = facts.sudo === "sudo" ? "sudo" : "no";
  const places = await findPlaces(connection, { situation, facts, snapshots, elevate, signal, log });
  const oldRoots = places.old.usable.map(({ folder }) => shownPath(folder, facts.root));
  const blank = places.old.blank === null ? null : shownPath(places.old.blank, facts.root);
  const notes = placeNotes(facts, { situation, places, snapshots });
  const scan: HostScan = {
    host,
    name: facts.name,
    root: places.root,
    bootTime: situation.bootTime,
    mounts: situation.mounts.map(toMount),
    ephemeralMounts: places.ephemeral.map(decodeBytes),
    users: facts.users,
    groups: facts.groups,
    tree: buildTree([{ path: "/", type: "directory", unread: true }]),
    oldRoot: oldRoots[0] ?? null,
    oldRoots,
    blank: oldRoots.length > 0 ? null : blank,
    unread: [],
    deployed: null,
    notes,
  };
  const plain = plainTools(facts, places.answer.now);
  const deployed = (configured: ConfiguredPaths): Promise<Deployed> =>
    readDeployed(connection, { ...facts, situation, configured, plain, elevate, signal, log });
  return { facts, root: { scan, comparedWith: oldRoots[0] ?? blank, deployed } };
}
