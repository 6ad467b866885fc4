import type { HostUnit } from "../../hosts/model";
import { isBelow, normalise } from "../../persistence/paths";
import { mayLackDynamicUser } from "../support/dynamicUser";
import { removeEntry, rewritePath } from "../support/text";
import type { LiveContext, LiveEntry, LiveFix, LiveProblem, LiveRule } from "./rule";
import { sharingNote } from "./support/candidates";
import { step, unlessThere } from "./support/commands";
import { privatePath, storedPath } from "./support/paths";
import { entryPlace } from "./support/places";
import { commandsFix, foldersFor } from "./support/seed";
import { deploymentOf, isMeant, isMountedOver, liveAt, storedAt } from "./support/state";

export const rule: LiveRule = {
  id: "dynamic-user-link",
  level: "warning",
  title: "A persisted directory is where systemd wants a link",
  doc: `A unit of the host has \`DynamicUser=\` and the directory as its \`StateDirectory=\`, \`CacheDirectory=\` or \`LogsDirectory=\`. Then systemd keeps
what is in it below \`/var/lib/private\` and makes \`/var/lib/NAME\` a link to that at each start of the unit. Nothing can be mounted on a link: the
mount fails while the link is there ("not canonical"). Where the mount is there first, after a boot, systemd can neither replace it by a link nor move it, and
the unit fails in its step STATE_DIRECTORY. It is an error where it has failed on the host.

Persist \`/var/lib/private/NAME\`, or \`/var/lib/private\` with the mode 0700. Where the storage has data under the public name and nothing under
the other, the fix shows how to move it there. It is silent where the files of the host give the service a user of its own or mention \`DynamicUser\`
otherwise than as true. [dynamic-user-state](#dynamic-user-state) tells the same of well-known services from the text alone.

Sources: systemd.exec(5) on \`DynamicUser=\`; \`setup_exec_directory\` in systemd's exec-invoke.c; [impermanence issue 93](https://github.com/nix-community/impermanence/issues/93).`,
  check,
  examples: [
    {
      title: "The link is there, and the data behind it",
      text: `{
  environment.persistence."/persist".directories = [ "/var/log" "/var/lib/AdGuardHome" ];
  #                                                             ^^^^^^^^^^^^^^^^^^^^^^ is a link to /var/lib/private/AdGuardHome on juni
}
`,
      host: `
/var/log mounted
/var/lib/AdGuardHome -> private/AdGuardHome
/var/lib/private/ 0700
/var/lib/private/AdGuardHome/AdGuardHome.yaml 900
unit adguardhome.service dynamic /var/lib/AdGuardHome
`,
      fixed: `{
  environment.persistence."/persist".directories = [ "/var/log" "/var/lib/private/AdGuardHome" ];
}
`,
    },
    {
      title: "It was mounted first, and the service failed",
      text: `{
  environment.persistence."/persist".directories = [ { directory = "/var/lib/own"; mode = "0700"; } ];
  #                                                                ^^^^^^^^^^^^^^ makes the unit fail, as it has
}
`,
      host: `
/var/lib/own mounted
/persist/var/lib/own/ full
unit own.service dynamic failed /var/lib/own
`,
      fixed: `{
  environment.persistence."/persist".directories = [ { directory = "/var/lib/private/own"; mode = "0700"; } ];
}
`,
      commands: `
[ -e /persist/var/lib/private ] || install -d -o root -g root -m 0700 -- /persist/var/lib/private
[ -e /persist/var/lib/private/own ] || mv -nT -- /persist/var/lib/own /persist/var/lib/private/own
`,
    },
    {
      title: "What lies behind the link is kept already",
      text: `{
  environment.persistence."/persist".directories = [
    { directory = "/var/lib/private"; mode = "0700"; }
    "/var/lib/own"
  # ^^^^^^^^^^^^^^ kept already
  ];
}
`,
      host: `
/var/lib/private mounted
/persist/var/lib/private/ 0700 full
/var/lib/own -> private/own
unit own.service dynamic /var/lib/own
`,
      fixed: `{
  environment.persistence."/persist".directories = [
    { directory = "/var/lib/private"; mode = "0700"; }
  ];
}
`,
    },
    {
      title: "Units without DynamicUser, one that runs all the same, and folders in a unit's folder",
      text: `{
  environment.persistence."/persist".directories = [ "/var/lib/app" "/var/lib/runs" "/var/lib/many" ];
}
`,
      host: `
/var/lib/app/ full
/var/lib/runs mounted
/persist/var/lib/runs/ full
unit app.service /var/lib/app
unit runs.service dynamic /var/lib/runs
unit many.service dynamic /var/lib/many/one
`,
    },
    {
      title: "A unit of your own",
      text: `{
  systemd.services.own.serviceConfig = { DynamicUser = true; StateDirectory = "own"; };
  environment.persistence."/persist".directories = [ "/var/lib/own" ];
  #                                                  ^^^^^^^^^^^^^^ a directory mounted there makes the unit fail
}
`,
      host: `
unit own.service dynamic /var/lib/own
`,
      fixed: `{
  systemd.services.own.serviceConfig = { DynamicUser = true; StateDirectory = "own"; };
  environment.persistence."/persist".directories = [ "/var/lib/private/own" ];
}
`,
    },
    {
      title: "The text turns it off, and the host was not switched to that yet",
      text: `{ lib, ... }:
{
  systemd.services.own.serviceConfig.DynamicUser = lib.mkForce false;
  environment.persistence."/persist".directories = [ "/var/lib/own" ];
}
`,
      host: `
/var/lib/own -> private/own
unit own.service dynamic /var/lib/own
`,
    },
    {
      title: "The text gives the service a user of its own",
      text: `{
  services.own = { enable = true; user = "own"; };
  environment.persistence."/persist".directories = [ "/var/lib/own" ];
}
`,
      host: `
/var/lib/own -> private/own
/var/lib/private/own/data 900
unit own.service dynamic /var/lib/own
`,
    },
  ],
};

/** States of units in which nothing went wrong with their directories. */
const running = ["active", "activating", "reloading"];

function check(context: LiveContext): LiveProblem[] {
  const { scan, files } = context;
  return context.entries.flatMap((entry): LiveProblem[] => {
    const { path, storagePath } = entry;
    const data = privatePath(path);
    const unit = dynamicUnitOf(context, path);
    if (storagePath === null || data === null || unit === null || !isMountedOver(entry)) return [];
    const is = stateOf(context, entry, data);
    if (is === null || (is === "mounted" && running.includes(unit.state))) return [];
    const names = [path.slice(path.lastIndexOf("/") + 1), unit.name.replace(/(?:@.*)?\.service$/, "")];
    const texts = files.map(({ text }) => text);
    if (mayLackDynamicUser(texts, names)) return [];
    const hasFailed = is === "mounted" && unit.state === "failed";
    return [
      {
        place: entryPlace(context, entry),
        about: path,
        level: hasFailed ? "error" : "warning",
        message: `${what(is, path, data, unit, scan.host, hasFailed)} ${keep(context, data)}`,
        fixes: [...edits(context, entry, data), ...moving(context, storagePath, path, data)],
      },
    ];
  });
}

/** The unit that has the path as one of its directories; null where another one has it without DynamicUser. */
function dynamicUnitOf({ scan }: LiveContext, path: string): HostUnit | null {
  const units = (scan.deployed?.units ?? []).filter(({ stateDirectories, cacheDirectories, logsDirectories }) =>
    [stateDirectories, cacheDirectories, logsDirectories].some((paths) => paths.includes(path)),
  );
  return units.every(({ dynamicUser }) => dynamicUser) ? (units[0] ?? null) : null;
}

/** What is at the entry's path now: systemd's link, the entry itself, or neither; null where that does not matter, or is not known. */
function stateOf(context: LiveContext, entry: LiveEntry, data: string): "link" | "mounted" | "neither" | null {
  const deployment = deploymentOf(context, entry);
  if (!isMeant(entry, deployment)) return null;
  if (deployment === "mounted") return "mounted";
  if (deployment === "no") return "neither";
  const live = liveAt(context, entry.path);
  if (deployment !== "other" || live === null || live === "absent" || live.type !== "symlink") return null;
  const folder = entry.path.slice(0, entry.path.lastIndexOf("/"));
  const target = live.target ?? "";
  return normalise(target.startsWith("/") ? target : `${folder}/${target}`) === data ? "link" : null;
}

function what(
  is: "link" | "mounted" | "neither",
  path: string,
  data: string,
  { name }: HostUnit,
  host: string,
  hasFailed: boolean,
): string {
  if (is === "link")
    return `${path} is a link to ${data} on ${host}: systemd makes it for ${name}, which runs with DynamicUser, and keeps the data there. Nothing can be mounted on a link, so that this entry keeps nothing.`;
  const wanted = `is where systemd wants a link to ${data}, as ${name} runs with DynamicUser on ${host}`;
  return is === "mounted"
    ? `${path} ${wanted}: mounted as a directory, it makes the unit fail${hasFailed ? ", as it has" : " at its next start"}.`
    : `${path} ${wanted}: a directory mounted there makes the unit fail.`;
}

function isKept({ entries }: LiveContext, data: string): boolean {
  return entries.some(
    ({ kind, path, conditional }) => kind === "directory" && !conditional && (path === data || isBelow(data, path)),
  );
}

function keep(context: LiveContext, data: string): string {
  return isKept(context, data) ? `${data} is kept already: remove this entry.` : `Persist ${data} instead.`;
}

function edits(context: LiveContext, { element, place }: LiveEntry, data: string): LiveFix[] {
  const text = context.files.find(({ name }) => name === place?.file)?.text;
  if (element === null || text === undefined) return [];
  const fixes = isKept(context, data) ? removeEntry(text, element) : rewritePath(text, element, data);
  return fixes.map((fix) => ({ kind: "edits", ...fix, title: `${fix.title}${sharingNote(context, place)}` }));
}

/** How to move what the storage has by the public name; none where there is something in either of the other places. */
function moving(context: LiveContext, storage: string, path: string, data: string): LiveFix[] {
  const stored = storedAt(context, storage, path);
  const live = liveAt(context, data);
  const isFree = storedAt(context, storage, data) === "absent" && (live === "absent" || live?.empty === true);
  if (stored === null || stored === "absent" || stored.type !== "directory" || stored.empty !== false || !isFree)
    return [];
  const [from, to] = [storedPath(storage, path), storedPath(storage, data)];
  return commandsFix(context, `Move ${from} to ${to}`, [
    ...foldersFor(context, storage, data),
    step(`Moves it, unless something is there.`, ...unlessThere(to), "mv", "-nT", "--", from, to),
  ]);
}
