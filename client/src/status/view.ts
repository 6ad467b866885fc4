import type { StatusParams } from "../../../server/src/lsp/protocol";
import { plainText } from "../plainText";

export type ServerState = "starting" | "running" | "stopped";

export interface StatusInput {
  readonly server: ServerState;
  /** Whether the workspace is trusted: without it no host is asked anything. */
  readonly trusted: boolean;
  /** The host the user selected, null before. */
  readonly host: string | null;
  /** What the server last said about that host, null when nothing. */
  readonly report: StatusParams | null;
  /** A point in time (seconds since the epoch) for people. */
  readonly formatTime: (seconds: number) => string;
}

/** What the language status item shows; `command` is what a person would do next. */
export interface StatusView {
  readonly text: string;
  readonly detail: string;
  readonly severity: "information" | "warning" | "error";
  readonly busy: boolean;
  readonly command: { readonly id: string; readonly title: string };
}

const scanAgain = { id: "tidemark.scanHost", title: "Scan Again" };
const showLog = { id: "tidemark.showLog", title: "Show Log" };

export function statusView(input: StatusInput): StatusView {
  const calm = { severity: "information", busy: false } as const;
  if (input.server === "stopped") {
    const command = { id: "tidemark.restartServer", title: "Restart" };
    return { ...calm, severity: "error", text: "Tidemark is not running", detail: "Its server stopped", command };
  }
  if (input.server === "starting") {
    return { ...calm, busy: true, text: "Tidemark is starting", detail: "", command: showLog };
  }
  if (!input.trusted) {
    const command = { id: "workbench.trust.manage", title: "Manage Trust" };
    return { ...calm, text: "Host scans are off", detail: "This workspace is in Restricted Mode", command };
  }
  if (input.host === null) {
    const command = { id: "tidemark.selectHost", title: "Select Host" };
    return { ...calm, text: "No host selected", detail: "Select one to see what it would lose", command };
  }
  return hostView(plainText(input.host, 60), input);
}

function hostView(host: string, { report, formatTime }: StatusInput): StatusView {
  const calm = { severity: "information", busy: false } as const;
  if (report === null || report.state === "forgotten") {
    return { ...calm, text: host, detail: "Not scanned", command: { id: "tidemark.scanHost", title: "Scan" } };
  }
  const scanned = report.scannedAt === null ? "" : `Scanned ${formatTime(report.scannedAt)}`;
  if (report.state === "scanning") {
    return { ...calm, busy: true, text: `${host}: scanning`, detail: scanned, command: showLog };
  }
  if (report.state === "failed") {
    return { ...calm, severity: "warning", text: `${host}: the scan failed`, detail: scanned, command: scanAgain };
  }
  const since = report.since === null ? "" : `. ${plainText(report.since, 100)}`;
  return { ...calm, text: `${host}: ${losses(report)}`, detail: `${scanned}${since}`, command: scanAgain };
}

function losses({ recommended: count, inventory }: StatusParams): string {
  if (inventory) {
    if (count === 0) return "nothing worth keeping is unpersisted";
    return count === 1 ? "1 path to persist" : `${count} paths to persist`;
  }
  if (count === 0) return "nothing worth keeping would be lost";
  return count === 1 ? "1 path would be lost" : `${count} paths would be lost`;
}
