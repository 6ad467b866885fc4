import type { Problem, Rule, RuleContext } from "./rule";
import { setMode } from "./support/addOptions";
import { writtenIn } from "./support/declared";
import { methodOf } from "./support/linked";
import { hasUsualMode } from "./support/modes";
import { shown } from "./support/text";
import { lookupPath } from "./support/withinHome";

export const rule: Rule = {
  id: "sensitive-mode",
  level: "hint",
  title: "A folder of keys or secrets that everyone may enter",
  doc: `A directory that says nothing about its mode is created with 0755 in the storage, and the path gets the same mode. For private keys,
keyrings and password stores that is too open: nothing but the mode of the home directory around it keeps other users out, and GnuPG warns at each use.

Write \`mode = "0700"\`. In impermanence a mode matters only when the directory is first created in the storage: for one that exists
already run \`chmod 0700\` on it there, once. In preservation the mode is applied at each boot.

Sources: the modules' default modes; [a report to impermanence](https://github.com/nix-community/impermanence/issues/139).`,
  check,
  examples: [
    {
      title: "A path alone",
      text: `{
  environment.persistence."/persist".users.josh.directories = [
    "Documents"
    ".ssh"
  # ^^^^^^ gets the mode 0755
  ];
}
`,
      fixed: `{
  environment.persistence."/persist".users.josh.directories = [
    "Documents"
    { directory = ".ssh"; mode = "0700"; }
  ];
}
`,
    },
    {
      title: "A set without a mode, in Home Manager",
      text: `{
  home.persistence."/persist".directories = [
    {
      directory = ".gnupg";
      #           ^^^^^^^^ run \`chmod 0700\` on it in the storage
      hideMount = true;
    }
  ];
}
`,
      fixed: `{
  home.persistence."/persist".directories = [
    {
      directory = ".gnupg";
      mode = "0700";
      hideMount = true;
    }
  ];
}
`,
    },
    {
      title: "In preservation, for root",
      text: `{
  preservation.preserveAt."/persist".directories = [ { directory = "/root/.ssh"; user = "root"; } ];
  #                                                                ^^^^^^^^^^^^ at each boot
}
`,
      fixed: `{
  preservation.preserveAt."/persist".directories = [ { directory = "/root/.ssh"; mode = "0700"; user = "root"; } ];
}
`,
    },
    {
      title: "With a mode, or with another default",
      text: `{
  environment.persistence."/persist".users.josh.directories = [
    { directory = ".ssh"; mode = "u=rwx,g=,o="; }
    { directory = ".gnupg"; mode = "0755"; }
  ];
}
`,
    },
    {
      title: "Modes that are not known, links, and other folders",
      text: `{ private, ... }:
{
  environment.persistence."/persist".users.josh.directories = [
    ({ directory = ".ssh"; } // private)
    { directory = ".gnupg"; inherit (private) mode; }
    "projects/.ssh"
  ];
  preservation.preserveAt."/persist".users.josh.directories = [ { directory = ".ssh"; how = "symlink"; } ];
}
`,
    },
  ],
};

/** Folders of a home that hold private keys or passwords, as their programs make them: with the mode 0700. */
const sensitive: ReadonlyMap<string, string> = new Map([
  [".ssh", "private keys"],
  [".gnupg", "private keys"],
  [".local/share/keyrings", "passwords"],
  [".local/share/kwalletd", "passwords"],
  [".password-store", "passwords"],
  [".local/share/password-store", "passwords"],
  [".config/sops/age", "private keys"],
  [".aws", "credentials"],
]);

function check(context: RuleContext): Problem[] {
  return writtenIn(context).flatMap((declared): Problem[] => {
    const { entry, block } = declared;
    const holds = sensitive.get(inHome(lookupPath(declared)));
    if (holds === undefined || entry.kind !== "directory" || !block.enabled || methodOf(entry) !== "mount") return [];
    // Home Manager's old module has no modes.
    if (!hasUsualMode(context, declared) || (block.module === "home-manager" && context.oldImpermanence())) return [];
    const once =
      block.module === "preservation"
        ? "preservation sets it at each boot"
        : "if it exists already, also run `chmod 0700` on it in the storage, since a mode only counts when a directory is created";
    return [
      {
        span: entry.pathSpan,
        message: `${shown(entry.written)} gets the mode 0755, though it holds ${holds}. Write \`mode = "0700"\`; ${once}.`,
        fixes: setMode(context.file.text, declared, "0700"),
      },
    ];
  });
}

/** Relative to the home; of the system's paths only root's home counts. */
function inHome({ path, home }: ReturnType<typeof lookupPath>): string {
  return path.startsWith(`${home ?? "/root"}/`) ? path.slice((home ?? "/root").length + 1) : "";
}
