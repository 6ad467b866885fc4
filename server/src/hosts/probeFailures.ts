import { dropped, printable } from "./failures";
import { type ExecResult, type HostConnection, HostError } from "./port";
import type { Frame } from "./probeFrame";

/** What goes wrong with a probe on a host that was reached, in words for people. */

/** The output had no end mark: which of the reasons it was, as far as can be told. */
export function unfinished(connection: HostConnection, frame: Frame, result: ExecResult): HostError {
  const host = connection.description;
  const ended = result.signal !== null ? `signal ${result.signal}` : `code ${result.code ?? "unknown"}`;
  const said = printable(result.stderr);
  if (!connection.alive) return dropped(host);
  if (frame.state === "noise") {
    const printed = printable(frame.noise);
    const what =
      printed !== "" ? `It printed: "${printed}".` : said !== "" ? `It said: "${said}".` : "It printed nothing.";
    return new HostError(
      "remote-shell",
      `${host} let us in but did not run the probe (it ended with ${ended}). ${what}`,
      "Check that the user's login shell runs commands given to ssh (`ssh HOST exec /bin/sh -s`), that no ForceCommand stands in the way, and that /bin/sh exists.",
    );
  }
  return new HostError(
    "protocol",
    `The scan of ${host} broke off (ended with ${ended})${said === "" ? "" : `: ${said}`}. Nothing of it is shown, since it is not complete.`,
    "Scan again. If it happens each time, look on the host for a limit on memory or on the time of a session.",
  );
}

/** The host sent something else than the probe does. */
export function garbled(host: string, detail: string, cause: unknown): HostError {
  return new HostError(
    "protocol",
    `The answer of ${host} cannot be understood: ${printable(detail)}.`,
    "Scan again. If it happens each time, something on the host changes the output of commands; please report it.",
    { cause },
  );
}

/** The walk itself failed on the host. */
export function walkFailed(host: string, folder: string, result: ExecResult, status: number): HostError {
  const said = printable(result.stderr);
  return new HostError(
    "protocol",
    `Reading ${printable(folder)} on ${host} stopped with status ${status}${said === "" ? "" : `: ${said}`}.`,
    "Scan again. If it happens each time, look on the host for a limit on memory or on the time of a session.",
  );
}

/** `lacking` are names of tools; at least one. */
export function toolsMissing(host: string, lacking: readonly string[]): HostError {
  const names = lacking.map((tool) => printable(tool));
  const last = names.pop() ?? "a tool";
  const missing = names.length === 0 ? `${last} is` : `${names.join(", ")} and ${last} are`;
  return new HostError(
    "remote-tools",
    `${host} lacks what a scan needs, GNU findutils and coreutils: ${missing} missing or of another kind.`,
    "Every NixOS has them in its system path. On another system install GNU findutils and coreutils and put them first in PATH.",
  );
}

/** The root to scan is not there or cannot be read. `problem` as in Facts. */
export function noRoot(host: string, root: string, problem: string, login: string): HostError {
  const path = printable(root);
  if (problem === "denied") {
    return new HostError(
      "remote-permission",
      `${printable(login)} may not read ${path} on ${host}.`,
      "Connect as root, or allow sudo without a password for this user.",
    );
  }
  const what = problem === "file" ? `${path} on ${host} is not a folder.` : `${path} does not exist on ${host}.`;
  return new HostError(
    "bad-destination",
    what,
    "Check the path; it is the folder that holds /etc and /var of the root to scan.",
  );
}
