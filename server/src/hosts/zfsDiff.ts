import { CHANGED, DIRECTORY, LIVE, OLD } from "./model";
import { FrameError, type OnRecord } from "./probeFrame";
import type { TreeBuilder } from "./treeBuilder";

/** What `zfs diff -FH SNAPSHOT DATASET` tells, put into a tree of the live root. Paths are byte strings. */

/** A path with what is said of it, and what lies below. */
interface Mark {
  readonly below: Map<string, Mark>;
  /** `all`: new with all below it, which zfs does not list. */
  said: "new" | "all" | "changed" | null;
}

export interface ZfsDiff {
  readonly onRecord: OnRecord;
  /** Whether zfs ended with an error; then nothing is known. */
  readonly failed: boolean;
  /**
   * Marks every path of the scanned root as new, changed, or the same as in the snapshot.
   * @param elsewhere paths that do not lie on this dataset: all at and below them is new.
   */
  apply(builder: TreeBuilder, elsewhere: readonly string[]): void;
}

/** @param mountPoint where the dataset is mounted on the host: zfs tells whole paths. */
export function zfsDiffReader(mountPoint: string): ZfsDiff {
  const root: Mark = { below: new Map(), said: null };
  let failed = false;

  const mark = (path: string, said: NonNullable<Mark["said"]>): void => {
    let at = root;
    for (const name of path.split("/")) {
      if (name === "") continue;
      const next: Mark = at.below.get(name) ?? { below: new Map(), said: null };
      at.below.set(name, next);
      at = next;
    }
    // A path told of twice is new rather than changed.
    if (at.said !== "all" && (at.said !== "new" || said === "all")) at.said = said;
  };
  const markBelow = (field: string, said: NonNullable<Mark["said"]>): void => {
    const path = decodeName(field);
    const base = mountPoint === "/" ? "" : mountPoint;
    if (path.startsWith(`${base}/`)) mark(path.slice(base.length), said);
  };

  return {
    onRecord(bytes, from, to) {
      const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString("latin1");
      if (text === "//failed") {
        failed = true;
        return;
      }
      const [change, , path, renamed] = text.split("\t");
      if (path === undefined || !path.startsWith("/")) throw new FrameError("zfs diff has a broken line");
      if (change === "+") markBelow(path, "new");
      else if (change === "M") markBelow(path, "changed");
      else if (change === "R" && renamed !== undefined) markBelow(renamed, "all");
      else if (change !== "-") throw new FrameError("zfs diff has a broken line");
    },
    get failed() {
      return failed;
    },
    apply(builder, elsewhere) {
      for (const path of elsewhere) mark(path, "all");
      const { flags, parents, types } = builder;
      // A folder comes before the paths in it.
      const marks: (Mark | undefined)[] = [root];
      const fresh = new Uint8Array(builder.size);
      for (let node = 1; node < builder.size; node += 1) {
        const parent = parents[node] ?? 0;
        const above = marks[parent];
        const own = above === undefined || above.below.size === 0 ? undefined : above.below.get(nameOf(builder, node));
        if (own !== undefined) marks[node] = own;
        if (fresh[parent] || own?.said === "all") fresh[node] = 1;
        if (fresh[node] || own?.said === "new") continue;
        const changed = own?.said === "changed" && types[node] !== DIRECTORY ? CHANGED : 0;
        flags[node] = (flags[node] ?? 0) | ((flags[node] ?? 0) & LIVE ? OLD | changed : 0);
      }
    },
  };
}

function nameOf({ pool, nameStarts, nameLengths }: TreeBuilder, node: number): string {
  const start = nameStarts[node] ?? 0;
  return Buffer.from(pool.buffer, pool.byteOffset + start, nameLengths[node] ?? 0).toString("latin1");
}

/** zfs writes space, backslash, control characters and bytes that are not ASCII as a backslash and four octal digits. */
function decodeName(field: string): string {
  return field.replace(/\\0([0-3][0-7]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
