import * as vscode from "vscode";
import type { StatusParams } from "../../../server/src/lsp/protocol";
import { type ServerState, statusView } from "./view";

export interface StatusItem extends vscode.Disposable {
  setServer(state: ServerState): void;
  setReport(report: StatusParams): void;
  /** Reads the selected host and the trust of the workspace again. */
  refresh(): void;
  /** Hosts the server has a scan of. */
  scannedHosts(): string[];
}

/** The entry behind `{ }` in the status bar of a Nix editor. */
export function createStatusItem(selector: vscode.DocumentSelector, selectedHost: () => string | null): StatusItem {
  const item = vscode.languages.createLanguageStatusItem("tidemark.status", selector);
  item.name = "Tidemark";
  const reports = new Map<string, StatusParams>();
  let server: ServerState = "starting";

  function refresh(): void {
    const host = selectedHost();
    const report = host === null ? null : (reports.get(host) ?? null);
    const view = statusView({ server, trusted: vscode.workspace.isTrusted, host, report, formatTime });
    item.text = view.text;
    item.detail = view.detail;
    item.busy = view.busy;
    item.severity = SEVERITIES[view.severity];
    item.command = { command: view.command.id, title: view.command.title };
  }

  refresh();
  return {
    setServer: (state) => {
      server = state;
      // The scans live in the server.
      if (state !== "running") reports.clear();
      refresh();
    },
    setReport: (report) => {
      if (report.state === "forgotten") reports.delete(report.host);
      else reports.set(report.host, report);
      refresh();
    },
    refresh,
    scannedHosts: () => [...reports.values()].filter((report) => report.scannedAt !== null).map(({ host }) => host),
    dispose: () => item.dispose(),
  };
}

const SEVERITIES = {
  information: vscode.LanguageStatusSeverity.Information,
  warning: vscode.LanguageStatusSeverity.Warning,
  error: vscode.LanguageStatusSeverity.Error,
} as const;

/** The time alone for today, else the date as well, as the user's locale writes them. */
function formatTime(seconds: number): string {
  const time = new Date(seconds * 1000);
  const today = time.toDateString() === new Date().toDateString();
  return today ? `at ${time.toLocaleTimeString()}` : `on ${time.toLocaleString()}`;
}
