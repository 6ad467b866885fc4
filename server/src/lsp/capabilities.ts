import {
  CodeActionKind,
  type InitializeParams,
  type ServerCapabilities,
  TextDocumentSyncKind,
} from "vscode-languageserver/node";
import { ServerCommands } from "./protocol";

/** What the client can do, as far as it matters here. Everything else asks this instead of the raw capabilities. */
export interface ClientSupport {
  readonly pullDiagnostics: boolean;
  readonly diagnosticRefresh: boolean;
  readonly codeActionLiterals: boolean;
  readonly codeActionResolve: boolean;
  readonly preferredActions: boolean;
  readonly versionedEdits: boolean;
  readonly configuration: boolean;
  readonly configurationRegistration: boolean;
  readonly watcherRegistration: boolean;
  readonly folders: boolean;
  readonly progress: boolean;
  readonly markdownHover: boolean;
  readonly relatedInformation: boolean;
  readonly tags: boolean;
  /** The client is ours: it answers `tidemark/secret` and shows `tidemark/status`. */
  readonly tidemark: boolean;
  /** False when the editor says that the workspace is not trusted: then no host is reached. */
  readonly trusted: boolean;
}

export function clientSupport(params: InitializeParams): ClientSupport {
  const { textDocument, workspace, window } = params.capabilities;
  const codeAction = textDocument?.codeAction;
  const options: unknown = params.initializationOptions;
  const own = typeof options === "object" && options !== null ? (options as Record<string, unknown>) : {};
  return {
    pullDiagnostics: textDocument?.diagnostic != null,
    diagnosticRefresh: workspace?.diagnostics?.refreshSupport ?? false,
    codeActionLiterals: codeAction?.codeActionLiteralSupport != null,
    codeActionResolve:
      (codeAction?.dataSupport ?? false) && (codeAction?.resolveSupport?.properties.includes("edit") ?? false),
    preferredActions: codeAction?.isPreferredSupport ?? false,
    versionedEdits: workspace?.workspaceEdit?.documentChanges ?? false,
    configuration: workspace?.configuration ?? false,
    configurationRegistration: workspace?.didChangeConfiguration?.dynamicRegistration ?? false,
    watcherRegistration: workspace?.didChangeWatchedFiles?.dynamicRegistration ?? false,
    folders: workspace?.workspaceFolders ?? false,
    progress: window?.workDoneProgress ?? false,
    markdownHover: textDocument?.hover?.contentFormat?.includes("markdown") ?? false,
    relatedInformation:
      textDocument?.publishDiagnostics?.relatedInformation ?? textDocument?.diagnostic?.relatedInformation ?? false,
    tags: (textDocument?.publishDiagnostics?.tagSupport ?? textDocument?.diagnostic?.tagSupport) != null,
    tidemark: own["secrets"] === true,
    trusted: own["trusted"] !== false,
  };
}

/** Only what the client can use is offered. */
export function serverCapabilities(support: ClientSupport): ServerCapabilities {
  return {
    positionEncoding: "utf-16",
    textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
    hoverProvider: true,
    executeCommandProvider: { commands: Object.values(ServerCommands) },
    ...(support.codeActionLiterals
      ? {
          codeActionProvider: {
            codeActionKinds: [CodeActionKind.QuickFix],
            resolveProvider: support.codeActionResolve,
          },
        }
      : {}),
    ...(support.pullDiagnostics
      ? { diagnosticProvider: { identifier: "tidemark", interFileDependencies: true, workspaceDiagnostics: false } }
      : {}),
    ...(support.folders ? { workspace: { workspaceFolders: { supported: true, changeNotifications: true } } } : {}),
  };
}
