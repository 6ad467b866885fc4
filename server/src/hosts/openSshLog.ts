import { printable } from "./failures";

/** What `ssh -v` says while it connects, as far as it is of use: where it is, what it tried, what went wrong. */

/** One login on the way; several where there are jump hosts. */
export interface LoginLog {
  /** Address and port as ssh connects to them; null before the first login. */
  readonly address: string | null;
  readonly port: number | null;
  /** `ssh-ed25519 SHA256:…`; null before the host showed one. */
  hostKey: string | null;
  /** Where ssh found the key: `/home/josh/.ssh/known_hosts:3`. */
  foundIn: string | null;
  /** `key /home/josh/.ssh/id_ed25519`, `password`. */
  readonly tried: string[];
  /** What the host accepts, as it says itself. */
  offered: readonly string[];
  /** How it let us in; null before. */
  by: string | null;
  trusted: boolean;
}

export interface LogEvents {
  /** The host showed a key, and ssh trusts it. */
  onHostKey(login: LoginLog): void;
  /** The host let us in. */
  onLogin(login: LoginLog): void;
  /** True when a key was accepted and is to sign, which may wait for a person; false when that is over. */
  onSigning(signing: boolean): void;
}

/** Lines of messages kept, and characters of each. */
const maxLines = 60;
const maxLength = 600;

/** Collects the output of one `ssh -v`. The host can put lines into it (its banner), so it is for messages and never for trust. */
export class SshLog {
  /** The login under way, or the last one. */
  login: LoginLog = newLogin(null, null);
  /** What is not debugging, the newest last. */
  readonly messages: string[] = [];
  private rest = "";
  private signing = false;

  constructor(private readonly events: LogEvents) {}

  push(chunk: Uint8Array): void {
    const lines = (this.rest + Buffer.from(chunk).toString("utf8")).split(/\r?\n/);
    this.rest = (lines.pop() ?? "").slice(0, maxLength);
    for (const line of lines) this.line(line.slice(0, maxLength));
  }

  private line(line: string): void {
    const detail = /^debug\d: (.*)$/.exec(line)?.[1];
    if (detail !== undefined) this.detail(detail);
    else if (/^Authenticated to .* using "/.test(line)) this.letIn(/ using "([\w@.-]+)"/.exec(line)?.[1] ?? "");
    else if (line.trim() !== "") {
      this.messages.push(printable(line, maxLength));
      if (this.messages.length > maxLines) this.messages.shift();
    }
  }

  private detail(line: string): void {
    const { login } = this;
    const to = /^Authenticating to (\S+):(\d+) as /.exec(line);
    const offer = /^Offering public key: (.+) \S+ (SHA256:\S+)(.*)$/.exec(line);
    const method = /^Next authentication method: (\S+)$/.exec(line)?.[1];
    if (to !== null) this.login = newLogin(to[1] ?? null, Number(to[2]));
    else if (offer !== null) {
      this.sign(false);
      const [, name = "", print = "", how = ""] = offer;
      login.tried.push(
        how.includes("agent") ? `agent key ${printable(name, 300)} ${print}` : `key ${printable(name, 300)}`,
      );
    } else if (method !== undefined) {
      this.sign(false);
      if (method !== "publickey") login.tried.push(printable(method, 40));
    } else if (line.startsWith("Server accepts key: ")) this.sign(true);
    else login.hostKey ??= /^Server host key: (\S+ SHA256:\S+)$/.exec(line)?.[1] ?? null;
    login.foundIn ??= /^Found (?:CA )?key in (.+)$/.exec(line)?.[1] ?? null;
    // New keys are in use: the host's own was checked, and nothing but the login is left.
    if (line === "SSH2_MSG_NEWKEYS received" && login.hostKey !== null && !login.trusted) {
      login.trusted = true;
      this.events.onHostKey(login);
    }
    const offered = /^Authentications that can continue: (.*)$/.exec(line)?.[1];
    if (offered === undefined) return;
    this.sign(false);
    login.offered = printable(offered).split(",");
  }

  private letIn(method: string): void {
    this.sign(false);
    const { login } = this;
    login.by = login.tried.at(-1) ?? (method === "none" ? "nothing: the host asks for no login" : printable(method));
    this.events.onLogin(login);
  }

  private sign(signing: boolean): void {
    if (this.signing === signing) return;
    this.signing = signing;
    this.events.onSigning(signing);
  }
}

function newLogin(address: string | null, port: number | null): LoginLog {
  return { address, port, hostKey: null, foundIn: null, tried: [], offered: [], by: null, trusted: false };
}
