import type { HostScan, Writer } from "../hosts/model";
import { isUnknown } from "../knowledge/nearest";
import { type Claim, claimsOn } from "./claims";
import type { Find } from "./find";

/** Accounts of services have ids below this; above it are those of people. */
const firstPerson = 1000;
/** The ids systemd gives to units with DynamicUser while they run. */
const dynamicUsers = { first: 61_184, last: 65_519 };

/** What tells who keeps a find: the host's units first, then tmpfiles rules, its owner, the home it lies in, and the catalog. */
export function writerOf(scan: HostScan, find: Find, owner: string): Writer | null {
  const claims = claimsOn(scan.deployed);
  const catalogued = find.advice === null || isUnknown(find.advice) ? null : find.advice.title;
  const uid = scan.tree.uid(find.node);
  if (find.home !== null) return inHome(find.home.user?.name ?? ownerOfHome(find.home.path), catalogued);

  const claimed = byUnit(claims.of(find.path), owner, catalogued);
  if (claimed !== null) return claimed;
  const service = serviceUser(uid, owner);
  const [unit = null, ...others] = service === null ? [] : claims.unitsOf(service);
  const only = others.length === 0 ? unit : null;
  const program = catalogued ?? only?.program ?? null;
  const rule = claims.ruleFor(find.path);
  const name = only?.name ?? null;
  if (rule !== null) {
    const text = `made by tmpfiles rule ${rule.file}${name === null ? "" : ` for ${name}`}`;
    return { source: "tmpfiles", unit: name, user: owner, program, text };
  }
  if (service !== null) return { source: "owner", unit: name, user: service, program, text: ownedBy(service, name) };
  if (isDynamic(uid) || find.path.startsWith("/var/lib/private/"))
    return { source: "owner", unit: null, user: null, program, text: "made by systemd for a service with DynamicUser" };
  return catalogued === null ? null : known(catalogued, owner);
}

function byUnit(claims: readonly Claim[], owner: string, catalogued: string | null): Writer | null {
  const best =
    claims.find(({ unit }) => unit.user === owner) ??
    claims.find(({ source }) => source === "StateDirectory") ??
    claims[0];
  if (best === undefined) return null;
  const { source, unit } = best;
  const units = new Set(claims.filter((claim) => claim.source === source).map((claim) => claim.unit.name)).size;
  const more = units === 1 ? "" : ` and ${units - 1} more`;
  return {
    source,
    unit: unit.name,
    user: owner,
    program: catalogued ?? unit.program,
    text: `${source} of ${unit.name}${more}`,
  };
}

function inHome(user: string, catalogued: string | null): Writer {
  if (catalogued !== null) return known(catalogued, user);
  return { source: "home", unit: null, user, program: null, text: `in the home of ${user}` };
}

function known(program: string, user: string): Writer {
  return { source: "catalog", unit: null, user, program, text: "known from the catalog" };
}

/** The name of a service's account; null for root, people, and ids without a name. */
function serviceUser(uid: number, owner: string): string | null {
  return uid > 0 && uid < firstPerson && owner !== String(uid) ? owner : null;
}

function ownedBy(user: string, unit: string | null): string {
  return unit === null ? `owned by ${user}` : `owned by ${user}, the user of ${unit}`;
}

function isDynamic(uid: number): boolean {
  return uid >= dynamicUsers.first && uid <= dynamicUsers.last;
}

/** `/root`, or a home whose account is gone: by its folder's name. */
function ownerOfHome(home: string): string {
  return home.slice(home.lastIndexOf("/") + 1);
}
