import { checkFile, type LevelSettings } from "../../../server/src/rules/index";
import type { Finding, RuleContext, SourceFile } from "../../../server/src/rules/rule";
import type { Span } from "../../../server/src/syntax/span";
import { read } from "../../support/grammar";

/** A place an example marks, and what the message must contain. */
interface Marker {
  readonly span: Span;
  readonly message: string;
}

/** Splits an example into its Nix text and its markers. A problem over several lines is marked on its first. */
export function unmark(marked: string): { readonly text: string; readonly markers: readonly Marker[] } {
  const lines: string[] = [];
  const markers: Marker[] = [];
  let lineStart = 0;
  for (const line of marked.split("\n")) {
    const match = /^( *# *)(\^+) *(.*)$/.exec(line);
    if (match === null) {
      lineStart = lines.reduce((sum, previous) => sum + previous.length + 1, 0);
      lines.push(line);
    } else {
      const start = lineStart + (match[1] ?? "").length;
      markers.push({ span: { start, end: start + (match[2] ?? "").length }, message: match[3] ?? "" });
    }
  }
  return { text: lines.join("\n"), markers };
}

/** The part of a span on its first line, as markers show it. */
export function onFirstLine(text: string, span: Span): Span {
  const lineEnd = text.indexOf("\n", span.start);
  return { start: span.start, end: lineEnd === -1 ? span.end : Math.min(span.end, lineEnd) };
}

async function sourceFile(name: string, text: string): Promise<SourceFile> {
  return { name, text, persistence: await read(text) };
}

/** The context of a host's files by name; the rules look at the first. */
export async function contextOf(files: Readonly<Record<string, string>>, hostIsWhole = true): Promise<RuleContext> {
  const host = await Promise.all(Object.entries(files).map(([name, text]) => sourceFile(name, text)));
  const [file] = host;
  if (file === undefined) throw new Error("a host needs a file");
  return {
    file,
    host,
    hostIsWhole,
    evaluated: [],
    standsAlone: () => false,
    mentionedElsewhere: () => false,
    oldImpermanence: () => false,
    oldNixpkgs: () => false,
  };
}

export async function findings(text: string, levels?: LevelSettings): Promise<Finding[]> {
  return checkFile(await contextOf({ "host.nix": text }), levels);
}
