import type { OptionFact } from "../../persistence/model";
import type { Span } from "../../syntax/span";
import type { Fix, Problem, RuleContext } from "../rule";
import type { BootScript } from "./boot";
import { type Definition, definitionsAt } from "./hostOptions";
import { eolOf, indentBefore } from "./lines";

/** Orderings that come before a file system is mounted: the root, or another that the script wipes. */
const beforeRoot =
  /^(?:.*\.mount|initrd-root-device\.target|local-fs-pre\.target|create-needed-for-boot-dirs\.service)$/;

/** What a service that wipes the root lacks to run at the right time, in one problem for each of the three. */
export function serviceProblems({ host, file }: RuleContext, script: BootScript): Problem[] {
  const { service, definition } = script;
  if (service === null || definition.fact.path.includes(null)) return [];
  // A script that takes the place of another belongs to a service that is set up where that one is.
  if (definition.fact.priority === "force" || definition.fact.priority === "other") return [];
  const path = ["boot", "initrd", "systemd", "services", service];
  const all = definitionsAt(host, path);
  // A set that is put together may have any of them.
  if (all.some(({ fact }) => fact.path.length <= path.length || fact.path.includes(null))) return [];
  const at = (name: string) => all.filter(({ fact }) => fact.path[path.length] === name);
  const unit = new Set(at("unitConfig").map(({ fact }) => fact.path[path.length + 1]));
  if (at("unitConfig").some(({ fact }) => fact.path.length === path.length + 1)) return [];
  const { fact } = definition;
  const equals = file.text.indexOf("=", fact.span.start);
  const span = {
    start: fact.span.start,
    end: fact.span.start + file.text.slice(fact.span.start, equals).trimEnd().length,
  };
  const found: Problem[] = [];
  if (unit.has("Before") || named(at("before"), beforeRoot) !== false) {
    // It is ordered, or may be.
  } else
    found.push({
      span,
      message:
        'This wipes the root, but nothing makes it run before the root is mounted: then it fails, or deletes what is in use. Set `before = [ "sysroot.mount" ]`.',
      fixes: at("before").length === 0 ? insertBefore(file.text, fact, span) : [],
    });
  // Scripts that look for their device themselves.
  const looks = /\b(?:vgchange|zpool +import|settle|cryptsetup|lvm)\b|\b(?:while|until) /.test(script.code);
  const waits = looks || ["after", "requires", "bindsTo", "requisite"].some((name) => at(name).length > 0);
  if (!waits && !["After", "Requires", "BindsTo", "RequiresMountsFor"].some((name) => unit.has(name)))
    found.push({
      span,
      message:
        "This wipes the root, but nothing makes it wait for the device: it may run before that is there, and fail. Name the device's unit in `after` and `requires`.",
    });
  if (at("wantedBy").length === 0 && at("requiredBy").length === 0 && !isPulledIn(host, service))
    found.push({
      span,
      message: 'This wipes the root, but nothing starts it. Set `wantedBy = [ "initrd.target" ]`.',
    });
  return found;
}

/** Whether a list names a unit that `wanted` matches; null where it has parts that are not known. */
function named(lists: readonly Definition[], wanted: RegExp): boolean | null {
  let open = false;
  for (const { fact } of lists) {
    const { value } = fact;
    if (value.kind !== "list") return null;
    open ||= value.unknown.length > 0;
    for (const { value: element } of value.elements) {
      if (element.kind !== "string") open = true;
      else if (wanted.test(element.text)) return true;
    }
  }
  return open ? null : false;
}

function isPulledIn(host: RuleContext["host"], service: string): boolean {
  return host.some(({ text }) => text.includes(`${service}.service`));
}

/** A binding of its own in front of the script's, under the same name. */
function insertBefore(text: string, fact: OptionFact, span: Span): Fix[] {
  const name = text.slice(span.start, span.end);
  const indent = indentBefore(text, fact.span.start);
  if (indent === null || !/(?:^|\.)script$/.test(name)) return [];
  const binding = `${name.slice(0, -"script".length)}before = [ "sysroot.mount" ];${eolOf(text)}${indent}`;
  const at = { start: fact.span.start, end: fact.span.start };
  return [{ title: 'Run it before "sysroot.mount"', edits: [{ span: at, text: binding }] }];
}
