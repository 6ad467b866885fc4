import { string, type Term } from "../nix/terms";

/** Options `xdg.…` of Home Manager, below the home directory. */
const xdg: ReadonlyMap<string, string> = new Map([
  ["configHome", ".config"],
  ["dataHome", ".local/share"],
  ["cacheHome", ".cache"],
  ["stateHome", ".local/state"],
  ["userDirs.desktop", "Desktop"],
  ["userDirs.documents", "Documents"],
  ["userDirs.download", "Downloads"],
  ["userDirs.music", "Music"],
  ["userDirs.pictures", "Pictures"],
  ["userDirs.publicShare", "Public"],
  ["userDirs.templates", "Templates"],
  ["userDirs.videos", "Videos"],
]);

/**
 * What an option of Home Manager is for `user` where nothing sets it, as far as it follows from whose it is; undefined for all others. `home`
 * is the user's home directory on the host, null where there is none; `own` is the one Home Manager has.
 */
export function homeDefault(
  path: readonly string[],
  user: string,
  home: () => Term | null,
  own: () => Term,
): Term | null | undefined {
  const [first, second] = path;
  if (path.length === 2 && first === "home" && second === "username") return string(user);
  if (path.length === 2 && first === "home" && second === "homeDirectory") return home() ?? string(`/home/${user}`);
  const below = first === "xdg" ? xdg.get(path.slice(1).join(".")) : undefined;
  if (below === undefined) return undefined;
  const folder = own();
  return folder.kind === "string" ? string(`${folder.text}/${below}`) : null;
}
