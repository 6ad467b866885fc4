import path from "node:path";
import { evaluateCached } from "../evaluation/cached";
import { findProgram } from "../evaluation/environment";
import { type Evaluation, listHosts } from "../evaluation/evaluate";
import type { EvaluationTarget } from "../evaluation/model";
import type { FileStore } from "./fileStore";
import { repositoryOf } from "./hostFiles";

export interface EvaluationRequest {
  readonly target: EvaluationTarget;
  /** Where Tidemark keeps Nix's answers. */
  readonly stateFolder: string;
  readonly signal: AbortSignal;
  readonly onProgress: (message: string) => void;
}

/** Asks Nix for a host, or takes its answer to the same contents. Rejects with EvaluationError. */
export function evaluate({ target, stateFolder, signal, onProgress }: EvaluationRequest): Promise<Evaluation> {
  const cacheFolder = path.join(stateFolder, "evaluations");
  return evaluateCached(target, { environment: process.env, cacheFolder, signal, onProgress });
}

/** The hosts of the flake in `folder`; none where Nix does not tell. */
export async function flakeHosts(folder: string, signal: AbortSignal): Promise<readonly string[]> {
  return listHosts(folder, { environment: process.env, signal, onProgress: () => undefined }).catch(() => []);
}

export function nixIsInstalled(): boolean {
  return findProgram("nix", process.env) !== null;
}

/**
 * What to evaluate for a host: it, in the flake that `from` lies in, else in one of `folders`. Null where there is no flake. A
 * `configuration.nix` outside any flake is a host by itself.
 */
export function evaluationTarget(
  store: FileStore,
  host: string,
  from: string | null,
  folders: readonly string[],
): EvaluationTarget | null {
  const own = from === null ? null : repositoryOf(store, from);
  const folder = own ?? folders.find((candidate) => store.has(path.join(candidate, "flake.nix"))) ?? null;
  if (folder !== null) return { kind: "flake", folder, host };
  return from !== null && path.basename(from) === "configuration.nix" ? { kind: "file", file: from } : null;
}
