import type { Fix, Problem, Rule, RuleContext } from "./rule";
import { addOptions, setMode } from "./support/addOptions";
import { type Declared, declaredOn, writtenIn } from "./support/declared";
import { mountInInitrd } from "./support/inInitrd";
import { methodOf } from "./support/linked";
import { hasUsualMode } from "./support/modes";
import { preservationOptions } from "./support/preservationOptions";
import { shown } from "./support/text";
import { lookupPath } from "./support/withinHome";

export const rule: Rule = {
  id: "preservation-defaults",
  level: "warning",
  title: "preservation needs to be told more about the path",
  doc: `preservation does exactly what is written, and has no special cases. Some paths need more than its defaults:

- \`/var/lib/nixos\` is read before the usual mounts are made. Without \`inInitrd = true\` the host hands out the ids of users and groups anew, and only
  then are the old ones mounted over that.
- \`/tmp\` and \`/var/tmp\` get the mode 0755, at each boot: only root can write to them. They need 1777.
- Private keys and the like get the mode 0644, at each boot, also where the storage has them right. OpenSSH then refuses its host keys, and
  nobody can log in. The manual links them instead; a key that does not exist yet can then be made, too.

Two options of the host belong to it:

- \`preservation.enable\`, without which none of the paths is kept. Reported where all files of the host are known.
- \`boot.initrd.systemd.enable\`: with \`false\`, an assertion refuses the configuration. This is an error.

Entries that say something else themselves are left alone, and so is \`/var/lib/nixos\` where userborn or systemd-sysusers manage the users.

Sources: preservation's manual on migrating from impermanence, its \`lib.nix\`, [a report on \`/var/lib/nixos\`](https://github.com/nix-community/preservation/pull/31); tmpfiles.d(5).`,
  check,
  examples: [
    {
      title: "Ids of users and groups",
      text: `{
  preservation.enable = true;
  preservation.preserveAt."/persist".directories = [
    {
      directory = "/var/lib/nixos";
      #           ^^^^^^^^^^^^^^^^ set \`inInitrd = true\`
      user = "root";
    }
  ];
}
`,
      fixed: `{
  preservation.enable = true;
  preservation.preserveAt."/persist".directories = [
    {
      directory = "/var/lib/nixos";
      inInitrd = true;
      user = "root";
    }
  ];
}
`,
    },
    {
      title: "Temporary files",
      text: `{
  preservation.enable = true;
  preservation.preserveAt."/persist".directories = [ "/var/tmp" ];
  #                                                  ^^^^^^^^^^ only root can write to it
}
`,
      fixed: `{
  preservation.enable = true;
  preservation.preserveAt."/persist".directories = [ { directory = "/var/tmp"; mode = "1777"; } ];
}
`,
    },
    {
      title: "A host key",
      text: `{
  preservation.enable = true;
  preservation.preserveAt."/persist".files = [ "/etc/ssh/ssh_host_ed25519_key" ];
  #                                            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ everyone may read it
}
`,
      fixed: `{
  preservation.enable = true;
  preservation.preserveAt."/persist".files = [ { file = "/etc/ssh/ssh_host_ed25519_key"; how = "symlink"; configureParent = true; } ];
}
`,
    },
    {
      title: "A user's key",
      text: `{
  preservation.enable = true;
  preservation.preserveAt."/persist".users.josh.files = [ ".ssh/id_ed25519" ".ssh/id_ed25519.pub" ];
  #                                                       ^^^^^^^^^^^^^^^^^ everyone may read it
}
`,
      fixed: `{
  preservation.enable = true;
  preservation.preserveAt."/persist".users.josh.files = [ { file = ".ssh/id_ed25519"; mode = "0600"; } ".ssh/id_ed25519.pub" ];
}
`,
    },
    {
      title: "Not enabled",
      text: `{
  preservation.preserveAt."/persist".directories = [ "/srv" ];
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ \`preservation.enable\` is not set
}
`,
      fixed: `{
  preservation.enable = true;
  preservation.preserveAt."/persist".directories = [ "/srv" ];
}
`,
    },
    {
      title: "With the scripted initrd",
      text: `{
  boot.initrd.systemd.enable = false;
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ preservation refuses
  preservation.enable = true;
  preservation.preserveAt."/persist".directories = [ "/srv" ];
}
`,
      fixed: `{
  boot.initrd.systemd.enable = true;
  preservation.enable = true;
  preservation.preserveAt."/persist".directories = [ "/srv" ];
}
`,
    },
    {
      title: "All said",
      text: `{
  preservation.enable = true;
  preservation.preserveAt."/persist" = {
    directories = [
      { directory = "/var/lib/nixos"; inInitrd = true; }
      { directory = "/var/tmp"; mode = "1777"; }
    ];
    files = [
      { file = "/etc/machine-id"; inInitrd = true; how = "symlink"; configureParent = true; }
      { file = "/etc/ssh/ssh_host_rsa_key"; how = "symlink"; configureParent = true; }
      { file = "/etc/ssh/ssh_host_ed25519_key"; mode = "0600"; }
    ];
  };
}
`,
    },
    {
      title: "Twice, once in the initrd",
      text: `{
  preservation.enable = true;
  preservation.preserveAt."/persist".directories = [ "/var/lib/nixos" { directory = "/var/lib/nixos"; inInitrd = true; } ];
}
`,
    },
    {
      title: "Not known, or not needed",
      text: `{ early, ... }:
{
  preservation.enable = true;
  services = { userborn.enable = true; };
  preservation.preserveAt."/persist" = {
    directories = [ "/var/lib/nixos" ];
    files = [
      ({ file = "/etc/ssh/ssh_host_rsa_key"; } // early)
    ];
  };
}
`,
    },
    {
      title: "impermanence does this by itself",
      text: `{
  environment.persistence."/persist" = {
    directories = [ "/var/lib/nixos" "/var/tmp" ];
    files = [ "/etc/machine-id" "/etc/ssh/ssh_host_ed25519_key" ];
  };
}
`,
    },
  ],
};

/** Files that must not be readable by others, with the mode they need; `~` stands for a home. */
const secret: readonly (readonly [RegExp, string])[] = [
  [/^\/etc\/NetworkManager\/system-connections\/[^/]+$/, "0600"],
  [/^\/var\/lib\/systemd\/credential\.secret$/, "0400"],
  [/^~\/\.ssh\/id_[^/]+(?<!\.pub)$/, "0600"],
  [/^~\/\.pgpass$/, "0600"],
];

function check(context: RuleContext): Problem[] {
  const ofPaths = writtenIn(context).flatMap((declared): Problem[] => {
    const { block, entry } = declared;
    if (block.module !== "preservation" || !block.enabled) return [];
    const { path, home } = lookupPath(declared);
    const place = home === null ? path : `~${path.slice(home.length)}`;
    if (place === "/var/lib/nixos" && entry.kind === "directory")
      return isManaged(context) ? [] : tooLate(context, declared);
    if (methodOf(entry) !== "mount" || !hasUsualMode(context, declared)) return [];
    return entry.kind === "directory" ? temporary(context, declared, place) : readable(context, declared, place);
  });
  return [...preservationOptions(context), ...ofPaths];
}

/** With userborn or systemd-sysusers no ids are handed out by the activation. Another module of the repository may turn them on. */
function isManaged({ host, mentionedElsewhere }: RuleContext): boolean {
  const names = ["userborn", "sysusers"];
  return names.some((name) => host.some(({ text }) => text.includes(name))) || mentionedElsewhere(...names);
}

function tooLate(context: RuleContext, declared: Declared): Problem[] {
  const { file } = context;
  const { entry } = declared;
  // A second entry may do it; that one of them is too many is said elsewhere.
  const others = declaredOn(context).filter((other) => other.path === declared.path && other.entry !== entry);
  if (others.some((other) => mountInInitrd(other.file.text, other) === null)) return [];
  const fixes = mountInInitrd(file.text, declared);
  if (fixes === null) return [];
  return [
    {
      span: entry.pathSpan,
      message: `${shown(entry.written)} is mounted too late: the ids of users and groups are handed out anew before that, and files get the wrong owner. In preservation, set \`inInitrd = true\` on it.`,
      fixes,
    },
  ];
}

function temporary({ file }: RuleContext, declared: Declared, place: string): Problem[] {
  if (place !== "/tmp" && place !== "/var/tmp") return [];
  return [
    {
      span: declared.entry.pathSpan,
      message: `${shown(declared.entry.written)} gets the mode 0755 at each boot: only root can write to it, and the programs of all other users fail. Write \`mode = "1777"\`.`,
      fixes: setMode(file.text, declared, "1777"),
    },
  ];
}

function readable({ file }: RuleContext, declared: Declared, place: string): Problem[] {
  const { entry } = declared;
  const isHostKey = /^\/etc\/ssh\/ssh_host_[a-z0-9]+_key$/.test(place);
  const mode = isHostKey ? "0600" : secret.find(([pattern]) => pattern.test(place))?.[1];
  if (mode === undefined) return [];
  const instead = isHostKey
    ? 'OpenSSH refuses such a key. Link it with `how = "symlink"` and `configureParent = true`'
    : `Write \`mode = "${mode}"\``;
  const link: Fix[] = isHostKey
    ? addOptions(file.text, declared, "Link it to the storage", [
        ["how", '"symlink"'],
        ["configureParent", "true"],
      ])
    : [];
  return [
    {
      span: entry.pathSpan,
      message: `${shown(entry.written)} gets the mode 0644 at each boot, so everyone may read it. ${instead}; if that has happened, also run \`chmod ${mode}\` on it in the storage.`,
      fixes: [...link, ...setMode(file.text, declared, mode)],
    },
  ];
}
