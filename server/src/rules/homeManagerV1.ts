import type { StorageBlock } from "../persistence/model";
import type { Fix, Problem, Rule, RuleContext } from "./rule";
import { homesOn } from "./support/declared";
import { trustedBlocks } from "./support/options";
import { removal } from "./support/removal";
import { shown } from "./support/text";

export const rule: Rule = {
  id: "home-manager-v1",
  level: "error",
  title: "Home Manager paths are written for the old module",
  doc: `Since September 2025 impermanence's Home Manager module is only an interface to its NixOS module, and refuses with assertions what the
old one (now the branch \`home-manager-v1\`) asked for:

- A storage path with the home directory in it. The module adds the home itself now: \`home.persistence."/persist"\` keeps the data in
  \`/persist/home/josh\`, just where \`"/persist/home/josh"\` kept it. Only the name changes, no data has to be moved.
- The module is imported by hand (\`homeManagerModules.impermanence\`, \`nixosModules.home-manager.impermanence\`). The NixOS module does that for all
  users now. Remove the import.
- Options that were removed are found as [\`removed-option\`](#removed-option). With \`removePrefixDirectory\` the data lies in folders of its own in the
  storage: before the option goes, move it up by one folder there, and drop the first segment of the paths.

Nothing is said where the repository locks an impermanence from before that time, or mentions the branch \`home-manager-v1\`.

Source: \`home-manager.nix\` and \`flake.nix\` of impermanence, since [the rewrite](https://github.com/nix-community/impermanence/pull/272).`,
  check,
  examples: [
    {
      title: "The home directory in the storage path",
      text: `{
  home.username = "josh";
  home.persistence."/persist/home/josh" = {
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ Write "/persist"
    directories = [ "Documents" ];
  };
}
`,
      fixed: `{
  home.username = "josh";
  home.persistence."/persist" = {
    directories = [ "Documents" ];
  };
}
`,
    },
    {
      title: "A computed one",
      text: `{ config, ... }:
{
  home.persistence."/nix/persist\${config.home.homeDirectory}".directories = [ "Documents" ];
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ Write "/nix/persist"
}
`,
      fixed: `{ config, ... }:
{
  home.persistence."/nix/persist".directories = [ "Documents" ];
}
`,
    },
    {
      title: "Under a user of the NixOS module, whose home is stated",
      text: `{
  users.users.josh.home = "/data/josh";
  home-manager.users.josh.home.persistence = {
    "/persist/data/josh".files = [ ".screenrc" ];
  # ^^^^^^^^^^^^^^^^^^^^ adds "/data/josh" by itself
  };
}
`,
      fixed: `{
  users.users.josh.home = "/data/josh";
  home-manager.users.josh.home.persistence = {
    "/persist".files = [ ".screenrc" ];
  };
}
`,
    },
    {
      title: "The module imported by hand",
      text: `{ inputs, ... }:
{
  imports = [
    ./shell.nix
    inputs.impermanence.homeManagerModules.impermanence
  # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ Remove the import
  ];
  home.persistence."/persist".directories = [ "Documents" ];
}
`,
      fixed: `{ inputs, ... }:
{
  imports = [
    ./shell.nix
  ];
  home.persistence."/persist".directories = [ "Documents" ];
}
`,
    },
    {
      title: "Storages without a home in them, and the NixOS module",
      text: `{ inputs, ... }:
{
  imports = [ inputs.impermanence.nixosModules.impermanence ];
  home.persistence."/persist".directories = [ "Documents" ];
  home.persistence."/persist/home".directories = [ "Music" ];
  environment.persistence."/persist/home/josh".directories = [ "/srv" ];
}
`,
    },
    {
      title: "A path that only looks like the home of this user",
      text: `{
  home-manager.users.josh.home.persistence."/persist/home/joshua".directories = [ "Documents" ];
  users.users.josh.home = "/users/josh";
}
`,
    },
  ],
};

function check(context: RuleContext): Problem[] {
  const problems = [...withHome(context), ...importedByHand(context)];
  // Who sets the module's own mark by hand knows what the assertion asks for.
  const isMarked = context.host.some(({ text }) => text.includes("_nixosModuleImported"));
  if (problems.length === 0 || isMarked || context.oldImpermanence()) return [];
  if (context.mentionedElsewhere("home-manager-v1", "_nixosModuleImported")) return [];
  return problems;
}

function withHome(context: RuleContext): Problem[] {
  const { file, host } = context;
  const homeOf = homesOn(host);
  return trustedBlocks(context).flatMap((block): Problem[] => {
    if (block.module !== "home-manager" || !block.enabled) return [];
    const name = storageName(file.text, block);
    const home = name === null ? null : homeIn(name, userOf(file.text, block), homeOf);
    if (name === null || home === null) return [];
    const rest = name.written.slice(0, name.written.length - home.written.length);
    const isEnd = name.written.endsWith(home.written) && rest !== "";
    const advice = isEnd ? ` Write ${shown(rest)}: it is the same place.` : "";
    return [
      {
        span: block.nameSpan,
        message: `The assertions of impermanence refuse a storage path of Home Manager that contains the home directory: it adds ${shown(home.shown)} by itself.${advice}`,
        fixes: isEnd ? rename(context, block, name, rest) : [],
        ...(home.certain ? {} : { level: "warning" as const }),
      },
    ];
  });
}

/** The old module as flakes name it, or its file. */
const oldModule =
  /\bimpermanence\.(?:homeManagerModules\.(?:impermanence|default)|nixosModules\.home-manager\.impermanence)$|\bimpermanence\}?\s*(?:\+\s*")?\/home-manager\.nix"?$/;

function importedByHand({ file }: RuleContext): Problem[] {
  return file.persistence.options.flatMap(({ path, value }): Problem[] => {
    if (!["imports", "home-manager.sharedModules"].includes(path.join(".")) || value.kind !== "list") return [];
    return value.elements.flatMap(({ value: { span }, conditional, shared }): Problem[] => {
      if (conditional || shared === true || span.end - span.start > 200) return [];
      if (!oldModule.test(file.text.slice(span.start, span.end))) return [];
      return [
        {
          span,
          message: `The assertions of impermanence refuse its Home Manager module when it is imported by hand: the NixOS module imports it for all users. Remove the import.`,
          fixes: [{ title: "Remove the import", edits: [removal(file.text, span)] }],
        },
      ];
    });
  });
}

/** The storage's name as it stands in quotes. */
interface StorageName {
  readonly written: string;
  readonly start: number;
  readonly end: number;
}

/** Null where the name is anything but one string, with nothing but plain names put into it. */
function storageName(text: string, { nameSpan }: StorageBlock): StorageName | null {
  if (nameSpan.end - nameSpan.start > 1000) return null;
  const match = /"((?:[^"\\$]|\$\{[\w.]+\})+)"$/.exec(text.slice(nameSpan.start, nameSpan.end));
  if (match === null) return null;
  const start = nameSpan.start + match.index + 1;
  return { written: match[1] ?? "", start, end: nameSpan.end - 1 };
}

interface HomePart {
  /** As it stands in the name. */
  readonly written: string;
  readonly shown: string;
  /** False where it is only likely that this is the home of the module's user. */
  readonly certain: boolean;
}

/** The home directory in a storage's name, null where there is none. */
function homeIn(
  { written }: StorageName,
  user: string | null,
  homeOf: (user: string) => string | null,
): HomePart | null {
  const computed = /(?:\$\{config\.home\.homeDirectory\}|\/home\/\$\{config\.home\.username\})\/?$/.exec(written);
  if (computed !== null) return { written: computed[0], shown: computed[0], certain: true };
  if (user !== null) {
    const home = homeOf(user);
    if (home === null || home === "/" || written.includes("${")) return null;
    const at = written.indexOf(home);
    if (at === -1) return null;
    // As the module asks: the home's text anywhere in the path. Only as its end can it be taken off.
    const rest = written.slice(at);
    const whole = rest === home || rest === `${home}/`;
    return whole || rest.startsWith(`${home}/`) ? { written: whole ? rest : home, shown: home, certain: true } : null;
  }
  const likely = /(\/home\/[^/$]+)\/?$/.exec(written);
  return likely === null ? null : { written: likely[0], shown: likely[1] ?? "", certain: false };
}

/** The user a block belongs to: of the option around it, or as the file says of itself. */
function userOf(text: string, { lists }: StorageBlock): string | null {
  const scope = lists[0]?.scope;
  if (scope?.kind === "user" && scope.user !== null) return scope.user;
  return /\bhome\.username\s*=\s*"([\w-]+)"/.exec(text)?.[1] ?? null;
}

/** None where the file has a block of the new name already: two of one name are an error. */
function rename({ file }: RuleContext, block: StorageBlock, { start, end }: StorageName, rest: string): Fix[] {
  const taken = file.persistence.blocks.some(
    (other) => other !== block && other.module === "home-manager" && other.storagePath === rest,
  );
  return taken ? [] : [{ title: `Write ${shown(rest)}`, edits: [{ span: { start, end }, text: rest }] }];
}
