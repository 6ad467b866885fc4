import { type Advice, lookup } from "../knowledge/advice";
import { isBelow } from "../persistence/paths";
import type { Fix, Problem, Rule, RuleContext } from "./rule";
import { setMode } from "./support/addOptions";
import { type Declared, declaredOn, writtenIn } from "./support/declared";
import { mayLackDynamicUser } from "./support/dynamicUser";
import { methodOf } from "./support/linked";
import { hasUsualMode } from "./support/modes";
import { isStringLiteral, shown } from "./support/text";

export const rule: Rule = {
  id: "dynamic-user-state",
  level: "warning",
  title: "State of a unit with DynamicUser is kept the wrong way",
  doc: `systemd keeps the state of units with \`DynamicUser=\` in \`/var/lib/private/NAME\`, makes \`/var/lib/NAME\` a link to it, and insists that
nobody but root may enter \`/var/lib/private\` (mode 0700). Two things go wrong with that:

- \`/var/lib/NAME\` is persisted. A mounted directory stands where systemd wants its link, it can neither be moved nor replaced, and the unit
  fails in its step STATE_DIRECTORY. Reported only where the service is enabled on the same host, and known to run so.
- Something in \`/var/lib/private\` is persisted with impermanence, which creates the parent with its usual mode, 0755. systemd then refuses to
  start such units: "already exists, but has mode 0755 that is too permissive (0700 was requested), refusing". Persist the parent as a whole, with the mode. What lies in the storage stays where it is.

An existing parent keeps its mode: run \`chmod 0700\` on it in the storage, once. preservation leaves \`/var/lib/private\` to systemd's own tmpfiles.

Sources: reports to impermanence on [the name](https://github.com/nix-community/impermanence/issues/93) and
[the mode](https://github.com/nix-community/impermanence/issues/254); systemd.exec(5) on \`DynamicUser=\` and \`StateDirectory=\`; the NixOS modules of the services.`,
  check,
  examples: [
    {
      title: "Below the private directory",
      text: `{
  environment.persistence."/persist".directories = [
    "/var/lib/nixos"
    "/var/lib/private/uptime-kuma"
  # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ Keep "/var/lib/private" as a whole
    "/var/lib/private/n8n"
  ];
}
`,
      fixed: `{
  environment.persistence."/persist".directories = [
    "/var/lib/nixos"
    { directory = "/var/lib/private"; mode = "0700"; }
    "/var/lib/private/n8n"
  ];
}
`,
    },
    {
      title: "The private directory without its mode",
      text: `{
  environment.persistence."/persist".directories = [ "/var/lib/private" ];
  #                                                  ^^^^^^^^^^^^^^^^^^ too permissive
}
`,
      fixed: `{
  environment.persistence."/persist".directories = [ { directory = "/var/lib/private"; mode = "0700"; } ];
}
`,
    },
    {
      title: "The name that systemd wants for its link",
      text: `{
  services.prowlarr.enable = true;
  preservation.preserveAt."/persist".directories = [ "/var/lib/prowlarr" ];
  #                                                  ^^^^^^^^^^^^^^^^^^^ keep "/var/lib/private/prowlarr"
}
`,
    },
    {
      title: "With the mode, and in preservation",
      text: `{
  environment.persistence."/persist".directories = [
    { directory = "/var/lib/private"; mode = "0700"; }
    { directory = "/var/lib/private/ollama"; user = "ollama"; }
  ];
  preservation.preserveAt."/persist".directories = [ "/var/lib/private/n8n" ];
}
`,
    },
    {
      title: "A service that is not enabled here, or has a user of its own",
      text: `{
  services.actual.enable = true;
  users.users.actual.isSystemUser = true;
  environment.persistence."/persist".directories = [ "/var/lib/actual" "/var/lib/n8n" "/var/lib/forgejo" ];
}
`,
    },
    {
      title: "A mode that is set in the storage",
      text: `{
  systemd.tmpfiles.rules = [ "d /persist/var/lib/private 0700 root root -" ];
  system.activationScripts.private.text = "chmod 0700 /persist/var/cache/private";
  environment.persistence."/persist".directories = [
    "/var/lib/private/ollama"
    "/var/cache/private/ollama"
  ];
}
`,
    },
    {
      title: "A mode that is set in another way",
      text: `{
  systemd.tmpfiles.settings.private."/var/lib/private".z.mode = "0700";
  environment.persistence."/persist".directories = [
    "/var/lib/private/ollama"
    { directory = "/var/lib/private/n8n"; defaultPerms.mode = "0700"; }
  ];
}
`,
    },
  ],
};

const privateFolders = ["/var/lib/private", "/var/log/private", "/var/cache/private"];

function check(context: RuleContext): Problem[] {
  const told = new Set<string>();
  return writtenIn(context).flatMap((declared): Problem[] => {
    const { entry, list, block, path } = declared;
    if (path === null || list.scope.kind !== "system" || entry.kind !== "directory" || !block.enabled) return [];
    if (methodOf(entry) !== "mount") return [];
    const advice = lookup(path, null);
    if (advice?.match === "public-name") return publicName(context, declared, advice);
    const folder = privateFolders.find((candidate) => path === candidate || isBelow(path, candidate));
    if (folder === undefined || block.module !== "impermanence") return [];
    if (path === folder) return privateItself(context, declared);
    // One entry for the folder settles it for all that is below, so it is said once in a file.
    const problems = told.has(folder) ? [] : belowPrivate(context, declared, folder);
    if (problems.length > 0) told.add(folder);
    return problems;
  });
}

/** The place of the link. A user or a setting of its own may make the unit one without DynamicUser. */
function publicName({ host }: RuleContext, { entry, path }: Declared, advice: Advice): Problem[] {
  const { nixosOption } = advice;
  if (nixosOption === null || path === null) return [];
  if (!host.some(({ persistence }) => persistence.facts.switches.get(nixosOption) === true)) return [];
  const name = path.slice(path.lastIndexOf("/") + 1);
  const service =
    nixosOption
      .replace(/\.enable$/, "")
      .split(".")
      .pop() ?? name;
  if (
    mayLackDynamicUser(
      host.map(({ text }) => text),
      [name, service],
    )
  )
    return [];
  return [
    {
      span: entry.pathSpan,
      message: `${advice.title} runs with DynamicUser: systemd wants ${shown(entry.written)} for a link of its own and fails on a directory mounted there. Instead, keep "${advice.path}", and move what the storage holds there.`,
    },
  ];
}

function privateItself(context: RuleContext, declared: Declared): Problem[] {
  if (!hasUsualMode(context, declared)) return [];
  return [
    {
      span: declared.entry.pathSpan,
      message: `${shown(declared.entry.written)} gets the mode 0755, which systemd finds too permissive: it refuses to start units with DynamicUser. Write \`mode = "0700"\`; if it exists already, also run \`chmod 0700\` on it in the storage.`,
      fixes: setMode(context.file.text, declared, "0700"),
    },
  ];
}

/** Impermanence creates the parents of an entry with its usual mode. */
function belowPrivate(context: RuleContext, declared: Declared, folder: string): Problem[] {
  const { entry } = declared;
  if (entry.settings.some(({ name }) => name.name === null || name.name === "defaultPerms")) return [];
  // Whoever writes the folder's own name somewhere has thought of its mode: as a set's name, in a rule of tmpfiles, for chmod in a script.
  const named = [" ", '"', "'", ";", "\n"].map((end) => `${folder}${end}`);
  const mentioned = context.host.some(
    ({ text }) => named.some((name) => text.includes(name)) || text.includes("defaultPerms"),
  );
  const kept = declaredOn(context).some(({ path }) => path === folder || (path !== null && isBelow(folder, path)));
  if (mentioned || kept || context.mentionedElsewhere(...named)) return [];
  return [
    {
      span: entry.pathSpan,
      message: `Impermanence creates "${folder}" with the mode 0755, which systemd finds too permissive to start units with DynamicUser. Keep "${folder}" as a whole, with \`mode = "0700"\`; run \`chmod 0700\` on it in the storage if it exists already.`,
      fixes: wholeFolder(context, declared, folder),
    },
  ];
}

/** The storage holds the same data below the folder, so the entry can be widened without moving anything. */
function wholeFolder({ file }: RuleContext, { entry, list }: Declared, folder: string): Fix[] {
  const written = file.text.slice(entry.span.start, entry.span.end);
  if (entry.shared || entry.form !== "string" || !isStringLiteral(written)) return [];
  if (entry.span.start < list.span.start || entry.span.end > list.span.end) return [];
  const set = `{ directory = "${folder}"; mode = "0700"; }`;
  return [{ title: `Keep "${folder}" with the mode 0700`, edits: [{ span: entry.span, text: set }] }];
}
