import type { StorageBlock } from "../../persistence/model";
import type { Fix, Problem, RuleContext } from "../rule";
import { isOn, optionOn } from "./hostOptions";
import { eolOf, indentBefore } from "./lines";

/** What is wrong with the options preservation needs beside its paths: its own switch, and the initrd's. */
export function preservationOptions(context: RuleContext): Problem[] {
  const used = context.host.some(({ persistence }) => persistence.blocks.some(isUsed));
  return used ? [...scriptedInitrd(context), ...notEnabled(context)] : [];
}

function isUsed({ module, unit, conditional, lists }: StorageBlock): boolean {
  return module === "preservation" && unit === "" && !conditional && lists.some(({ entries }) => entries.length > 0);
}

function scriptedInitrd({ file, host }: RuleContext): Problem[] {
  if (isOn(host, ["preservation", "enable"]) !== true) return [];
  const answer = optionOn(host, ["boot", "initrd", "systemd", "enable"]);
  if (answer.kind !== "value" || answer.value.kind !== "bool" || answer.value.value) return [];
  return answer.definitions
    .filter((definition) => definition.file === file)
    .map(({ fact }) => {
      const { span } = fact.value;
      const isWritten = file.text.slice(span.start, span.end) === "false";
      return {
        span: fact.span,
        message:
          "The initrd is a scripted one, and preservation refuses that with an assertion: its mounts are units of systemd. Write `boot.initrd.systemd.enable = true`.",
        level: "error" as const,
        fixes: isWritten ? [{ title: "Write `true`", edits: [{ span, text: "true" }] }] : [],
      };
    });
}

/** Said once, at the first block of the host's files. */
function notEnabled({ file, host, hostIsWhole, mentionedElsewhere }: RuleContext): Problem[] {
  const isUnclear = host.some(
    ({ persistence }) => persistence.facts.importsUnknown || persistence.syntaxError !== null,
  );
  if (!hostIsWhole || isUnclear || optionOn(host, ["preservation", "enable"]).kind !== "unset") return [];
  const first = file.persistence.blocks.find(isUsed);
  // Another module of the repository may be part of the host in a way that is not seen.
  if (first === undefined || mentionedElsewhere("preservation.enable", "preservation = {")) return [];
  return [
    {
      span: first.nameSpan,
      message:
        "`preservation.enable` is not set on this host, and without it the module does nothing: none of these paths is kept. Add `preservation.enable = true`.",
      fixes: enableAbove(file.text, first),
    },
  ];
}

/** Only above a block that begins its line with its whole name. */
function enableAbove(text: string, { nameSpan }: StorageBlock): Fix[] {
  const indent = indentBefore(text, nameSpan.start);
  if (indent === null || !text.startsWith("preservation.preserveAt", nameSpan.start)) return [];
  const start = nameSpan.start - indent.length;
  return [
    {
      title: "Add `preservation.enable = true`",
      edits: [{ span: { start, end: start }, text: `${indent}preservation.enable = true;${eolOf(text)}` }],
    },
  ];
}
