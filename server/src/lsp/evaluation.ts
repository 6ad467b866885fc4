import path from "node:path";
import { type CancellationToken, type Connection, MessageType } from "vscode-languageserver/node";
import { EvaluationError, type EvaluationTarget } from "../evaluation/model";
import { EvaluationConsent } from "../service/consent";
import { evaluate, evaluationTarget, flakeHosts, nixIsInstalled } from "../service/evaluating";
import { isNamedAfter, repositoryOf } from "../service/hostFiles";
import { stateFolder } from "../service/stateFolder";
import type { Tidemark } from "../service/tidemark";
import type { ClientSupport } from "./capabilities";
import { nameOf } from "./convert";
import { beginProgress } from "./progress";
import { tell } from "./prompts";
import type { EvaluationOutcome } from "./protocol";

export interface EvaluationContext {
  readonly connection: Connection;
  readonly service: Tidemark;
  readonly support: ClientSupport;
  /** Findings changed. */
  readonly changed: () => void;
}

interface Running {
  readonly outcome: Promise<EvaluationOutcome>;
  readonly abort: AbortController;
}

/** Files are often saved in numbers; evaluating again waits until that is over. Milliseconds. */
const pause = 400;

/** Evaluation with Nix: asked for once, then in the background. Nothing of it runs in a workspace that is not trusted. */
export class EvaluationFeature {
  readonly #consent = new EvaluationConsent(stateFolder());
  readonly #running = new Map<string, Running>();
  /** Flakes the user was asked about in this session, with the answer; and the names of flakes' hosts. */
  readonly #asked = new Map<string, Promise<boolean>>();
  readonly #hosts = new Map<string, Promise<readonly string[]>>();
  /** Documents that were opened. Nothing is done about them before the settings are known. */
  readonly #opened = new Set<string>();
  #settingsKnown: boolean;
  /** Lets those go on that wait for the settings. */
  readonly #onSettings: (() => void)[] = [];
  readonly #ending = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly context: EvaluationContext) {
    this.#settingsKnown = !context.support.configuration;
  }

  /** The user wants a host evaluated. Failures are shown. */
  async run(argument: unknown, token: CancellationToken): Promise<EvaluationOutcome> {
    const given = typeof argument === "object" && argument !== null ? { host: null, uri: null, ...argument } : null;
    const wanted = given?.host;
    if (typeof wanted !== "string" || wanted === "")
      return this.#refused("", "No host was given. Select one first.", MessageType.Error);
    const { service, support } = this.context;
    const from = typeof given?.uri === "string" ? nameOf(given.uri) : null;
    const host = service.hosts.configurationOf(wanted, from);
    if (!this.#settingsKnown) await new Promise<void>((resolve) => this.#onSettings.push(resolve));
    if (!support.trusted)
      return this.#refused(host, `${host} was not evaluated: this workspace is not trusted. Trust it, then try again.`);
    if (service.settings.evaluation === "off")
      return this.#refused(
        host,
        `${host} was not evaluated: \`tidemark.evaluation\` is off. Set it to \`on\` or \`ask\`.`,
      );
    const target = evaluationTarget(service.files, host, from, service.folders);
    if (target === null)
      return this.#refused(
        host,
        `${host} was not evaluated: no flake.nix was found for it. Open a file of the flake first.`,
      );
    if (!this.#allowed(folderOf(target)) && !(await this.#ask(folderOf(target)))) return outcome(host, null);
    const { outcome: done, abort } = this.#start(host, target, from);
    token.onCancellationRequested(() => abort.abort());
    const result = await done;
    if (result.message !== null) tell(this.context.connection, MessageType.Error, result.message);
    return result;
  }

  /** A document was opened or changed. Its flake is asked about once, and where the answer is yes, the host it is named after is evaluated. */
  opened(name: string): void {
    if (this.#opened.has(name)) return;
    this.#opened.add(name);
    if (this.#settingsKnown) this.#consider(name);
  }

  #consider(name: string): void {
    this.#evaluateHostOf(name).catch((error: unknown) => this.context.connection.console.error(String(error)));
  }

  async #evaluateHostOf(name: string): Promise<void> {
    const { service, support } = this.context;
    if (!support.trusted || service.settings.evaluation === "off") return;
    const folder = repositoryOf(service.files, name);
    if (folder === null || !nixIsInstalled()) return;
    if (!this.#allowed(folder) && !(await this.#askOnce(folder))) return;
    const hosts = this.#hosts.get(folder) ?? flakeHosts(folder, this.#ending.signal);
    this.#hosts.set(folder, hosts);
    const [host, ...others] = (await hosts).filter((one) => isNamedAfter(path.relative(folder, name), one));
    if (host === undefined || others.length > 0 || this.#ending.signal.aborted) return;
    if (service.evaluations.targets().has(host)) return;
    await this.#start(host, { kind: "flake", folder, host }, name).outcome;
  }

  /** Files on disk changed: what was evaluated is evaluated again. */
  filesChanged(): void {
    clearTimeout(this.#timer);
    this.#hosts.clear();
    this.#timer = setTimeout(() => {
      for (const [host, target] of this.context.service.evaluations.targets()) {
        if (!this.#allowed(folderOf(target))) continue;
        this.#running.get(host)?.abort.abort();
        this.#running.delete(host);
        void this.#start(host, target, null).outcome;
      }
    }, pause);
  }

  /** The settings are known, or others, or it is known that the client does not tell them. */
  settingsChanged(): void {
    this.#settingsKnown = true;
    for (const goOn of this.#onSettings.splice(0)) goOn();
    if (this.context.service.settings.evaluation !== "off") {
      for (const name of this.#opened) this.#consider(name);
      return;
    }
    for (const { abort } of this.#running.values()) abort.abort();
    for (const host of this.context.service.evaluations.targets().keys()) this.context.service.evaluations.forget(host);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#ending.abort();
    for (const { abort } of this.#running.values()) abort.abort();
  }

  #allowed(folder: string): boolean {
    const { evaluation } = this.context.service.settings;
    return evaluation === "on" || (evaluation === "ask" && this.#consent.of(folder) === "yes");
  }

  #askOnce(folder: string): Promise<boolean> {
    if (this.#consent.of(folder) === "never") return Promise.resolve(false);
    const asked = this.#asked.get(folder) ?? this.#ask(folder);
    this.#asked.set(folder, asked);
    return asked;
  }

  async #ask(folder: string): Promise<boolean> {
    const yes = { title: "Yes" };
    const never = { title: "Never" };
    const message =
      `Evaluate with Nix? Tidemark then asks the real \`nix eval\` what the hosts of ${folder} persist. That runs the code of this ` +
      "flake and may download its inputs, as any nix command does; nothing is built. The setting tidemark.evaluation changes it later.";
    const answer = await this.context.connection.window
      .showInformationMessage(message, yes, never)
      .catch(() => undefined);
    if (answer?.title === yes.title) this.#consent.allow(folder);
    if (answer?.title === never.title) this.#consent.never();
    return answer?.title === yes.title;
  }

  /** Starts an evaluation, or joins the one under way. */
  #start(host: string, target: EvaluationTarget, from: string | null): Running {
    const known = this.#running.get(host);
    if (known !== undefined) return known;
    const abort = new AbortController();
    const running: Running = { abort, outcome: this.#evaluate(host, target, from, abort) };
    this.#running.set(host, running);
    void running.outcome.finally(() => {
      if (this.#running.get(host) === running) this.#running.delete(host);
    });
    return running;
  }

  async #evaluate(
    host: string,
    target: EvaluationTarget,
    from: string | null,
    abort: AbortController,
  ): Promise<EvaluationOutcome> {
    const { connection, service, support, changed } = this.context;
    const message = "asking Nix";
    const progress = await beginProgress(connection, support, { title: `Evaluating ${host}`, message }, abort);
    try {
      const { signal } = abort;
      const onProgress = (text: string) => progress?.report(text);
      const evaluation = await evaluate({ target, stateFolder: stateFolder(), signal, onProgress });
      if (signal.aborted) return outcome(host, null);
      service.evaluations.set(host, target, evaluation, (homes) => service.hosts.textOf(host, from, homes));
      changed();
      const { problem } = evaluation;
      return {
        ok: true,
        host,
        differences: service.evaluations.differences(host).length,
        added: service.evaluations.added(host).length,
        message: problem === null ? null : `${problem.message} ${problem.next}`,
      };
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      connection.console.info(`${host}: ${error.kind}: ${error.message}`);
      if (error.kind === "cancelled") return outcome(host, null);
      service.evaluations.setFailed(host, target, error);
      changed();
      return outcome(host, `${error.message} ${error.next}`);
    } finally {
      progress?.done();
    }
  }

  #refused(host: string, message: string, type: MessageType = MessageType.Warning): EvaluationOutcome {
    tell(this.context.connection, type, message);
    return outcome(host, message);
  }
}

/** What came of an evaluation that brought nothing; cancelled without a message. */
function outcome(host: string, message: string | null): EvaluationOutcome {
  return { ok: false, host, differences: 0, added: 0, message };
}

function folderOf(target: EvaluationTarget): string {
  return target.kind === "flake" ? target.folder : path.dirname(target.file);
}
