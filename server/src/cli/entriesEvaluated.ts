import { statSync } from "node:fs";
import path from "node:path";
import { EvaluationError } from "../evaluation/model";
import { evaluate, evaluationTarget } from "../service/evaluating";
import { stateFolder } from "../service/stateFolder";
import type { Tidemark } from "../service/tidemark";
import { LineIndex } from "../syntax/lines";
import { visible } from "../syntax/visible";
import { CommandError } from "./command";
import { paint, plural, progressLine } from "./terminal";

/** What Nix says of a host, for the output of `tidemark entries --evaluate`. */
export interface HostOutput {
  readonly name: string;
  /** What only Nix knows. */
  readonly entries: readonly object[];
  readonly differences: readonly {
    readonly kind: string;
    readonly path: string;
    readonly reason: string;
    readonly file: string | null;
    readonly range: ReturnType<LineIndex["range"]> | null;
  }[];
  readonly fileSystems: readonly object[];
  readonly users: readonly object[];
  readonly services: readonly object[];
  /** Why a part could not be evaluated, else null. */
  readonly problem: string | null;
}

/** Evaluates a host with the real Nix. `given` is a file or folder of its configuration. Rejects with CommandError. */
export async function evaluatedHost(service: Tidemark, host: string, given: string): Promise<HostOutput> {
  const stat = statSync(given, { throwIfNoEntry: false });
  if (stat === undefined) throw new CommandError(`${given} does not exist.`);
  const base = path.resolve(given);
  const from = stat.isDirectory() ? path.join(base, "flake.nix") : base;
  const target = evaluationTarget(service.files, host, from, []);
  if (target === null)
    throw new CommandError(
      `There is no flake.nix at or above ${given}. Give a file or folder of the flake that has ${host}.`,
    );
  const abort = new AbortController();
  const interrupt = () => abort.abort();
  process.once("SIGINT", interrupt);
  const terminal = process.stderr.isTTY;
  try {
    const evaluation = await evaluate({
      target,
      stateFolder: stateFolder(),
      signal: abort.signal,
      onProgress: (message) => {
        if (terminal) process.stderr.write(progressLine(message, process.stderr.columns));
      },
    });
    service.evaluations.set(host, target, evaluation, (homes) => service.hosts.textOf(host, from, homes));
    const { fileSystems, users, services } = evaluation.host;
    const output: HostOutput = {
      name: host,
      entries: service.evaluations.added(host).map((entry) => ({ ...entry, certainty: "evaluated" })),
      differences: service.evaluations.differences(host).map(({ kind, path: at, reason, declared }) => {
        const text = declared === null ? undefined : service.files.get(declared.file)?.text;
        const range = declared === null || text === undefined ? null : new LineIndex(text).range(declared.span);
        return { kind, path: at, reason, file: declared === null ? null : path.relative("", declared.file), range };
      }),
      fileSystems,
      users,
      services,
      problem: evaluation.problem === null ? null : described(evaluation.problem),
    };
    return output;
  } catch (error) {
    if (error instanceof EvaluationError) throw new CommandError(described(error), { cause: error });
    throw error;
  } finally {
    if (terminal) process.stderr.write("\r\x1b[K");
    process.off("SIGINT", interrupt);
  }
}

/** An error with its place in front, as compilers write it. */
function described({ message, next, place }: EvaluationError): string {
  const at = place === null ? "" : `${path.relative("", place.file)}:${place.line ?? 1}:${place.column ?? 1}: `;
  return `${at}${message} ${next}`;
}

/** What Nix adds and where it differs, for people. */
export function renderHost({ name, entries, differences, problem }: HostOutput): string {
  const others = differences.filter(({ kind }) => kind !== "only-nix");
  const lines = [paint("bold", `${visible(name)}, as Nix evaluates it`)];
  for (const { path: at } of differences.filter(({ kind }) => kind === "only-nix"))
    lines.push(`  ${visible(at)}${paint("grey", "  only Nix knows it")}`);
  for (const { file, range, reason } of others) {
    const place = file === null || range === null ? "" : `${file}:${range.start.line + 1}: `;
    lines.push(paint("blue", `  ${visible(`${place}${reason}`)}`));
  }
  if (problem !== null) lines.push(paint("yellow", `  ${visible(problem)}`));
  lines.push("", `${plural(entries.length, "path")} only Nix knows, ${plural(others.length, "other difference")}.`);
  return `\n${lines.join("\n")}\n`;
}
