import type { Stdin } from "./stdin";

/** The one port to a host. Transports implement it; everything above knows only this. */
export interface HostConnection {
  /** For people and logs: `juni (josh@127.0.0.1:2222)`. */
  readonly description: string;
  /**
   * Runs `command` with `stdin`, which is then closed. Standard output arrives in `onStdout`; a returned promise holds
   * back further chunks (backpressure). Rejects with HostError; aborting rejects with kind `cancelled` and ends the remote process:
   * by a signal where the transport can send one, else by closing its streams, which ends it when it next writes.
   */
  exec(command: string, options: ExecOptions): Promise<ExecResult>;
  /** True until the link is gone. */
  readonly alive: boolean;
  close(): void;
}

export interface ExecOptions {
  /** Given over time, it is read until it ends or the command does. */
  readonly stdin: Stdin;
  readonly onStdout: (chunk: Uint8Array) => void | Promise<void>;
  readonly signal: AbortSignal;
}

export interface ExecResult {
  readonly code: number | null;
  /** Name of the signal that ended it, e.g. `TERM`. */
  readonly signal: string | null;
  /** The last 4 kB of standard error, for messages. */
  readonly stderr: string;
}

/**
 * What is asked of a person while connecting. One implementation per front end; `null` and `no` mean: stop. A question whose
 * `signal` is aborted is taken off the screen where the front end can.
 */
export interface Prompter {
  confirmHostKey(evidence: HostKeyEvidence, signal?: AbortSignal): Promise<"once" | "always" | "no">;
  secret(request: SecretRequest, signal?: AbortSignal): Promise<string | null>;
  /** Shows what a person has to do elsewhere ("touch the key"); the result takes it away again. */
  notice?(message: string): () => void;
}

/** The ways to a host: the built-in SSH, the machine's own `ssh` program, and no SSH at all for this machine. */
export type ClientName = "ssh2" | "openssh" | "local";

/** What happens on the way to a host, for those who want to tell of it step by step. Never holds a secret. */
export type ConnectEvent =
  | {
      readonly kind: "resolved";
      /** Description of each host on the way, the destination last. */
      readonly hops: readonly string[];
      /** Configuration files that were read, in order. */
      readonly files: readonly string[];
      /** `ssh`: asked of `ssh -G`; `files`: read here. */
      readonly source: "ssh" | "files";
      /** Whether compression is asked for on the way to the destination. */
      readonly compressed: boolean;
    }
  | { readonly kind: "client"; readonly client: ClientName; readonly reason: string }
  | {
      readonly kind: "host-key";
      readonly host: string;
      /** `ssh-ed25519 SHA256:…`. */
      readonly key: string;
      /** Why it is trusted: `known (/home/josh/.ssh/known_hosts:3)`. */
      readonly status: string;
    }
  /** `by`: `key /home/josh/.ssh/id_ed25519`, `password`. */
  | { readonly kind: "login"; readonly host: string; readonly by: string };

export interface HostKeyEvidence {
  readonly host: string;
  readonly port: number;
  /** `ssh-ed25519`. */
  readonly keyType: string;
  /** Exactly as `ssh-keygen -lf` prints it: `SHA256:…` without padding. */
  readonly fingerprint: string;
  /** Key types already known for this host, when another type is new. */
  readonly knownTypes: readonly string[];
}

export interface SecretRequest {
  readonly kind: "passphrase" | "password" | "answer";
  /** What to show: `Passphrase for /home/josh/.ssh/id_ed25519`. */
  readonly prompt: string;
  /** True when what is typed may be shown. */
  readonly echo: boolean;
}

export type HostErrorKind =
  | "unresolvable"
  | "refused"
  | "timeout"
  | "host-key-unknown"
  | "host-key-changed"
  | "host-key-revoked"
  | "auth-failed"
  | "passphrase-cancelled"
  | "unsupported"
  | "remote-shell"
  | "remote-tools"
  | "remote-permission"
  | "protocol"
  | "dropped"
  | "bad-destination"
  | "cancelled";

/** A failure on the way to or on a host. `message` says what happened to which host; `next` what to do about it. */
export class HostError extends Error {
  constructor(
    readonly kind: HostErrorKind,
    message: string,
    readonly next: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "HostError";
  }
}

/** Receives lines for the log; never secrets. */
export type Log = (line: string) => void;
