import type { HostUnit } from "./modelDeployed";
import { words } from "./systemdWords";

/** Units of systemd, from what `systemctl show` prints (systemctl(1)) or from their files (systemd.unit(5), systemd.exec(5)). */

/** Where the directories of each setting lie, by systemd.exec(5). */
const places = { State: "/var/lib", Cache: "/var/cache", Logs: "/var/log", Configuration: "/etc" } as const;

/** Settings by name: each value a unit gives it, in order. */
type Settings = ReadonlyMap<string, readonly string[]>;

/** The output of `systemctl show` for several units: blocks of `NAME=VALUE` lines with an empty line between. Sorted by name. */
export function parseSystemctl(text: string): HostUnit[] {
  const units = new Map<string, HostUnit>();
  for (const block of text.split(/\n\n+/)) {
    const settings = new Map<string, string[]>();
    for (const line of block.split("\n")) add(settings, line);
    const name = settings.get("Id")?.at(-1);
    if (name === undefined || !isService(name)) continue;
    const program = /^\{ path=(.*?) *$/.exec(settings.get("ExecStart")?.[0] ?? "")?.[1] ?? null;
    units.set(
      name,
      unitOf(name, settings, (directory) => directory, program),
    );
  }
  return byName(units);
}

/** One unit file or drop-in, as the probe names it, and the text it is; null where it leads to nothing, which masks a unit. */
export interface UnitFile {
  /** Below the folder of units: `forgejo.service`, `multi-user.target.wants/a@b.service`, `a@.service.d/overrides.conf`. */
  readonly path: string;
  readonly lines: string | null;
}

/**
 * Units from their files, as systemd would load them: an instance has the file of its template, drop-ins come after it, an empty value
 * takes back those before it. What depends on more than the unit's name is left out. Sorted by name.
 */
export function unitsFromFiles(files: readonly UnitFile[]): HostUnit[] {
  const texts = new Map<string, string | null>();
  const dropIns = new Map<string, UnitFile[]>();
  const names = new Set<string>();
  for (const file of files) {
    const [folder, name, ...deeper] = file.path.split("/");
    if (folder === undefined || deeper.length > 0) continue;
    if (name === undefined) texts.set(folder, file.lines);
    const unit = name === undefined ? folder : folder.endsWith(".service.d") ? folder.slice(0, -2) : name;
    if (folder.endsWith(".service.d")) dropIns.set(unit, [...(dropIns.get(unit) ?? []), file]);
    if (isService(unit)) names.add(unit);
  }
  const units = new Map<string, HostUnit>();
  for (const name of names) {
    const template = templateOf(name);
    const text = texts.has(name) ? texts.get(name) : template === null ? undefined : texts.get(template);
    if (text === undefined || text === null) continue;
    const settings = new Map<string, string[]>();
    const more = [name, ...(template === null ? [] : [template])].flatMap((unit) => dropIns.get(unit) ?? []);
    // Of drop-ins with one name the instance's hides the template's; all are read in the order of their names.
    const last = new Map(more.reverse().map((file) => [file.path.slice(file.path.indexOf("/")), file] as const));
    const ordered = [...last].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, file]) => file.lines ?? "");
    for (const lines of [text, ...ordered]) for (const line of lines.split("\n")) add(settings, line);
    const program = firstWord((settings.get("ExecStart")?.[0] ?? "").replace(/^[-@:+!|]+/, ""));
    units.set(
      name,
      unitOf(name, settings, (text) => expand(text, name), program),
    );
  }
  return byName(units);
}

function unitOf(
  name: string,
  settings: Settings,
  meant: (text: string) => string | null,
  program: string | null,
): HostUnit {
  const last = (setting: string) => meant(settings.get(setting)?.at(-1) ?? "") || null;
  const directories = (kind: keyof typeof places) => [
    ...new Set(
      (settings.get(`${kind}Directory`) ?? []).flatMap(words).flatMap((word) => {
        // `name:link` makes a link to it, too.
        const path = meant(word)?.split(":")[0]?.replace(/\/+/g, "/").replace(/\/$/, "") ?? "";
        const bad =
          path === "" || path.startsWith("/") || path.split("/").some((part) => part === "." || part === "..");
        return bad ? [] : [`${places[kind]}/${path}`];
      }),
    ),
  ];
  return {
    name,
    description: last("Description") ?? "",
    state: settings.get("ActiveState")?.at(-1) || "unknown",
    dynamicUser: /^(1|yes|y|true|t|on)$/i.test(last("DynamicUser") ?? ""),
    user: last("User"),
    group: last("Group"),
    stateDirectories: directories("State"),
    cacheDirectories: directories("Cache"),
    logsDirectories: directories("Logs"),
    configurationDirectories: directories("Configuration"),
    program: program === null ? null : withoutStore(program),
  };
}

function add(settings: Map<string, string[]>, line: string): void {
  const [, name, value = ""] = /^\s*([A-Za-z]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
  if (name === undefined) return;
  const isList = name === "ExecStart" || name.endsWith("Directory");
  if (isList && value === "") settings.delete(name);
  else if (isList) settings.set(name, [...(settings.get(name) ?? []), value]);
  else settings.set(name, [value]);
}

function firstWord(text: string): string | null {
  return words(text)[0] ?? null;
}

/** Specifiers that the unit's name decides (systemd.unit(5)); null where there are others. */
function expand(text: string, unit: string): string | null {
  const base = unit.replace(/\.service$/, "");
  const at = base.indexOf("@");
  const prefix = at < 0 ? base : base.slice(0, at);
  const instance = at < 0 ? "" : base.slice(at + 1);
  const known: Readonly<Record<string, string>> = { "%": "%", n: unit, N: base, p: prefix, i: instance };
  let unknown = false;
  const expanded = text.replace(/%(.?)/g, (_, letter: string) => {
    const value = known[letter];
    if (value === undefined) unknown = true;
    return value ?? "";
  });
  return unknown ? null : expanded;
}

function isService(name: string): boolean {
  return /^[a-zA-Z0-9:_.@\\-]+\.service$/.test(name) && !name.endsWith("@.service");
}

/** `a@.service` for `a@b.service`. */
function templateOf(name: string): string | null {
  const at = name.indexOf("@");
  return at < 0 ? null : `${name.slice(0, at)}@.service`;
}

function withoutStore(program: string): string {
  return program.replace(/^\/nix\/store\/[0-9a-z]{32}-/, "");
}

function byName(units: ReadonlyMap<string, HostUnit>): HostUnit[] {
  return [...units.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}
