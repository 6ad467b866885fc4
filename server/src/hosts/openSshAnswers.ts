import path from "node:path";
import { authFailed, notAnswered, passphraseCancelled, printable } from "./failures";
import type { HostKeyBook } from "./hostKeyPolicy";
import { embeddedPublicKey, readKeyFile } from "./identitiesFile";
import { forgetSecret, rememberedSecret, rememberSecret } from "./identitiesSecrets";
import { fingerprint, knownKeyTypes } from "./knownHosts";
import type { AskedQuestion } from "./openSshAskpass";
import { hopOf } from "./openSshFailures";
import type { LoginLog } from "./openSshLog";
import { readQuestion, type SshQuestion } from "./openSshPrompts";
import type { Log, Prompter, SecretRequest } from "./port";
import type { HostSettings } from "./sshConfig";

export interface AnswerContext {
  /** What decides about the host keys on the way, the destination's last. */
  readonly books: readonly HostKeyBook[];
  readonly prompter: Prompter;
  readonly log: Log;
  /** The login under way, by which a question is told to belong to a host. */
  readonly login: () => LoginLog;
  /** Ends the attempt: a person cancelled, or something broke. */
  readonly fail: (error: unknown) => void;
}

/** Puts ssh's questions to the person, or answers them from what was said before. */
export class SshAnswers {
  /** Fingerprints of the host keys that were accepted, and for how long. */
  readonly accepted = new Map<string, "once" | "always">();
  /** Key files whose passphrase was asked for again. */
  readonly wrongPassphrases = new Set<string>();
  /** Secrets handed out in this attempt, by what they are remembered under. */
  private readonly handed = new Map<string, { kind: "passphrase" | "password"; id: string; secret: string }>();

  private asked = 0;

  constructor(private readonly context: AnswerContext) {}

  /** Null refuses. */
  async answer({ prompt, hint }: AskedQuestion, signal: AbortSignal): Promise<string | null> {
    const question = this.read(prompt, hint);
    try {
      switch (question.kind) {
        case "notice":
          return await this.show(question.text, signal);
        case "host-key":
          return await this.hostKey(question, signal);
        case "passphrase":
          return await this.passphrase(question.file, signal);
        case "password":
          return await this.password(question.who, signal);
        case "new-password":
          throw authFailed(
            this.book().host,
            { ...this.context.login(), skipped: [] },
            "it wants a new password: log in once with ssh",
          );
        case "pin":
          return await this.ask({ kind: "passphrase", prompt: printable(question.text, 300), echo: false }, signal);
        case "answer": {
          const host = question.who === null ? this.book().host : this.named(question.who);
          const text = `${host} asks: ${printable(question.text, 300)}`;
          return await this.ask({ kind: "answer", prompt: text, echo: false }, signal);
        }
      }
    } catch (error) {
      this.context.fail(error);
      return null;
    }
  }

  /** To be called when the host let us in: what was handed out was right. */
  succeeded(): void {
    for (const { kind, id, secret } of this.handed.values()) rememberSecret(kind, id, secret);
    this.handed.clear();
  }

  /** Before OpenSSH 8.5 a host could put its own question in the words of ssh, to be told the passphrase of a key. */
  private read(prompt: string, hint: string): SshQuestion {
    const question = readQuestion(prompt, hint);
    const byHost = this.context.login().tried.at(-1) === "keyboard-interactive";
    if (!byHost || (question.kind !== "passphrase" && question.kind !== "pin")) return question;
    return { kind: "answer", who: null, text: prompt };
  }

  /** What decides about the host that is being logged in to, by the log. A host can put lines into that: never for secrets. */
  private book(): HostKeyBook {
    return hopOf(this.context.books, this.context.login());
  }

  /** The one host on the way that `who` (`josh@10.0.0.4`) can only be; null where there is none or more than one. */
  private only(who: string): HostKeyBook | null {
    const fits = this.context.books.filter(({ settings: { user, hostName, hostKeyAlias } }) =>
      [hostName, hostKeyAlias].some((name) => name !== null && `${user}@${name}`.toLowerCase() === who.toLowerCase()),
    );
    return fits.length === 1 ? (fits[0] ?? null) : null;
  }

  private named(who: string): string {
    return this.only(who)?.host ?? printable(who);
  }

  private async show(text: string, signal: AbortSignal): Promise<null> {
    this.context.log(printable(text, 300));
    const remove = this.context.prompter.notice?.(printable(text, 300));
    await new Promise((resolve) => {
      signal.addEventListener("abort", resolve, { once: true });
      if (signal.aborted) resolve(undefined);
    });
    remove?.();
    return null;
  }

  private async hostKey(
    asked: { readonly name: string; readonly fingerprint: string; readonly takesFingerprint: boolean },
    signal: AbortSignal,
  ): Promise<string | null> {
    const name = asked.name.toLowerCase();
    const book = this.context.books.find(({ names }) => names[0] === name);
    // An ssh inside a ProxyCommand asks as well; it would write the answer into the user's own known_hosts.
    if (book === undefined) {
      this.context.log(
        `${printable(asked.name)}: its host key is not known, and it is no host on our way: not accepted`,
      );
      return "no";
    }
    const { settings } = book;
    const [shownType = "unknown type", shownPrint] = (this.context.login().hostKey ?? "").split(" ");
    const keyType = shownPrint === asked.fingerprint ? shownType : "unknown type";
    const said = await this.context.prompter.confirmHostKey(
      {
        host: settings.hostName,
        port: settings.port,
        keyType: printable(keyType, 64),
        fingerprint: asked.fingerprint,
        knownTypes: knownKeyTypes(book.entries, book.names.slice(0, 1)),
      },
      signal,
    );
    if (said === "no") return "no";
    this.accepted.set(asked.fingerprint, said);
    return asked.takesFingerprint ? asked.fingerprint : "yes";
  }

  private async passphrase(file: string, signal: AbortSignal): Promise<string> {
    const content = await readKeyFile(file);
    const embedded = content === null || content instanceof Error ? null : embeddedPublicKey(content);
    const id = embedded === null ? path.resolve(file) : fingerprint(embedded);
    if (this.handed.has(`passphrase ${id}`)) this.wrongPassphrases.add(file);
    const shown = `Passphrase for ${printable(file, 300)}`;
    const none = () => passphraseCancelled(this.book().host, file);
    return this.secret("passphrase", id, ["Wrong passphrase.", shown], none, signal);
  }

  private async password(who: string, signal: AbortSignal): Promise<string> {
    const book = this.only(who);
    const none = () => notAnswered(this.named(who), "password");
    const [, print = ""] = this.context.login().hostKey?.split(" ") ?? [];
    // Hosts that cannot be told apart are asked for each time.
    const place = book === null || print === "" ? `${who} ${this.asked++}` : placeOf(book.settings, print);
    return this.secret("password", place, ["That was not accepted.", `Password for ${this.named(who)}`], none, signal);
  }

  /** Asked for a second time, the one given before was wrong. */
  private async secret(
    kind: "passphrase" | "password",
    id: string,
    [wrong, shown]: readonly [string, string],
    none: () => Error,
    signal: AbortSignal,
  ): Promise<string> {
    const again = this.handed.has(`${kind} ${id}`);
    if (again) forgetSecret(kind, id);
    const remembered = again ? undefined : rememberedSecret(kind, id);
    const request: SecretRequest = { kind, prompt: again ? `${wrong} ${shown}` : shown, echo: false };
    const secret = remembered ?? (await this.context.prompter.secret(request, signal));
    if (secret === null) throw none();
    this.handed.set(`${kind} ${id}`, { kind, id, secret });
    return secret;
  }

  private async ask(request: SecretRequest, signal: AbortSignal): Promise<string> {
    const given = await this.context.prompter.secret(request, signal);
    if (given === null) throw notAnswered(this.book().host, "answer");
    return given;
  }
}

/** What the built-in SSH files a password under as well. */
function placeOf({ user, hostName, port }: HostSettings, print: string): string {
  return `${user} ${hostName} ${port} ${print}`;
}
