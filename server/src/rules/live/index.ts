import { visible } from "../../syntax/visible";
import type { Level } from "../rule";
import { suppressions } from "../support/suppression";
import { rule as atomicRewriteSeen } from "./atomicRewriteSeen";
import { rule as bootSourceMissing } from "./bootSourceMissing";
import { rule as danglingTarget } from "./danglingTarget";
import { rule as dynamicUserLink } from "./dynamicUserLink";
import { rule as emptyTarget } from "./emptyTarget";
import { rule as existingFileBlocks } from "./existingFileBlocks";
import { rule as hiddenData } from "./hiddenData";
import { rule as looseParentOwner } from "./looseParentOwner";
import { rule as lostLastBoot } from "./lostLastBoot";
import { rule as modeDrift } from "./modeDrift";
import { rule as notDeployed } from "./notDeployed";
import { rule as orphanInStorage } from "./orphanInStorage";
import { rule as rootNearlyFull } from "./rootNearlyFull";
import { rule as rootNotEphemeral } from "./rootNotEphemeral";
import type { LiveContext, LiveFinding, LiveRule } from "./rule";
import { rule as typeMismatch } from "./typeMismatch";
import { rule as undeclaredMount } from "./undeclaredMount";
import { rule as unpersisted } from "./unpersisted";
import { rule as unusedEntry } from "./unusedEntry";

/** All live rules. An entry is told by the first of them that has something to say about it. */
export const liveRules: readonly LiveRule[] = [
  typeMismatch,
  dynamicUserLink,
  hiddenData,
  bootSourceMissing,
  atomicRewriteSeen,
  existingFileBlocks,
  emptyTarget,
  danglingTarget,
  modeDrift,
  looseParentOwner,
  notDeployed,
  unusedEntry,
  lostLastBoot,
  unpersisted,
  rootNotEphemeral,
  rootNearlyFull,
  undeclaredMount,
  orphanInStorage,
];

/**
 * What the live rules say about a host, in the order of the rules. Findings that a comment silences are left out.
 * @param levelsOf what a person set for the rules in a file.
 * @param only the rules to ask, where not all.
 */
export function checkHost(
  context: LiveContext,
  levelsOf: (file: string | null) => Readonly<Record<string, "default" | "off" | Level>>,
  only: readonly LiveRule[] = liveRules,
): LiveFinding[] {
  const claimed = new Set<string>();
  const silenced = new Map(context.files.map(({ name, text }) => [name, suppressions(text)]));
  return only.flatMap((rule) =>
    rule.check(context, claimed).flatMap((problem): LiveFinding[] => {
      const { place, about } = problem;
      const levels = levelsOf(place?.file ?? null);
      const setting = Object.hasOwn(levels, rule.id) ? levels[rule.id] : undefined;
      if (setting === "off" || (about !== undefined && claimed.has(about))) return [];
      if (place !== null && silenced.get(place.file)?.(rule.id, place.span) === true) return [];
      if (about !== undefined) claimed.add(about);
      const chosen = setting === "default" ? undefined : setting;
      return [{ ...withVisible(problem), code: rule.id, level: chosen ?? problem.level ?? rule.level }];
    }),
  );
}

/** Messages and titles hold names from the host. */
function withVisible<T extends Pick<LiveFinding, "message" | "fixes">>(problem: T): T {
  const fixes = problem.fixes?.map((fix) => ({ ...fix, title: visible(fix.title) }));
  return { ...problem, message: visible(problem.message), ...(fixes === undefined ? {} : { fixes }) };
}
