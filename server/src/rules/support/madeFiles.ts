import type { OptionFact } from "../../persistence/model";
import { join, normalise } from "../../persistence/paths";
import type { SourceFile } from "../rule";
import { isSure } from "./hostOptions";

/** A file or folder that the configuration itself puts in its place, as a link into the store. */
export interface MadeFile {
  /** Absolute for the system's; relative to the home directory for a user's. */
  readonly path: string;
  /** As the configuration names it: `environment.etc`, `home.file`, `xdg.configFile`. */
  readonly option: string;
  /** True where each file of a folder is linked by itself, so that the folder may be anything. */
  readonly recursive: boolean;
  readonly fact: OptionFact;
}

/** Options that make files, with the folder their names are relative to. */
const makers: readonly (readonly [option: readonly string[], folder: string])[] = [
  [["environment", "etc"], "/etc"],
  [["home", "file"], ""],
  [["xdg", "configFile"], ".config"],
  [["xdg", "dataFile"], ".local/share"],
  [["xdg", "stateFile"], ".local/state"],
];

/**
 * What a file makes for sure: for the system, or for the users of Home Manager its options belong to. A file's own `home.file` is of a user that is
 * not named: its scope is the system's then. Names that are computed, and folders that an option moves, are left out.
 */
export function madeIn(file: SourceFile): readonly MadeFile[] {
  const { options } = file.persistence;
  const moved = options.some(({ path }) => path[0] === "xdg" && /^(?:config|data|state)Home$/.test(path[1] ?? ""));
  const byPlace = new Map<string, MadeFile>();
  const dropped = new Set<string>();
  const recursive = new Set<string>();
  for (const fact of options) {
    const maker = makers.find(([option]) => option.every((name, index) => fact.path[index] === name));
    const [name, ...rest] = maker === undefined ? [] : fact.path.slice(maker[0].length);
    if (maker === undefined || typeof name !== "string" || name === "" || !isSure({ file, fact })) continue;
    const [option, folder] = maker;
    const place = JSON.stringify([fact.scope, fact.path.slice(0, option.length + 1)]);
    const { value } = fact;
    if (rest[0] === "enable" && !(value.kind === "bool" && value.value)) dropped.add(place);
    if (rest[0] === "target" && value.kind !== "string") dropped.add(place);
    if (rest[0] === "recursive") recursive.add(place);
    const target = rest[0] === "target" && value.kind === "string" ? value.text : name;
    const known = byPlace.get(place);
    if (known !== undefined && rest[0] !== "target") continue;
    if ((option[0] === "xdg" && moved) || (folder !== "/etc" && target.startsWith("/"))) continue;
    const path = folder === "" ? normalise(target) : join(folder, target);
    if (!/(?:^|\/)\.\.?(?:\/|$)|[$~]/.test(path))
      byPlace.set(place, { path, option: option.join("."), recursive: false, fact });
  }
  return [...byPlace].flatMap(([place, made]) =>
    dropped.has(place) ? [] : [{ ...made, recursive: recursive.has(place) }],
  );
}
