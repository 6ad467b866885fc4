import { formatBytes } from "../../../knowledge/text";
import { contentsOf } from "../../../scan/find";
import { surveyOf } from "../../../scan/survey";
import type { LiveContext, LiveEntry } from "../rule";
import { liveAt } from "./state";

/** What the host has there that is worth keeping; null where that is nothing, or not known. */
export function dataAt(context: LiveContext, { path, kind }: LiveEntry): string | null {
  const live = liveAt(context, path);
  if (live === null || live === "absent" || live.type !== (kind === "directory" ? "directory" : "file")) return null;
  if (kind === "file") return live.size > 0 ? formatBytes(live.size) : null;
  const node = context.scan.tree.find(path);
  if (node === null) return live.empty === false ? "files" : null;
  const totals = surveyOf(context.scan).totals(node);
  if (contentsOf(totals) - totals.lost === 0 || totals.files === 0) return null;
  return `${totals.files.toLocaleString("en")} ${totals.files === 1 ? "file" : "files"} (${formatBytes(totals.bytes)})`;
}
