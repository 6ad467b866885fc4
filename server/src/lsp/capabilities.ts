import {
  CodeActionKind,
  type CompletionClientCapabilities,
  type InitializeParams,
  InsertTextMode,
  type ServerCapabilities,
  TextDocumentSyncKind,
} from "vscode-languageserver/node";
import { fixAllKind } from "./codeActions";
import { completionTriggers } from "./completion";
import { ServerCommands } from "./protocol";

/** What the client can do, as far as it matters here. Everything else asks this instead of the raw capabilities. */
export interface ClientSupport {
  readonly pullDiagnostics: boolean;
  readonly diagnosticRefresh: boolean;
  readonly codeActionLiterals: boolean;
  readonly codeActionResolve: boolean;
  readonly preferredActions: boolean;
  readonly versionedEdits: boolean;
  /** Edits may make files. */
  readonly createFiles: boolean;
  readonly configuration: boolean;
  readonly configurationRegistration: boolean;
  readonly watcherRegistration: boolean;
  readonly folders: boolean;
  readonly progress: boolean;
  readonly markdownHover: boolean;
  readonly completion: {
    readonly offered: boolean;
    readonly snippets: boolean;
    /** False for Vim's own completion, which writes line ends as NUL characters. */
    readonly lines: boolean;
    /** Takes one range for inserting and one for replacing. */
    readonly insertReplace: boolean;
    /** Indents the lines of an insertion like the line it goes to. */
    readonly adjustsIndent: boolean;
    readonly resolvesDocumentation: boolean;
    readonly markdown: boolean;
    readonly kinds: ReadonlySet<number>;
  };
  /** Asks for all fixes of a file at once. */
  readonly sourceActions: boolean;
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
    createFiles: workspace?.workspaceEdit?.resourceOperations?.includes("create") ?? false,
    configuration: workspace?.configuration ?? false,
    configurationRegistration: workspace?.didChangeConfiguration?.dynamicRegistration ?? false,
    watcherRegistration: workspace?.didChangeWatchedFiles?.dynamicRegistration ?? false,
    folders: workspace?.workspaceFolders ?? false,
    progress: window?.workDoneProgress ?? false,
    markdownHover: textDocument?.hover?.contentFormat?.includes("markdown") ?? false,
    completion: completionSupport(textDocument?.completion, params.clientInfo?.name ?? ""),
    sourceActions: (codeAction?.codeActionLiteralSupport?.codeActionKind.valueSet ?? []).some(
      (kind) => kind === CodeActionKind.Source || kind === CodeActionKind.SourceFixAll,
    ),
    relatedInformation:
      textDocument?.publishDiagnostics?.relatedInformation ?? textDocument?.diagnostic?.relatedInformation ?? false,
    tags: (textDocument?.publishDiagnostics?.tagSupport ?? textDocument?.diagnostic?.tagSupport) != null,
    tidemark: own["secrets"] === true,
    trusted: own["trusted"] !== false,
  };
}

function completionSupport(
  given: CompletionClientCapabilities | undefined,
  editor: string,
): ClientSupport["completion"] {
  const item = given?.completionItem;
  return {
    offered: given !== undefined,
    snippets: item?.snippetSupport ?? false,
    lines: item?.snippetSupport === true || !/vim/i.test(editor),
    insertReplace: item?.insertReplaceSupport ?? false,
    adjustsIndent: item?.insertTextModeSupport?.valueSet.includes(InsertTextMode.adjustIndentation) ?? false,
    resolvesDocumentation: item?.resolveSupport?.properties.includes("documentation") ?? false,
    markdown: item?.documentationFormat?.includes("markdown") ?? false,
    // The kinds of the protocol's first version, which every client knows.
    kinds: new Set(given?.completionItemKind?.valueSet ?? Array.from({ length: 18 }, (_, index) => index + 1)),
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
            codeActionKinds: [CodeActionKind.QuickFix, ...(support.sourceActions ? [fixAllKind] : [])],
            resolveProvider: support.codeActionResolve,
          },
        }
      : {}),
    ...(support.completion.offered
      ? {
          completionProvider: {
            triggerCharacters: completionTriggers,
            resolveProvider: support.completion.resolvesDocumentation,
          },
        }
      : {}),
    ...(support.pullDiagnostics
      ? { diagnosticProvider: { identifier: "tidemark", interFileDependencies: true, workspaceDiagnostics: false } }
      : {}),
    ...(support.folders ? { workspace: { workspaceFolders: { supported: true, changeNotifications: true } } } : {}),
  };
}
