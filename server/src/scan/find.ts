import type { CandidateStatus, NodeId } from "../hosts/model";
import type { Advice } from "../knowledge/advice";
import type { Home } from "./homes";
import type { Totals } from "./surveySums";

/** Whether advice is about the path itself, about a folder above it (of which it is a part), or about something inside. */
export type Basis = "own" | "above" | "inside";

/** A path worth a decision, with what is known about it. */
export interface Find {
  readonly node: NodeId;
  readonly path: string;
  readonly kind: "directory" | "file";
  readonly home: Home | null;
  readonly status: CandidateStatus;
  readonly totals: Totals;
  readonly advice: Advice | null;
  readonly basis: Basis;
}

/** Files and links that are no noise, there now or lost. */
export function contentsOf(totals: Totals): number {
  return totals.fresh + totals.changed + totals.lost;
}

/** Bytes there now, or where nothing is there now, those that were lost. */
export function sizeOf(totals: Totals): number {
  return totals.files > 0 ? totals.bytes : totals.lostBytes;
}

/** `lost` only where nothing is there now: a folder that could not be read may hold anything. */
export function statusOf(totals: Totals): CandidateStatus {
  if (totals.fresh + totals.changed > 0) return totals.changed === 0 ? "new" : "changed";
  return totals.lost > 0 && totals.files === 0 && totals.unread === 0 ? "lost" : "changed";
}

export function joinPath(folder: string, name: string): string {
  return folder === "/" ? `/${name}` : `${folder}/${name}`;
}
