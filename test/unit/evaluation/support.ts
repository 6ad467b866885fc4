import type { EvaluatedEntry } from "../../../server/src/evaluation/model";

/** A directory of the system as impermanence's module evaluates it. */
export const evaluated = (path: string, more: Partial<EvaluatedEntry> = {}): EvaluatedEntry => ({
  module: "impermanence",
  kind: "directory",
  path,
  storagePath: "/persist",
  scope: { kind: "system" },
  user: "root",
  group: "root",
  mode: "0755",
  ...more,
});
