import type { CatalogPath } from "../knowledge/catalog";
import { normalise } from "../persistence/paths";
import type { PersistTarget } from "../persistence/target";
import type { Problem, Rule, RuleContext } from "./rule";
import { enabledIn } from "./support/enabledServices";
import { keptOn } from "./support/kept";
import { persistFix } from "./support/persistFix";
import { code, shown } from "./support/text";

export const rule: Rule = {
  id: "service-state",
  level: "warning",
  title: "A service is enabled, and its state is not persisted",
  doc: `A service that is enabled on a host with an ephemeral root starts from nothing after each boot, unless what it keeps is persisted. The catalog
knows of many services where that is; besides, a \`StateDirectory\` or \`dataDir\` written in the configuration says so itself.

- A warning where the catalog says that the state is required, a hint where it is only recommended, or is not known to the catalog.
- Judged only where all files of the host are known and understood. Silent where any path of the service, or a part of it, is persisted or lies on
  a file system of its own; where the option that moves its state is set to something that is not known; and where the path is mentioned anywhere in the host's files, as in a comment, or in
  another file of the repository that may belong to the host.

Persist the path, or silence the rule with a comment, which holds for all hosts that share the file.

Sources: the catalog, which names them for each service (\`server/src/knowledge/catalog.json\`); systemd.exec(5) on \`StateDirectory=\`.`,
  check,
  examples: [
    {
      title: "A service of the catalog",
      text: `{
  services.forgejo.enable = true;
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ "/var/lib/forgejo" is not persisted
  environment.persistence."/persist".directories = [ "/var/lib/nixos" "/var/log" ];
}
`,
      fixed: `{
  services.forgejo.enable = true;
  environment.persistence."/persist".directories = [
    "/var/lib/nixos"
    { directory = "/var/lib/forgejo"; user = "forgejo"; group = "forgejo"; mode = "0750"; }
    "/var/log"
  ];
}
`,
    },
    {
      title: "State that is somewhere else",
      text: `{
  services.jellyfin = {
    enable = true;
  # ^^^^^^^^^^^^^^ "/srv/jellyfin" is not persisted
    dataDir = "/srv/jellyfin";
  };
  preservation.enable = true;
  preservation.preserveAt."/persist".directories = [ "/var/log" ];
}
`,
      fixed: `{
  services.jellyfin = {
    enable = true;
    dataDir = "/srv/jellyfin";
  };
  preservation.enable = true;
  preservation.preserveAt."/persist".directories = [
    "/var/log"
    { directory = "/srv/jellyfin"; user = "jellyfin"; group = "jellyfin"; }
  ];
}
`,
    },
    {
      title: "A unit of one's own, and a certificate",
      text: `{
  systemd.services.counter.serviceConfig.StateDirectory = "counter";
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ "/var/lib/counter" is not persisted
  services.nginx.virtualHosts."a.example".enableACME = true;
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ "/var/lib/acme" is not persisted
  environment.persistence."/persist".directories = [ "/var/log" ];
}
`,
      fixed: `{
  systemd.services.counter.serviceConfig.StateDirectory = "counter";
  services.nginx.virtualHosts."a.example".enableACME = true;
  environment.persistence."/persist".directories = [ "/var/log" "/var/lib/counter" ];
}
`,
    },
    {
      title: "Persisted, on a disk of its own, or below a parent",
      text: `{
  services.forgejo.enable = true;
  services.prowlarr.enable = true;
  services.postgresql = { enable = true; dataDir = "/data/postgresql"; };
  fileSystems."/data" = { device = "/dev/vg/data"; fsType = "ext4"; };
  environment.persistence."/persist".directories = [ "/var/log" "/var/lib/forgejo" { directory = "/var/lib/private"; mode = "0700"; } ];
}
`,
    },
    {
      title: "The name it had with DynamicUser",
      text: `{
  services.tandoor-recipes.enable = true;
  environment.persistence."/persist".directories = [ "/var/log" { directory = "/var/lib/private/tandoor-recipes"; defaultPerms.mode = "0700"; } ];
}
`,
    },
    {
      title: "Networks that NetworkManager knows",
      text: `{
  networking.wireless.iwd.enable = true;
  networking.networkmanager = { enable = true; wifi.backend = "iwd"; };
  environment.persistence."/persist".directories = [ "/var/log" "/etc/NetworkManager/system-connections" ];
}
`,
    },
    {
      title: "A module that is there, and not enabled",
      text: `{
  services.forgejo.enable = true;
  preservation.preserveAt."/persist".directories = [ "/var/log" ];
}
`,
    },
    {
      title: "Left out on purpose",
      text: `{
  services.fwupd.enable = true; # /var/lib/fwupd is downloaded again
  environment.persistence."/persist".directories = [ "/var/log" ];
}
`,
    },
    {
      title: "Lists, places and switches that are not known",
      text: `{ config, lib, ... }:
{
  services.forgejo.enable = true;
  services.gitea.enable = config.x;
  services.grafana = { enable = true; dataDir = config.y; };
  environment.persistence."/persist".directories = [ "/var/log" ] ++ config.persist.directories;
}
`,
    },
    {
      title: "A host that persists nothing of the usual",
      text: `{
  services.forgejo.enable = true;
  environment.persistence."/persist".directories = [ "/srv" ];
}
`,
    },
  ],
};

function check(context: RuleContext): Problem[] {
  const { host } = context;
  const found = context.hostIsWhole ? enabledIn(context) : [];
  const isKept = found.length === 0 ? null : keptOn(context);
  if (isKept === null) return [];
  const told = new Set<string>();
  return found.flatMap((enabled): Problem[] => {
    const { fact, option, paths, alternatives, impact } = enabled;
    const [first, ...rest] = paths;
    if (first === undefined || told.has(first.path)) return [];
    if (paths.some(({ path }) => isKept(path) || isMentioned(host, path) || context.mentionedElsewhere(path)))
      return [];
    told.add(first.path);
    const where = alternatives ? paths.map(({ path }) => shown(path)).join(" or ") : listed(paths);
    const what = `${code(option)} is set, but ${where} ${rest.length > 0 && !alternatives ? "are" : "is"} not persisted on this host.`;
    const more = impact ?? "What is kept there is lost at each reboot.";
    const tail = what.length + more.length < 320 ? ` ${more}` : "";
    return [
      {
        span: fact.span,
        message: `${what}${tail}`,
        level: first.persist === "required" ? "warning" : "hint",
        fixes: alternatives ? [] : persistFix(context, paths.map(targetOf), `Persist ${listed(paths)}`),
      },
    ];
  });
}

/** The first path, and how many there are beside it. */
function listed([first, ...rest]: readonly CatalogPath[]): string {
  const name = shown(first?.path ?? "");
  return rest.length === 0 ? name : `${name} and ${rest.length} more`;
}

function targetOf({ path, type, user, group, mode }: CatalogPath): PersistTarget {
  return { path, kind: type, user, group, mode, homeOf: null };
}

/** Whoever writes the path down has thought of it: in a comment, or for a backup. What sets the path does not count. */
function isMentioned(host: RuleContext["host"], path: string): boolean {
  const own = host.some(({ persistence }) =>
    persistence.options.some(({ value }) => value.kind === "string" && normalise(value.text) === path),
  );
  if (own) return false;
  const publicName = path.replace("/private/", "/");
  const name = path.startsWith("/etc/ssh/") ? "ssh_host_" : publicName;
  return host.some(({ text }) => text.includes(path) || text.includes(name));
}
