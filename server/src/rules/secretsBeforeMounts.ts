import type { Value } from "../nix/value";
import { normalise } from "../persistence/paths";
import type { Problem, Rule, RuleContext } from "./rule";
import { mountsOn } from "./support/boot";
import { declaredOn } from "./support/declared";
import { defaultKeys } from "./support/defaultKeys";
import { definitionsAt, isOn, isSure, optionOn } from "./support/hostOptions";
import { isNeededForUsers, latePath, mountedEarly, nameCopy } from "./support/late";
import { shown } from "./support/text";

export const rule: Rule = {
  id: "secrets-before-mounts",
  level: "warning",
  title: "Secrets are decrypted before their key is there",
  doc: `agenix and sops-nix decrypt secrets while the system is activated. The mounts of persisted files and folders appear later, but for the few folders that nixpkgs
needs in the initrd (\`/etc\`, \`/var/lib\`, \`/var/lib/nixos\`, \`/var/log\` …). With a key below \`/etc/ssh\` that is persisted, secrets are empty after a reboot
("no readable identities found"), though they come back with the next \`nixos-rebuild switch\`. Name the copy on the storage instead, which is mounted early:
\`/persist/etc/ssh/ssh_host_ed25519_key\`.

\`fileSystems."/etc/ssh".neededForBoot = true;\` used to help. Since January 2026 impermanence makes its mounts with systemd, and this line is a file
system without a device, which evaluation refuses.

sops-nix comes after the files (not the folders) that impermanence persists, so a file is reported only where a secret is \`neededForUsers\`: these come first.
Nothing is said where \`persist-files\`, the name of that step, is mentioned, and about secrets that a service decrypts (\`services.userborn\`, \`systemd.sysusers\`, \`sops.useSystemdActivation\`).`,
  check,
  examples: [
    {
      title: "agenix with a persisted host key",
      text: `{
  age.identityPaths = [ "/etc/ssh/ssh_host_ed25519_key" ];
  #                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ "/persist/etc/ssh/ssh_host_ed25519_key"
  environment.persistence."/persist".files = [ "/etc/ssh/ssh_host_ed25519_key" ];
}
`,
      fixed: `{
  age.identityPaths = [ "/persist/etc/ssh/ssh_host_ed25519_key" ];
  environment.persistence."/persist".files = [ "/etc/ssh/ssh_host_ed25519_key" ];
}
`,
    },
    {
      title: "sops-nix with a key in a persisted folder",
      text: `{
  sops.age.keyFile = "/var/lib/sops-nix/key.txt";
  #                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^ appears later
  environment.persistence."/persist".directories = [ "/var/lib/sops-nix" ];
}
`,
      fixed: `{
  sops.age.keyFile = "/persist/var/lib/sops-nix/key.txt";
  environment.persistence."/persist".directories = [ "/var/lib/sops-nix" ];
}
`,
    },
    {
      title: "A persisted file, for passwords",
      text: `{
  sops.age.sshKeyPaths = [ "/etc/ssh/ssh_host_ed25519_key" ];
  #                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ appears later
  sops.secrets.josh.neededForUsers = true;
  environment.persistence."/persist".files = [ "/etc/ssh/ssh_host_ed25519_key" ];
}
`,
      fixed: `{
  sops.age.sshKeyPaths = [ "/persist/etc/ssh/ssh_host_ed25519_key" ];
  sops.secrets.josh.neededForUsers = true;
  environment.persistence."/persist".files = [ "/etc/ssh/ssh_host_ed25519_key" ];
}
`,
    },
    {
      title: "A persisted file, for other secrets of sops-nix",
      text: `{
  sops.age.sshKeyPaths = [ "/etc/ssh/ssh_host_ed25519_key" ];
  sops.secrets.token = { };
  environment.persistence."/persist".files = [ "/etc/ssh/ssh_host_ed25519_key" ];
}
`,
    },
    {
      title: "The host's key, as agenix takes it by itself",
      text: `{
  services.openssh.enable = true;
  age.secrets.token.file = ./token.age;
  environment.persistence."/persist".files = [
    "/etc/ssh/ssh_host_ed25519_key"
  # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ age.identityPaths
    "/etc/ssh/ssh_host_ed25519_key.pub"
  ];
}
`,
    },
    {
      title: "What used to help",
      text: `{
  fileSystems."/etc/ssh".neededForBoot = true;
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ without a device
  environment.persistence."/persist".directories = [ "/etc/ssh" ];
}
`,
    },
    {
      title: "The copy on the storage, and folders that are there early",
      text: `{
  age.identityPaths = [ "/persist/etc/ssh/ssh_host_ed25519_key" "/var/lib/keys/a" ];
  environment.persistence."/persist" = {
    directories = [ "/var/lib" ];
    files = [ "/etc/ssh/ssh_host_ed25519_key" ];
  };
}
`,
    },
    {
      title: "The key on the storage beside the other",
      text: `{
  imports = [ { age.identityPaths = [ "/persist/etc/ssh/ssh_host_ed25519_key" ]; } ];
  age.identityPaths = [ "/etc/ssh/ssh_host_ed25519_key" ];
  environment.persistence."/persist".files = [ "/etc/ssh/ssh_host_ed25519_key" ];
}
`,
    },
    {
      title: "Decrypted by a service, or mounted in the initrd",
      text: `{
  services.userborn.enable = true;
  sops.age.keyFile = "/var/lib/sops-nix/key.txt";
  environment.persistence."/persist".directories = [ "/var/lib/sops-nix" ];
}
`,
    },
    {
      title: "preservation in the initrd",
      text: `{
  sops.age.sshKeyPaths = [ "/etc/ssh/ssh_host_ed25519_key" ];
  preservation.preserveAt."/persist".files = [ { file = "/etc/ssh/ssh_host_ed25519_key"; inInitrd = true; } ];
}
`,
    },
  ],
};

const keyOptions = [
  ["age", "identityPaths"],
  ["sops", "age", "sshKeyPaths"],
  ["sops", "gnupg", "sshKeyPaths"],
  ["sops", "age", "keyFile"],
];

function check(context: RuleContext): Problem[] {
  return [...lateKeys(context), ...defaultKeys(context, isDecryptedByService), ...deadMounts(context)];
}

function lateKeys(context: RuleContext): Problem[] {
  const { file } = context;
  // A Home Manager module decrypts when its user logs in.
  if (
    file.persistence.moduleBody === null ||
    /\bhome\.(?:homeDirectory|packages|stateVersion|username)\b/.test(file.text)
  )
    return [];
  const keys = keyOptions.flatMap((option) =>
    definitionsAt([file], option)
      .filter((definition) => definition.fact.path.length === option.length && isSure(definition))
      .flatMap(({ fact }) => stringsOf(fact.value).map((key) => ({ ...key, option, tool: option[0] }))),
  );
  if (keys.length === 0 || isDecryptedByService(context)) return [];
  // Somebody has put the steps of the activation in an order of their own.
  if (context.host.some(({ text }) => text.includes("persist-files"))) return [];
  return keys.flatMap(({ text, span, option, tool }): Problem[] => {
    const late = latePath(context, text);
    if (late === null) return [];
    const { block, entry } = late.declared;
    const isFile = block.module !== "preservation" && entry.kind === "file";
    if (isFile && tool === "sops" && !isNeededForUsers(context)) return [];
    // One key that is there is enough, if it is the right one.
    if (hasOther(context, option)) return [];
    return [
      {
        span,
        message: `Secrets are decrypted while the system is activated, but ${shown(text)} is persisted by a mount that appears later: after a reboot there are no secrets. Name the copy on the storage, ${shown(late.copy)}.`,
        fixes: nameCopy(file.text, span, late.copy),
        related: [{ file: late.declared.file.name, span: late.declared.entry.span, message: "this mount brings it" }],
      },
    ];
  });
}

/** Whether a list of keys has one that does not appear late, or parts that are not known, in whatever file of the host. */
function hasOther(context: RuleContext, option: readonly string[]): boolean {
  return definitionsAt(context.host, option).some(({ fact: { path, value } }) => {
    if (value.kind === "string" || path.join(".") !== option.join(".")) return false;
    if (value.kind !== "list" || value.unknown.length > 0) return true;
    return value.elements.some(
      ({ value: element }) => element.kind !== "string" || latePath(context, element.text) === null,
    );
  });
}

function stringsOf(value: Value): { text: string; span: Value["span"] }[] {
  if (value.kind === "string") return [{ text: value.text, span: value.span }];
  if (value.kind !== "list") return [];
  return value.elements.flatMap(({ value: element, conditional }) =>
    element.kind === "string" && !conditional ? [{ text: element.text, span: element.span }] : [],
  );
}

/** Or may be: then it waits for the mounts. */
function isDecryptedByService({ host }: RuleContext): boolean {
  const switches = [
    ["services", "userborn", "enable"],
    ["systemd", "sysusers", "enable"],
    ["sops", "useSystemdActivation"],
  ];
  return switches.some((path) => optionOn(host, path).kind !== "unset" && isOn(host, path) !== false);
}

/** File systems of which nothing is said but `neededForBoot`, for a folder that impermanence mounts itself. */
function deadMounts(context: RuleContext): Problem[] {
  const { host, file } = context;
  const bare = (mountsOn(host) ?? []).filter(
    ({ mountPoint, settings, whole }) =>
      whole && settings.size === 1 && settings.has("neededForBoot") && !mountedEarly.has(mountPoint),
  );
  if (bare.length === 0) return [];
  return bare.flatMap(({ mountPoint, settings }): Problem[] => {
    const definition = settings.get("neededForBoot")?.find((one) => one.file === file && isSure(one));
    const { value } = definition?.fact ?? {};
    if (definition === undefined || value?.kind !== "bool" || !value.value) return [];
    const entry = declaredOn(context).find(
      ({ path, certain, block, entry: one }) =>
        certain &&
        block.module === "impermanence" &&
        one.kind === "directory" &&
        path !== null &&
        normalise(path) === mountPoint,
    );
    if (entry === undefined || context.oldImpermanence()) return [];
    if (!context.hostIsWhole && context.mentionedElsewhere(`"${mountPoint}"`)) return [];
    return [
      {
        span: definition.fact.span,
        message: `This no longer mounts ${shown(mountPoint)} early, since impermanence makes its mounts with systemd (January 2026): it is a file system without a device, which evaluation refuses. Remove it, and let what needs the folder early use the storage's path.`,
      },
    ];
  });
}
