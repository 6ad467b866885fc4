import type { Node } from "../syntax/node";
import { child } from "./nodes";

export interface LibraryCall {
  readonly name: string;
  readonly arguments: readonly Node[];
}

/** `lib.mkIf a b` → mkIf with two arguments; also `mkIf a b` under `with lib`, and `builtins.x`. Null for any other expression. */
export function libraryCall(node: Node, source: string): LibraryCall | null {
  const values: Node[] = [];
  let at: Node = node;
  while (at.type === "apply_expression") {
    const argument = child(at, "argument");
    const callee = child(at, "function");
    if (argument === null || callee === null) return null;
    values.unshift(argument);
    at = callee;
  }
  if (values.length === 0) return null;
  const name = source.slice(at.startIndex, at.endIndex).replace(/^(?:lib\.(?:lists\.|modules\.)?|builtins\.)/, "");
  return /^[A-Za-z']+$/.test(name) ? { name, arguments: values } : null;
}
