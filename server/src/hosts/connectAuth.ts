import {
  type AnyAuthMethod,
  type AuthHandlerMiddleware,
  BaseAgent,
  type IdentityCallback,
  type ParsedKey,
  type Prompt,
  type SignCallback,
  type SigningRequestOptions,
} from "ssh2";
import { type AuthRecord, notAnswered, printable } from "./failures";
import { findIdentities, type Identity, type IdentityContext } from "./identities";
import { forgetSecret, rememberedSecret, rememberSecret } from "./identitiesSecrets";

/** Questions for a password or the like: as many rounds as ssh allows. */
const secretRounds = 3;

export interface LoginContext extends IdentityContext {
  /** What a remembered password is filed under: user, address and host key. Asked for when the host key is known. */
  readonly passwordId: () => string;
  /** Runs what waits for a person outside the time limit. */
  readonly offTheClock: <T>(work: () => Promise<T>) => Promise<T>;
  /** Ends the attempt: a person cancelled, or something broke. */
  readonly fail: (error: unknown) => void;
}

export interface Login {
  readonly handler: AuthHandlerMiddleware;
  /** What was tried so far, for messages. */
  readonly record: () => AuthRecord;
  /** To be called when the host let us in. */
  readonly succeeded: () => void;
}

/** Logging in: nothing at all, then keys, then questions, then a password; only what the host says it accepts. */
export function createLogin(context: LoginContext): Login {
  const { log, host } = context;
  const tried: string[] = [];
  const skipped: string[] = [];
  let offered: readonly string[] = [];
  let password: string | undefined;
  const steps = methods();

  async function* methods(): AsyncGenerator<AnyAuthMethod, void> {
    const { user: username, publicKeyLogin, questionLogin, passwordLogin } = context.settings;
    yield { type: "none", username };
    if (publicKeyLogin && offered.includes("publickey")) {
      const found = await findIdentities(context);
      skipped.push(...found.skipped);
      for (const identity of found.keys) {
        if (!offered.includes("publickey")) break;
        const publicKey = await identity.publicKey();
        if (publicKey === null) tried.push(`${identity.label} (wrong passphrase)`);
        else yield* withKey(identity, publicKey, username);
      }
    }
    if (questionLogin) yield* withQuestions(username);
    if (passwordLogin) yield* withPassword(username);
  }

  async function* withKey(identity: Identity, publicKey: ParsedKey, username: string): AsyncGenerator<AnyAuthMethod> {
    log(`${host}: trying ${identity.label}`);
    tried.push(identity.label);
    const mark = (why: string) => {
      tried[tried.length - 1] = `${identity.label} (${why})`;
    };
    const agent = new OneKeyAgent(identity, publicKey, mark, context);
    yield { type: "agent", username, agent };
    // The library does not read what is still wanted after a key was accepted in part; asking for nothing tells it again.
    if (agent.signed) yield { type: "none", username };
  }

  async function* withQuestions(username: string): AsyncGenerator<AnyAuthMethod> {
    let asked = true;
    for (let round = 0; round < secretRounds && asked && offered.includes("keyboard-interactive"); round++) {
      asked = false;
      log(`${host}: trying keyboard-interactive`);
      if (round === 0) tried.push("keyboard-interactive");
      yield {
        type: "keyboard-interactive",
        username,
        prompt: (name, instructions, _language, prompts, finish) => {
          asked ||= prompts.length > 0;
          const again = round === 0 ? "" : "that was not accepted";
          answer(context, [again, name, instructions], prompts).then(finish, context.fail);
        },
      };
    }
  }

  async function* withPassword(username: string): AsyncGenerator<AnyAuthMethod> {
    for (let round = 0; round < secretRounds && offered.includes("password"); round++) {
      const remembered = rememberedSecret("password", context.passwordId());
      const prompt = `${round === 0 ? "" : "That was not accepted. "}Password for ${host}`;
      const given = remembered ?? (await context.prompter.secret({ kind: "password", prompt, echo: false }));
      if (given === null) throw notAnswered(host, "password");
      log(`${host}: trying a password`);
      if (round === 0) tried.push("password");
      password = given;
      yield { type: "password", username, password: given };
      password = undefined;
      forgetSecret("password", context.passwordId());
    }
  }

  return {
    handler: (methodsLeft, partial, next) => {
      // Null on the first call, against the types: nothing is known before "none" was answered.
      offered = methodsLeft ?? [];
      if (partial) log(`${host}: accepted in part; it also wants ${printable(offered.join(", "))}`);
      steps.next().then(({ value }) => {
        // Any value but a method ends the list; the library reads false so.
        const done: unknown = false;
        (next as (method: unknown) => void)(value ?? done);
      }, context.fail);
    },
    record: () => ({ tried, skipped, offered }),
    succeeded: () => {
      if (password !== undefined) rememberSecret("password", context.passwordId(), password);
      log(`${host}: logged in${tried.length > 0 ? ` by ${tried.at(-1)}` : ""}`);
    },
  };
}

/** One round of questions from the host; its words are shown stripped of control characters. */
async function answer(
  { prompter, host }: LoginContext,
  headings: readonly string[],
  prompts: readonly Prompt[],
): Promise<string[]> {
  const answers: string[] = [];
  const heading = headings.map((text) => printable(text, 300)).filter((text) => text !== "");
  for (const { prompt, echo } of prompts) {
    const text = [`${host} asks`, ...heading, printable(prompt, 300)].join(": ");
    const given = await prompter.secret({ kind: "answer", prompt: text, echo: echo === true });
    if (given === null) throw notAnswered(host, "answer");
    answers.push(given);
  }
  return answers;
}

/** One key in the shape of an agent: the host is asked about the public half first, and only then is anything signed. */
class OneKeyAgent extends BaseAgent<ParsedKey> {
  signed = false;

  constructor(
    private readonly identity: Identity,
    private readonly publicKey: ParsedKey,
    private readonly mark: (why: string) => void,
    private readonly context: LoginContext,
  ) {
    super();
  }

  override getIdentities(callback: IdentityCallback<ParsedKey>): void {
    callback(null, [this.publicKey]);
  }

  override sign(
    _key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    last?: SignCallback,
  ): void {
    const callback = typeof options === "function" ? options : last;
    const hash = typeof options === "function" ? undefined : options.hash;
    const refuse = (why: string) => {
      this.mark(why);
      callback?.(new Error(why));
    };
    // An agent may ask its owner to confirm.
    this.context
      .offTheClock(() => this.identity.sign(data, hash))
      .then(
        (signature) => {
          this.signed = signature !== null;
          if (signature === null) refuse("wrong passphrase");
          else callback?.(null, signature);
        },
        (error: unknown) => {
          if (error instanceof Error && error.name !== "HostError") refuse(printable(error.message));
          else this.context.fail(error);
        },
      );
  }
}
