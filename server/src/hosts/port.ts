/** The one port to a host. Transports implement it; everything above knows only this. */
export interface HostConnection {
  /** For people and logs: `juni (josh@127.0.0.1:2222)`. */
  readonly description: string;
  /**
   * Runs `command` with `stdin`, which is then closed. Standard output arrives in `onStdout`; a returned promise holds
   * back further chunks (backpressure). Rejects with HostError; aborting ends the remote process and rejects with kind `cancelled`.
   */
  exec(command: string, options: ExecOptions): Promise<ExecResult>;
  /** True until the link is gone. */
  readonly alive: boolean;
  close(): void;
}

export interface ExecOptions {
  readonly stdin: string | Uint8Array;
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

/** What is asked of a person while connecting. One implementation per front end; `null` and `no` mean: stop. */
export interface Prompter {
  confirmHostKey(evidence: HostKeyEvidence): Promise<"once" | "always" | "no">;
  secret(request: SecretRequest): Promise<string | null>;
}

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
