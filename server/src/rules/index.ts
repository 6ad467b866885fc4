import type { Span } from "../syntax/span";
import { rule as absoluteUserPath } from "./absoluteUserPath";
import { rule as atomicRewrite } from "./atomicRewrite";
import { rule as containerStorage } from "./containerStorage";
import { rule as coveredByParent } from "./coveredByParent";
import { rule as disabledStorage } from "./disabledStorage";
import { rule as duplicatePath } from "./duplicatePath";
import { rule as dynamicUserState } from "./dynamicUserState";
import { rule as ephemeralNotNeededForBoot } from "./ephemeralNotNeededForBoot";
import { rule as etcOverlay } from "./etcOverlay";
import { rule as fileAndDirectory } from "./fileAndDirectory";
import { rule as hidesDeclaredFiles } from "./hidesDeclaredFiles";
import { rule as homeManagerV1 } from "./homeManagerV1";
import { rule as invalidMethod } from "./invalidMethod";
import { rule as invalidMode } from "./invalidMode";
import { rule as machineId } from "./machineId";
import { rule as missingEssential } from "./missingEssential";
import { rule as mixedModules } from "./mixedModules";
import { rule as neverPersist } from "./neverPersist";
import { rule as passwordLockout } from "./passwordLockout";
import { rule as preservationDefaults } from "./preservationDefaults";
import { rule as relativeSystemPath } from "./relativeSystemPath";
import { rule as removedOption } from "./removedOption";
import { rule as rootLevelPath } from "./rootLevelPath";
import type { Finding, Level, Rule, RuleContext } from "./rule";
import { rule as secretsBeforeMounts } from "./secretsBeforeMounts";
import { rule as sensitiveMode } from "./sensitiveMode";
import { rule as serviceState } from "./serviceState";
import { rule as storageNotNeededForBoot } from "./storageNotNeededForBoot";
import { rule as storageOnEphemeralRoot } from "./storageOnEphemeralRoot";
import { reliableUntil } from "./support/declared";
import { suppressions } from "./support/suppression";
import { rule as syntaxError } from "./syntaxError";
import { rule as tmpfsRootSize } from "./tmpfsRootSize";
import { rule as tooManyMounts } from "./tooManyMounts";
import { rule as trashAcrossBinds } from "./trashAcrossBinds";
import { rule as unknownOption } from "./unknownOption";
import { rule as unknownUser } from "./unknownUser";
import { rule as unnormalisedPath } from "./unnormalisedPath";
import { rule as unquotedPath } from "./unquotedPath";
import { rule as wipeHook } from "./wipeHook";
import { rule as wrongType } from "./wrongType";

/** All rules, in the order their page lists them: what Nix refuses, what does not do what was meant, advice. */
export const rules: readonly Rule[] = [
  syntaxError,
  unknownOption,
  wrongType,
  unquotedPath,
  removedOption,
  homeManagerV1,
  invalidMethod,
  invalidMode,
  duplicatePath,
  unknownUser,
  storageNotNeededForBoot,
  ephemeralNotNeededForBoot,
  fileAndDirectory,
  relativeSystemPath,
  absoluteUserPath,
  rootLevelPath,
  wipeHook,
  storageOnEphemeralRoot,
  tmpfsRootSize,
  etcOverlay,
  machineId,
  secretsBeforeMounts,
  passwordLockout,
  neverPersist,
  missingEssential,
  disabledStorage,
  serviceState,
  containerStorage,
  mixedModules,
  atomicRewrite,
  hidesDeclaredFiles,
  dynamicUserState,
  preservationDefaults,
  sensitiveMode,
  coveredByParent,
  unnormalisedPath,
  trashAcrossBinds,
  tooManyMounts,
];

/** What a person set for a rule: `default`, `off`, or one level for all its findings. Keys are rule ids. */
export type LevelSettings = Readonly<Record<string, "default" | "off" | Level>>;

/**
 * What all rules say about one file, in the order of its text. Findings silenced by a comment are left out, and so is what rules say
 * about the part of a block behind a syntax error. Never throws for any text.
 */
export function checkFile(context: RuleContext, levels: LevelSettings = {}): Finding[] {
  const { file } = context;
  const isSuppressed = suppressions(file.text);
  const isUnreliable = unreliableParts(context);
  const findings = rules.flatMap((rule): Finding[] => {
    const setting = Object.hasOwn(levels, rule.id) ? levels[rule.id] : undefined;
    if (setting === "off") return [];
    const chosen = setting === "default" ? undefined : setting;
    return rule
      .check(context)
      .filter(({ span }) => rule.id === syntaxError.id || !isUnreliable(span))
      .filter(({ span }) => !isSuppressed(rule.id, span))
      .map((problem) => ({ ...problem, code: rule.id, level: chosen ?? problem.level ?? rule.level }));
  });
  return findings.sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
}

/** While a block is half-typed, its tree behind the error is guesswork. */
function unreliableParts({ file }: RuleContext): (span: Span) => boolean {
  const broken = file.persistence.blocks
    .map((block) => ({ ...block.span, from: reliableUntil(block) }))
    .filter(({ from }) => Number.isFinite(from));
  return (span) => broken.some(({ start, end, from }) => start <= span.start && span.start < end && span.end > from);
}
