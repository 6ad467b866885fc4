import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type {
  ClientCapabilities,
  CodeAction,
  CompletionItem,
  CompletionItemKind,
  CompletionList,
  Diagnostic,
  DocumentDiagnosticReport,
  Hover,
  InitializeResult,
  Range,
  WorkspaceEdit,
} from "vscode-languageserver-protocol";
import {
  type CancellationToken,
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-languageserver-protocol/node";
import { LineIndex } from "../../server/src/syntax/lines";
import { applyEdits } from "../../server/src/syntax/span";

const dist = path.join(__dirname, "..", "..", "dist");

/** What VS Code says of itself, as far as Tidemark asks. */
export const fullClient: ClientCapabilities = {
  general: { positionEncodings: ["utf-16"] },
  window: { workDoneProgress: true, showMessage: { messageActionItem: { additionalPropertiesSupport: true } } },
  workspace: {
    configuration: true,
    workspaceFolders: true,
    didChangeConfiguration: { dynamicRegistration: true },
    didChangeWatchedFiles: { dynamicRegistration: true },
    workspaceEdit: { documentChanges: true, resourceOperations: ["create"] },
    diagnostics: { refreshSupport: true },
  },
  textDocument: {
    diagnostic: {
      dynamicRegistration: true,
      relatedDocumentSupport: false,
      relatedInformation: true,
      tagSupport: { valueSet: [1, 2] },
    },
    hover: { contentFormat: ["markdown", "plaintext"] },
    completion: {
      completionItem: {
        snippetSupport: true,
        documentationFormat: ["markdown", "plaintext"],
        insertReplaceSupport: true,
        resolveSupport: { properties: ["documentation", "detail", "additionalTextEdits"] },
        insertTextModeSupport: { valueSet: [1, 2] },
      },
      completionItemKind: { valueSet: Array.from({ length: 25 }, (_, index) => (index + 1) as CompletionItemKind) },
    },
    codeAction: {
      codeActionLiteralSupport: { codeActionKind: { valueSet: ["", "quickfix", "refactor", "source"] } },
      isPreferredSupport: true,
      dataSupport: true,
      resolveSupport: { properties: ["edit"] },
    },
  },
};

/** Neovim 0.7: pushed diagnostics, literal actions without resolve, no versions asked for. */
export const weakClient: ClientCapabilities = {
  workspace: { configuration: true, workspaceEdit: {} },
  textDocument: {
    publishDiagnostics: { relatedInformation: true, tagSupport: { valueSet: [1, 2] } },
    hover: { contentFormat: ["plaintext"] },
    completion: { completionItem: { snippetSupport: false, documentationFormat: ["plaintext"] } },
    codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: ["", "quickfix"] } } },
  },
};

export interface ClientOptions {
  readonly capabilities?: ClientCapabilities;
  readonly initializationOptions?: unknown;
  readonly folder?: string;
  /** The name the client gives itself. */
  readonly name?: string;
  readonly settings?: unknown;
  /** How to start the server; the bundle over stdio if not given. */
  readonly command?: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
}

/** A language client over a real pipe to the bundled server. */
export class LspClient {
  readonly published = new Map<string, { version: number | undefined; diagnostics: Diagnostic[] }>();
  readonly messages: { type: number; message: string }[] = [];
  readonly logged: string[] = [];
  readonly notifications: { method: string; params: unknown }[] = [];
  readonly requests: { method: string; params: unknown }[] = [];
  /** Answers to requests of the server, by method. */
  readonly answers = new Map<string, (params: never, token: CancellationToken) => unknown>();
  /** Work-done progress of the server, in order. */
  readonly progress: { kind: string; cancellable?: boolean; message?: string }[] = [];
  refreshes = 0;
  result: InitializeResult | null = null;
  readonly exited: Promise<number | null>;
  readonly #waiting: { test: () => boolean; done: () => void }[] = [];
  readonly #texts = new Map<string, { text: string; version: number }>();

  private constructor(
    readonly process: ChildProcess,
    readonly connection: MessageConnection,
    private readonly options: ClientOptions,
  ) {
    this.exited = new Promise((resolve) => process.once("exit", resolve));
    connection.onNotification((method, params) => {
      this.notifications.push({ method, params });
      if (method === "textDocument/publishDiagnostics") {
        const { uri, version, diagnostics } = params as unknown as {
          uri: string;
          version?: number;
          diagnostics: Diagnostic[];
        };
        this.published.set(uri, { version, diagnostics });
      } else if (method === "window/showMessage") this.messages.push(params as never);
      else if (method === "window/logMessage") this.logged.push((params as unknown as { message: string }).message);
      this.#wake();
    });
    connection.onUnhandledProgress(({ value }) => {
      this.progress.push(value as { kind: string });
      this.#wake();
    });
    connection.onRequest((method, params, token) => {
      this.requests.push({ method, params });
      if (method === "workspace/diagnostic/refresh") this.refreshes++;
      this.#wake();
      const answer = this.answers.get(method);
      if (answer !== undefined) return answer(params as never, token);
      if (method === "workspace/configuration") return [this.options.settings ?? null];
      return null;
    });
    connection.listen();
  }

  static readonly #running = new Set<ChildProcess>();

  /** Ends every server still running; a test that failed half-way must not keep the run from ending. */
  static killAll(): void {
    for (const child of LspClient.#running) child.kill("SIGKILL");
    LspClient.#running.clear();
  }

  /** Starts a server and introduces the client. */
  static async start(options: ClientOptions = {}): Promise<LspClient> {
    const client = LspClient.spawn(options);
    await client.initialize();
    return client;
  }

  /** Starts a server that has not been told anything yet. */
  static spawn(options: ClientOptions = {}): LspClient {
    const [program = process.execPath, ...args] = options.command ?? [
      process.execPath,
      path.join(dist, "server.js"),
      "--stdio",
    ];
    const child = spawn(program, args, {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, ...options.environment },
    });
    LspClient.#running.add(child);
    child.once("exit", () => LspClient.#running.delete(child));
    const connection = createMessageConnection(
      new StreamMessageReader(child.stdout),
      new StreamMessageWriter(child.stdin),
    );
    return new LspClient(child, connection, options);
  }

  async initialize(): Promise<InitializeResult> {
    const { capabilities = fullClient, folder, initializationOptions, name } = this.options;
    const uri = folder === undefined ? null : pathToFileURL(folder).toString();
    this.result = await this.connection.sendRequest<InitializeResult>("initialize", {
      processId: process.pid,
      rootUri: uri,
      capabilities,
      initializationOptions,
      ...(name === undefined ? {} : { clientInfo: { name } }),
      workspaceFolders: uri === null ? null : [{ uri, name: "workspace" }],
    });
    await this.connection.sendNotification("initialized", {});
    return this.result;
  }

  open(uri: string, text: string): Promise<void> {
    this.#texts.set(uri, { text, version: 1 });
    return this.connection.sendNotification("textDocument/didOpen", {
      textDocument: { uri, languageId: "nix", version: 1, text },
    });
  }

  /** Sends one incremental change: replaces the text between two offsets. */
  async replace(uri: string, start: number, end: number, text: string): Promise<void> {
    const known = this.#known(uri);
    const range = new LineIndex(known.text).range({ start, end });
    this.#texts.set(uri, {
      text: known.text.slice(0, start) + text + known.text.slice(end),
      version: known.version + 1,
    });
    await this.connection.sendNotification("textDocument/didChange", {
      textDocument: { uri, version: known.version + 1 },
      contentChanges: [{ range, text }],
    });
  }

  close(uri: string): Promise<void> {
    this.#texts.delete(uri);
    return this.connection.sendNotification("textDocument/didClose", { textDocument: { uri } });
  }

  text(uri: string): string {
    return this.#known(uri).text;
  }

  version(uri: string): number {
    return this.#known(uri).version;
  }

  async pull(uri: string, previousResultId?: string): Promise<DocumentDiagnosticReport> {
    return this.connection.sendRequest("textDocument/diagnostic", {
      textDocument: { uri },
      ...(previousResultId === undefined ? {} : { previousResultId }),
    });
  }

  async diagnostics(uri: string): Promise<Diagnostic[]> {
    const report = await this.pull(uri);
    if (report.kind !== "full") throw new Error(`expected a full report, not ${report.kind}`);
    return report.items;
  }

  actions(uri: string, range: Range, only?: string[]): Promise<CodeAction[]> {
    return this.connection.sendRequest("textDocument/codeAction", {
      textDocument: { uri },
      range,
      context: { diagnostics: [], ...(only === undefined ? {} : { only }) },
    });
  }

  resolve(action: CodeAction): Promise<CodeAction> {
    return this.connection.sendRequest("codeAction/resolve", action);
  }

  hover(uri: string, offset: number): Promise<Hover | null> {
    const position = new LineIndex(this.text(uri)).position(offset);
    return this.connection.sendRequest("textDocument/hover", { textDocument: { uri }, position });
  }

  /** What is offered at an offset. */
  complete(uri: string, offset: number): Promise<CompletionList | null> {
    const position = new LineIndex(this.text(uri)).position(offset);
    return this.connection.sendRequest("textDocument/completion", { textDocument: { uri }, position });
  }

  resolveItem(item: CompletionItem): Promise<CompletionItem> {
    return this.connection.sendRequest("completionItem/resolve", item);
  }

  execute<T>(command: string, ...args: unknown[]): Promise<T> {
    return this.connection.sendRequest("workspace/executeCommand", { command, arguments: args });
  }

  /** The text of a document after an edit; checks that the edit was made for the version that is open. */
  after(uri: string, edit: WorkspaceEdit | undefined): string {
    const known = this.#known(uri);
    const lines = new LineIndex(known.text);
    const edits = [
      ...(edit?.changes?.[uri] ?? []),
      ...(edit?.documentChanges ?? []).flatMap((change) => {
        if (!("edits" in change) || change.textDocument.uri !== uri) return [];
        if (change.textDocument.version !== known.version)
          throw new Error(`edit for version ${change.textDocument.version}, open is ${known.version}`);
        return change.edits;
      }),
    ];
    return applyEdits(
      known.text,
      edits.map((one) => {
        if (!("newText" in one)) throw new Error("a snippet edit was not asked for");
        return { span: { start: lines.offset(one.range.start), end: lines.offset(one.range.end) }, text: one.newText };
      }),
    );
  }

  /** Resolves once `test` holds after some message of the server; rejects after ten seconds. */
  async until(test: () => boolean, what: string): Promise<void> {
    if (test()) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), 10_000);
      const done = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#waiting.push({ test, done });
    });
  }

  /** Says goodbye as the protocol wants; the exit code of the server. */
  async stop(): Promise<number | null> {
    await this.connection.sendRequest("shutdown");
    await this.connection.sendNotification("exit");
    const code = await this.exited;
    this.connection.dispose();
    return code;
  }

  #known(uri: string): { text: string; version: number } {
    const known = this.#texts.get(uri);
    if (known === undefined) throw new Error(`${uri} is not open`);
    return known;
  }

  #wake(): void {
    for (const waiting of [...this.#waiting]) {
      if (!waiting.test()) continue;
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
      waiting.done();
    }
  }
}
