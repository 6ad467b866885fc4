/** What Tidemark adds to the Language Server Protocol. The client imports this file and nothing else of the server. */

/** Commands the server executes (`workspace/executeCommand`); any editor may call them. */
export const ServerCommands = {
  /** Arguments: [ScanArguments]. Result: ScanOutcome. Cancellable progress; failures are shown to the user and reported in the outcome. */
  scan: "tidemark.server.scan",
  /** Arguments: none, or [HostsArguments]. Result: HostChoice[]. Reads the workspace, settings and the user's ssh configuration; connects nowhere. */
  hosts: "tidemark.server.hosts",
  /** Arguments: [{ host }]. Forgets the scan of a host and its findings. Result: null. */
  forget: "tidemark.server.forget",
  /** Arguments: [EvaluationArguments]. Result: EvaluationOutcome. Asks first where the user has not allowed it; cancellable progress; failures are shown. */
  evaluate: "tidemark.server.evaluate",
  /** Arguments: [ShowCommandsArguments], as a code action has them. Shows commands for a host; runs nothing. Result: null. */
  showCommands: "tidemark.server.showCommands",
} as const;

export interface ScanArguments {
  /** A name from `tidemark.hosts`, an ssh alias, or `user@host[:port]`. */
  readonly host: string;
  /** The file the user scans from: it is taken as part of the host's configuration. */
  readonly uri?: string;
}

export interface ScanOutcome {
  readonly ok: boolean;
  readonly host: string;
  /** Number of paths that would be lost and are worth persisting. */
  readonly recommended: number;
  /** What is different since the scan that this one replaces, for people; null where there was none. */
  readonly since: string | null;
  /** When not ok: what happened and what to do, already shown to the user. Null when cancelled. */
  readonly message: string | null;
}

export interface EvaluationArguments {
  /** The host's name in `nixosConfigurations`. */
  readonly host: string;
  /** A file of its flake. */
  readonly uri?: string;
}

export interface EvaluationOutcome {
  readonly ok: boolean;
  readonly host: string;
  /** In how many things the text and Nix disagree; among them `added`, the paths only Nix knows. */
  readonly differences: number;
  readonly added: number;
  /** What could not be evaluated and what to do, already shown to the user. Null where all was, and when cancelled. */
  readonly message: string | null;
}

export interface ShowCommandsArguments {
  /** What the commands are for. */
  readonly title: string;
  /** Commands with comments, as a shell script. */
  readonly text: string;
}

/**
 * Server → client notification `tidemark/commands`, sent only when the client put `{ "secrets": true }` into `initializationOptions`: shows
 * ShowCommandsArguments. Other clients get the text as a message.
 */
export const CommandsMethod = "tidemark/commands";

export interface HostsArguments {
  /** The file the user works in: the hosts it is a part of are told. */
  readonly uri?: string;
}

export interface HostChoice {
  readonly name: string;
  /** Where it is known from: the workspace's configuration, settings, the ssh configuration, or because it is this machine. */
  readonly source: "configuration" | "settings" | "ssh" | "local";
  /** `josh@10.0.0.4:22` where known. */
  readonly detail: string;
  /** Whether the file that was asked for is a part of it. */
  readonly ofFile: boolean;
}

/**
 * Server → client request `tidemark/secret`, sent only when the client put `{ "secrets": true }` into `initializationOptions`.
 * The answer is encrypted for `publicKey` (RSA-OAEP, SHA-256), so that no trace of the protocol shows the secret.
 */
export const SecretMethod = "tidemark/secret";
export interface SecretParams {
  readonly prompt: string;
  readonly echo: boolean;
  /** SPKI, PEM. */
  readonly publicKey: string;
}
/** Base64 of the ciphertext, or null when the user cancelled. */
export type SecretResult = string | null;

/** Server → client notification `tidemark/status`: what a status item shows. */
export const StatusMethod = "tidemark/status";
export interface StatusParams {
  readonly host: string;
  readonly state: "scanning" | "ready" | "failed" | "forgotten";
  /** Recommended paths not yet persisted, counted anew after each edit. */
  readonly recommended: number;
  /** True where no boot wipes the scanned root: then nothing of it is about to be lost. */
  readonly inventory: boolean;
  /** Seconds since the epoch of the scan, null before the first. */
  readonly scannedAt: number | null;
  /** See ScanOutcome. */
  readonly since: string | null;
}

/** Settings below `tidemark` that the server asks for with `workspace/configuration`. */
export interface ServerSettings {
  /** Machine-scoped: how to reach hosts. */
  readonly hosts: Readonly<Record<string, HostSetting>>;
  readonly scan: { readonly limit: number; readonly ignore: readonly string[] };
  readonly ssh: { readonly configFile: string; readonly client: "auto" | "ssh2" | "openssh" };
  /** `ask`: once for each flake, and nothing before the answer. */
  readonly evaluation: "ask" | "off" | "on";
  readonly rules: Readonly<Record<string, "default" | "off" | "hint" | "info" | "warning" | "error">>;
}

export interface HostSetting {
  /** ssh alias, `user@host[:port]`, or `local` for this machine; the name itself where empty. */
  readonly destination?: string;
  /** Scan this folder of the host as if it were `/`. */
  readonly root?: string;
  /** The only folder of the host to look for older roots in; where left out, the usual places. */
  readonly snapshots?: string;
  /** A storage path that no configuration names yet. */
  readonly storage?: string;
  /** True may ask for the sudo password, false leaves sudo; where left out it is used where it asks nothing. */
  readonly sudo?: boolean;
}
