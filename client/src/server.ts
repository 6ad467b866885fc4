import * as vscode from "vscode";
import {
  ExecuteCommandRequest,
  LanguageClient,
  type LanguageClientOptions,
  RevealOutputChannelOn,
  type ServerOptions,
  State,
  TransportKind,
} from "vscode-languageclient/node";
import {
  CommandsMethod,
  SecretMethod,
  type SecretParams,
  type SecretResult,
  type ShowCommandsArguments,
  StatusMethod,
  type StatusParams,
} from "../../server/src/lsp/protocol";
import { showMessagesOf } from "./messages";
import { createProgressView } from "./progress";
import { createRestarter } from "./restarter";
import { answerSecret } from "./secretPrompt";
import type { ServerState } from "./status/view";

/** The documents Tidemark reads: files on disk and unsaved ones, no sides of a diff. */
export const NIX_DOCUMENTS: { language: string; scheme: string }[] = [
  { language: "nix", scheme: "file" },
  { language: "nix", scheme: "untitled" },
];

export interface ServerOptionsOfClient {
  /** `dist/server.js`. */
  readonly module: string;
  readonly log: vscode.LogOutputChannel;
  readonly onState: (state: ServerState) => void;
  readonly onStatus: (status: StatusParams) => void;
  readonly onCommands: (commands: ShowCommandsArguments) => void;
}

export interface Server {
  /** Starts the server, or ends the running one and starts another. Rejects when the new one does not start. */
  restart(): Promise<void>;
  /** Runs a command of the server, waiting for one that is starting. Rejects when none is running or the command fails. */
  execute<Result>(command: string, ...parameters: unknown[]): Promise<Result>;
  /** Name and version as the server reports them, null while it is not running. */
  info(): string | null;
  stop(): Promise<void>;
}

/** The language server as a child process of the extension host. Each start gets a fresh client, so no state of a failed one stays. */
export function createServer(options: ServerOptionsOfClient): Server {
  const { log } = options;
  let client: LanguageClient | null = null;
  const progress = createProgressView(() => client);

  async function stop(): Promise<void> {
    const old = client;
    client = null;
    progress.endAll();
    // A server that hangs is killed by the language client; that it did not stop in order is worth a line and no more.
    await old?.dispose().catch((error: unknown) => log.warn("The server did not stop in order.", error));
  }

  async function start(): Promise<void> {
    const module = { module: options.module, transport: TransportKind.ipc };
    const serverOptions: ServerOptions = {
      run: module,
      debug: { ...module, options: { execArgv: ["--nolazy", "--inspect=6009"] } },
    };
    const clientOptions: LanguageClientOptions = {
      documentSelector: [...NIX_DOCUMENTS, { scheme: "file", pattern: "**/.tidemarkignore" }],
      outputChannel: log,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationOptions: { secrets: true, trusted: vscode.workspace.isTrusted },
      middleware: { handleWorkDoneProgress: progress.handle },
    };
    const started = new LanguageClient("tidemark", "Tidemark", serverOptions, clientOptions);
    started.onDidChangeState(({ newState }) => {
      // States of a client that was replaced meanwhile say nothing about the present one.
      if (client !== started) return;
      if (newState !== State.Running) progress.endAll();
      options.onState(newState === State.Running ? "running" : newState === State.Starting ? "starting" : "stopped");
    });
    showMessagesOf(started, log);
    started.onRequest(
      SecretMethod,
      (params: SecretParams, token: vscode.CancellationToken): Promise<SecretResult> => answerSecret(params, token),
    );
    started.onNotification(StatusMethod, (status: StatusParams) => options.onStatus(status));
    started.onNotification(CommandsMethod, (commands: ShowCommandsArguments) => options.onCommands(commands));
    client = started;
    await started.start();
  }

  const restart = createRestarter(async () => {
    await stop();
    try {
      await start();
    } catch (error) {
      options.onState("stopped");
      throw error;
    }
  });
  let starting: Promise<void> = Promise.resolve();

  return {
    restart: () => {
      starting = restart();
      return starting;
    },
    execute: async (command, ...parameters) => {
      // Whoever asked for the start is told when it fails.
      await starting.catch(() => undefined);
      if (client?.state !== State.Running) throw new Error("Tidemark's server is not running.");
      return client.sendRequest(ExecuteCommandRequest.type, { command, arguments: parameters });
    },
    info: () => {
      const info = client?.initializeResult?.serverInfo;
      return info === undefined ? null : [info.name, info.version].filter((part) => part !== undefined).join(" ");
    },
    stop,
  };
}
