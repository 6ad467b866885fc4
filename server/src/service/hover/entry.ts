import { hoverMarkdown, hoverPlain } from "../../knowledge/hover";
import { availableText } from "../../persistence/boot";
import type { Entry, ListDeclaration } from "../../persistence/model";
import { defaultHome, join, unknownHome } from "../../persistence/paths";
import { seenOn } from "../../scan/seen";
import { touches } from "../../syntax/span";
import { type HoverWorld, keptThrough } from "./context";
import type { HoverText } from "./text";

/** What is known of the path an entry keeps, where the cursor is on one. */
export function entryHover(world: HoverWorld, offset: number): HoverText | null {
  for (const block of world.file.persistence.blocks)
    for (const list of block.lists)
      for (const entry of list.entries) if (touches(entry.pathSpan, offset)) return hoverOf(world, list, entry);
  return null;
}

function hoverOf(
  { file, coverage, reports, scans, homes }: HoverWorld,
  list: ListDeclaration,
  entry: Entry,
): HoverText | null {
  const user = list.scope.kind === "user" ? list.scope.user : null;
  const stated = user === null ? unknownHome : (file.persistence.facts.homes.get(user) ?? defaultHome(user));
  const home = list.scope.kind === "system" ? null : ((user === null ? null : homes.get(user)) ?? stated);
  const path = home === null ? entry.path : join(home, entry.written);
  if (path === null) return null;
  const live = reports.flatMap((report) => report.candidates).find((candidate) => candidate.path === path) ?? null;
  const seen = scans.flatMap((scan) => {
    const one = seenOn(scan, path);
    return one === null ? [] : [{ host: scan.host, seen: one }];
  });
  const available = availableText(list.module, entry.kind, path, entry.settings);
  const context = { home, live, covered: keptThrough(coverage, path), available, seen };
  const markdown = hoverMarkdown(path, context);
  return markdown === null ? null : { span: entry.pathSpan, markdown, plain: hoverPlain(path, context) ?? "" };
}
