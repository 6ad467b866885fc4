import type { Node } from "web-tree-sitter";
import { lower } from "../nix/lower";
import { span } from "../nix/nodes";
import type { AttrName, Value } from "../nix/value";
import { type Site, walkModule } from "../nix/walk";
import { type BlockPlace, type Contribution, readBlock } from "./blocks";
import { factsOf, type SeenOption } from "./facts";
import type { PersistenceFile, Scope, StorageBlock } from "./model";
import { moduleBody } from "./moduleBody";
import { OptionReader } from "./options";
import { defaultHome } from "./paths";
import { type ModuleSchema, schemas } from "./schema";
import { brokenFrom, firstSyntaxError } from "./syntaxErrors";

/** Reads all that a file's syntax tree says about persistence. `source` is the original text. Never throws. */
export function readPersistence(root: Node, source: string): PersistenceFile {
  const sites: { site: Site; match: Match; at: number }[] = [];
  const seen: SeenOption[] = [];
  const reader = new OptionReader(root, source);
  walkModule(root, source, (site, context) => {
    const match = matchSchema([...context, ...site.path]);
    if (match === "option") return false;
    if (match !== null) {
      sites.push({ site, match, at: match.at - context.length });
      return false;
    }
    const certain = context.length === 0 && !site.conditional;
    const value = isFact(site) ? lower(site.value, source, site.scope) : null;
    if (value !== null) seen.push({ path: site.path, value, span: span(site.binding), certain });
    const isWhole = isFileSystem(site.path);
    reader.note(site, context, value, isWhole);
    return !isWhole;
  });
  const facts = factsOf(seen, source);
  const homeOf = (user: string | null) => (user === null ? null : (facts.homes.get(user) ?? defaultHome(user)));
  const blocks = sites.flatMap(({ site, match, at }) => blocksAt(site, match, at, homeOf, source));
  const syntaxError = root.hasError ? firstSyntaxError(root, source) : null;
  const { options, whole: optionsWhole } = reader.finish();
  return { blocks, facts, options, optionsWhole, moduleBody: moduleBody(root, source), syntaxError };
}

/** A text the parser gave up on: nothing is known of it but that it does not parse. */
export function unreadable(source: string): PersistenceFile {
  const firstLine = source.split("\n", 1)[0] ?? "";
  return {
    blocks: [],
    facts: factsOf([], source),
    options: [],
    optionsWhole: false,
    moduleBody: null,
    syntaxError: { span: { start: 0, end: firstLine.length }, missing: null },
  };
}

/** Switches, strings and `imports` may matter as facts; sets and calls are only walked through. */
function isFact(site: Site): boolean {
  const { path, value } = site;
  if (isFileSystem(path) || (path.length === 1 && path[0]?.name === "imports")) return true;
  return value.type === "variable_expression" || value.type === "string_expression";
}

/** `fileSystems.<x> = …` is read whole, since its options are needed together. */
function isFileSystem(path: readonly AttrName[]): boolean {
  return path.length === 2 && path[0]?.name === "fileSystems";
}

interface Match {
  readonly schema: ModuleSchema;
  /** Number of segments up to and with the option. */
  readonly at: number;
  /** The Home Manager user the option belongs to. */
  readonly user: string | null;
  readonly unit: string;
}

/** Finds a module's option in an attribute path, by suffix: frameworks put anything before it. `options.…` declares and does not set. */
function matchSchema(path: readonly AttrName[]): Match | "option" | null {
  for (const schema of schemas) {
    for (let at = 0; at + schema.option.length <= path.length; at++) {
      if (!schema.option.every((name, index) => path[at + index]?.name === name)) continue;
      if (path[0]?.name === "options") return "option";
      const before = path.slice(0, at);
      const users = before.findIndex(
        (name, index) => name.name === "home-manager" && before[index + 1]?.name === "users",
      );
      const user = users === -1 ? null : (before[users + 2]?.name ?? null);
      const outer = users === -1 ? before : before.slice(0, users);
      return { schema, at: at + schema.option.length, user, unit: unitOf(outer) };
    }
  }
  return null;
}

/** `config` and module-system wrappers do not make another module. A computed name is told apart by where it stands. */
function unitOf(before: readonly AttrName[]): string {
  const names = before.map((name) => name.name ?? `@${name.span.start}`);
  return (names[0] === "config" ? names.slice(1) : names).join(".");
}

/** The blocks one binding writes: usually one, several for `environment.persistence = { "/a" = …; "/b" = …; }`. */
function blocksAt(
  site: Site,
  { schema, user, unit }: Match,
  at: number,
  homeOf: BlockPlace["homeOf"],
  source: string,
): StorageBlock[] {
  const value = lower(site.value, source, site.scope);
  const scope: Scope = schema.module === "home-manager" ? { kind: "user", user } : { kind: "system" };
  const shared = { module: schema.module, unit, scope, homeOf, brokenFrom: brokenFrom(site.binding, source) };
  const rest = site.path.slice(Math.max(0, at));
  const [storage, ...below] = rest;
  const bindingSpan = span(site.binding);
  const nameStart = site.path[site.outer]?.span.start ?? bindingSpan.start;
  if (storage !== undefined) {
    const place: BlockPlace = {
      ...shared,
      span: bindingSpan,
      nameSpan: { start: Math.min(nameStart, storage.span.start), end: storage.span.end },
      conditional: site.conditional,
    };
    return [readBlock(place, storage, { rest: below, value, span: bindingSpan, conditional: false })];
  }
  return storagesIn(value).map(({ name, contribution }) => {
    // Where the storages are computed, no text is one storage's alone.
    const nameSpan = contribution.shared === true ? value.span : name.span;
    const place = { ...shared, span: contribution.span, nameSpan, conditional: site.conditional };
    return readBlock(place, name, contribution);
  });
}

function storagesIn(value: Value): { name: AttrName; contribution: Contribution }[] {
  if (value.kind !== "attrs") return [];
  return value.bindings.flatMap((binding) => {
    const [name, ...rest] = binding.path;
    if (name === undefined) return [];
    return [{ name, contribution: { ...binding, rest } }];
  });
}
