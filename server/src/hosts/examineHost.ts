import path from "node:path";
import { printable } from "./failures";
import type { RootInfo } from "./model";
import { encodeBytes } from "./mountinfo";
import { rootInfo } from "./mountinfoRoot";
import { newestOldRoot } from "./oldRoot";
import type { HostConnection, Log } from "./port";
import { HostError } from "./port";
import type { Facts } from "./recordsFacts";
import { defaultSnapshotRoot, readFacts } from "./scanHost";
import { layoutOf } from "./scanHostLayout";

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

export interface HostRoot {
  readonly facts: Facts;
  readonly root: RootInfo;
  /** The older root a scan would compare with; null for none. */
  readonly oldRoot: string | null;
}

/** What the probe finds out before it walks. Asks for no password. Throws HostError. */
export async function examineRoot(
  connection: HostConnection,
  options: { readonly root: string; readonly sudo: boolean; readonly signal: AbortSignal; readonly log: Log },
): Promise<HostRoot> {
  const root = path.posix.resolve("/", options.root);
  const facts = await readFacts(connection, root, defaultSnapshotRoot, options.sudo ? "ask" : "no", options);
  const oldName = newestOldRoot(facts.snapshotNames);
  const layout = layoutOf(facts, encodeBytes(defaultSnapshotRoot), oldName);
  const bootTime = layout.recorded ? facts.recordedBootTime : facts.bootTime;
  return { facts, root: rootInfo(layout.mounts, bootTime, layout.births), oldRoot: layout.old?.shown ?? null };
}
