import { quote } from "../../syntax/strings";
import type { PersistenceModule } from "../model";
import { schemaOf } from "../schema";
import { isIdentifier } from "./bindings";
import { slotInBody } from "./bodySlot";
import type { Destination } from "./choose";
import { type EditFile, hostsIn, type Site, shortName } from "./storages";
import type { Wanted } from "./wanted";

/** A new block at the end of the first file that has a place for it. The storage is the host's usual one, else `/persist`. */
export function newBlock(
  files: readonly EditFile[],
  sites: readonly Site[],
  wanted: Wanted,
): Destination | { readonly reason: string } {
  // What does not parse may well hold the block that seems to be missing.
  const broken = files.find((file) => file.persistence.syntaxError !== null);
  if (broken !== undefined) return { reason: `${shortName(broken)} has a syntax error: mend it first` };
  const { module, storage } = usualStorage(sites);
  if (sites.some((site) => !site.enabled && site.block.storagePath === storage))
    return { reason: `the storage ${storage} is switched off with \`enable = false\`` };
  const user = wanted.home?.user;
  const rest = user === undefined ? [] : ["users", isIdentifier(user) ? user : quote(user)];
  const path = [...schemaOf(module).option, quote(storage), ...rest, wanted.list];
  let reason: string | null = null;
  for (const file of files) {
    const { moduleBody, blocks } = file.persistence;
    // A file with Home Manager's own blocks at its top is no NixOS module.
    const foreign = blocks.some((block) => block.module === "home-manager" && isOwnModule(block.lists));
    if (moduleBody === null && hostsIn(blocks).size > 1) {
      reason ??= `${shortName(file)} configures several hosts, and which of them is meant is not known`;
      continue;
    }
    if (moduleBody === null || foreign) {
      reason ??= `${shortName(file)} is no plain module to write a new \`${path.slice(0, 2).join(".")}\` into`;
      continue;
    }
    const slot = slotInBody(file.text, moduleBody, path);
    if (!("reason" in slot)) return { kind: "create", file, slot, module, name: null };
    reason ??= `${slot.reason} (${shortName(file)})`;
  }
  return { reason: reason ?? "there is no file to write it to" };
}

function isOwnModule(lists: Site["block"]["lists"]): boolean {
  return lists.every((list) => list.scope.kind === "user" && list.scope.user === null);
}

/** Module and path of the storage that most blocks of the host name. */
function usualStorage(sites: readonly Site[]): { readonly module: PersistenceModule; readonly storage: string } {
  const counts = new Map<string, { readonly module: PersistenceModule; readonly storage: string; count: number }>();
  for (const { block, enabled, storage } of sites) {
    if (!enabled || block.module === "home-manager" || !block.storagePath?.startsWith("/")) continue;
    const known = counts.get(storage) ?? { module: block.module, storage: block.storagePath, count: 0 };
    counts.set(storage, { ...known, count: known.count + 1 });
  }
  const [best] = [...counts.values()].sort((a, b) => b.count - a.count);
  return best ?? { module: "impermanence", storage: "/persist" };
}
