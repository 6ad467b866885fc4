import { isInternal, isOpen, schemaOf } from "../persistence/schema";
import type { Fix, Problem, Rule, RuleContext } from "./rule";
import { nearest } from "./support/nearest";
import { isInherited, type OptionUse, optionUses, placeTitle } from "./support/options";
import { code } from "./support/text";

export const rule: Rule = {
  id: "unknown-option",
  level: "error",
  title: "The module has no such option",
  doc: `The persistence modules know a fixed set of options. Any other name is refused when the configuration is evaluated, often with
a message that names neither the file nor the line. The fix writes the option with the most similar name.

A directory entry names its path with \`directory\`, a file entry with \`file\`.`,
  check,
  examples: [
    {
      title: "A misspelt list",
      text: `{
  environment.persistence."/persist".directory = [ "/var/log" ];
  #                                  ^^^^^^^^^ Did you mean \`directories\`?
}
`,
      fixed: `{
  environment.persistence."/persist".directories = [ "/var/log" ];
}
`,
    },
    {
      title: "A file named in a list of directories",
      text: `{
  environment.persistence."/persist" = {
    directories = [
      { file = "/var/lib/nixos"; mode = "0755"; }
      # ^^^^ \`file\` is not an option of a directory entry
    ];
  };
}
`,
      fixed: `{
  environment.persistence."/persist" = {
    directories = [
      { directory = "/var/lib/nixos"; mode = "0755"; }
    ];
  };
}
`,
    },
    {
      title: "In a user's part",
      text: `{
  environment.persistence."/persist".users.josh = {
    directorys = [ "Documents" ];
  # ^^^^^^^^^^ Did you mean \`directories\`?
  };
}
`,
      fixed: `{
  environment.persistence."/persist".users.josh = {
    directories = [ "Documents" ];
  };
}
`,
    },
    {
      title: "Users in Home Manager, where the paths already belong to one",
      text: `{
  home.persistence."/persist" = {
    users.josh.directories = [ "Documents" ];
  # ^^^^^ belong to one user already
  };
}
`,
    },
    {
      title: "An option of impermanence in preservation",
      text: `{
  preservation.preserveAt."/persist".files = [
    {
      file = "/etc/ssh/key";
      parentDirectory.mode = "0700";
    # ^^^^^^^^^^^^^^^ Did you mean \`parent\`?
    }
  ];
}
`,
      fixed: `{
  preservation.preserveAt."/persist".files = [
    {
      file = "/etc/ssh/key";
      parent.mode = "0700";
    }
  ];
}
`,
    },
    {
      title: "Of the folder a file lies in",
      text: `{
  environment.persistence."/persist".files = [
    { file = "/srv/data/key"; parentDirectory.owner = "backup"; }
    #                                         ^^^^^ Did you mean \`user\`?
  ];
}
`,
      fixed: `{
  environment.persistence."/persist".files = [
    { file = "/srv/data/key"; parentDirectory.user = "backup"; }
  ];
}
`,
    },
    {
      title: "What any set of options may hold",
      text: `{ config, lib, ... }:
{
  environment.persistence."/persist" = {
    _file = "here";
    disabledModules = [ ];
    imports = [ ./more.nix ];
    ofThatModule = true;
    users.josh = {
      _type = "if";
      condition = config.services.xserver.enable;
      content.directories = [ "Documents" ];
    };
  };
}
`,
    },
    {
      title: "Options the module has, and internal ones",
      text: `{
  environment.persistence."/persist" = {
    enable = true;
    hideMounts = true;
    enableDebugging = true;
    directories = [ { directory = "/var/lib/private"; defaultPerms.mode = "0700"; } ];
    files = [ { file = "/etc/key"; parentDirectory.mode = "0700"; } ];
  };
}
`,
    },
    {
      title: "Computed names are not judged",
      text: `{ name, extra, ... }:
{
  environment.persistence."/persist" = {
    \${name} = [ "/var/log" ];
    directories = [ (extra // { directory = "/srv"; }) ];
  };
}
`,
    },
    {
      title: "Another option that happens to have the same name",
      text: `{
  modules.home.persistence = {
    enable = true;
    users.josh.keep = [ "Documents" ];
  };
}
`,
    },
  ],
};

function check(context: RuleContext): Problem[] {
  const { file } = context;
  return optionUses(context)
    .filter((use) => use.spec === null && !isInternal(use.name) && !isOpen(use.beside))
    .map((use) => {
      const better = suggestion(use);
      const { setting } = use;
      const hint =
        better !== null
          ? `Did you mean ${code(better)}?`
          : use.place === "storage" && use.name === "users"
            ? ofOneUser
            : "Remove it.";
      const fixes: Fix[] =
        better === null || use.beside.includes(better) || isInherited(file.text, setting)
          ? []
          : [{ title: `Write \`${better}\``, edits: [{ span: setting.name.span, text: better }] }];
      const title = schemaOf(use.block.module).title;
      return {
        span: setting.name.span,
        message: `${code(use.name)} is not an option of ${placeTitle[use.place]} in ${title}, so evaluation fails. ${hint}`,
        fixes,
      };
    });
}

const ofOneUser = "The paths here belong to one user already: set `directories` and `files` themselves.";

/** What names the path has one obvious meaning in an entry; anything else goes by similarity. */
function suggestion(use: OptionUse): string | null {
  const names = use.specs
    .filter((spec) => spec.removed === undefined && spec.internal !== true)
    .map((spec) => spec.name);
  if (use.place === "directory" || use.place === "file") {
    if (["file", "directory", "path", "dir", "folder"].includes(use.name)) return use.place;
  }
  if (use.place === "directory" || use.place === "file" || use.place === "parent") {
    if (use.name === "owner") return "user";
    if (use.name === "permissions" || use.name === "perms") return "mode";
  }
  return nearest(use.name, names);
}
