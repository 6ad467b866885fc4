import { readAnswer } from "./answer";
import { AnswerCache } from "./cache";
import { type EvaluateOptions, type Evaluation, evaluateHost } from "./evaluate";
import { fingerprint } from "./fingerprint";
import type { EvaluationTarget } from "./model";

/**
 * Asks Nix for a host, or takes the answer it gave before to the same contents, kept in `cacheFolder`. A configuration without a flake
 * reads what nobody can list, so its answers are not kept. Rejects with EvaluationError.
 */
export async function evaluateCached(
  target: EvaluationTarget,
  options: EvaluateOptions & { readonly cacheFolder: string },
): Promise<Evaluation> {
  if (target.kind === "file") return evaluateHost(target, options);
  const cache = new AnswerCache(options.cacheFolder);
  const before = await fingerprint(target.folder, options);
  const answer = before === null ? null : await cache.read(target.host, before);
  const known = answer === null ? null : readAnswer(answer);
  if (known !== null) return { host: known, answer, problem: null };
  const evaluation = await evaluateHost(target, options);
  // Files that changed meanwhile may have been read before or after.
  const holds = before !== null && evaluation.answer !== null && (await fingerprint(target.folder, options)) === before;
  if (holds && evaluation.answer !== null) await cache.write(target.host, before, evaluation.answer);
  return evaluation;
}
