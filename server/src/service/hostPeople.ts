import type { HostScan } from "../hosts/model";
import type { EditHints } from "../persistence/edit";
import type { PersistenceFile } from "../persistence/model";

/** What a scan knows about a host's users that the text may not say. */
export interface HostPeople {
  /** Home directories by user. */
  readonly homes: ReadonlyMap<string, string>;
  readonly hints: EditHints;
  /** Names of the people with an account. */
  readonly people: readonly string[];
}

/** People's accounts on NixOS begin at 1000; from 30000 on come those that build, and systemd's own. */
const firstPerson = 1000;
const firstMachine = 30_000;

/** With one person on the host, `users.${primaryUser}` can mean nobody else. */
export function peopleOf(scan: Pick<HostScan, "host" | "users">): HostPeople {
  const people = scan.users.filter(({ uid }) => uid >= firstPerson && uid < firstMachine);
  const names = people.map(({ name }) => name);
  return {
    homes: new Map(scan.users.map(({ name, home }) => [name, home])),
    hints: { host: scan.host, soleUser: soleOf(names) },
    people: names,
  };
}

/** The only one of several names, null where there are none or more. */
export function soleOf(names: readonly string[]): string | null {
  const [only, ...others] = names;
  return others.length === 0 ? (only ?? null) : null;
}

/** The users a file gives a home directory or paths to keep. */
export function usersIn({ facts, blocks }: PersistenceFile): string[] {
  const scopes = blocks.flatMap(({ lists }) =>
    lists.flatMap(({ scope }) => (scope.kind === "user" ? scope.user : null)),
  );
  return [...facts.homes.keys(), ...scopes.filter((user) => user !== null)];
}
