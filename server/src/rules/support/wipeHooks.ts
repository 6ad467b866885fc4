import type { OptionFact } from "../../persistence/model";
import type { Span } from "../../syntax/span";
import type { Fix, Problem, RuleContext } from "../rule";
import { type BootScript, isWipe } from "./boot";
import { definitionsAt, isOn, optionOn } from "./hostOptions";
import { code } from "./text";

/** What is wrong with the hook a script stands in; the first that is, since the others go with it. */
export function hookProblems(context: RuleContext, script: BootScript, hook: string): Problem[] {
  const { definition } = script;
  const { file, host } = context;
  const { fact } = definition;
  const written = renameHook(file.text, fact, hook);
  const problem = (message: string, rest: Partial<Problem> = {}): Problem[] => [
    { span: written.span, message, ...rest },
  ];
  const initrd = ["boot", "initrd", "systemd", "enable"];
  const systemd = isOn(host, initrd);
  if (systemd === true && fact.certain && fact.value.kind !== "list")
    return problem(
      `\`boot.initrd.${hook}\` belongs to the scripted initrd: under \`boot.initrd.systemd.enable = true\` an assertion refuses it. Make it a service in \`boot.initrd.systemd.services\`.`,
      { level: "error" },
    );
  if (!isWipe(script)) return [];
  // In a file that knows both initrds, what is under a condition is the way of the other one.
  if (!fact.certain && /\binitrd\.systemd\b/.test(file.text) && setsTrue(host, initrd)) return [];
  const zfs = /\bzfs["}]? +rollback\b/.test(script.code);
  const early = ["preDeviceCommands", "preLVMCommands", "postDeviceCommands"].includes(hook);
  if (early && zfs && !/\bzpool["}]? +import\b/.test(script.code))
    return problem(
      `From NixOS 24.11 on, ZFS pools are imported after ${code(hook)}: \`zfs rollback\` then fails here, and the root is not wiped. Use \`postResumeCommands\`.`,
      // An older nixpkgs may not have the commands that are to be used instead.
      context.oldNixpkgs() ? { level: "hint" } : { fixes: written.fixes },
    );
  if (early && hibernates(context))
    return problem(
      `${code(hook)} runs before the host resumes from hibernation. The system that comes back then works on a root that was wiped below it, and destroys the file system. Use \`postResumeCommands\`.`,
      { fixes: written.fixes },
    );
  if (hook === "postMountCommands" && /\bsub\w* +delete\b/.test(script.code))
    return problem(
      `${code(hook)} runs when the root is mounted: the subvolume that is deleted is the one in use, and the host does not start. Use \`postResumeCommands\`.`,
      { fixes: written.fixes },
    );
  if (zfs && (fact.order === null || fact.order === "before"))
    return problem(
      `Without \`lib.mkAfter\` the rollback may stand before the commands that import the pool; then it fails and the root is not wiped.`,
      { fixes: fact.order === null ? wrapInMkAfter(file.text, fact) : [] },
    );
  if (early && mayHibernate(context))
    return problem(
      `${code(hook)} runs before a hibernated host resumes, and wiping the root below it destroys the file system. \`postResumeCommands\` is the safe place.`,
      { level: "hint", fixes: written.fixes },
    );
  const unset = systemd === null && optionOn(host, initrd).kind === "unset" && fact.certain;
  if (unset && (context.hostIsWhole || !context.mentionedElsewhere("initrd")))
    return problem(
      `From NixOS 26.05 on the initrd is systemd's unless \`boot.initrd.systemd.enable\` is \`false\`, and ${code(hook)} is then refused. Set the option, or make this a service in \`boot.initrd.systemd.services\`.`,
      { level: "hint" },
    );
  return [];
}

/** Whether a file of the host sets an option to true, though maybe under a condition. */
function setsTrue(host: RuleContext["host"], option: readonly string[]): boolean {
  return definitionsAt(host, option).some(
    ({ fact: { path, value } }) => path.join(".") === option.join(".") && value.kind === "bool" && value.value,
  );
}

/** The configuration prepares hibernation. A set of computed names may hold anything, and says nothing. */
function hibernates({ host }: RuleContext): boolean {
  return definitionsAt(host, ["boot", "resumeDevice"]).some(
    ({ fact: { path, value } }) =>
      path.join(".") === "boot.resumeDevice" && !(value.kind === "string" && value.text === ""),
  );
}

/** Nothing says that the host never hibernates. */
function mayHibernate({ host }: RuleContext): boolean {
  return !host.some(({ text }) =>
    /\bnohibernate\b|protectKernelImage\s*=\s*true|allowHibernation\s*=\s*false/.test(text),
  );
}

/** Where a hook's name is written, and the fix that writes `postResumeCommands` there; no fix where another definition would be met. */
function renameHook(text: string, { span, path }: OptionFact, hook: string): { span: Span; fixes: Fix[] } {
  const equals = text.indexOf("=", span.start);
  const name = text.slice(span.start, equals === -1 || equals > span.end ? span.end : equals).trimEnd();
  const whole = { start: span.start, end: span.start + name.length };
  if (!name.endsWith(hook) || path.length !== 3) return { span: whole, fixes: [] };
  const start = whole.end - hook.length;
  const taken = /\bpostResumeCommands\b/.test(text);
  const edit = { span: { start, end: whole.end }, text: "postResumeCommands" };
  return { span: whole, fixes: taken ? [] : [{ title: "Use `postResumeCommands`", edits: [edit] }] };
}

/** The fix that orders a string that is written out behind others; none where `lib` is not at hand, or the value is anything else. */
function wrapInMkAfter(text: string, { span, value }: OptionFact): Fix[] {
  const before = text.slice(span.start, value.span.start);
  if (!/=\s*$/.test(before) || !/^(?:''|")/.test(text.slice(value.span.start, value.span.start + 2))) return [];
  if (!/^[^{]*\{[^}]*\blib\b[^}]*\}\s*(?:@\s*\w+\s*)?:/.test(text.slice(0, 2000))) return [];
  const at = value.span.start;
  return [
    {
      title: "Order it behind the others with `lib.mkAfter`",
      edits: [{ span: { start: at, end: at }, text: "lib.mkAfter " }],
    },
  ];
}
