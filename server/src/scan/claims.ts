import type { Deployed, HostUnit, TmpfilesRule } from "../hosts/model";
import { levelOf } from "./levels";

/** A folder that a unit of the host has systemd make for it. */
export interface Claim {
  readonly source: "StateDirectory" | "CacheDirectory" | "LogsDirectory" | "ConfigurationDirectory";
  readonly unit: HostUnit;
}

/** What a host's units and tmpfiles rules say of paths. */
export interface Claims {
  /** The units that keep something at `path`, or in it; else those that keep the folder around it. */
  of(path: string): readonly Claim[];
  /** Whether `path` is the folder of a unit's state, with all that belongs to the unit in it. */
  isState(path: string): boolean;
  /** The rule that makes `path`, else null. */
  ruleFor(path: string): TmpfilesRule | null;
  /** The units that run as `user`. */
  unitsOf(user: string): readonly HostUnit[];
}

/** Letters of tmpfiles.d(5) that make a path rather than only adjust or remove it. */
const making = /^[dDvqQfFwCp]/;
const known = new WeakMap<Deployed, Claims>();

/** The claims on a host; empty where nothing is known of its units. */
export function claimsOn(deployed: Deployed | null): Claims {
  if (deployed === null) return { of: () => [], isState: () => false, ruleFor: () => null, unitsOf: () => [] };
  const claims = known.get(deployed) ?? makeClaims(deployed);
  known.set(deployed, claims);
  return claims;
}

function makeClaims(deployed: Deployed): Claims {
  const byPath = new Map<string, Claim[]>();
  const byUser = new Map<string, HostUnit[]>();
  const add = <Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void => {
    const values = map.get(key);
    if (values === undefined) map.set(key, [value]);
    else if (!values.includes(value)) values.push(value);
  };
  for (const unit of deployed.units) {
    if (unit.user !== null) add(byUser, unit.user, unit);
    const folders: [Claim["source"], readonly string[]][] = [
      ["StateDirectory", unit.stateDirectories],
      ["CacheDirectory", unit.cacheDirectories],
      ["LogsDirectory", unit.logsDirectories],
      ["ConfigurationDirectory", unit.configurationDirectories],
    ];
    for (const [source, paths] of folders) {
      const claim: Claim = { source, unit };
      for (const path of new Set(paths.flatMap((each) => placesOf(each, unit)))) add(byPath, topFolder(path), claim);
    }
  }
  const rules = new Map<string, TmpfilesRule>();
  for (const rule of deployed.tmpfiles) if (making.test(rule.type) && !rules.has(rule.path)) rules.set(rule.path, rule);
  return {
    of(path) {
      for (let at = path; at !== ""; at = at.slice(0, at.lastIndexOf("/"))) {
        const claims = byPath.get(at);
        if (claims !== undefined) return claims;
      }
      return [];
    },
    isState: (path) => byPath.get(path)?.some(({ source }) => source === "StateDirectory") ?? false,
    ruleFor: (path) => rules.get(path) ?? null,
    unitsOf: (user) => byUser.get(user) ?? [],
  };
}

/** Where a folder that is known by its public name has its data: of a unit with DynamicUser, `/var/lib/x` is a link to `/var/lib/private/x`. */
function placesOf(path: string, unit: HostUnit): string[] {
  return unit.dynamicUser ? [path, path.replace(/^(\/var\/(?:lib|cache|log))\/(?!private\/)/, "$1/private/")] : [path];
}

/** The folder a person would keep for the sake of `path`: the highest one that is no place shared by many programs. */
function topFolder(path: string): string {
  for (let end = path.indexOf("/", 1); end !== -1; end = path.indexOf("/", end + 1)) {
    const folder = path.slice(0, end);
    if (levelOf(folder, null, new Set()) === "unit" && folder !== "/var/log") return folder;
  }
  return path;
}
