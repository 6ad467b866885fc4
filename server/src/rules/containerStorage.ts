import type { OptionFact } from "../persistence/model";
import { isBelow } from "../persistence/paths";
import type { Problem, Rule, RuleContext } from "./rule";
import { declaredOn, writtenIn } from "./support/declared";
import { definitionsAt, isSure, optionOn } from "./support/hostOptions";
import { targetAt } from "./support/instead";
import { keptOn } from "./support/kept";
import { persistFix } from "./support/persistFix";
import { shown } from "./support/text";
import { lookupPath } from "./support/withinHome";

export const rule: Rule = {
  id: "container-storage",
  level: "warning",
  title: "Containers lose their data, or keep half of it",
  doc: `What containers keep is spread over a few places, and only some of them are worth keeping:

- Named volumes (\`data:/var/lib/app\`) are the data. Podman keeps them in \`/var/lib/containers/storage/volumes\`, Docker in \`/var/lib/docker/volumes\`.
- Images and layers (\`overlay\`, \`overlay2\` and their like) are fetched again. Persisted without the databases beside them they are of no use, and Podman and Docker
  stumble over the rest: keep the whole storage, or the volumes alone.
- Containers of NixOS (\`containers.NAME\`) have their root file systems in \`/var/lib/nixos-containers\`. Those with \`ephemeral = true\` start from nothing on purpose.

That something is missing is only said where all files of the host are known and understood.

Sources: containers-storage.conf(5), podman-volume(1), Docker's manual on storage drivers; \`nixos/modules/virtualisation/nixos-containers.nix\`.`,
  check,
  examples: [
    {
      title: "Layers without the rest",
      text: `{
  environment.persistence."/persist".directories = [
    "/var/lib/containers/storage/overlay"
  # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ keep "/var/lib/containers/storage/volumes"
  ];
}
`,
    },
    {
      title: "A named volume",
      text: `{
  environment.persistence."/persist".directories = [ "/var/log" ];
  virtualisation.oci-containers.containers.app = {
    image = "app:1";
    volumes = [ "/srv/app:/srv" "data:/var/lib/app" ];
  # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ "/var/lib/containers/storage/volumes", which is not persisted
  };
}
`,
      fixed: `{
  environment.persistence."/persist".directories = [
    "/var/log"
    "/var/lib/containers/storage/volumes"
  ];
  virtualisation.oci-containers.containers.app = {
    image = "app:1";
    volumes = [ "/srv/app:/srv" "data:/var/lib/app" ];
  };
}
`,
    },
    {
      title: "A container of NixOS",
      text: `{
  containers.web = {
    autoStart = true;
  # ^^^^^^^^^^^^^^^^^ "/var/lib/nixos-containers", which is not persisted
    config = { };
  };
  environment.persistence."/persist".directories = [ "/var/log" ];
}
`,
      fixed: `{
  containers.web = {
    autoStart = true;
    config = { };
  };
  environment.persistence."/persist".directories = [ "/var/log" "/var/lib/nixos-containers" ];
}
`,
    },
    {
      title: "Volumes, or all of the storage",
      text: `{
  virtualisation.oci-containers.containers.app.volumes = [ "data:/var/lib/app" ];
  environment.persistence."/persist".directories = [ "/var/log" "/var/lib/containers/storage/volumes" ];
  environment.persistence."/persist".users.josh.directories = [ ".local/share/containers" ];
}
`,
    },
    {
      title: "Without named volumes, and ephemeral",
      text: `{
  virtualisation.oci-containers.containers.app.volumes = [ "/srv/app:/srv" ];
  containers.web = { autoStart = true; ephemeral = true; };
  environment.persistence."/persist".directories = [ "/var/log" ];
}
`,
    },
  ],
};

interface Storage {
  readonly root: string;
  readonly volumes: string;
  /** Names of folders with images and layers, by their beginning. */
  readonly layers: readonly string[];
}

const podman: Storage = {
  root: "/var/lib/containers/storage",
  volumes: "/var/lib/containers/storage/volumes",
  layers: ["overlay"],
};
const docker: Storage = {
  root: "/var/lib/docker",
  volumes: "/var/lib/docker/volumes",
  layers: ["overlay2", "image", "btrfs", "zfs"],
};
const rootless = {
  ...podman,
  root: "/home/user/.local/share/containers/storage",
  volumes: ".local/share/containers/storage/volumes",
};

function check(context: RuleContext): Problem[] {
  return [...layersAlone(context), ...missing(context)];
}

/** Entries that keep images or layers, where nothing keeps the storage around them. */
function layersAlone(context: RuleContext): Problem[] {
  const entries = declaredOn(context).map((declared) => lookupPath(declared).path);
  const whole = entries.filter((path) =>
    [podman, docker, rootless].some(({ root }) => path === root || isBelow(root, path)),
  );
  return writtenIn(context).flatMap((declared): Problem[] => {
    const { path, home } = lookupPath(declared);
    if (!declared.block.enabled || declared.entry.kind !== "directory") return [];
    const storage = (home === null ? [podman, docker] : [rootless]).find(({ root, layers }) => {
      const inside = isBelow(path, root) ? (path.slice(root.length + 1).split("/")[0] ?? "") : "";
      return layers.some((layer) => inside.startsWith(layer));
    });
    if (storage === undefined || whole.some((parent) => isBelow(path, parent))) return [];
    return [
      {
        span: declared.entry.pathSpan,
        message: `${shown(declared.entry.written)} holds only images and layers, which are fetched again, and are of no use without the databases beside them. Instead, keep "${storage.volumes}", where the data of containers are.`,
      },
    ];
  });
}

/** A place of containers' data, and the option that says that there will be some. */
interface Need {
  readonly fact: OptionFact;
  readonly path: string;
  readonly why: string;
}

function missing(context: RuleContext): Problem[] {
  const needs = needsOf(context);
  const isKept = needs.length === 0 ? null : keptOn(context);
  if (isKept === null) return [];
  const told = new Set<string>();
  return needs.flatMap(({ fact, path, why }): Problem[] => {
    if (isKept(path) || told.has(path) || context.host.some(({ text }) => text.includes(path))) return [];
    told.add(path);
    return [
      {
        span: fact.span,
        message: `${why} in "${path}", which is not persisted on this host: the data are lost at each reboot.`,
        fixes: persistFix(context, [targetAt(path, "directory", null)], `Persist ${shown(path)}`),
      },
    ];
  });
}

function needsOf({ file, host }: RuleContext): Need[] {
  const sure = file.persistence.options.filter((fact) => fact.scope.kind === "system" && isSure({ file, fact }));
  return sure.flatMap((fact): Need[] => {
    const [head, second, third, name = ""] = fact.path;
    if (
      head === "virtualisation" &&
      second === "oci-containers" &&
      third === "containers" &&
      fact.path[4] === "volumes"
    )
      return volumesOf(host, fact, name ?? "");
    return head === "containers" && second != null && fact.path.length > 2 ? machineOf(host, fact, second) : [];
  });
}

function volumesOf(host: RuleContext["host"], fact: OptionFact, name: string): Need[] {
  if (fact.value.kind !== "list") return [];
  const named = fact.value.elements.flatMap(({ value, conditional }) =>
    value.kind === "string" && !conditional && /^[A-Za-z0-9][\w.-]*:/.test(value.text)
      ? [value.text.split(":")[0] ?? ""]
      : [],
  );
  const [volume] = named;
  if (volume === undefined) return [];
  const backend = optionOn(host, ["virtualisation", "oci-containers", "backend"]);
  if (backend.kind === "unknown") return [];
  const isDocker = backend.kind === "value" && backend.value.kind === "string" && backend.value.text === "docker";
  const moved = isDocker
    ? ["virtualisation", "docker", "daemon", "settings"]
    : ["virtualisation", "containers", "storage", "settings"];
  const ofUser = ["virtualisation", "oci-containers", "containers", name, "podman"];
  if ([moved, ofUser].some((path) => definitionsAt(host, path).length > 0)) return [];
  const { volumes } = isDocker ? docker : podman;
  return [{ fact, path: volumes, why: `The volume ${shown(volume)} lies` }];
}

/** Since 22.05 in `nixos-containers`; older hosts say so with their state version. */
function machineOf(host: RuleContext["host"], fact: OptionFact, name: string): Need[] {
  const path = ["containers", name];
  const ephemeral = optionOn(host, [...path, "ephemeral"]);
  if (ephemeral.kind === "unknown") return [];
  if (ephemeral.kind === "value" && !(ephemeral.value.kind === "bool" && !ephemeral.value.value)) return [];
  const version = optionOn(host, ["system", "stateVersion"]);
  if (version.kind === "unknown") return [];
  const isOld = version.kind === "value" && version.value.kind === "string" && version.value.text < "22.05";
  const folder = isOld ? "/var/lib/containers" : "/var/lib/nixos-containers";
  return [{ fact, path: folder, why: `The container ${shown(name)} has its files` }];
}
