import { isBelow, normalise } from "../persistence/paths";
import type { Problem, Rule, RuleContext } from "./rule";
import { ephemeralRoot, mountsOn } from "./support/boot";
import { declaredOn } from "./support/declared";
import { definitionsAt, isSure } from "./support/hostOptions";
import { latePath, nameCopy } from "./support/late";
import { shown } from "./support/text";

export const rule: Rule = {
  id: "password-lockout",
  level: "warning",
  title: "Nobody can log in after a reboot",
  doc: `Passwords are in \`/etc/shadow\`, which is made anew on an ephemeral root. What was set with \`passwd\`, or at installation, is gone, and the file cannot be persisted
by itself: programs replace it instead of writing to it.

- A \`hashedPasswordFile\` that is persisted by a mount is read while the system is activated, before that mount is there. Users then have no password. Name the
  copy on the storage.
- One that lies on the ephemeral root is gone at the next reboot.
- A user without any password: set \`hashedPassword\`, or \`hashedPasswordFile\` with a path on the storage, and \`users.mutableUsers = false\`. Said only where the root
  is known to be ephemeral, and no file of the host or beside it speaks of passwords, keys for SSH, or other ways to log in.`,
  check,
  examples: [
    {
      title: "A password behind a mount",
      text: `{
  users.users.josh.hashedPasswordFile = "/etc/passwords/josh";
  #                                     ^^^^^^^^^^^^^^^^^^^^^ "/persist/etc/passwords/josh"
  environment.persistence."/persist".directories = [ "/etc/passwords" ];
}
`,
      fixed: `{
  users.users.josh.hashedPasswordFile = "/persist/etc/passwords/josh";
  environment.persistence."/persist".directories = [ "/etc/passwords" ];
}
`,
    },
    {
      title: "A password on the ephemeral root",
      text: `{
  fileSystems."/" = { device = "none"; fsType = "tmpfs"; options = [ "size=2G" "mode=755" ]; };
  users.users.josh.hashedPasswordFile = "/root/josh.hash";
  #                                     ^^^^^^^^^^^^^^^^^ gone at the next reboot
}
`,
    },
    {
      title: "No password at all",
      text: `{
  fileSystems."/" = { device = "none"; fsType = "tmpfs"; options = [ "size=2G" "mode=755" ]; };
  users.users.josh = {
    isNormalUser = true;
  # ^^^^^^^^^^^^^^^^^^^^ hashedPassword
  };
}
`,
    },
    {
      title: "On the storage, on a file system of its own, or made at each boot",
      text: `{
  fileSystems."/" = { device = "none"; fsType = "tmpfs"; options = [ "size=2G" "mode=755" ]; };
  fileSystems."/secrets" = { device = "/dev/vg/secrets"; fsType = "ext4"; neededForBoot = true; };
  users.users.josh = { isNormalUser = true; hashedPasswordFile = "/persist/josh"; };
  users.users.ann = { isNormalUser = true; hashedPasswordFile = "/secrets/ann"; };
  users.users.eve = { isNormalUser = true; hashedPasswordFile = "/run/agenix/eve"; };
  environment.persistence."/persist".directories = [ "/var/log" ];
}
`,
    },
    {
      title: "Other ways to log in, and a root that stays",
      text: `{
  fileSystems."/" = { device = "/dev/vg/root"; fsType = "ext4"; };
  users.users.josh = { isNormalUser = true; };
  users.users.ann.hashedPasswordFile = "/root/ann.hash";
}
`,
    },
  ],
};

function check(context: RuleContext): Problem[] {
  return [...passwordFiles(context), ...withoutPassword(context)];
}

function passwordFiles(context: RuleContext): Problem[] {
  const { file } = context;
  return definitionsAt([file], ["users", "users"]).flatMap((definition): Problem[] => {
    const { path, value } = definition.fact;
    const isPassword = path.length === 4 && (path[3] === "hashedPasswordFile" || path[3] === "passwordFile");
    if (!isPassword || value.kind !== "string" || !value.text.startsWith("/") || !isSure(definition)) return [];
    const late = latePath(context, value.text);
    if (late !== null)
      return [
        {
          span: value.span,
          message: `Passwords are set while the system is activated, but ${shown(value.text)} is persisted by a mount that appears later: after a reboot the user has no password. Name the copy on the storage, ${shown(late.copy)}.`,
          fixes: nameCopy(file.text, value.span, late.copy),
          related: [{ file: late.declared.file.name, span: late.declared.entry.span, message: "this mount brings it" }],
        },
      ];
    if (!isOnEphemeralRoot(context, normalise(value.text))) return [];
    return [
      {
        span: value.span,
        message: `${shown(value.text)} lies on the ephemeral root and is gone at the next reboot; the user then has no password. Put it on a storage that is mounted at boot.`,
      },
    ];
  });
}

function isOnEphemeralRoot(context: RuleContext, path: string): boolean {
  const { host } = context;
  if (ephemeralRoot(host) === null || isBelow(path, "/run") || isBelow(path, "/nix")) return false;
  const mounts = mountsOn(host);
  if (mounts === null || mounts.some(({ mountPoint }) => mountPoint !== "/" && isBelow(path, mountPoint))) return false;
  if (definitionsAt(host, ["disko"]).length > 0) return false;
  const kept = declaredOn(context).flatMap(({ path: entry, block }) => [
    entry ?? "",
    normalise(block.storagePath ?? ""),
  ]);
  if (kept.some((parent) => parent !== "" && (parent === path || isBelow(path, parent)))) return false;
  const unknown = host.some(({ persistence }) =>
    persistence.blocks.some(
      (block) =>
        block.storagePath === null || block.unknown.length > 0 || block.lists.some((list) => list.unknown.length > 0),
    ),
  );
  if (unknown) return false;
  return context.hostIsWhole || !context.mentionedElsewhere(...ancestors(path));
}

/** The path and the folders it lies in, but for those right below `/`. */
function ancestors(path: string): string[] {
  const segments = path.split("/").slice(1);
  return segments.map((_, index) => `/${segments.slice(0, index + 1).join("/")}`).slice(1);
}

/** Words that tell of a way to log in. */
const ways = [
  "assword",
  "authorizedKeys",
  "authorizedPrincipals",
  "autoLogin",
  "autologin",
  "userborn",
  "homed",
  "mutableUsers",
  "sssd",
  "ldap",
];

function withoutPassword(context: RuleContext): Problem[] {
  const { host, file } = context;
  const person = definitionsAt([file], ["users", "users"]).find(
    (definition) =>
      definition.fact.path[3] === "isNormalUser" &&
      definition.fact.value.kind === "bool" &&
      definition.fact.value.value &&
      isSure(definition),
  );
  if (person === undefined || ephemeralRoot(host) === null) return [];
  if (host.some(({ text, persistence }) => ways.some((way) => text.includes(way)) || persistence.facts.importsUnknown))
    return [];
  const kept = declaredOn(context).some(({ path }) => path === "/etc" || path === "/etc/shadow");
  if (kept || (!context.hostIsWhole && context.mentionedElsewhere(...ways))) return [];
  return [
    {
      span: person.fact.span,
      message:
        "No password is declared here, and one that is set with `passwd` is gone with the ephemeral root: after a reboot nobody can log in. Set `hashedPassword`, or `hashedPasswordFile` with a path on the storage.",
    },
  ];
}
