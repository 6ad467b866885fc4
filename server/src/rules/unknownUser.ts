import { catalog } from "../knowledge/catalog";
import type { Fix, Problem, Rule, RuleContext } from "./rule";
import { definitionsAt } from "./support/hostOptions";
import { nearest } from "./support/nearest";
import { trustedBlocks } from "./support/options";
import { code } from "./support/text";
import { wrappedBy, wrappers } from "./support/wrapped";

export const rule: Rule = {
  id: "unknown-user",
  level: "error",
  title: "Paths of a user the host does not have",
  doc: `Both modules look up the user's home directory and group in \`users.users.NAME\`. Where no module declares that user, evaluation stops with
"attribute 'NAME' missing", at a place that has nothing to do with the mistake.

Correct the name, or declare the user. Judged only where all files of the host are known, the names of all users are written out, and the host declares
a person's account at all. Names that may come with a service (\`users.forgejo\` beside \`services.forgejo\`) are left alone.

Source: \`nixos.nix\` of impermanence (\`users.\${name}.home\`), \`options.nix\` of preservation.`,
  check,
  examples: [
    {
      title: "A misspelt name",
      text: `{
  users.users.josh.isNormalUser = true;
  environment.persistence."/persist".users.jsoh.directories = [ "Documents" ];
  #                                        ^^^^ Did you mean \`josh\`?
}
`,
      fixed: `{
  users.users.josh.isNormalUser = true;
  environment.persistence."/persist".users.josh.directories = [ "Documents" ];
}
`,
    },
    {
      title: "A user who is gone, in preservation",
      text: `{
  users.users = {
    josh = { isNormalUser = true; };
  };
  preservation.preserveAt."/persist" = {
    users.josh.directories = [ "Documents" ];
    users.margaret = {
    #     ^^^^^^^^ evaluation fails
      directories = [ "Documents" ];
    };
  };
}
`,
    },
    {
      title: "Declared, through Home Manager, and root",
      text: `{
  users.users.josh.isNormalUser = true;
  home-manager.users.margaret = import ./margaret.nix;
  environment.persistence."/persist".users = {
    josh.directories = [ "Documents" ];
    margaret.directories = [ "Documents" ];
    root.directories = [ ".cache" ];
  };
}
`,
    },
    {
      title: "Names that are computed",
      text: `{ name, ... }:
{
  users.users.\${name}.isNormalUser = true;
  users.users.josh.isNormalUser = true;
  environment.persistence."/persist".users.ghost.directories = [ "Documents" ];
}
`,
    },
    {
      title: "A service's user, and a host that declares nobody",
      text: `{
  services.forgejo.enable = true;
  environment.persistence."/persist".users.forgejo.directories = [ "data" ];
  environment.persistence."/persist".users.josh.directories = [ "Documents" ];
}
`,
    },
    {
      title: "Under a condition",
      text: `{ config, lib, ... }:
{
  users.users.josh.isNormalUser = true;
  environment.persistence."/persist" = lib.mkIf config.x { users.margaret.directories = [ "Documents" ]; };
}
`,
    },
  ],
};

/** Users that the modules of services bring along. */
const ofServices = new Set(
  catalog.flatMap(({ id, paths }) => [id, ...paths.flatMap(({ user, group }) => [user ?? id, group ?? id])]),
);

function check(context: RuleContext): Problem[] {
  const { file, host, hostIsWhole } = context;
  if (!hostIsWhole) return [];
  const used = trustedBlocks(context).flatMap((block) => {
    if (block.unit !== "" || !block.enabled || block.conditional) return [];
    // The home is only looked up for paths.
    const keeping = block.lists.flatMap(({ scope, entries }) =>
      scope.kind === "user" && entries.length > 0 ? [scope.user] : [],
    );
    return block.users.filter(({ user }) => keeping.includes(user));
  });
  if (used.length === 0) return [];
  const known = usersOf(host);
  if (known === null || known.people.length === 0) return [];
  const told = new Set<number>();
  const wrapperOf = wrappedBy(file.text, wrappers);
  return used.flatMap(({ user, nameSpan }): Problem[] => {
    if (user === null || known.all.has(user) || told.has(nameSpan.start) || mayBeOfService(host, user)) return [];
    if (wrapperOf(nameSpan) !== "") return [];
    told.add(nameSpan.start);
    const meant = nearest(user, known.people);
    return [
      {
        span: nameSpan,
        message: `No file of this host declares \`users.users.${code(user).slice(1, -1)}\`, so evaluation fails where its home is looked up.${meant === null ? " Declare the user, or remove the paths." : ` Did you mean ${code(meant)}?`}`,
        fixes: meant === null ? [] : rename(context, user, nameSpan, meant),
      },
    ];
  });
}

/** The users that a host's files declare; null where some of the names are not known. */
function usersOf(
  host: RuleContext["host"],
): { readonly all: ReadonlySet<string>; readonly people: readonly string[] } | null {
  if (host.some(({ persistence }) => persistence.facts.importsUnknown || !persistence.optionsWhole)) return null;
  const all = new Set(["root", "nobody", "nixbld"]);
  const people = new Set<string>();
  for (const { fact } of definitionsAt(host, ["users", "users"])) {
    const name = fact.path[2];
    if (name == null) return null;
    all.add(name);
    if (fact.path[3] === "isNormalUser" && fact.value.kind === "bool" && fact.value.value) people.add(name);
  }
  for (const { text, persistence } of host) {
    for (const { scope } of persistence.options) if (scope.kind === "user" && scope.user !== null) all.add(scope.user);
    // A user of Home Manager is one of the host's, and need not be bound to a set that is written out.
    for (const [, name] of text.matchAll(/\bhome-manager\.users\."?([\w-]+)/g)) if (name !== undefined) all.add(name);
    if (/\bhome-manager\.users\s*=|\bhome-manager\s*=|\bhome-manager\.users\.(?:\$|"\$)/.test(text)) return null;
  }
  return { all, people: [...people] };
}

function mayBeOfService(host: RuleContext["host"], user: string): boolean {
  if (ofServices.has(user)) return true;
  return host.some(({ persistence }) =>
    persistence.options.some(({ path }) => path.includes(user) && path[0] !== "users" && path[0] !== "home-manager"),
  );
}

/** Only a name that is written out. */
function rename(
  { file }: RuleContext,
  user: string,
  span: { readonly start: number; readonly end: number },
  meant: string,
): Fix[] {
  const written = file.text.slice(span.start, span.end);
  if ((written !== user && written !== `"${user}"`) || !/^[A-Za-z_][\w-]*$/.test(meant)) return [];
  return [{ title: `Write ${code(meant)}`, edits: [{ span, text: written.replace(user, () => meant) }] }];
}
