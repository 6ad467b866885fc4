import path from "node:path";
import { compare, type Difference } from "../evaluation/compare";
import type { Evaluation } from "../evaluation/evaluate";
import type { EvaluatedEntry, EvaluationError, EvaluationTarget, NixPlace } from "../evaluation/model";
import type { HostText } from "./declared";
import { evaluationFindings, placeSpan } from "./evaluationFindings";
import type { FileStore } from "./fileStore";
import type { FileFinding } from "./findings";

interface HostEvaluation {
  readonly target: EvaluationTarget;
  readonly differences: readonly Difference[];
  readonly problem: EvaluationError | null;
  readonly text: HostText;
  /** The files as Nix read them, by name: what is told of places holds only for these. Null where the editor had another text. */
  readonly read: ReadonlyMap<string, string> | null;
}

/** One object, so that what is derived from it is found again. */
const none: readonly Difference[] = [];

/** What Nix said of hosts, and what follows from it. One evaluation of each host counts: the last. */
export class HostEvaluations {
  readonly #hosts = new Map<string, HostEvaluation>();

  constructor(private readonly files: FileStore) {}

  /** Takes an evaluation of a host; `textOf` tells what its text says, given the home directories Nix knows. */
  set(
    host: string,
    target: EvaluationTarget,
    evaluation: Evaluation,
    textOf: (homes: ReadonlyMap<string, string>) => HostText,
  ): void {
    const homes = new Map(
      evaluation.host.users.flatMap(({ name, home }) => (home === null ? [] : [[name, home] as const])),
    );
    const text = textOf(homes);
    const differences = compare(host, text.entries, evaluation.host);
    this.#put(host, target, { differences, problem: evaluation.problem, text });
  }

  /** Takes that Nix could not evaluate a host. What it said before no longer counts. */
  setFailed(host: string, target: EvaluationTarget, problem: EvaluationError): void {
    this.#put(host, target, { differences: [], problem, text: { files: [], entries: [], places: [] } });
  }

  #put(host: string, target: EvaluationTarget, given: Pick<HostEvaluation, "differences" | "problem" | "text">): void {
    const failedIn = failureFile(target, given.problem?.place ?? null);
    const names = [...given.text.files.map((file) => file.name), ...(given.problem === null ? [] : [failedIn])];
    const read = new Map(names.map((name) => [name, this.files.readText(name) ?? ""]));
    const saved = names.every((name) => (this.files.get(name)?.text ?? "") === read.get(name));
    this.#hosts.set(host, { ...given, target, read: saved ? read : null });
  }

  forget(host: string): void {
    this.#hosts.delete(host);
  }

  /** The hosts that were evaluated, with what for. */
  targets(): ReadonlyMap<string, EvaluationTarget> {
    return new Map([...this.#hosts].map(([host, { target }]) => [host, target]));
  }

  differences(host: string): readonly Difference[] {
    return this.#hosts.get(host)?.differences ?? none;
  }

  /** What a host persists that its text does not show. */
  added(host: string): EvaluatedEntry[] {
    return this.differences(host).flatMap(({ kind, evaluated }) =>
      kind === "only-nix" && evaluated !== null ? [evaluated] : [],
    );
  }

  /** What there is to tell in one file. As soon as a file of the host has another text than Nix read, nothing, until the next evaluation. */
  findings(name: string): FileFinding[] {
    return [...this.#hosts].flatMap(([host, { differences, problem, text, read, target }]) => {
      if (!read?.has(name)) return [];
      for (const [file, before] of read) if ((this.files.get(file)?.text ?? "") !== before) return [];
      const found = evaluationFindings(host, differences, text.places, name);
      if (problem === null || failureFile(target, problem.place) !== name) return found;
      const span = placeSpan(read.get(name) ?? "", problem.place);
      const message = `${problem.message} ${problem.next}`;
      return [
        ...found,
        { code: "evaluation-failed", level: "info", span, message, related: [], tags: [], actions: [] },
      ];
    });
  }
}

/** Where a failure is told: the file Nix names, else the one the evaluation started from. */
function failureFile(target: EvaluationTarget, place: NixPlace | null): string {
  return place?.file ?? (target.kind === "flake" ? path.join(target.folder, "flake.nix") : target.file);
}
