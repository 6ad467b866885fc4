import type { ListDeclaration } from "../model";
import type { Destination } from "./choose";
import type { Site } from "./storages";

/** A list with the block it stands in. */
export interface Listed {
  readonly site: Site;
  readonly list: ListDeclaration;
}

/** Behind the first list that is only a name; null where there is none. */
export function append(lists: readonly Listed[]): Destination | null {
  const found = lists.find(({ site, list }) => isAppendable(site.file.text, list));
  if (found === undefined) return null;
  return { kind: "append", file: found.site.file, list: found.list, name: found.list.nameSpan };
}

/** `directories = cfg.directories;`: a name, so that ` ++ [ … ]` can follow it. */
function isAppendable(text: string, list: ListDeclaration): boolean {
  const { span, nameSpan, value } = list;
  return (
    /^\s*=\s*$/.test(text.slice(nameSpan.end, value.span.start)) &&
    /^[A-Za-z_][\w'-]*(?:\.[A-Za-z_][\w'-]*)*$/.test(text.slice(value.span.start, value.span.end)) &&
    !/^(?:null|true|false)$/.test(text.slice(value.span.start, value.span.end)) &&
    /^\s*;$/.test(text.slice(value.span.end, span.end))
  );
}
