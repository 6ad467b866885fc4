import type { Entry, Setting } from "../../../server/src/persistence/model";
import { read } from "../../support/grammar";

/** An entry, a setting or an option of the host: where it is, and what it says. */
export interface Thing {
  readonly line: string;
  /** For an entry. */
  readonly entry?: Entry;
}

/** All that a text says, without regard to where it says it. */
export async function contents(text: string): Promise<Thing[]> {
  const { blocks, options } = await read(text);
  const settings = (where: readonly unknown[], all: readonly Setting[]): Thing[] =>
    all.map(({ name, part, value }) => ({ line: plain([...where, name.name, part, value]) }));
  return [
    ...options.map(({ path, value, scope, order, priority }) => ({
      line: plain([
        path,
        value,
        scope,
        order,
        priority,
        value.kind === "unknown" && text.slice(value.span.start, value.span.end),
      ]),
    })),
    ...blocks.flatMap(({ storagePath, settings: own, users, lists }) => [
      ...settings([storagePath], own),
      ...users.flatMap((part) => settings([storagePath, part.user], part.settings)),
      ...lists.flatMap(({ scope, entries }) =>
        entries.map((entry) => {
          const { kind, written, user, group, mode, settings: options } = entry;
          const said = options.map(({ name, part, value }) => [name.name, part, value]);
          return { line: plain([storagePath, scope, kind, written, user, group, mode, said]), entry };
        }),
      ),
    ]),
  ];
}

/** As text, without the places things stand at. */
function plain(value: unknown): string {
  return JSON.stringify(value, (key, part) => (/^(?:span|nameSpan|literals|origin)$/.test(key) ? undefined : part));
}

/** What `a` has and `b` has not. */
export function without(a: readonly Thing[], b: readonly Thing[]): Thing[] {
  const left = b.map(({ line }) => line);
  return a.filter(({ line }) => {
    const at = left.indexOf(line);
    if (at !== -1) left.splice(at, 1);
    return at === -1;
  });
}
