/**
 * impermanence dropped `allowOther`, `removePrefixDirectory`, `defaultDirectoryMethod` and `method` on directories with its
 * rewrite of 20 September 2025 (commit 1b02741); before it they take effect. Seconds since the epoch.
 */
const rewritten = 1_758_326_400;

/** The release of NixOS 24.11, 30 November 2024: whoever has an older nixpkgs may not have what came with it. */
const release2411 = 1_732_924_800;

interface Node {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly repo: unknown;
  readonly type: unknown;
  readonly ref: unknown;
  /** Seconds since the epoch; null where it is none, as for folders. */
  readonly lastModified: number | null;
}

/**
 * Whether a `flake.lock` (its text) locks impermanence at a revision from before the rewrite, or at one that is not known: a folder of the
 * repository may hold any. What cannot be read says nothing.
 */
export function locksOldImpermanence(lock: string): boolean {
  const nodes = nodesIn(lock);
  if (nodes === null) return false;
  const own = inputOf(nodes, "impermanence");
  if (own?.type === "path") return true;
  return [...nodes.all.values()].some(
    ({ repo, lastModified }) => repo === "impermanence" && lastModified !== null && lastModified < rewritten,
  );
}

/** Whether a `flake.lock` (its text) locks the flake's own nixpkgs before NixOS 24.11. What cannot be read says nothing. */
export function locksOldNixpkgs(lock: string): boolean {
  const nodes = nodesIn(lock);
  const nixpkgs = nodes === null ? null : inputOf(nodes, "nixpkgs");
  if (nixpkgs === null) return false;
  // A release gets changes for months after the next one.
  const [, year, month] = /^nixos-(\d\d)\.(\d\d)\b/.exec(String(nixpkgs.ref)) ?? [];
  if (year !== undefined && month !== undefined) return Number(year) * 100 + Number(month) < 2411;
  return nixpkgs.lastModified !== null && nixpkgs.lastModified < release2411;
}

interface Lock {
  readonly root: string;
  readonly all: ReadonlyMap<string, Node>;
}

/** What an input of the flake itself is locked at; null where there is none, or it follows another. */
function inputOf({ root, all }: Lock, name: string): Node | null {
  const key = all.get(root)?.inputs[name];
  return typeof key === "string" ? (all.get(key) ?? null) : null;
}

function nodesIn(lock: string): Lock | null {
  try {
    const { nodes, root } = record(JSON.parse(lock));
    const all = new Map(Object.entries(record(nodes)).map(([name, node]) => [name, nodeOf(record(node))]));
    return { root: typeof root === "string" ? root : "root", all };
  } catch {
    return null;
  }
}

function nodeOf({ inputs, locked, original }: Record<string, unknown>): Node {
  const { repo, type, lastModified } = record(locked);
  const isTime = typeof lastModified === "number" && lastModified > 1;
  return {
    inputs: record(inputs),
    repo,
    type,
    ref: record(original)["ref"],
    lastModified: isTime ? lastModified : null,
  };
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
