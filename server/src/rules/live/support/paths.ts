import { join } from "../../../persistence/paths";

/** The folders above a path, from the top one down, without `/`. */
export function foldersAbove(path: string): string[] {
  const parts = path.split("/").slice(1, -1);
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join("/")}`);
}

/** Where the storage keeps a path. */
export function storedPath(storage: string, path: string): string {
  return join(storage, path);
}

/** Where systemd keeps what a unit with DynamicUser has by the name `path`, `/var/lib/private/x` of `/var/lib/x`; null for other places. */
export function privatePath(path: string): string | null {
  const [, folder, name] = /^(\/var\/(?:lib|cache|log))\/(?!private(?:\/|$))(.+)$/s.exec(path) ?? [];
  return folder === undefined ? null : `${folder}/private/${name}`;
}
