import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { parseJson, record, string } from "./json";
import type { NixError, NixPlace } from "./model";
import { filesIn, optionIn } from "./nixText";

/** Where a flake's source lies in the store, and the folder of this machine it was copied from. */
export interface FlakeSource {
  readonly store: string;
  readonly folder: string;
}

/**
 * What `nix flake metadata --json` says about the flake in `folder`; null where it is not known. Of a git repository all is copied, else
 * the flake's folder. (The address Nix tells is no help: older versions do not escape it.)
 */
export function readSource(text: string, folder: string): FlakeSource | null {
  const given = record(parseJson(text));
  const store = string(given["path"]);
  if (store === null) return null;
  const address = string(given["resolvedUrl"]) ?? string(given["url"]) ?? "";
  return { store, folder: address.startsWith("git+") ? repositoryOf(folder) : folder };
}

function repositoryOf(folder: string): string {
  for (let at = folder; at !== path.dirname(at); at = path.dirname(at))
    if (existsSync(path.join(at, ".git"))) return at;
  return folder;
}

/** A message with the flake's files named as they are in its folder: `hosts/juni.nix`. */
export function withOwnNames(message: string, source: FlakeSource | null): string {
  if (source === null) return message;
  return message
    .split(`${source.store}/`)
    .map((part, index, parts) => (index + 1 < parts.length ? part.replace(/[^\s'`"«(]*$/, "") : part))
    .join("");
}

/**
 * The first place of an error that is in the user's own files: the error's own, then the files the message names, then the frames
 * outwards. Places elsewhere (nixpkgs, other inputs) are not the user's to change; null where there are only such.
 */
export function ownPlace(error: NixError, source: FlakeSource | null, folder: string): NixPlace | null {
  const own = error.place === null ? [] : [error.place];
  for (const place of [...own, ...filesIn(error.message), ...error.frames]) {
    const file = ownFile(place.file, source, folder);
    if (file === null) continue;
    return place.line === null ? { ...optionPlace(file, optionIn(error.message)), file } : { ...place, file };
  }
  return null;
}

/** Nix names files in the store (below its own root, where it has one), since version 2.30 also as `«git+file:///…»/FILE`. */
function ownFile(file: string, source: FlakeSource | null, folder: string): string | null {
  const virtual = /^«(?:git\+file:\/\/|path:)(\/[^?#»]*)[^»]*»\/(.+)$/.exec(file);
  if (virtual !== null) return existing(path.join(virtual[1] ?? "", virtual[2] ?? ""), folder);
  if (source !== null) {
    const at = file.indexOf(`${source.store}/`);
    return at === -1
      ? null
      : existing(path.join(source.folder, file.slice(at + source.store.length + 1)), source.folder);
  }
  return existing(file, folder);
}

function existing(file: string, folder: string): string | null {
  const inside = file.startsWith(`${folder}${path.sep}`);
  return inside && path.normalize(file) === file && existsSync(file) ? file : null;
}

/** The line that names an option: its last name that the file has exactly once as a word; without one, the file's first line. */
function optionPlace(file: string, option: readonly string[]): { line: number; column: number } {
  const text = readText(file);
  for (const name of [...option].reverse()) {
    const at = soleWord(text, name);
    if (at === null) continue;
    const before = text.slice(0, at);
    const start = before.lastIndexOf("\n") + 1;
    return { line: before.split("\n").length, column: Buffer.byteLength(text.slice(start, at)) + 1 };
  }
  return { line: 1, column: 1 };
}

function soleWord(text: string, word: string): number | null {
  if (word === "") return null;
  let found: number | null = null;
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + word.length)) {
    if (/[\w'-]/.test(text[at - 1] ?? "") || /[\w'-]/.test(text[at + word.length] ?? "")) continue;
    if (found !== null) return null;
    found = at;
  }
  return found;
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
