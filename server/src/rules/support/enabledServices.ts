import type { CatalogEntry, CatalogPath } from "../../knowledge/catalog";
import { enabledBy, entryOf, statePaths } from "../../knowledge/enabled";
import type { OptionFact } from "../../persistence/model";
import { normalise } from "../../persistence/paths";
import type { RuleContext } from "../rule";
import { definitionsAt, isSure, optionOn } from "./hostOptions";

/** What a host enables, found at one of its options. */
export interface Enabled {
  readonly fact: OptionFact;
  /** Its name, as part of a sentence. */
  readonly title: string;
  /** Paths of which none is kept, the most important one first. */
  readonly paths: readonly CatalogPath[];
  /** True where only one of them is in use, and the text does not say which. */
  readonly alternatives: boolean;
  readonly impact: string | null;
}

/** Options that declare what would else have to be remembered: then little is lost. */
const declaredBy: ReadonlyMap<string, readonly string[]> = new Map([
  ["networkmanager", ["networking", "networkmanager", "ensureProfiles"]],
  ["cups", ["hardware", "printers"]],
  ["tailscale", ["services", "tailscale", "authKeyFile"]],
  ["openssh-host-keys", ["services", "openssh", "hostKeys"]],
]);

/** Names of options that say where a service keeps its data. */
const placeOptions = new Set(["dataDir", "stateDir", "dataPath", "statePath", "storagePath", "databaseDir"]);

/** What the file itself surely enables, by its own options. */
export function enabledIn({ file, host }: RuleContext): Enabled[] {
  return file.persistence.options.flatMap((fact): Enabled[] => {
    const path = fact.path.filter((segment) => segment !== null);
    if (fact.scope.kind !== "system" || path.length !== fact.path.length || !isSure({ file, fact })) return [];
    const last = path[path.length - 1] ?? "";
    if (last === "enable" || last === "enableACME") {
      if (fact.value.kind !== "bool" || !fact.value.value) return [];
      const answer = optionOn(host, path);
      if (answer.kind !== "value" || answer.definitions[0]?.fact !== fact) return [];
      const entry = last === "enable" ? enabledBy(path) : entryOf("acme");
      return entry === null ? ownPlace(host, fact, path.slice(0, -1)) : ofCatalog(host, fact, entry, path);
    }
    const isState =
      path[0] === "systemd" && path[1] === "services" && path[3] === "serviceConfig" && last === "StateDirectory";
    return isState ? ofUnit(host, fact, path.slice(0, 4)) : [];
  });
}

type Host = RuleContext["host"];

function ofCatalog(host: Host, fact: OptionFact, entry: CatalogEntry, path: readonly string[]): Enabled[] {
  const declared = declaredBy.get(entry.id);
  if (declared !== undefined && definitionsAt(host, declared).length > 0) return [];
  const moved = movedTo(host, entry, path);
  const service = path.slice(0, -1);
  const otherOwner = ["user", "group"].some((name) => definitionsAt(host, [...service, name]).length > 0);
  if (moved === null) return [];
  const known = statePaths(entry);
  const [main] = known;
  if (main === undefined) return [];
  const paths = (moved === "" ? known : [{ ...main, path: moved }]).map((path) =>
    otherOwner ? { ...path, user: null, group: null } : path,
  );
  return [
    {
      fact,
      title: entry.title,
      paths: [...paths].sort((a, b) => Number(b.persist === "required") - Number(a.persist === "required")),
      alternatives:
        paths.length > 1 &&
        paths.some(({ note }) => /stateVersion|dropPrivileges|[Oo]lder|default for/.test(note ?? "")),
      impact: entry.impactIfLost,
    },
  ];
}

/** Where an option moves a service's state; empty where it does not, null where that is not known. */
function movedTo(host: Host, entry: CatalogEntry, path: readonly string[]): string | null {
  const option = entry.pathOption?.split(".") ?? ownOptions(path);
  for (const candidate of entry.pathOption === null ? option : [option.join(".")]) {
    const at = candidate
      .split(".")
      .map((segment, index) => (segment.startsWith("<") ? (path[index] ?? segment) : segment));
    const answer = optionOn(host, at);
    if (answer.kind === "unknown") return null;
    if (answer.kind === "unset") continue;
    const { value } = answer;
    return value.kind === "string" && value.text.startsWith("/") ? normalise(value.text) : null;
  }
  return "";
}

/** Where the catalog names no option that moves the state, one of the usual names still might. */
function ownOptions(path: readonly string[]): string[] {
  return [...placeOptions].map((name) => [...path.slice(0, -1), name].join("."));
}

/** A service the catalog does not know, whose configuration says where its data lie. */
function ownPlace(host: Host, fact: OptionFact, service: readonly string[]): Enabled[] {
  if (service[0] !== "services" || service.length !== 2) return [];
  const places = [...placeOptions].flatMap((name) => {
    const answer = optionOn(host, [...service, name]);
    return answer.kind === "value" && answer.value.kind === "string" && answer.value.text.startsWith("/")
      ? [statePath(normalise(answer.value.text))]
      : [];
  });
  return places.map((place) => ({ fact, title: service[1] ?? "", paths: [place], alternatives: false, impact: null }));
}

/** A unit written here: systemd creates what `StateDirectory` names below `/var/lib`. */
function ofUnit(host: Host, fact: OptionFact, config: readonly string[]): Enabled[] {
  const dynamic = optionOn(host, [...config, "DynamicUser"]);
  if (dynamic.kind === "unknown" || config[2] === undefined) return [];
  const isPrivate = dynamic.kind === "value" && dynamic.value.kind === "bool" && dynamic.value.value;
  const { value } = fact;
  const names = value.kind === "string" ? value.text.split(" ") : [];
  return names
    .filter((name) => /^[\w.-]+(?:\/[\w.-]+)*$/.test(name) && !name.includes(".."))
    .map((name) => ({
      fact,
      title: `the unit ${config[2]}`,
      paths: [{ ...statePath(`/var/lib/${isPrivate ? "private/" : ""}${name}`), dynamicUser: isPrivate }],
      alternatives: false,
      impact: null,
    }));
}

function statePath(path: string): CatalogPath {
  const unknown = { user: null, group: null, mode: null, dynamicUser: false, note: null };
  return { path, type: "directory", role: "state", persist: "recommended", ...unknown };
}
