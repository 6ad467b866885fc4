/**
 * impermanence dropped `allowOther`, `removePrefixDirectory`, `defaultDirectoryMethod` and `method` on directories with its
 * rewrite of 20 September 2025 (commit 1b02741); before it they take effect. Seconds since the epoch.
 */
const rewritten = 1_758_326_400;

/** Whether a `flake.lock` (its text) locks impermanence at a revision from before the rewrite. What cannot be read says nothing. */
export function locksOldImpermanence(lock: string): boolean {
  try {
    const { nodes } = JSON.parse(lock) as { nodes?: unknown };
    if (typeof nodes !== "object" || nodes === null) return false;
    return Object.values(nodes).some((node: { locked?: { repo?: unknown; lastModified?: unknown } }) => {
      const { repo, lastModified } = node.locked ?? {};
      return repo === "impermanence" && typeof lastModified === "number" && lastModified < rewritten;
    });
  } catch {
    return false;
  }
}
