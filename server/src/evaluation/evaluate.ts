import { readAnswer } from "./answer";
import { evaluation, hostNames, type Invocation, metadata } from "./arguments";
import { parseJson, strings } from "./json";
import { type EvaluatedHost, EvaluationError, type EvaluationTarget, type NixError, type NixPlace } from "./model";
import { NixLog } from "./nixLog";
import { type FlakeSource, ownPlace, readSource, withOwnNames } from "./places";
import { question, strictQuestion } from "./question";
import { run } from "./run";
import { withoutSecrets } from "./secrets";

export interface EvaluateOptions {
  /** The program, looked up in the environment's PATH. */
  readonly program?: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Milliseconds for one call of Nix; ten minutes if not given, since the first one may have to fetch the flake's inputs. */
  readonly timeout?: number;
  readonly onProgress: (message: string) => void;
}

export interface Evaluation {
  readonly host: EvaluatedHost;
  /** The answer as `readAnswer` takes it, to be kept; null where it is not complete. It holds no secrets. */
  readonly answer: string | null;
  /** Why a part of its persistence could not be evaluated; null where all of it was. */
  readonly problem: EvaluationError | null;
}

const defaultTimeout = 600_000;

/** Asks Nix for a host. Rejects with EvaluationError. */
export async function evaluateHost(target: EvaluationTarget, options: EvaluateOptions): Promise<Evaluation> {
  const name = describe(target);
  options.onProgress(`evaluating ${name}`);
  const { error, stdout } = await call(evaluation(target, question), name, options);
  if (error !== null) throw await failure(target, name, error, options);
  const answer = withoutSecrets(stdout);
  const host = readAnswer(answer);
  if (host === null)
    throw new EvaluationError(
      "answer",
      `Nix answered something else than what ${name} persists.`,
      "`nix --version` should say 2.4 or newer, and no wrapper of it should change what it prints.",
    );
  if (!host.failed.some((option) => /persist|preserv|home-manager/.test(option)))
    return { host, answer, problem: null };
  const again = await call(evaluation(target, strictQuestion), name, options);
  const cause = again.error ?? { message: `${host.failed.join(", ")} cannot be evaluated`, place: null, frames: [] };
  return { host, answer: null, problem: await failure(target, name, cause, options) };
}

/** Name for messages: the host, or the file without a flake. */
export function describe(target: EvaluationTarget): string {
  return target.kind === "flake" ? target.host : target.file;
}

async function call(
  invocation: Invocation,
  name: string,
  options: EvaluateOptions,
): Promise<{ readonly error: NixError | null; readonly stdout: string }> {
  const log = new NixLog();
  const result = await run(invocation, {
    program: options.program ?? "nix",
    environment: options.environment,
    signal: options.signal,
    timeout: options.timeout ?? defaultTimeout,
    onErrorLine: (line) => {
      const progress = log.line(line);
      if (progress !== null) options.onProgress(`${name}: ${progress}`);
    },
  });
  switch (result.kind) {
    case "missing":
      throw new EvaluationError(
        "no-nix",
        `${name} was not evaluated: there is no program \`nix\` on this machine's PATH.`,
        "Install Nix, or set `tidemark.evaluation` to off.",
      );
    case "cancelled":
      throw new EvaluationError(
        "cancelled",
        `The evaluation of ${name} was stopped.`,
        "Run it again when you want to.",
      );
    case "timeout":
      throw new EvaluationError(
        "timeout",
        `Nix did not finish evaluating ${name} within ${Math.round((options.timeout ?? defaultTimeout) / 1000)} s and was stopped.`,
        "Evaluate it once in a terminal, where the inputs are fetched without a limit, then try again.",
      );
    case "too-large":
      throw new EvaluationError(
        "too-large",
        `Nix's answer for ${name} is too large.`,
        "Look for a list that grows without end.",
      );
    default: {
      if (result.code === 0) return { error: null, stdout: result.stdout };
      return {
        error: log.error() ?? { message: `Nix ended with code ${result.code}`, place: null, frames: [] },
        stdout: "",
      };
    }
  }
}

async function failure(
  target: EvaluationTarget,
  name: string,
  error: NixError,
  options: EvaluateOptions,
): Promise<EvaluationError> {
  if (target.kind === "flake" && /does not provide attribute .*nixosConfigurations/.test(error.message))
    return await noSuchHost(target, options);
  const folder = target.kind === "flake" ? target.folder : target.file.replace(/\/[^/]*$/, "");
  const source = target.kind === "flake" ? await sourceOf(target, options) : null;
  return new EvaluationError(
    "nix-error",
    `Nix cannot evaluate ${name}: ${shortened(withOwnNames(error.message, source))}`,
    adviceFor(error.message) ?? commandFor(target),
    ownPlace(error, source, folder),
  );
}

async function noSuchHost(
  { folder, host }: Extract<EvaluationTarget, { kind: "flake" }>,
  options: EvaluateOptions,
): Promise<EvaluationError> {
  const names = await listHosts(folder, options).catch(() => []);
  const place: NixPlace = { file: `${folder}/flake.nix`, line: 1, column: 1 };
  const known =
    names.length === 0 ? "It has none." : `It has ${names.slice(0, 20).join(", ")}${names.length > 20 ? ", …" : ""}.`;
  return new EvaluationError(
    "no-such-host",
    `The flake ${folder} has no host ${host} in nixosConfigurations.`,
    known,
    place,
  );
}

/** Names of the hosts a flake has. Rejects with EvaluationError. */
export async function listHosts(folder: string, options: EvaluateOptions): Promise<string[]> {
  const { error, stdout } = await call(hostNames(folder), folder, options);
  if (error !== null) throw new EvaluationError("nix-error", `The hosts of ${folder} are not known.`, error.message);
  return strings(parseJson(stdout));
}

async function sourceOf(
  { folder }: Extract<EvaluationTarget, { kind: "flake" }>,
  options: EvaluateOptions,
): Promise<FlakeSource | null> {
  const { stdout } = await call(metadata(folder), folder, { ...options, onProgress: () => undefined });
  return readSource(stdout, folder);
}

function adviceFor(message: string): string | null {
  if (/allow-import-from-derivation|cannot build .* during evaluation/.test(message))
    return "It builds something to know its own options (import from derivation); Tidemark builds nothing, so this host stays as its text says.";
  if (/nixpkgs\/nixos.* was not found|file 'nixpkgs/.test(message))
    return "A configuration without a flake needs <nixpkgs> in NIX_PATH, as `nixos-rebuild` has it.";
  return null;
}

function commandFor(target: EvaluationTarget): string {
  return target.kind === "flake"
    ? `\`nix eval .#nixosConfigurations.${target.host}.config.environment.persistence --show-trace\` in ${target.folder} shows more.`
    : `\`nix-instantiate '<nixpkgs/nixos>' -A system -I nixos-config=${target.file}\` shows more.`;
}

/** Messages of the module system list every definition; the first lines say what is wrong. */
function shortened(message: string): string {
  const text = message.split("\n").slice(0, 6).join(" ").replace(/\s+/g, " ").trim();
  return `${text.length > 500 ? `${text.slice(0, 500)}…` : text}${/[.!?…]$/.test(text) ? "" : "."}`;
}
