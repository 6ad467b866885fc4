import { lower, lowerWhole } from "../nix/lower";
import { span } from "../nix/nodes";
import type { AttrName, Value } from "../nix/value";
import { type Site, type Surroundings, walkModule } from "../nix/walk";
import type { Node } from "../syntax/node";
import { type BlockPlace, type Contribution, readBlock } from "./blocks";
import { readList } from "./entries";
import { factsOf, mayBeText, type SeenOption } from "./facts";
import type { ListName, PersistenceFile, PersistenceModule, Scope, StorageBlock } from "./model";
import { moduleBody } from "./moduleBody";
import { OptionReader } from "./options";
import { defaultHome } from "./paths";
import { type ModuleSchema, schemas } from "./schema";
import { brokenFrom, firstSyntaxError } from "./syntaxErrors";

/** A list of one file that other files bring into a storage: a data file, or an option of the project's own. */
export interface Forwarding {
  /** The binding of the list: how it is reached in its file. */
  readonly trail: string;
  readonly module: PersistenceModule;
  /** Null where hosts put it into different storages. */
  readonly storagePath: string | null;
  readonly scope: Scope;
  readonly list: ListName;
  /** Present where hosts bring it into different modules, scopes or lists: then it is read as none of them. */
  readonly mixed?: true;
}

/** What is known from the files around one. */
export interface Reading {
  readonly around?: Surroundings;
  /** The Home Manager user whose configuration the file is a part of; null where there is none, or several. */
  readonly user: string | null;
  /** True for a part of Home Manager users' configurations alone: whatever it persists is theirs. */
  readonly isHome: boolean;
  readonly forwarded: readonly Forwarding[];
  /** Home directories that the host's configuration says. */
  readonly homes: ReadonlyMap<string, string>;
  /** Storage paths by module and name of the storage, `impermanence main`, that the host's configuration says. */
  readonly storages: ReadonlyMap<string, string>;
}

const readAlone: Reading = { user: null, isHome: false, forwarded: [], homes: new Map(), storages: new Map() };

/** Reads all that a file's syntax tree says about persistence. `source` is the original text. Never throws. */
export function readPersistence(root: Node, source: string, reading: Reading = readAlone): PersistenceFile {
  const sites: { site: Site; match: Match; at: number }[] = [];
  const seen: SeenOption[] = [];
  const reader = new OptionReader(root, source);
  const forwardings = new Map(reading.forwarded.map((one) => [one.trail, one]));
  const forwarded: { site: Site; forwarding: Forwarding }[] = [];
  const visit = (site: Site, context: readonly AttrName[]): boolean => {
    const forwarding = forwardings.size === 0 ? undefined : forwardings.get(site.trail);
    if (forwarding !== undefined) {
      forwarded.push({ site, forwarding });
      return false;
    }
    const match = matchSchema(context.length === 0 ? site.path : [...context, ...site.path]);
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
  };
  walkModule(root, source, visit, reading.around);
  const facts = factsOf(seen, source);
  const homeOf = (user: string | null) =>
    user === null ? null : (facts.homes.get(user) ?? reading.homes.get(user) ?? defaultHome(user));
  const pathOf = (module: PersistenceModule, name: string) => reading.storages.get(`${module} ${name}`) ?? null;
  const { isHome } = reading;
  const blocks = [
    ...sites.flatMap(({ site, match, at }) =>
      blocksAt(site, { ...match, user: match.user ?? reading.user }, at, { homeOf, pathOf, isHome }, source),
    ),
    ...forwarded.map(({ site, forwarding }) => forwardedBlock(site, forwarding, homeOf, source)),
  ];
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

/** Switches, some strings and `imports` may matter as facts; sets and calls are only walked through. */
function isFact(site: Site): boolean {
  const { path, value } = site;
  if (isFileSystem(path) || (path.length === 1 && path[0]?.name === "imports")) return true;
  return value.type === "variable_expression" || (value.type === "string_expression" && mayBeText(path));
}

/** `fileSystems.<x> = …` is read whole, since its options are needed together. */
function isFileSystem(path: readonly AttrName[]): boolean {
  return path.length === 2 && path[0]?.name === "fileSystems";
}

/** Whether an attribute path sets, or leads into, an option of a persistence module. */
export function isPersistenceOption(path: readonly AttrName[]): boolean {
  return matchSchema(path) !== null;
}

interface Match {
  readonly schema: ModuleSchema;
  /** Number of segments up to and with the option. */
  readonly at: number;
  /** The Home Manager user the option belongs to. */
  readonly user: string | null;
  readonly unit: string;
}

const firstNames: ReadonlySet<string> = new Set(schemas.flatMap(({ option }) => option.slice(0, 1)));

/** Names that are computed are asked for no sooner than needed. */
function mayMatch(path: readonly AttrName[]): boolean {
  for (let at = 0; at < path.length - 1; at++) {
    const name = path[at]?.name;
    if (name != null && firstNames.has(name)) return true;
  }
  return false;
}

/** Finds a module's option in an attribute path, by suffix: frameworks put anything before it. `options.…` declares and does not set. */
function matchSchema(path: readonly AttrName[]): Match | "option" | null {
  if (!mayMatch(path)) return null;
  for (const schema of schemas) {
    for (let at = 0; at + schema.option.length <= path.length; at++) {
      if (!schema.option.every((name, index) => path[at + index]?.name === name)) continue;
      if (path[0]?.name === "options") return "option";
      const before = path.slice(0, at);
      const users = before.findIndex(
        (name, index) => name.name === "home-manager" && before[index + 1]?.name === "users",
      );
      const named = users === -1 ? null : (before[users + 2]?.name ?? null);
      // A place in a list, a call or a `let` is no name.
      const user = named?.startsWith("@") === true ? null : named;
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

/** A list that becomes a storage's through other files, as if it stood in that storage. */
function forwardedBlock(
  site: Site,
  { module, storagePath, scope, list }: Forwarding,
  homeOf: BlockPlace["homeOf"],
  source: string,
): StorageBlock {
  const whole = span(site.binding);
  const name = site.path[site.path.length - 1];
  const nameSpan = name === undefined ? whole : { start: name.span.start, end: name.span.end };
  const place: BlockPlace = {
    module,
    unit: "",
    span: whole,
    nameSpan,
    conditional: site.conditional,
    brokenFrom: brokenFrom(site.binding, source),
    scope,
    homeOf,
  };
  const value = lowerWhole(site.value, site.scope);
  const listName: AttrName = { name: list, span: nameSpan, quoted: false };
  const contribution = { rest: [], value, span: { start: whole.start, end: whole.end }, conditional: false };
  return {
    module,
    unit: "",
    storagePath,
    storageReason: storagePath === null ? "it belongs to several storages" : null,
    nameSpan,
    span: whole,
    body: null,
    enabled: true,
    conditional: site.conditional,
    settings: [],
    users: [],
    lists: [readList(place, storagePath, scope, listName, contribution)],
    unknown: [],
    brokenFrom: place.brokenFrom,
    forwarded: true,
  };
}

/** The blocks one binding writes: usually one, several for `environment.persistence = { "/a" = …; "/b" = …; }`. */
function blocksAt(
  site: Site,
  { schema, user, unit }: Match,
  at: number,
  { isHome, ...known }: Pick<BlockPlace, "homeOf" | "pathOf"> & Pick<Reading, "isHome">,
  source: string,
): StorageBlock[] {
  const value = lowerWhole(site.value, site.scope);
  const scope: Scope = schema.module === "home-manager" || isHome ? { kind: "user", user } : { kind: "system" };
  const shared = { module: schema.module, unit, scope, ...known, brokenFrom: brokenFrom(site.binding, source) };
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
