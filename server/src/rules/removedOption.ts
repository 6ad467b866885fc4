import { schemaOf } from "../persistence/schema";
import type { Problem, Rule, RuleContext } from "./rule";
import { isInherited, optionUses } from "./support/options";
import { removal } from "./support/removal";
import { code } from "./support/text";

export const rule: Rule = {
  id: "removed-option",
  level: "error",
  title: "The option was removed",
  doc: `impermanence once mounted with bindfs and linked like stow. The options of that time are still recognised, but only to be refused:
an assertion says that they no longer have any effect. Removing them changes nothing on the host.

- \`allowOther\`, \`defaultDirectoryMethod\`, \`removePrefixDirectory\` in a storage
- \`method\` on a directory (files still have it)
- \`home\` in a user's part: the home directory is taken from \`users.users.<name>.home\``,
  check,
  examples: [
    {
      title: "In a storage",
      text: `{
  environment.persistence."/persist" = {
    allowOther = true; # for root
  # ^^^^^^^^^^ no longer has any effect
    directories = [ "/var/log" ];
  };
}
`,
      fixed: `{
  environment.persistence."/persist" = {
    directories = [ "/var/log" ];
  };
}
`,
    },
    {
      title: "With a dotted name",
      text: `{
  home.persistence."/persist".directories = [ "Documents" ];
  home.persistence."/persist".removePrefixDirectory = false;
  #                           ^^^^^^^^^^^^^^^^^^^^^ no longer has any effect
}
`,
      fixed: `{
  home.persistence."/persist".directories = [ "Documents" ];
}
`,
    },
    {
      title: "On a directory",
      text: `{
  home.persistence."/persist".directories = [
    { directory = ".local/share/Steam"; method = "symlink"; }
    #                                   ^^^^^^ no longer has any effect
  ];
}
`,
      fixed: `{
  home.persistence."/persist".directories = [
    { directory = ".local/share/Steam"; }
  ];
}
`,
    },
    {
      title: "The home directory of a user",
      text: `{
  environment.persistence."/persist".users.root = {
    home = "/root";
  # ^^^^ taken from \`users.users.<name>.home\`
    directories = [ ".cache" ];
  };
}
`,
      fixed: `{
  environment.persistence."/persist".users.root = {
    directories = [ ".cache" ];
  };
}
`,
    },
    {
      title: "Files still have a method, and preservation's users still have a home",
      text: `{
  environment.persistence."/persist".files = [ { file = "/etc/key"; method = "symlink"; } ];
  preservation.preserveAt."/persist".users.root.home = "/root";
}
`,
    },
    {
      title: "Parts that are not understood are not judged",
      text: `{ old, ... }:
{
  environment.persistence."/persist" = old { allowOther = true; };
}
`,
    },
  ],
};

function check(context: RuleContext): Problem[] {
  const { file, oldImpermanence } = context;
  const problems = optionUses(context).flatMap(({ setting, spec, name, block }) => {
    if (spec?.removed === undefined) return [];
    const fixes = isInherited(file.text, setting)
      ? []
      : [{ title: `Remove \`${name}\``, edits: [removal(file.text, setting.span)] }];
    return [
      {
        span: setting.name.span,
        message: `${code(name)} was removed from ${schemaOf(block.module).title}, which refuses it with an assertion: ${spec.removed}.`,
        fixes,
        deprecated: true,
      },
    ];
  });
  return problems.length > 0 && oldImpermanence() ? [] : problems;
}
