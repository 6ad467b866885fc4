import { lowerTerm } from "../nix/lower";
import { newEffort, type Run, type Term, unwrap } from "../nix/terms";
import type { UnknownValue, Value } from "../nix/value";
import type { HostModules, Project } from "./project";
import type { ModuleSystem } from "./system";

/** The value of an option, as data that outlives the evaluation; all of it tells which file it is written in. */
export function readValue({ world }: Project, system: ModuleSystem, path: readonly string[]): Value {
  return plainly(system.read(path), { source: "", origin: nowhere, world, effort: world.effort });
}

/** A text that nothing is written in. */
const nowhere = { file: "", text: "" };

function plainly(term: Term, run: Run): Value {
  // What one option takes must not be missing for the next.
  return lowerTerm(term, { ...run, effort: { ...newEffort(run.effort.maximumSteps), steps: run.effort.steps } });
}

/** The Home Manager users of a host. */
export function homesOf({ system }: HostModules): ReadonlyMap<string, ModuleSystem> {
  const users = unwrap(system.read(["home-manager", "users"]));
  const names = users.kind === "attrs" ? users.members.flatMap(({ path }) => path[0]?.name ?? []) : [];
  for (const name of names) system.read(["home-manager", "users", name]);
  return system.homes;
}

/** Home Manager users that a host may have besides those that are known. */
export function unknownUsers({ system }: HostModules): readonly UnknownValue[] {
  const users = unwrap(system.read(["home-manager", "users"]));
  return users.kind === "attrs" ? users.unknown : [];
}

/** The files a host's modules are written in, with the Home Manager users they are modules of; null stands for the system. */
export function moduleFiles(host: HostModules): ReadonlyMap<string, ReadonlySet<string | null>> {
  const users = new Map<string, ReadonlySet<string | null>>();
  for (const [user, { modules }] of [[null, host.system] as const, ...homesOf(host)]) {
    // Hosts have the same hundreds of files, nearly all of them for one user.
    const alone = new Set([user]);
    for (const { writtenIn } of modules) {
      if (writtenIn === null) continue;
      const known = users.get(writtenIn);
      if (known === undefined) users.set(writtenIn, alone);
      else if (!known.has(user)) users.set(writtenIn, new Set([...known, user]));
    }
  }
  return users;
}
