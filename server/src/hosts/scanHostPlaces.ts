import { ephemeralMounts, mayBeEphemeral } from "./ephemeralMounts";
import type { RootInfo } from "./model";
import { encodeBytes } from "./mountinfo";
import { rootInfo } from "./mountinfoRoot";
import { chooseOldRoots, type OldRoots } from "./oldRootChoice";
import { placesToLook } from "./oldRootPlaces";
import type { HostConnection, Log } from "./port";
import { runProbe } from "./probeRun";
import type { Elevation } from "./probeScript";
import type { Facts } from "./recordsFacts";
import { type PlacesAnswer, placesReader } from "./recordsPlaces";
import type { Situation } from "./scanHostLayout";
import { blankSnapshot, isZfsSnapshot } from "./zfsSnapshots";

/** What decides where to walk: the kind of root, what is wiped with it, and what to compare it with. */
export interface Places {
  readonly root: RootInfo;
  /** Mount points, byte strings below the scanned root. */
  readonly ephemeral: readonly string[];
  readonly old: OldRoots;
  /** The snapshot of a zfs root that it is rolled back to, where there is nothing better to compare with: `rpool/root@blank`. Byte string. */
  readonly zfsBlank: string | null;
  readonly answer: PlacesAnswer;
}

export interface PlacesOptions {
  readonly situation: Situation;
  readonly facts: Facts;
  /** What the user named: the folder of older roots, absolute on the host, or a zfs snapshot; null for the usual places. */
  readonly snapshots: string | null;
  readonly elevate: Elevation;
  readonly signal: AbortSignal;
  readonly log: Log;
}

/** A list of subvolumes may be long. */
const recordLimit = 8 << 20;
/** So many mounts are asked for their age. */
const mostMounts = 100;

/** Looks for older roots and at the ages of mounts, with one short run of the probe. Rejects with HostError. */
export async function findPlaces(connection: HostConnection, options: PlacesOptions): Promise<Places> {
  const { situation, facts } = options;
  const { mounts, recorded, births, bootTime } = situation;
  const named = options.snapshots === null ? null : encodeBytes(options.snapshots);
  const places = placesToLook(mounts, named !== null && isZfsSnapshot(named) ? null : named);
  const root = mounts.find((mount) => mount.mountPoint === "/");
  // Of a recorded root only its folders are there.
  const candidates = recorded ? [] : mayBeEphemeral(mounts, facts.users).slice(0, mostMounts);
  const store = mounts.filter((mount) => mount.mountPoint === "/nix").map((mount) => mount.mountPoint);
  const reader = placesReader(places);
  await runProbe(connection, {
    task: {
      what: "places",
      parameters: [
        facts.root,
        recorded ? "" : (root?.fsType ?? ""),
        root?.source ?? "",
        `${places.length}`,
        ...places.map(({ folder }) => folder),
        ...(recorded ? [] : [...store, ...candidates.map((mount) => mount.mountPoint)].map((point) => `.${point}`)),
      ],
      elevate: options.elevate,
    },
    signal: options.signal,
    log: options.log,
    onRecord: reader.onRecord,
    limit: recordLimit,
  });
  const answer = reader.read();
  const at = (path: string) => answer.births.find((birth) => birth.path === path);
  const nix = at("/nix");
  const info = rootInfo(mounts, bootTime, births, {
    created: recorded ? null : (at("/")?.created ?? null),
    store: nix?.created ?? nix?.born ?? null,
  });
  // Without a way to compare contents everything would count as changed.
  const old = facts.lacking.length > 0 && !facts.cmp ? nothing : chooseOldRoots(answer.found, answer.now, bootTime);
  return {
    root: info,
    ephemeral: births === null ? memoryOnly(candidates) : ephemeralMounts(candidates, answer.births, info, bootTime),
    old,
    zfsBlank: blankSnapshot(answer.zfsSnapshots, old, named),
    answer,
  };
}

const nothing: OldRoots = { usable: [], blank: null, unusable: [] };

/** Below a root that does not run, ages say nothing of its boots. */
function memoryOnly(candidates: ReturnType<typeof mayBeEphemeral>): string[] {
  return ephemeralMounts(
    candidates,
    [],
    { kind: "unknown", source: "", fsType: "", subvolume: "/", ephemeral: null },
    null,
  );
}
