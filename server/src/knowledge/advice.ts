import { type CatalogEntry, type CatalogPath, catalog, type EntryKind, type Persist, type Role } from "./catalog";
import { compilePattern, isPattern } from "./matcher";
import { matchPattern, type PathPattern } from "./patterns";

/** What is known about a path. */
export interface Advice {
  /** Of the catalog entry or pattern. */
  readonly id: string;
  readonly title: string;
  readonly kind: EntryKind | "pattern";
  /** The path of the catalog, or the pattern, that matched. */
  readonly path: string;
  /** `home`: `path` is relative to the home directory. */
  readonly scope: "system" | "home";
  /**
   * How it matched. `public-name`: `/var/lib/x`, where the catalog knows `/var/lib/private/x` of a unit with DynamicUser.
   * `same-name`: a folder of the home that differs in case only (`projects`).
   */
  readonly match: "path" | "placeholder" | "public-name" | "same-name" | "pattern";
  /** True when the catalog has this very path, placeholders filled in. */
  readonly exact: boolean;
  /** Null for patterns, which do not say. */
  readonly type: "directory" | "file" | null;
  readonly persist: Persist;
  readonly role: Role;
  readonly user: string | null;
  readonly group: string | null;
  readonly mode: string | null;
  readonly dynamicUser: boolean;
  readonly note: string | null;
  /** What is lost without it, as a sentence; null where that is not known, or is not said of this path. */
  readonly impactIfLost: string | null;
  readonly caveats: readonly string[];
  readonly nixosOption: string | null;
  readonly pathOption: string | null;
  readonly sources: readonly string[];
}

interface Scoped {
  readonly byPath: Map<string, Advice>;
  readonly placeholders: { readonly test: RegExp; readonly advice: Advice }[];
  /** Every folder that has a catalog path below it. */
  readonly above: Set<string>;
}

const scopes = { system: emptyScope(), home: emptyScope() };
const plainHomeNames = new Map<string, Advice>();
const deepest = Math.max(...catalog.flatMap((entry) => entry.paths.map((path) => path.path.split("/").length)));

for (const entry of catalog) {
  const scope = entry.kind === "user-app" ? "home" : "system";
  for (const path of entry.paths) addPath(entry, path, scope);
}

/**
 * What is known about `path` itself: the catalog's entry for it, else the pattern it follows, else null.
 * @param path absolute and normalised.
 * @param home the home directory that paths relative to a home are looked up in; where null, `/root` and `/home/<name>` are tried.
 */
export function lookup(path: string, home: string | null): Advice | null {
  const known = exactAdvice(path, home) ?? byOtherName(path, home);
  if (known !== null) return known;
  const pattern = patternFor(path, home);
  return pattern === null ? null : fromPattern(pattern);
}

/** The nearest path of the catalog at or above `path`; parameters as for `lookup`. */
export function coveringAdvice(path: string, home: string | null): Advice | null {
  // No catalog path is deeper than this, so a very deep path need not be tried at each of its levels.
  const parts = path.split("/", deepest + (home ?? "/home/x").split("/").length + 1);
  for (let at = parts.join("/"); at !== ""; at = at.slice(0, at.lastIndexOf("/"))) {
    const advice = exactAdvice(at, home);
    if (advice !== null) return advice;
  }
  return null;
}

/** Whether the catalog has paths strictly below the folder `path`, so that looking inside is worth it; parameters as for `lookup`. */
export function adviceBelow(path: string, home: string | null): boolean {
  if (scopes.system.above.has(path)) return true;
  const relative = homeRelative(path, home);
  return relative !== null && scopes.home.above.has(relative);
}

function exactAdvice(path: string, home: string | null): Advice | null {
  const system = inScope(scopes.system, path);
  if (system !== null) return system;
  const relative = homeRelative(path, home);
  return relative === null || relative === "" ? null : inScope(scopes.home, relative);
}

function inScope(scope: Scoped, path: string): Advice | null {
  return scope.byPath.get(path) ?? scope.placeholders.find((entry) => entry.test.test(path))?.advice ?? null;
}

function byOtherName(path: string, home: string | null): Advice | null {
  const state = /^(\/var\/(?:lib|cache|log))\/([^/]+)$/s.exec(path);
  if (state !== null) {
    const behind = scopes.system.byPath.get(`${state[1]}/private/${state[2]}`);
    return behind?.dynamicUser === true ? { ...behind, match: "public-name", exact: false } : null;
  }
  const relative = homeRelative(path, home);
  if (relative === null || relative.includes("/")) return null;
  const named = plainHomeNames.get(relative.toLowerCase());
  return named === undefined ? null : { ...named, match: "same-name", exact: false };
}

function patternFor(path: string, home: string | null): PathPattern | null {
  const relative = homeRelative(path, home);
  if (relative !== null && relative !== "") {
    const pattern = matchPattern("home", relative);
    if (pattern !== null) return pattern;
  }
  return matchPattern("system", path);
}

/** `path` relative to its home, empty for the home itself, null outside of homes. */
function homeRelative(path: string, home: string | null): string | null {
  const base = home ?? /^(?:\/root|\/home\/[^/]+)(?=\/|$)/s.exec(path)?.[0] ?? null;
  if (base === null) return null;
  if (path === base) return "";
  return path.startsWith(`${base}/`) ? path.slice(base.length + 1) : null;
}

function emptyScope(): Scoped {
  return { byPath: new Map(), placeholders: [], above: new Set() };
}

function addPath(entry: CatalogEntry, path: CatalogPath, scope: "system" | "home"): void {
  const target = scopes[scope];
  const placeholder = isPattern(path.path);
  const advice = fromCatalog(entry, path, scope, placeholder);
  if (placeholder) target.placeholders.push({ test: compilePattern(path.path), advice });
  else if (!target.byPath.has(path.path)) target.byPath.set(path.path, advice);
  for (let at = path.path; at.includes("/"); ) {
    at = at.slice(0, at.lastIndexOf("/"));
    target.above.add(at === "" ? "/" : at);
  }
  if (scope === "home") target.above.add("");
  if (scope === "home" && /^[^./]+$/.test(path.path)) plainHomeNames.set(path.path.toLowerCase(), advice);
}

function fromCatalog(entry: CatalogEntry, path: CatalogPath, scope: "system" | "home", placeholder: boolean): Advice {
  return {
    ...path,
    id: entry.id,
    title: entry.title,
    kind: entry.kind,
    scope,
    match: placeholder ? "placeholder" : "path",
    exact: true,
    impactIfLost: isAside(entry, path) ? null : entry.impactIfLost,
    caveats: entry.caveats,
    nixosOption: entry.nixosOption,
    pathOption: entry.pathOption,
    sources: entry.sources,
  };
}

/** Caches and logs next to real state: what the entry says about a loss is not about them. */
function isAside(entry: CatalogEntry, path: CatalogPath): boolean {
  const passing: readonly Role[] = ["cache", "log", "runtime"];
  return passing.includes(path.role) && entry.paths.some((other) => !passing.includes(other.role));
}

function fromPattern(pattern: PathPattern): Advice {
  return {
    id: pattern.id,
    title: pattern.title,
    kind: "pattern",
    path: pattern.pattern,
    scope: pattern.scope,
    match: "pattern",
    exact: false,
    type: null,
    persist: pattern.persist,
    role: pattern.role,
    user: null,
    group: null,
    mode: null,
    dynamicUser: false,
    note: pattern.advice,
    impactIfLost: null,
    caveats: pattern.exceptions,
    nixosOption: null,
    pathOption: null,
    sources: pattern.sources,
  };
}
