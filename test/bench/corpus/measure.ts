// What Tidemark reads out of one repository, through the service, as `tidemark entries` and `tidemark check` do.

import { readFileSync } from "node:fs";
import path from "node:path";
import type { Level, SourceFile } from "../../../server/src/rules/rule";
import { declarationsIn, type ReadFile } from "../../../server/src/service/declarations";
import { diskFiles } from "../../../server/src/service/diskFiles";
import { Tidemark } from "../../../server/src/service/tidemark";
import { SyntaxDocument } from "../../../server/src/syntax/document";
import type { Grammar } from "../../../server/src/syntax/grammar";
import { LineIndex } from "../../../server/src/syntax/lines";
import { mentionsOf, type Repository } from "./repositories";

export interface Declaration {
  /** Relative to the repository. */
  readonly file: string;
  /** Of the list's name, from 1. */
  readonly line: number;
  readonly module: string;
  readonly list: string;
  readonly storagePath: string | null;
  readonly storageReason: string | null;
  /** Null for the system. */
  readonly user: { readonly name: string | null } | null;
  readonly enabled: boolean;
  /** Whether a host of the repository has the file, as a module or as data, or a home outside any host. */
  readonly used: boolean;
  readonly elements: readonly { readonly path: string; readonly conditional: boolean; readonly certainty: string }[];
  readonly unknown: readonly { readonly line: number; readonly reason: string }[];
}

/** A place the reader could not follow: a part of a block that may hold lists. */
export interface Opaque {
  readonly file: string;
  readonly line: number;
  readonly reason: string;
}

export interface Said {
  readonly file: string;
  readonly line: number;
  readonly level: Level;
  readonly code: string;
  readonly message: string;
}

export interface Measured {
  readonly repository: Repository;
  /** The names of its hosts. */
  readonly hosts: readonly string[];
  readonly declarations: readonly Declaration[];
  readonly opaque: readonly Opaque[];
  readonly findings: readonly Said[];
  /** Lines whose text sets persistence and that are in no block. */
  readonly silent: readonly { readonly file: string; readonly lines: readonly number[] }[];
  readonly mentioning: number;
  readonly failures: readonly { readonly file: string; readonly doing: string; readonly message: string }[];
  /** Files that took longer than a second. */
  readonly slow: readonly { readonly file: string; readonly doing: string; readonly ms: number }[];
  readonly bytes: number;
  /** Milliseconds: reading and parsing every file once; reading all of them with the service; all findings after that. */
  readonly ms: { readonly parse: number; readonly read: number; readonly check: number };
}

export function measure(grammar: Grammar, repository: Repository): Measured {
  const service = new Tidemark(grammar, diskFiles);
  service.folders = [repository.root];
  const failures: { file: string; doing: string; message: string }[] = [];
  const slow: { file: string; doing: string; ms: number }[] = [];
  const spent = { parse: 0, read: 0, check: 0 };
  let bytes = 0;
  const guarded = <T>(doing: keyof typeof spent, name: string, work: () => T, otherwise: T): T => {
    const file = path.relative(repository.root, name);
    const started = performance.now();
    try {
      return work();
    } catch (error) {
      failures.push({
        file,
        doing,
        message: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
      });
      return otherwise;
    } finally {
      const ms = performance.now() - started;
      spent[doing] += ms;
      if (ms > 1000) slow.push({ file, doing, ms });
    }
  };
  const declarations: Declaration[] = [];
  const opaque: Opaque[] = [];
  const silent: { file: string; lines: number[] }[] = [];
  const read: ReadFile[] = [];
  let mentioning = 0;
  // The two alternate per file, so that other load on the machine meets both alike.
  for (const name of repository.files) {
    const parse = (): void => {
      const text = readFileSync(name, "utf8");
      bytes += text.length;
      new SyntaxDocument(grammar, text).dispose();
    };
    guarded("parse", name, parse, undefined);
    const source = guarded("read", name, () => service.files.get(name), null);
    if (source === null) continue;
    const file = path.relative(repository.root, name);
    const lines = new LineIndex(source.text);
    const lineOf = (offset: number): number => lines.range({ start: offset, end: offset }).start.line + 1;
    const own = source.persistence.blocks.filter((block) => block.forwarded !== true);
    read.push(service.readFile(source));
    const mentions = mentionsOf(name);
    if (mentions.length > 0) mentioning++;
    const covered = own.map((block) => [
      lineOf(Math.min(block.nameSpan.start, block.span.start)),
      lineOf(block.span.end),
    ]);
    // Where the storages follow on lines of their own, the blocks start below the option's name.
    const lost = mentions.filter(
      (line) => !covered.some(([first = 0, last = 0]) => first <= line + 12 && line <= last),
    );
    if (lost.length > 0) silent.push({ file, lines: lost });
  }
  const found = declarationsIn(read, service.broughtFrom);
  const place = (source: SourceFile, offset: number): { file: string; line: number } => ({
    file: path.relative(repository.root, source.name),
    line: new LineIndex(source.text).range({ start: offset, end: offset }).start.line + 1,
  });
  for (const part of found.unknown) opaque.push({ ...place(part.file, part.span.start), reason: part.reason });
  for (const { file: source, list, entries } of found.declarations) {
    const block = source.persistence.blocks.find(
      ({ span }) => span.start <= list.span.start && list.span.end <= span.end,
    );
    declarations.push({
      ...place(source, list.nameSpan.start),
      module: list.module,
      list: list.list,
      storagePath: list.storagePath,
      storageReason: block?.storageReason ?? null,
      user: list.scope.kind === "user" ? { name: list.scope.user } : null,
      enabled: block?.enabled ?? true,
      used: service.projects.modelOf(source.name)?.isUsed(source.name) ?? false,
      elements: entries.map((entry) => ({
        path: entry.written,
        conditional: entry.conditional,
        certainty: entry.certainty,
      })),
      unknown: list.unknown.map((part) => ({ line: place(source, part.span.start).line, reason: part.reason })),
    });
  }
  const findings = repository.files.flatMap((name) => {
    const said = guarded("check", name, () => service.findings(name), []);
    if (said.length === 0) return [];
    const file = path.relative(repository.root, name);
    const lines = new LineIndex(service.files.get(name)?.text ?? "");
    return said.map(({ span, level, code, message }): Said => {
      return { file, line: lines.range(span).start.line + 1, level, code, message };
    });
  });
  const hosts = service.projects.hosts.map(({ name }) => name);
  service.dispose();
  return { repository, hosts, declarations, opaque, findings, silent, mentioning, failures, slow, bytes, ms: spent };
}
