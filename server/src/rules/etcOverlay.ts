import { isBelow } from "../persistence/paths";
import type { Problem, Rule, RuleContext } from "./rule";
import { writtenIn } from "./support/declared";
import { definitionsAt, isOn } from "./support/hostOptions";
import { shown } from "./support/text";

export const rule: Rule = {
  id: "etc-overlay",
  level: "warning",
  title: "A path in an /etc that cannot be written",
  doc: `With \`system.etc.overlay.enable = true\` and \`system.etc.overlay.mutable = false\`, \`/etc\` is read-only. impermanence makes the file or the folder that it mounts
onto while the host starts, and cannot do so there: the unit \`persist-…\` or the mount fails, and the path is not persisted.

Leave the overlay mutable (its changes are lost at a reboot, as on any ephemeral root), create the path with \`environment.etc."<path>"\`, or tell the program
to use a path on the storage, as \`services.openssh.hostKeys\` does.`,
  check,
  examples: [
    {
      title: "A host key in a read-only /etc",
      text: `{
  system.etc.overlay = { enable = true; mutable = false; };
  environment.persistence."/persist".files = [
    "/etc/ssh/ssh_host_ed25519_key"
  # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ is read-only
  ];
}
`,
    },
    {
      title: "A folder in a read-only /etc",
      text: `{
  system.etc.overlay.enable = true;
  system.etc.overlay.mutable = false;
  environment.persistence."/persist".directories = [ "/var/log" "/etc/NetworkManager/system-connections" ];
  #                                                             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ is read-only
}
`,
    },
    {
      title: "A mutable overlay",
      text: `{
  system.etc.overlay.enable = true;
  environment.persistence."/persist".files = [ "/etc/machine-id" ];
}
`,
    },
    {
      title: "A place that is made",
      text: `{
  system.etc.overlay = { enable = true; mutable = false; };
  environment.etc."machine-id".text = "";
  environment.persistence."/persist".files = [ "/etc/machine-id" "/var/lib/x/y" ];
}
`,
    },
  ],
};

function check(context: RuleContext): Problem[] {
  const overlay = ["system", "etc", "overlay"];
  const isReadOnly = () =>
    isOn(context.host, [...overlay, "enable"]) === true && isOn(context.host, [...overlay, "mutable"]) === false;
  const inEtc = writtenIn(context).filter(
    ({ path, block }) => block.module !== "preservation" && path !== null && isBelow(path, "/etc"),
  );
  if (inEtc.length === 0 || !isReadOnly()) return [];
  return inEtc.flatMap(({ path, entry, certain }): Problem[] => {
    if (path === null || !certain || isMade(context, path.slice("/etc/".length))) return [];
    return [
      {
        span: entry.pathSpan,
        message: `\`/etc\` is read-only here (\`system.etc.overlay.mutable = false\`), so impermanence cannot create ${shown(path)}: its unit fails, and nothing is persisted. Create it with \`environment.etc\`, or let the program use the storage's path.`,
      },
    ];
  });
}

function isMade({ host }: RuleContext, name: string): boolean {
  return definitionsAt(host, ["environment", "etc"]).some(({ fact: { path } }) => {
    const target = path[2];
    return target === undefined || target === null || target === name || isBelow(target, name);
  });
}
