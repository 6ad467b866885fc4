import {
  type Connection,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  type InitializeParams,
  type InitializeResult,
  ResponseError,
} from "vscode-languageserver/node";
import { Connections } from "../hosts/connections";
import { diskFiles } from "../service/diskFiles";
import { hostChoices } from "../service/hostChoices";
import { Tidemark } from "../service/tidemark";
import type { Grammar } from "../syntax/grammar";
import { LineIndex } from "../syntax/lines";
import { type ClientSupport, clientSupport, serverCapabilities } from "./capabilities";
import { CodeActions } from "./codeActions";
import { Completion } from "./completion";
import { nameOf } from "./convert";
import { type DiagnosticsFeature, pullDiagnostics, pushDiagnostics } from "./diagnostics";
import { type OpenDocuments, trackDocuments } from "./documents";
import { EvaluationFeature } from "./evaluation";
import { type HostChoice, ServerCommands } from "./protocol";
import { Reevaluation } from "./reevaluation";
import { runScan, type ScanContext, sendStatus } from "./scanCommand";
import { pullSettings, settingsIn, takeSettings } from "./settings";
import { showCommands } from "./showCommands";

export interface ServerOptions {
  readonly version: string;
  readonly loadGrammar: () => Promise<Grammar>;
}

/** What exists once the client has introduced itself. */
interface Session {
  readonly service: Tidemark;
  readonly support: ClientSupport;
  readonly diagnostics: DiagnosticsFeature;
  readonly actions: CodeActions;
  readonly completion: Completion;
  readonly scans: ScanContext;
  readonly reevaluation: Reevaluation;
  readonly evaluation: EvaluationFeature;
}

/** Serves one client over `connection` until it says exit. */
export function startServer(connection: Connection, options: ServerOptions): void {
  let session: Session | null = null;
  let ended = false;
  const ready = (): Session => {
    if (ended) throw new ResponseError(-32600, "The server is shutting down.");
    if (session === null) throw new ResponseError(-32002, "The server is not initialized yet.");
    return session;
  };
  const documents = trackDocuments(connection, () => ready().service, {
    changed(name) {
      const { diagnostics, support, evaluation } = ready();
      evaluation.opened(name);
      // A pulling client asks again by itself after its own change.
      if (!support.pullDiagnostics) diagnostics.changed();
      reportStatus(ready(), name);
      ready().reevaluation.changed();
    },
    closed(name, uri) {
      const { diagnostics } = ready();
      diagnostics.closed(uri);
      // The disk counts again, and it may say something else than the text that was closed.
      diagnostics.changed();
      reportStatus(ready(), name);
      ready().reevaluation.changed();
    },
  });

  connection.onInitialize(async (params): Promise<InitializeResult> => {
    const support = clientSupport(params);
    const service = new Tidemark(await options.loadGrammar(), diskFiles);
    service.folders = foldersOf(params);
    session = createSession(connection, service, support, documents);
    takeSettings(connection, service, settingsIn(params.initializationOptions));
    return { capabilities: serverCapabilities(support), serverInfo: { name: "tidemark", version: options.version } };
  });
  connection.onInitialized(() => {
    const { service, support } = ready();
    register(connection, support);
    if (support.configuration) void refreshSettings(connection, ready());
    if (support.folders)
      connection.workspace.onDidChangeWorkspaceFolders(async () => {
        const folders = (await connection.workspace.getWorkspaceFolders()) ?? [];
        service.folders = folders.flatMap((folder) => nameOf(folder.uri) ?? []);
        filesChanged(ready());
        if (support.configuration) await refreshSettings(connection, ready());
      });
  });
  connection.onDidChangeConfiguration(({ settings }) => {
    const current = ready();
    if (current.support.configuration) void refreshSettings(connection, current);
    else {
      takeSettings(connection, current.service, settingsIn({ settings }));
      current.evaluation.settingsChanged();
      current.diagnostics.changed();
    }
  });
  connection.onDidChangeWatchedFiles(({ changes }) => {
    const { service } = ready();
    if (changes.some(({ uri }) => matters(service, nameOf(uri)))) filesChanged(ready());
  });
  connection.onCodeAction((params) => ready().actions.list(params));
  connection.onCodeActionResolve((action) => ready().actions.resolve(action));
  connection.onCompletion((params) => ready().completion.list(params));
  connection.onCompletionResolve((item) => ready().completion.resolve(item));
  connection.onHover(({ textDocument, position }) => {
    const { service, support } = ready();
    const name = nameOf(textDocument.uri);
    const file = name === null ? null : service.files.get(name);
    if (file === null) return null;
    const lines = new LineIndex(file.text);
    const hover = service.hover(file.name, lines.offset(position));
    if (hover === null) return null;
    const contents = support.markdownHover
      ? ({ kind: "markdown", value: hover.markdown } as const)
      : ({ kind: "plaintext", value: hover.plain } as const);
    return { contents, range: lines.range(hover.span) };
  });
  connection.onExecuteCommand(({ command, arguments: given }, token) => {
    const current = ready();
    switch (command) {
      case ServerCommands.scan:
        return runScan(current.scans, given?.[0], token);
      case ServerCommands.hosts:
        return hosts(current.service, given?.[0]);
      case ServerCommands.evaluate:
        return current.evaluation.run(given?.[0], token);
      case ServerCommands.showCommands:
        return showCommands(connection, current.support, given?.[0]);
      case ServerCommands.forget:
        return forget(current, given?.[0]);
      default:
        throw new ResponseError(-32602, `There is no command ${command}.`);
    }
  });
  connection.onShutdown(() => {
    ended = true;
    session?.diagnostics.stop();
    session?.reevaluation.stop();
    session?.evaluation.stop();
    session?.scans.connections.closeAll();
    session?.service.dispose();
  });
  connection.listen();
}

function createSession(
  connection: Connection,
  service: Tidemark,
  support: ClientSupport,
  documents: OpenDocuments,
): Session {
  const diagnostics = support.pullDiagnostics
    ? pullDiagnostics(connection, service, support)
    : pushDiagnostics(connection, service, support, documents);
  const actions = new CodeActions(connection, service, support, documents);
  const scans: ScanContext = {
    connection,
    service,
    support,
    connections: new Connections(),
    running: new Map(),
    changed: () => diagnostics.changed(),
  };
  const reevaluation = new Reevaluation(service, () => {
    diagnostics.changed();
    for (const host of service.hosts.names()) sendStatus(scans, host, "ready");
  });
  const evaluation = new EvaluationFeature({ connection, service, support, changed: () => diagnostics.changed() });
  const completion = new Completion(service, support);
  return { service, support, diagnostics, actions, completion, scans, evaluation, reevaluation };
}

function foldersOf(params: InitializeParams): string[] {
  const uris = params.workspaceFolders?.map((folder) => folder.uri) ?? (params.rootUri ? [params.rootUri] : []);
  return uris.flatMap((uri) => nameOf(uri) ?? []);
}

/** Asks the client for the settings. A client that fails to answer leaves things as they are. */
async function refreshSettings(connection: Connection, { service, diagnostics, evaluation }: Session): Promise<void> {
  if (await pullSettings(connection, service)) diagnostics.changed();
  evaluation.settingsChanged();
}

function register(connection: Connection, support: ClientSupport): void {
  if (support.configuration && support.configurationRegistration)
    void connection.client.register(DidChangeConfigurationNotification.type, { section: "tidemark" });
  if (support.watcherRegistration)
    void connection.client.register(DidChangeWatchedFilesNotification.type, {
      watchers: [
        { globPattern: "**/*.{nix,json,toml}" },
        { globPattern: "**/flake.lock" },
        { globPattern: "**/.tidemarkignore" },
      ],
    });
}

/** Data files are many, and most of them nothing to a configuration: those count that were looked at. */
function matters({ projects }: Tidemark, name: string | null): boolean {
  return name !== null && (!/\.(?:json|toml)$/.test(name) || projects.lookAt(name));
}

/** Files on disk came, went or changed: what belongs to which host is looked for again. */
function filesChanged({ service, diagnostics, scans, evaluation, reevaluation }: Session): void {
  service.filesChanged();
  evaluation.filesChanged();
  reevaluation.changed();
  diagnostics.changed();
  for (const host of service.hosts.names()) sendStatus(scans, host, "ready");
}

/** After an edit the number of paths still to persist may be another. */
function reportStatus(session: Session, name: string): void {
  for (const host of session.service.hosts.names()) {
    if (session.service.hosts.filesOf(host).some((file) => file.name === name))
      sendStatus(session.scans, host, "ready");
  }
}

function hosts(service: Tidemark, argument: unknown): Promise<HostChoice[]> {
  const uri = typeof argument === "object" && argument !== null ? (argument as Record<string, unknown>)["uri"] : null;
  return hostChoices(service, typeof uri === "string" ? nameOf(uri) : null);
}

function forget(session: Session, argument: unknown): null {
  const host = typeof argument === "object" && argument !== null ? (argument as Record<string, unknown>)["host"] : null;
  if (typeof host !== "string") return null;
  session.service.hosts.forget(host);
  session.diagnostics.changed();
  sendStatus(session.scans, host, "forgotten");
  return null;
}
