import { printable } from "./failures";
import { globOf } from "./probePrune";
import type { DeployedRecords, Look, PlainTools } from "./recordsDeployed";

/** The storages of a host without the GNU tools: what its find is asked, and which folders were looked into. */

/** Byte strings. */
export interface StoragePlaces {
  readonly storage: string;
  /** Folders that have entries below them, as paths of the root. */
  readonly descend: readonly string[];
  /** What is kept as a whole, and mounts. */
  readonly stop: readonly string[];
}

/** Paths of one storage that are looked at: each folder takes processes there, and of `ls` each file one. */
const mostStored = { stat: 5000, ls: 2000 };
/** Each folder is held against all of them, one by one. */
const mostPatterns = 1000;

export function plainParameters({ flavour }: PlainTools, root: string, places: readonly StoragePlaces[]): string[] {
  return [
    flavour,
    root,
    String(mostStored[flavour]),
    ...places.flatMap(({ storage, descend, stop }) => {
      const into = descend.slice(0, mostPatterns);
      return stop.length > mostPatterns
        ? // Without knowing where to stop there is no second look.
          [storage, String(into.length), "-", ...into.map(globOf)]
        : [storage, String(into.length), String(stop.length), ...[...into, ...stop].map(globOf)];
    }),
  ];
}

/** What such a host has and could not tell more of; nothing of one with the GNU tools. */
export function plainNotes(unknown: ReadonlySet<string>, storages: DeployedRecords["storages"]): string[] {
  const [first = ""] = unknown;
  const others = unknown.size < 2 ? "" : ` and of ${unknown.size - 1} more`;
  return [
    ...(unknown.size === 0 ? [] : [`Of ${printable(first)}${others} no more is known than that it is there.`]),
    ...storages.flatMap(({ storage, looks }) =>
      looks.some(({ gaps }) => gaps)
        ? [`Of some of what is stored in ${printable(storage)} no more is known than that it is there.`]
        : [],
    ),
  ];
}

/**
 * The same with the folders marked that were looked into, and paths as GNU find names them. That a folder is not empty the host says of each;
 * which ones find went into is seen by what it found in them: where that is nothing, they are file systems of their own, or changed meanwhile.
 */
export function withFoldersMarked(records: DeployedRecords): DeployedRecords {
  const storages = records.storages.map((each) => ({ ...each, looks: each.looks.map(marked) }));
  return { ...records, storages };
}

function marked({ records, ...look }: Look): Look {
  const folders = new Set(records.filter(({ path }) => path !== ".").map(({ path }) => path.replace(/\/[^/]*$/, "")));
  return {
    ...look,
    records: records.map((record) => ({
      ...record,
      path: record.path.slice(2),
      sign: record.sign === "+" && folders.has(record.path) ? "/" : record.sign,
    })),
  };
}
