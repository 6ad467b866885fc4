import type { CatalogEntry, CatalogPath } from "../../knowledge/catalog";
import { enabledBy, entryOf, statePaths } from "../../knowledge/enabled";
import type { OptionFact } from "../../persistence/model";
import { isBelow, normalise } from "../../persistence/paths";
import type { RuleContext } from "../rule";
import { definitionsAt, isSure, optionOn } from "./hostOptions";

/** What a host enables, found at one of its options. */
export interface Enabled {
  readonly fact: OptionFact;
  /** The option as it is written. */
  readonly option: string;
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
  // NetworkManager remembers the networks then, and hands over the passphrases.
  ["iwd", ["networking", "networkmanager", "wifi", "backend"]],
  ["tailscale", ["services", "tailscale", "authKeyFile"]],
  ["openssh-host-keys", ["services", "openssh", "hostKeys"]],
  ["grafana", ["services", "grafana", "provision"]],
]);

/** Names of options that say where a service keeps its data. */
const placeOptions = ["dataDir", "stateDir", "dataPath", "statePath", "storagePath", "databaseDir"];

/** Services that keep something only where this is set as well. */
const onlyWith: ReadonlyMap<string, readonly string[]> = new Map([
  ["dnsmasq", ["services", "dnsmasq", "settings", "dhcp-range"]],
]);

/** No file enables more; each takes a look at all options of the host. */
const most = 300;

/** What the file itself surely enables, by its own options. */
export function enabledIn({ file, host }: RuleContext): Enabled[] {
  return file.persistence.options
    .filter(
      ({ path, scope }) => scope.kind === "system" && /^(?:enable|enableACME|StateDirectory)$/.test(path.at(-1) ?? ""),
    )
    .slice(0, most)
    .flatMap((fact): Enabled[] => {
      const path = fact.path.filter((segment) => segment !== null);
      if (path.length !== fact.path.length || !isSure({ file, fact })) return [];
      const last = path.at(-1);
      if (last === "StateDirectory")
        return path.length === 5 && path[1] === "services" && path[3] === "serviceConfig"
          ? ofUnit(host, fact, path)
          : [];
      if (fact.value.kind !== "bool" || !fact.value.value) return [];
      if (last === "enableACME")
        return isFirst({ file, host }, fact) ? ofCatalog(host, fact, entryOf("acme"), acme) : [];
      const entry = enabledBy(path);
      const answer = optionOn(host, path);
      if (answer.kind !== "value" || answer.definitions[0]?.fact !== fact) return [];
      return entry === null ? ownPlace(host, fact, path.slice(0, -1)) : ofCatalog(host, fact, entry, path);
    });
}

const acme = ["security", "acme", "enable"];

/** All certificates lie in one place, so it is enough to say it at one of a host's: the first one of the file that sorts first. */
function isFirst({ file, host }: Pick<RuleContext, "file" | "host">, fact: OptionFact): boolean {
  const isCertificate = (other: OptionFact) => other.path.at(-1) === "enableACME";
  const names = host.flatMap(({ name, persistence }) => (persistence.options.some(isCertificate) ? [name] : []));
  return names.every((name) => file.name <= name) && file.persistence.options.find(isCertificate) === fact;
}

type Host = RuleContext["host"];

function ofCatalog(host: Host, fact: OptionFact, entry: CatalogEntry, path: readonly string[]): Enabled[] {
  const declared = declaredBy.get(entry.id);
  if (declared !== undefined && definitionsAt(host, declared).length > 0) return [];
  const needed = onlyWith.get(entry.id);
  if (needed !== undefined && definitionsAt(host, needed).length === 0) return [];
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
      option: fact.path.join("."),
      paths: [...paths].sort((a, b) => Number(b.persist === "required") - Number(a.persist === "required")),
      alternatives:
        paths.length > 1 &&
        paths.some(({ note }) => /stateVersion|dropPrivileges|[Oo]lder|default for/.test(note ?? "")),
      impact: entry.impactIfLost,
    },
  ];
}

/** Where an option moves a service's state; empty where none does, null where that is not known. */
function movedTo(host: Host, entry: CatalogEntry, path: readonly string[]): string | null {
  const service = path.slice(0, -1);
  const named = entry.pathOption
    ?.split(".")
    .map((segment, index) => (segment.startsWith("<") ? (path[index] ?? "") : segment));
  if (named !== undefined) {
    const answer = optionOn(host, named);
    if (answer.kind === "unknown") return null;
    if (answer.kind === "value")
      return answer.value.kind === "string" && answer.value.text.startsWith("/") ? normalise(answer.value.text) : null;
  }
  return entry.kind === "service" && definitionsAt(host, service).some(({ fact }) => mayMove(fact, entry)) ? null : "";
}

/** Options come and go: one of the service's that names a place outside of those known may well have moved its state. */
function mayMove({ path, value }: OptionFact, { paths }: CatalogEntry): boolean {
  const option = path.at(-1) ?? "";
  if (value.kind === "unknown") return /(?:dir|directory|path|folder|root|location|home|storage)$/i.test(option);
  if (value.kind !== "string" || !/^\/[^/]+\/./.test(value.text)) return false;
  const text = normalise(value.text);
  const known = [...paths.map((place) => place.path), "/run", "/etc", "/nix/store", "/dev"];
  return !known.some((place) => text === place || isBelow(text, place));
}

/** A service the catalog does not know, whose configuration says where its data lie. */
function ownPlace(host: Host, fact: OptionFact, service: readonly string[]): Enabled[] {
  if (service[0] !== "services" || service.length !== 2) return [];
  const places = placeOptions.flatMap((name) => {
    const answer = optionOn(host, [...service, name]);
    return answer.kind === "value" && answer.value.kind === "string" && answer.value.text.startsWith("/")
      ? [statePath(normalise(answer.value.text))]
      : [];
  });
  const option = fact.path.join(".");
  return places.map((place) => ({ fact, option, paths: [place], alternatives: false, impact: null }));
}

/** A unit written here: systemd creates what `StateDirectory` names below `/var/lib`. */
function ofUnit(host: Host, fact: OptionFact, path: readonly string[]): Enabled[] {
  const dynamic = optionOn(host, [...path.slice(0, -1), "DynamicUser"]);
  if (dynamic.kind === "unknown" || path[0] !== "systemd") return [];
  const isPrivate = dynamic.kind === "value" && dynamic.value.kind === "bool" && dynamic.value.value;
  const { value } = fact;
  const names = value.kind === "string" ? value.text.split(" ") : [];
  return names
    .filter((name) => /^[\w.-]+(?:\/[\w.-]+)*$/.test(name) && !name.includes(".."))
    .map((name) => ({
      fact,
      option: path.join("."),
      paths: [{ ...statePath(`/var/lib/${isPrivate ? "private/" : ""}${name}`), dynamicUser: isPrivate }],
      alternatives: false,
      impact: null,
    }));
}

function statePath(path: string): CatalogPath {
  const unknown = { user: null, group: null, mode: null, dynamicUser: false, note: null };
  return { path, type: "directory", role: "state", persist: "recommended", ...unknown };
}
