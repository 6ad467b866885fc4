import type { Deployed, HostScan } from "../hosts/model";
import type { ConfiguredPaths } from "../hosts/readDeployed";
import { countOf } from "../knowledge/text";
import type { LiveEntry } from "../rules/live/rule";
import { deploymentOf, isMeant } from "../rules/live/support/state";
import type { DoctorStep } from "./doctor";

/** What a host's configuration keeps. */
export interface Configured {
  readonly paths: ConfiguredPaths;
  readonly entries: readonly LiveEntry[];
}

const mostNamed = 5;

/** What a host runs from, against its configuration: how many entries are in place, and what could not be read. */
export function describeDeployed(
  scan: HostScan & { readonly deployed: Deployed },
  entries: readonly LiveEntry[],
): Pick<DoctorStep, "state" | "detail" | "next"> {
  const { units, storages, notes } = scan.deployed;
  const { detail, waiting } = entriesOf(scan, entries);
  const looked = storages.filter(({ present }) => present).map(({ storage }) => storage);
  const parts = [
    detail,
    units.length === 0 ? "no units of systemd" : countOf(units.length, "unit"),
    looked.length === 0 ? "no storage seen" : `storage: ${looked.join(", ")}`,
  ];
  const next = [
    ...(waiting ? ["Switch to the configuration; a scan says what is in the way, and what each path holds."] : []),
    ...notes,
  ];
  return {
    state: next.length === 0 ? "ok" : "warning",
    detail: parts.join("; "),
    next: next.length === 0 ? null : next.join(" "),
  };
}

function entriesOf(
  scan: HostScan,
  entries: readonly LiveEntry[],
): { readonly detail: string; readonly waiting: boolean } {
  const context = { scan };
  const byPath = new Map(
    entries
      .filter((entry) => isMeant(entry, deploymentOf(context, entry)))
      .map((entry) => [entry.path, deploymentOf(context, entry)]),
  );
  const having = (...wanted: (string | null)[]) =>
    [...byPath].filter(([, deployment]) => wanted.includes(deployment)).map(([path]) => path);
  if (byPath.size === 0) return { detail: "no entries are known (see --config)", waiting: false };
  const waiting = having("no", "other");
  const named = waiting.slice(0, mostNamed).join(", ") + (waiting.length > mostNamed ? ", …" : "");
  const within = having("within").length;
  const unknown = having(null).length;
  const parts = [
    `${having("mounted", "linked").length} of ${countOf(byPath.size, "path")} in place`,
    ...(waiting.length === 0 ? [] : [`${waiting.length} not: ${named}`]),
    ...(within === 0 ? [] : [`${within} in a mount of another`]),
    ...(unknown === 0 ? [] : [`of ${unknown} not known`]),
  ];
  return { detail: parts.join(", "), waiting: waiting.length > 0 };
}
