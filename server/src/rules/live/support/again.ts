import type { LiveContext, LiveFix } from "../rule";
import { persistFix } from "./candidates";
import { homeOf } from "./places";
import { storedAt } from "./state";

/** The fix that persists what a storage has, with the owner and mode it has there; none where it is neither folder nor file. */
export function persistAgain(context: LiveContext, storage: string, path: string): LiveFix[] {
  const stored = storedAt(context, storage, path);
  if (stored === null || stored === "absent" || (stored.type !== "directory" && stored.type !== "file")) return [];
  const { user, group, mode, type } = stored;
  const target = { path, kind: type, user, group, mode, homeOf: homeOf(context, path) };
  return [persistFix(context, target, `Persist ${path} again`)];
}

/** Whether a file of the host speaks of a path, in whatever way. */
export function isMentioned(context: LiveContext, path: string): boolean {
  const home = homeOf(context, path)?.home ?? null;
  const inHome = home === null ? null : path.slice(home.length + 1);
  return context.files.some(({ text }) => text.includes(path) || (inHome !== null && text.includes(inHome)));
}
