import type { Node } from "web-tree-sitter";
import type { Span } from "../syntax/span";
import { stringText } from "../syntax/strings";
import { attrPath, child, firstExpression, span } from "./nodes";
import type { AttrsValue, Binding, ListElement, ListValue, UnknownValue, Value } from "./value";

/** Deeper nesting than any person writes; the stack must survive hostile text. */
const maximumDepth = 300;
let depth = 0;

/** Turns an expression's syntax into a Value. `source` is the original text of the document. Never throws; what is not understood is unknown. */
export function lower(node: Node | null, source: string): Value {
  if (node === null) return { kind: "unknown", reason: "the expression is missing", span: { start: 0, end: 0 } };
  if (depth >= maximumDepth) return unknown(span(node), "the expression is nested too deeply");
  depth++;
  try {
    return lowerNode(node, source);
  } finally {
    depth--;
  }
}

function lowerNode(node: Node, source: string): Value {
  const at = span(node);
  switch (node.type) {
    case "string_expression":
    case "indented_string_expression": {
      const result = stringText(node, source);
      return "text" in result ? { kind: "string", text: result.text, span: at } : unknown(at, result.unknown);
    }
    case "path_expression":
    case "hpath_expression":
      return node.namedChildren.some((part) => part.type === "interpolation")
        ? unknown(at, "the path is computed")
        : { kind: "path", text: source.slice(at.start, at.end), span: at };
    case "integer_expression":
      return { kind: "integer", text: source.slice(at.start, at.end), span: at };
    case "float_expression":
      return { kind: "float", text: source.slice(at.start, at.end), span: at };
    case "variable_expression":
      return variable(source.slice(at.start, at.end), at);
    case "list_expression":
      return lowerList(node, source);
    case "attrset_expression":
    case "rec_attrset_expression":
      return lowerAttrs(node, source);
    case "function_expression":
      return { kind: "function", span: at };
    case "parenthesized_expression":
      return { ...lower(firstExpression(node), source), span: at };
    case "let_expression":
    case "with_expression":
    case "assert_expression":
      return lower(child(node, "body"), source);
    case "if_expression":
      return lowerIf(node, source);
    case "binary_expression":
      return lowerBinary(node, source);
    case "apply_expression":
      return lowerApply(node, source);
    default:
      return unknown(at, `\`${excerpt(source, at)}\` is not resolved`);
  }
}

function unknown(at: Span, reason: string): UnknownValue {
  return { kind: "unknown", reason, span: at };
}

function excerpt(source: string, at: Span): string {
  const text = source.slice(at.start, Math.min(at.end, at.start + 60)).replace(/\s+/g, " ");
  return at.end - at.start > 60 ? `${text}…` : text;
}

function variable(name: string, at: Span): Value {
  if (name === "true" || name === "false") return { kind: "bool", value: name === "true", span: at };
  if (name === "null") return { kind: "null", span: at };
  return unknown(at, `\`${name}\` is not resolved`);
}

function lowerList(node: Node, source: string): ListValue {
  const elements: ListElement[] = [];
  const unknowns: UnknownValue[] = [];
  for (const element of node.namedChildren) {
    if (element.type === "comment") continue;
    if (element.isError || element.isMissing) unknowns.push(unknown(span(element), "this part is not complete"));
    else if (element.type === "variable_expression" || element.type === "select_expression")
      elements.push({ value: lower(element, source), conditional: false });
    else elements.push(...elementOf(element, source));
  }
  return { kind: "list", elements, literals: [span(node)], unknown: unknowns, span: span(node) };
}

/** `(lib.mkIf c x)` is legal as an element of an option's list: the element is then conditional. */
function elementOf(node: Node, source: string): ListElement[] {
  const inner = node.type === "parenthesized_expression" ? firstExpression(node) : node;
  const call = inner === null ? null : libraryCall(inner, source);
  if (call?.name === "mkIf" && call.arguments.length === 2)
    return [{ value: { ...lower(call.arguments[1] ?? null, source), span: span(node) }, conditional: true }];
  return [{ value: lower(node, source), conditional: false }];
}

function lowerAttrs(node: Node, source: string): AttrsValue {
  const bindings: Binding[] = [];
  const unknowns: UnknownValue[] = [];
  const sets = node.namedChildren.filter((part) => part.type === "binding_set");
  for (const part of node.namedChildren) {
    if (part.isError) unknowns.push(unknown(span(part), "this part is not complete"));
  }
  for (const binding of sets.flatMap((set) => set.namedChildren)) {
    if (binding.type === "binding") {
      bindings.push({
        path: attrPath(child(binding, "attrpath"), source),
        value: lower(child(binding, "expression"), source),
        span: span(binding),
        conditional: false,
      });
    } else if (binding.type === "inherit" || binding.type === "inherit_from") {
      for (const name of attrPath(child(binding, "attrs"), source)) {
        const value = unknown(name.span, `\`${name.name ?? "…"}\` is inherited and not resolved`);
        bindings.push({ path: [name], value, span: span(binding), conditional: false });
      }
    } else if (binding.isError) unknowns.push(unknown(span(binding), "this part is not complete"));
  }
  const recursive = node.type === "rec_attrset_expression";
  return { kind: "attrs", bindings, recursive, literals: [span(node)], unknown: unknowns, span: span(node) };
}

function lowerIf(node: Node, source: string): Value {
  const branches = [lower(child(node, "consequence"), source), lower(child(node, "alternative"), source)];
  const [first, second] = branches;
  if (first?.kind === "list" && second?.kind === "list") return concatenate(span(node), branches.map(conditional));
  return unknown(span(node), "it depends on a condition");
}

function lowerBinary(node: Node, source: string): Value {
  const operator = child(node, "operator")?.type;
  const left = lower(child(node, "left"), source);
  const right = lower(child(node, "right"), source);
  if (operator === "++") return concatenate(span(node), [left, right]);
  return unknown(span(node), `\`${excerpt(source, span(node))}\` is not resolved`);
}

/** `a ++ b`: what is known of both; parts that are no lists stay unknown parts. */
function concatenate(at: Span, parts: readonly Value[]): ListValue {
  const lists = parts.map((part) =>
    part.kind === "list"
      ? part
      : {
          elements: [],
          literals: [],
          unknown: [unknown(part.span, part.kind === "unknown" ? part.reason : "this is not a list")],
        },
  );
  return {
    kind: "list",
    elements: lists.flatMap((list) => list.elements),
    literals: lists.flatMap((list) => list.literals),
    unknown: lists.flatMap((list) => list.unknown),
    span: at,
  };
}

/** The value as it is when it is there only under a condition. An edit must not land in such a list or set. */
function conditional(value: Value): Value {
  if (value.kind === "list") return { ...value, literals: [], elements: value.elements.map(underCondition) };
  if (value.kind === "attrs") return { ...value, literals: [], bindings: value.bindings.map(underCondition) };
  return value;
}

function underCondition<T extends { readonly conditional: boolean }>(part: T): T {
  return { ...part, conditional: true };
}

/** `mkMerge [ a b ]`: the lists joined, or the sets side by side; anything else is unknown. */
function merge(at: Span, parts: ListValue, reason: string): Value {
  const values = parts.elements.map((element) => (element.conditional ? conditional(element.value) : element.value));
  if (values.length > 0 && values.every((value) => value.kind === "attrs")) {
    return {
      kind: "attrs",
      bindings: values.flatMap((value) => value.bindings),
      recursive: false,
      literals: values.flatMap((value) => value.literals),
      unknown: [...parts.unknown, ...values.flatMap((value) => value.unknown)],
      span: at,
    };
  }
  if (values.some((value) => value.kind !== "list" && value.kind !== "unknown")) return unknown(at, reason);
  const joined = concatenate(at, values);
  return { ...joined, unknown: [...parts.unknown, ...joined.unknown] };
}

export interface LibraryCall {
  readonly name: string;
  readonly arguments: readonly Node[];
}

/** `lib.mkIf a b` → mkIf with two arguments; also `mkIf a b` under `with lib`, and `builtins.x`. Null for any other expression. */
export function libraryCall(node: Node, source: string): LibraryCall | null {
  const values: Node[] = [];
  let at: Node = node;
  while (at.type === "apply_expression") {
    const argument = child(at, "argument");
    const callee = child(at, "function");
    if (argument === null || callee === null) return null;
    values.unshift(argument);
    at = callee;
  }
  if (values.length === 0) return null;
  const name = source.slice(at.startIndex, at.endIndex).replace(/^(?:lib\.(?:lists\.|modules\.)?|builtins\.)/, "");
  return /^[A-Za-z']+$/.test(name) ? { name, arguments: values } : null;
}

function lowerApply(node: Node, source: string): Value {
  const call = libraryCall(node, source);
  const at = span(node);
  const last = lower(call?.arguments[call.arguments.length - 1] ?? null, source);
  const count = call?.arguments.length ?? 0;
  switch (call?.name) {
    case "mkForce":
    case "mkDefault":
    case "mkBefore":
    case "mkAfter":
      if (count === 1) return { ...last, span: at };
      break;
    case "mkIf":
    case "optionals":
    case "optionalAttrs":
      if (count === 2) return { ...conditional(last), span: at };
      break;
    case "optional":
      if (count === 2)
        return { kind: "list", elements: [{ value: last, conditional: true }], literals: [], unknown: [], span: at };
      break;
    case "mkMerge":
    case "concatLists":
      if (count === 1 && last.kind === "list") return merge(at, last, `\`${excerpt(source, at)}\` is not resolved`);
      break;
    case "unique":
      // Doubles vanish, so no element may be reported as doubled: each counts as conditional.
      if (count === 1 && last.kind === "list")
        return { ...last, elements: last.elements.map(underCondition), span: at };
      break;
  }
  return unknown(at, `\`${excerpt(source, at)}\` is not resolved`);
}
