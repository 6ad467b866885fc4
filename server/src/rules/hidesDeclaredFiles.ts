import { isBelow, normalise } from "../persistence/paths";
import type { Level, Problem, Rule, RuleContext, SourceFile } from "./rule";
import { type Declared, writtenIn } from "./support/declared";
import { methodOf } from "./support/linked";
import { type MadeFile, madeIn } from "./support/madeFiles";
import { shown } from "./support/text";

export const rule: Rule = {
  id: "hides-declared-files",
  level: "warning",
  title: "A path is persisted that the configuration makes itself",
  doc: `NixOS and Home Manager put files in place that are written in the configuration (\`environment.etc\`, \`home.file\`, \`xdg.configFile\` …), as links into the store.
Where such a path is persisted as well, two want to be in one place:

- The very path is persisted. impermanence finds a file that it did not make and fails ("A file already exists"); Home Manager does not
  replace what is mounted, and its activation fails ("would be clobbered"). Keep one of the two.
- The file lies in a folder that is linked into the storage (\`how = "symlink"\`): Home Manager stops with "Error installing file outside $HOME".
- The file lies in a persisted folder of \`/etc\`: the mount comes after the files are made and hides them, until the next activation makes them
  again in the storage. Until then programs start without them: with \`/etc/ssh\` persisted, sshd has no configuration on the first boot. From there on outdated links stay in the storage. This is a hint; persist the files that are needed.

Sources: impermanence (\`mount-file.bash\`, and its tracker: [/etc/ssh](https://github.com/nix-community/impermanence/issues/90),
[outside $HOME](https://github.com/nix-community/impermanence/issues/263)); Home Manager's \`files.nix\`.`,
  check,
  examples: [
    {
      title: "A file that is written in the configuration",
      text: `{
  environment.etc."app.conf".text = "a = 1";
  environment.persistence."/persist".files = [ "/etc/app.conf" ];
  #                                            ^^^^^^^^^^^^^^^ is made by \`environment.etc\` as well
}
`,
    },
    {
      title: "A folder of /etc with a file in it",
      text: `{
  environment.etc = {
    "ssh/sshd_config".source = ./sshd_config;
  };
  preservation.preserveAt."/persist".directories = [ "/etc/ssh" ];
  #                                                  ^^^^^^^^^^ hides "/etc/ssh/sshd_config"
}
`,
    },
    {
      title: "A user's file, in a module of Home Manager",
      text: `{
  xdg.configFile."nvim/init.lua".text = "";
  home.persistence."/persist".files = [ ".config/nvim/init.lua" ];
  #                                     ^^^^^^^^^^^^^^^^^^^^^^^ is made by \`xdg.configFile\` as well
}
`,
    },
    {
      title: "In a folder that is linked",
      text: `{
  home-manager.users.josh.home.file.".config/app/settings.json".text = "{ }";
  preservation.preserveAt."/persist".users.josh.directories = [ { directory = ".config/app"; how = "symlink"; } ];
  #                                                                           ^^^^^^^^^^^^^ outside $HOME
}
`,
    },
    {
      title: "Links that Home Manager makes in a mounted folder",
      text: `{
  home-manager.users.josh.home.file.".config/app/settings.json".text = "{ }";
  home-manager.users.josh.xdg.configFile."app" = { source = ./app; recursive = true; };
  environment.persistence."/persist".users.josh.directories = [ ".config/app" ".config" ];
}
`,
    },
    {
      title: "Other users, other places, and files that are not made for sure",
      text: `{ config, lib, name, ... }:
{
  home-manager.users.josh.home.file.".netrc".source = ./netrc;
  environment.persistence."/persist" = {
    users.margaret.files = [ ".netrc" ];
    directories = [ "/etc/app" "/etc/other" "/etc/third" ];
  };
  environment.etc.\${name}.text = "";
  environment.etc."app/a" = lib.mkIf config.x { text = ""; };
  environment.etc."other/a" = { enable = false; text = ""; };
  environment.etc."third/a" = { target = "fourth/a"; text = ""; };
}
`,
    },
  ],
};

function check(context: RuleContext): Problem[] {
  const { host, file } = context;
  const made = host.flatMap((source) => madeIn(source).map((one) => ({ source, one })));
  if (made.length === 0) return [];
  return writtenIn(context).flatMap((declared): Problem[] => {
    if (!declared.certain || declared.block.unit !== "") return [];
    const own = made.filter(({ source, one }) => isOfSameScope(declared, file, source, one));
    const path = declared.list.scope.kind === "system" ? declared.path : normalise(declared.entry.written);
    // What this means for the machine's id, a rule of its own says.
    if (path === null || path === "/etc/machine-id") return [];
    const same = own.find(({ one }) => one.path === path && !(one.recursive && declared.entry.kind === "directory"));
    if (same !== undefined) return [problemAt(declared, same, "warning", sameText(declared, same.one))];
    if (declared.entry.kind !== "directory") return [];
    const inside = own.find(({ one }) => isBelow(one.path, path));
    if (inside === undefined) return [];
    if (declared.list.scope.kind === "system")
      return [problemAt(declared, inside, "hint", hiddenText(declared, inside.one))];
    return methodOf(declared.entry) === "link"
      ? [problemAt(declared, inside, "warning", outsideText(declared, inside.one))]
      : [];
  });
}

/** The system's lists go with `environment.etc`; a user's with what Home Manager makes for the same user, or in the same file. */
function isOfSameScope({ list, block }: Declared, file: SourceFile, source: SourceFile, one: MadeFile): boolean {
  const isEtc = one.option === "environment.etc";
  if (list.scope.kind === "system") return isEtc && one.fact.scope.kind === "system";
  if (isEtc) return false;
  if (one.fact.scope.kind === "user") return one.fact.scope.user !== null && one.fact.scope.user === list.scope.user;
  return source === file && block.module === "home-manager" && list.scope.user === null;
}

interface Made {
  readonly source: SourceFile;
  readonly one: MadeFile;
}

function problemAt({ entry }: Declared, { source, one }: Made, level: Level, message: string): Problem {
  return {
    span: entry.pathSpan,
    message,
    level,
    related: [{ file: source.name, span: one.fact.span, message: `\`${one.option}\` makes a file here` }],
  };
}

function sameText({ entry, block, list }: Declared, { option }: MadeFile): string {
  const ofUser = list.scope.kind === "user";
  const fails = ofUser
    ? "Home Manager does not replace what it finds there, and its activation fails"
    : block.module === "preservation"
      ? "only one of the two can be there"
      : 'impermanence fails with "A file already exists"';
  return `${shown(entry.written)} is made by \`${option}\` as well: ${fails}. Keep one of the two.`;
}

function hiddenText({ entry }: Declared, { path, option }: MadeFile): string {
  return `${shown(entry.written)} hides ${shown(path)}, which \`${option}\` makes: after the first boot with it the file is missing until the next activation, and outdated links stay in the storage. Persist only the files that are needed.`;
}

function outsideText({ entry }: Declared, { path, option }: MadeFile): string {
  return `${shown(entry.written)} is a link into the storage, and \`${option}\` makes ${shown(path)} in it: Home Manager stops with "Error installing file outside $HOME". Use a bind mount, or persist what is needed beside it.`;
}
