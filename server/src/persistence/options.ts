import { lower } from "../nix/lower";
import { span } from "../nix/nodes";
import type { AttrName, Value } from "../nix/value";
import type { Site } from "../nix/walk";
import type { Node } from "../syntax/node";
import { contains, type Span } from "../syntax/span";
import type { OptionFact } from "./model";
import { isWalkedThrough, letsAround, unwrapped } from "./optionShape";

/** Options kept of one file. A hostile file has more; then `OptionsRead.whole` is false. */
const maximumOptions = 20_000;
/** Segments of a path that are kept; longer ones name no option. */
const maximumPath = 16;
/** Segments around a module of the file, and of a path; no module stands deeper. */
const maximumContext = 64;
/** Longer expressions than these, in characters, are not worked out: strings are only copied, others are looked at part by part. */
const maximumText = 50_000;
const maximumExpression = 4_000;

export interface OptionsRead {
  readonly options: readonly OptionFact[];
  /** False when the file sets more options than are kept. */
  readonly whole: boolean;
}

/** Gathers the options a file sets while it is walked through; the values are read at the end, behind what is read for blocks. */
export class OptionReader {
  readonly #source: string;
  readonly #pending: Noted[] = [];
  readonly #locals: readonly Span[];
  #whole = true;

  constructor(root: Node, source: string) {
    this.#source = source;
    this.#locals = letsAround(root);
  }

  /** Notes one binding. `read` is its value where that is known already; `spread` says that it is not walked into and so is read whole. */
  note(site: Site, context: readonly AttrName[], read: Value | null, spread: boolean): void {
    if (!spread && isWalkedThrough(site.value, this.#source)) return;
    if (site.path[0]?.name === "options" || context[0]?.name === "options") return;
    if (context.length > maximumContext || site.path.length > maximumContext) return;
    if (this.#pending.length < maximumOptions) this.#pending.push({ site, context, read, spread });
    else this.#whole = false;
  }

  /** All that was noted, in the order of the text. */
  finish(): OptionsRead {
    const options: OptionFact[] = [];
    for (const noted of this.#pending) {
      const fact = this.#factOf(noted);
      if (fact === null) continue;
      if (noted.spread) for (const part of spreadOut(fact)) options.push(part);
      else options.push(fact);
    }
    return { options, whole: this.#whole };
  }

  #factOf({ site, context, read, spread }: Noted): OptionFact | null {
    const place = placeOf(context, site.path);
    if (place.path.length === 0 || place.path.length > maximumPath) return null;
    const whole = span(site.binding);
    // What a name is bound to may or may not become part of the module.
    const isLocal = this.#locals.some((local) => contains(local, whole));
    const written = unwrapped(site.value, this.#source);
    const conditional = site.conditional || written.conditional;
    return {
      path: place.path,
      scope: place.scope,
      unit: isLocal ? "let" : place.unit,
      value: written.node === site.value && read !== null ? read : readValue(written.node, site, this.#source, spread),
      span: whole,
      conditional,
      certain: !conditional && !isLocal && place.unit === "",
      priority: written.priority,
      order: written.order,
    };
  }
}

interface Noted {
  readonly site: Site;
  readonly context: readonly AttrName[];
  readonly read: Value | null;
  readonly spread: boolean;
}

/** Where an option stands: in whose Home Manager module or the system's, in which module of the file, and its path there. */
function placeOf(context: readonly AttrName[], full: readonly AttrName[]): Pick<OptionFact, "path" | "scope" | "unit"> {
  const path = withoutConfig(full);
  if (context.length === 0 && path[0]?.name !== "home-manager")
    return { path: path.map(({ name }) => name), scope: system, unit: "" };
  const all = [...context, ...path];
  const users = all.findIndex(({ name }, index) => name === "home-manager" && all[index + 1]?.name === "users");
  const user = all[users + 2];
  if (users === -1 || users > context.length || user === undefined)
    return { path: path.map(({ name }) => name), scope: system, unit: unitOf(context) };
  const start = Math.max(users + 3, context.length);
  return {
    path: withoutConfig(all.slice(start)).map(({ name }) => name),
    scope: { kind: "user", user: user.name },
    unit: unitOf([...withoutConfig(all.slice(0, users)), ...all.slice(users + 3, start)]),
  };
}

const system = { kind: "system" } as const;

function unitOf(around: readonly AttrName[]): string {
  return around.map(({ name, span: at }) => name ?? `@${at.start}`).join(".");
}

function withoutConfig(path: readonly AttrName[]): readonly AttrName[] {
  return path[0]?.name === "config" ? path.slice(1) : path;
}

function readValue(node: Node, site: Site, source: string, spread: boolean): Value {
  const at = span(node);
  if (node.type === "integer_expression" && at.end - at.start < 16)
    return { kind: "integer", text: source.slice(at.start, at.end), span: at };
  const isText = node.type === "string_expression" || node.type === "indented_string_expression";
  if (at.end - at.start > (isText || spread ? maximumText : maximumExpression))
    return { kind: "unknown", reason: "it is too long to be worked out", span: at };
  const raw = isText ? source.slice(at.start, at.end) : "";
  // Most strings have nothing that would have to be worked out.
  if (/^"[^"\\$\r\n]*"$/.test(raw)) return { kind: "string", text: raw.slice(1, -1), span: at };
  // What a function makes of its arguments takes long to find out, and hardly ever is a plain value.
  if (node.type === "function_expression") return { kind: "unknown", reason: "it is a function", span: at };
  const value = lower(node, source, site.scope);
  return spread ? value : plain(value, at);
}

/** Sets are not kept: what of them can be known stands in facts of its own. */
function plain(value: Value, at: Span): Value {
  if (value.kind !== "attrs") return value;
  return { kind: "unknown", reason: "it is a set that is put together", span: at };
}

/** One fact for each option of a set that is read whole, and one for the set where it may have more. */
function spreadOut(fact: OptionFact): readonly OptionFact[] {
  const { value } = fact;
  if (value.kind !== "attrs") return [fact];
  const parts = value.bindings.map((binding): OptionFact => {
    const conditional = fact.conditional || binding.conditional;
    return {
      ...fact,
      path: [...fact.path, ...binding.path.map(({ name }) => name)],
      value: plain(binding.value, binding.value.span),
      span: binding.span,
      conditional,
      certain: fact.certain && !conditional,
    };
  });
  const [open] = value.unknown;
  return open === undefined ? parts : [...parts, { ...fact, value: open }];
}
