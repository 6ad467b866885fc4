import { chmodSync, lchownSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";

/** User and group number. */
export type Owner = readonly [number, number];

/** One path to create. Names may be raw bytes, for names that are not UTF-8. */
export interface TreeNode {
  readonly path: string | Buffer;
  readonly type: "directory" | "file" | "symlink";
  readonly owner: Owner;
  readonly mode: number;
  /** Text of a file or target of a link. */
  readonly text: string;
}

export const ROOT: Owner = [0, 0];

export function directory(at: string | Buffer, owner: Owner = ROOT, mode = 0o755): TreeNode {
  return { path: at, type: "directory", owner, mode, text: "" };
}

export function file(at: string | Buffer, text: string, owner: Owner = ROOT, mode = 0o644): TreeNode {
  return { path: at, type: "file", owner, mode, text };
}

export function link(at: string, target: string): TreeNode {
  return { path: at, type: "symlink", owner: ROOT, mode: 0o777, text: target };
}

/** Creates the nodes below `folder`, in order; folders not listed become root's, 0755. Needs root. */
export function writeTree(folder: string, nodes: readonly TreeNode[]): void {
  mkdirSync(folder, { recursive: true });
  for (const node of nodes) {
    const relative = typeof node.path === "string" ? Buffer.from(node.path) : node.path;
    const at = Buffer.concat([Buffer.from(folder), relative]);
    // Byte for byte the same string in latin1, so that path.dirname works on any name.
    const parent = Buffer.from(path.posix.dirname(at.toString("latin1")), "latin1");
    mkdirSync(parent, { recursive: true, mode: 0o755 });
    if (node.type === "symlink") {
      symlinkSync(node.text, at);
    } else {
      if (node.type === "directory") mkdirSync(at, { recursive: true });
      else writeFileSync(at, node.text);
      // After chown, which would clear some mode bits.
      lchownSync(at, ...node.owner);
      chmodSync(at, node.mode);
    }
  }
}
