import type { Problem, Rule, RuleContext } from "./rule";
import { type Declared, declaredOn, writtenIn } from "./support/declared";
import { removeEntry, shown } from "./support/text";

export const rule: Rule = {
  id: "mixed-modules",
  level: "warning",
  title: "impermanence and preservation both keep the path",
  doc: `impermanence and preservation can be loaded side by side, and neither looks at the other's lists. Where both keep the same path, both want to mount
on it at boot: one mount hides the other, or one of two units of the same name takes the other's place. Which storage the data then goes to is
anybody's guess, and it may change with the next update.

Remove one of the two entries, and move the data if the storages differ. Two entries of the same module are refused by an assertion, or found as [\`duplicate-path\`](#duplicate-path).

Source: both modules make \`systemd.mounts\` of their directories (\`nixos.nix\` of impermanence, \`lib.nix\` of preservation).`,
  check,
  examples: [
    {
      title: "In one file",
      text: `{
  environment.persistence."/persist".directories = [ "/var/log" "/srv" ];
  preservation = {
    enable = true;
    preserveAt."/persist".directories = [
      "/var/lib/bluetooth"
      "/var/log/"
    # ^^^^^^^^^^^ impermanence keeps it as well
    ];
  };
}
`,
      fixed: `{
  environment.persistence."/persist".directories = [ "/var/log" "/srv" ];
  preservation = {
    enable = true;
    preserveAt."/persist".directories = [
      "/var/lib/bluetooth"
    ];
  };
}
`,
    },
    {
      title: "A file of a user, through Home Manager",
      text: `{
  preservation.enable = true;
  preservation.preserveAt."/state".users.josh.files = [ { file = ".netrc"; mode = "0600"; } ];
  home-manager.users.josh.home.persistence."/persist".files = [ ".netrc" ".screenrc" ];
  #                                                             ^^^^^^^^ preservation keeps it as well
}
`,
      fixed: `{
  preservation.enable = true;
  preservation.preserveAt."/state".users.josh.files = [ { file = ".netrc"; mode = "0600"; } ];
  home-manager.users.josh.home.persistence."/persist".files = [ ".screenrc" ];
}
`,
    },
    {
      title: "Different paths, and a parent",
      text: `{
  preservation.enable = true;
  preservation.preserveAt."/persist".directories = [ "/var/log/journal" "/srv" ];
  environment.persistence."/persist".directories = [ "/var/log" ];
}
`,
    },
    {
      title: "Where preservation is not on, as far as is known",
      text: `{
  preservation.preserveAt."/persist".directories = [ "/var/log" ];
  environment.persistence."/persist".directories = [ "/var/log" ];
}
`,
    },
    {
      title: "Under a condition",
      text: `{ config, lib, ... }:
{
  preservation.enable = true;
  preservation.preserveAt."/persist".directories = [ "/srv" ];
  environment.persistence."/persist".directories = lib.optional config.x "/srv";
}
`,
    },
  ],
};

function check(context: RuleContext): Problem[] {
  if (!context.host.some(({ persistence }) => persistence.facts.switches.get("preservation.enable") === true))
    return [];
  const all = declaredOn(context).filter(isComparable);
  const byPath = new Map<string, { impermanence?: Declared; preservation?: Declared }>();
  for (const declared of all) {
    const key = keyOf(declared);
    const known = byPath.get(key) ?? {};
    known[familyOf(declared)] ??= declared;
    byPath.set(key, known);
  }
  return writtenIn(context)
    .filter(isComparable)
    .flatMap((declared): Problem[] => {
      const mine = familyOf(declared);
      const theirs = mine === "preservation" ? "impermanence" : "preservation";
      const other = byPath.get(keyOf(declared))?.[theirs];
      // Within one file it is said once, of the second of the two.
      if (other === undefined || (other.file === context.file && other.entry.span.start > declared.entry.span.start))
        return [];
      return [
        {
          span: declared.entry.span,
          message: `${shown(declared.entry.written)} is kept by ${mine} here, and ${theirs} keeps it as well. Both mount on it at boot, and only one can win. Remove one of the two entries.`,
          fixes: removeEntry(context.file.text, declared.entry),
          related: [{ file: other.file.name, span: other.entry.span, message: `${theirs} keeps it here` }],
        },
      ];
    });
}

/** What is on this host for sure, by the host's own modules, at a path that is known. */
function isComparable({ certain, block, realm, path }: Declared): boolean {
  const sureRealms = ["\0impermanence", "\0preservation"];
  return certain && block.unit === "" && path !== null && sureRealms.includes(realm);
}

/** A path in a home that nobody states is told by user and place in the home. */
function keyOf({ path, assumed, list, entry }: Declared): string {
  if (assumed && list.scope.kind === "user")
    return JSON.stringify([list.scope.user, entry.written.replace(/\/+$/, "")]);
  return path ?? "";
}

function familyOf({ block }: Declared): "impermanence" | "preservation" {
  return block.module === "preservation" ? "preservation" : "impermanence";
}
