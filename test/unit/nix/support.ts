import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { lower } from "../../../server/src/nix/lower";
import type { Value } from "../../../server/src/nix/value";
import { SyntaxDocument } from "../../../server/src/syntax/document";
import { grammar } from "../../support/grammar";

/** What the text of one expression is lowered to. */
export async function evaluated(expression: string): Promise<Value> {
  const document = new SyntaxDocument(await grammar(), expression);
  try {
    return lower(document.root?.childForFieldName("expression") ?? null, expression);
  } finally {
    document.dispose();
  }
}

/** The value as JSON the way Nix writes it, or undefined where any part of it is not known for certain. */
export function jsonOf(value: Value): unknown {
  switch (value.kind) {
    case "string":
      return value.text;
    case "integer":
      return Number(value.text);
    case "bool":
      return value.value;
    case "null":
      return null;
    case "list": {
      const parts = value.elements.map((element) => (element.conditional ? undefined : jsonOf(element.value)));
      return value.unknown.length > 0 || parts.includes(undefined) ? undefined : parts;
    }
    case "attrs": {
      if (value.unknown.length > 0) return undefined;
      const result: Record<string, unknown> = {};
      for (const { path: names, value: inner, conditional } of value.bindings) {
        const json = jsonOf(inner);
        if (conditional || json === undefined || names.some(({ name }) => name === null)) return undefined;
        put(
          result,
          names.map(({ name }) => name ?? ""),
          json,
        );
      }
      return result;
    }
    default:
      return undefined;
  }
}

function put(into: Record<string, unknown>, names: readonly string[], json: unknown): void {
  const [first = "", ...rest] = names;
  const there = Object.hasOwn(into, first) ? into[first] : undefined;
  const set = isSet(there) ? there : {};
  if (rest.length > 0) put(set, rest, json);
  else if (isSet(json)) for (const [name, inner] of Object.entries(json)) put(set, [name], inner);
  Object.defineProperty(into, first, {
    value: rest.length > 0 || isSet(json) ? set : json,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

function isSet(json: unknown): json is Record<string, unknown> {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

export const nixAvailable = spawnSync("nix-instantiate", ["--version"]).status === 0;

const lib = path.join(__dirname, "..", "..", "fixtures", "lib.nix");

/** What real Nix says of expressions, a few processes for all of them: `{ value }`, or the complaint about one it refuses. */
export function askNix(
  expressions: readonly string[],
): ({ readonly value: unknown } | { readonly complaint: string })[] {
  const folder = mkdtempSync(path.join(tmpdir(), "nix-"));
  try {
    for (const [index, text] of expressions.entries()) writeFileSync(path.join(folder, `${index}.nix`), withLib(text));
    return ask(folder, 0, expressions.length);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function ask(folder: string, from: number, to: number): ReturnType<typeof askNix> {
  if (from === to) return [];
  const all = `map (n: import (${folder} + "/\${toString n}.nix")) [ ${Array.from({ length: to - from }, (_, index) => from + index).join(" ")} ]`;
  const { status, stdout, stderr } = spawnSync("nix-instantiate", ["--eval", "--strict", "--json", "-E", all], {
    encoding: "utf8",
    maxBuffer: 1e8,
  });
  if (status === 0) return (JSON.parse(stdout) as unknown[]).map((value) => ({ value }));
  if (to - from === 1) return [{ complaint: stderr }];
  const middle = (from + to) >> 1;
  return [...ask(folder, from, middle), ...ask(folder, middle, to)];
}

function withLib(text: string): string {
  return `let lib = import ${lib}; in\n${text}\n`;
}
