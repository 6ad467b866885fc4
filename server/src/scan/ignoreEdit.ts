import type { TextEdit } from "../syntax/span";
import { everyHost, hostHeading } from "./ignore";

/** What is written for a path: relative to the home it lies in, with what would be a wildcard taken as it is. */
export function ignoreLine(path: string, home: string | null, isFolder: boolean): string | null {
  // A line holds no line break, and a name of the file system no slash.
  if (/[\n\r\0]/.test(path)) return null;
  const shown = home !== null && path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
  const escaped = shown.replace(/[\\*?[]/g, "\\$&").replace(/\s$/, "\\$&");
  return isFolder ? `${escaped}/` : escaped;
}

/**
 * The edit of a `.tidemarkignore` that adds a line for all hosts, or for one: to the part of the file that is about it, which is
 * made where there is none. Everything else stays as it is.
 */
export function addIgnored(text: string, line: string, host: string | null): TextEdit {
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const part = partFor(text, host);
  if (part === null) {
    const gap = text === "" ? "" : text.endsWith("\n") ? eol : eol + eol;
    return { span: { start: text.length, end: text.length }, text: `${gap}[host ${host}]${eol}${line}${eol}` };
  }
  // Behind the last line of the part that is not empty.
  const filled = text.slice(part.start, part.end).trimEnd();
  const at = part.start + filled.length;
  const next = /^[^\S\n]*\n?/.exec(text.slice(at, part.end))?.[0] ?? "";
  const end = at + next.length;
  if (filled === "" && part.start === end) return { span: { start: end, end }, text: `${line}${eol}` };
  if (filled === "") return { span: { start: part.start, end: part.start }, text: `${line}${eol}` };
  return { span: { start: end, end }, text: next.endsWith("\n") ? `${line}${eol}` : `${eol}${line}${eol}` };
}

/** The last part of the file that is about just this host, or about all of them; null where there is none. */
function partFor(text: string, host: string | null): { readonly start: number; readonly end: number } | null {
  let found: { start: number; end: number } | null = host === null ? { start: 0, end: text.length } : null;
  let open = host === null;
  for (const match of text.matchAll(/[^\n]*\n?/g)) {
    const line = match[0].trim();
    const names = hostHeading.exec(line)?.[1]?.trim().split(/\s+/) ?? null;
    if (names === null && !everyHost.test(line)) continue;
    if (open && found !== null) found.end = match.index;
    open = names === null ? host === null : names.length === 1 && names[0] === host;
    if (open) found = { start: match.index + match[0].length, end: text.length };
  }
  return found;
}
