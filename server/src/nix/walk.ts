import type { Node } from "../syntax/node";
import { libraryCall } from "./call";
import { evaluate } from "./evaluate";
import { child, pathOnce, span } from "./nodes";
import { functionScope, recursiveScope, rootScope, type Scope, withScope } from "./scope";
import type { Thunk } from "./terms";
import { nameOf } from "./text";
import type { AttrName } from "./value";

/** One `a.b.c = value;` met on the way through a module, with its whole path from the module's top. */
export interface Site {
  readonly path: readonly AttrName[];
  /** How many leading segments of `path` belong to enclosing bindings. */
  readonly outer: number;
  readonly binding: Node;
  readonly value: Node;
  readonly conditional: boolean;
  /** The names `value` can use. */
  readonly scope: Scope;
  /** How it is reached, as text: attribute paths as written, places in lists and calls by number. Survives edits of other parts. */
  readonly trail: string;
}

/** What is known from elsewhere when a file is walked through. */
export interface Surroundings {
  readonly scope: Scope;
  /** What the function at a trail is called with; null where that is not known. */
  readonly argumentOf: (trail: string) => Thunk | null;
  readonly onFunction?: (trail: string, node: Node) => void;
  /** Whether to look into a part at all; all that is in it has its trail continued, and lies within it. By default all of them. */
  readonly isWanted?: (trail: string, node: Node) => boolean;
}

type Visit = (site: Site, context: readonly AttrName[]) => boolean;

/**
 * Visits every binding that can set an option: through nested sets, function bodies, `let … in`, `with`, `assert`, `if`, `//`,
 * parentheses, lists of modules and arguments of functions. `visit` returns false to keep the walk out of a binding's value.
 * The path starts anew where another module begins (a function, an element of a list, a value bound by `let`);
 * `context` is then the path of what encloses it, with a segment `@offset` for each element of a list or argument of a call.
 */
export function walkModule(root: Node, source: string, visit: Visit, around: Surroundings = alone(source)): void {
  const start = { node: root, path: [], context: [], conditional: false, scope: around.scope, trail: "" };
  const pending: Step[] = [start];
  for (let step = pending.pop(); step !== undefined; step = pending.pop()) {
    if (around.isWanted?.(step.trail, step.node) === false) continue;
    // One by one: a hostile file has more parts than a call takes arguments.
    for (const part of next(step, source, visit, around).reverse()) pending.push(part);
  }
}

function alone(source: string): Surroundings {
  return { scope: rootScope(source), argumentOf: () => null };
}

/** Where the functions that modules are made of start, by trail: all of them, or those on the way to one trail. */
export function functionsIn(root: Node, source: string, wanted: string | null): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  walkModule(root, source, () => true, {
    ...alone(source),
    onFunction: (trail, node) => found.set(trail, node.startIndex),
    ...(wanted === null ? {} : { isWanted: (trail) => wanted.startsWith(trail) }),
  });
  return found;
}

interface Step {
  readonly node: Node;
  readonly path: readonly AttrName[];
  readonly context: readonly AttrName[];
  readonly conditional: boolean;
  readonly scope: Scope;
  readonly trail: string;
}

/** The parts of a node that may set options, in order. */
function next(step: Step, source: string, visit: Visit, around: Surroundings): Step[] {
  const { node, path, scope } = step;
  switch (node.type) {
    case "source_code":
    case "attrset_expression":
    case "binding_set":
    case "ERROR":
      return follow(step, parts(node));
    case "rec_attrset_expression":
      return follow({ ...step, scope: recursiveScope(scope, node) }, parts(node));
    case "binding": {
      const value = child(node, "expression");
      if (value === null) return [];
      const written = child(node, "attrpath");
      const own = pathOnce(written, source, (part) => nameOf(part, scope));
      const full = path.length === 0 ? own : [...path, ...own];
      const trail = `${step.trail}.${textOf(written, source)}`;
      const site = {
        path: full,
        outer: path.length,
        binding: node,
        value,
        conditional: step.conditional,
        scope,
        trail,
      };
      return visit(site, step.context) ? follow({ ...step, path: full, trail }, [value]) : [];
    }
    case "parenthesized_expression":
      return follow(step, [child(node, "expression")]);
    case "function_expression": {
      around.onFunction?.(step.trail, node);
      const inner = {
        ...step,
        trail: `${step.trail}:`,
        scope: functionScope(scope, node, around.argumentOf(step.trail), false),
      };
      return follow(path.length > 0 ? afresh(inner) : inner, [child(node, "body")]);
    }
    case "let_expression": {
      const inner = { ...step, scope: recursiveScope(scope, node) };
      const bound = parts(node).filter((part) => part.type === "binding_set");
      // What is bound inside of an option's value is no option below it.
      const named = { ...(path.length === 0 ? afresh(inner) : afresh(inner, node)), trail: `${step.trail}let` };
      return [...follow(named, bound), ...follow(inner, [child(node, "body")])];
    }
    case "with_expression":
      return follow({ ...step, scope: withScope(scope, node) }, [child(node, "body")]);
    case "assert_expression":
      return follow(step, [child(node, "body")]);
    case "if_expression": {
      const known = truth(child(node, "condition"), scope);
      const [yes, no] = [child(node, "consequence"), child(node, "alternative")];
      return known === null ? follow({ ...step, conditional: true }, [yes, no]) : follow(step, [known ? yes : no]);
    }
    case "binary_expression":
      return follow(step, [child(node, "left"), child(node, "right")]);
    case "list_expression":
      return parts(node).map((part, index) => ({ ...afresh(step, part, index), node: part }));
    case "apply_expression":
      return nextOfApply(step, source);
    default:
      return [];
  }
}

/** Arguments of a call may hold modules; `mkIf` and its kin keep the path, for others the path starts anew. */
function nextOfApply(step: Step, source: string): Step[] {
  const call = libraryCall(step.node, source);
  const last = call?.arguments[call.arguments.length - 1] ?? null;
  switch (call?.name) {
    case "mkIf":
    case "optionalAttrs": {
      const known = truth(call.arguments[0] ?? null, step.scope);
      return known === false ? [] : follow(known === null ? { ...step, conditional: true } : step, [last]);
    }
    case "mkForce":
    case "mkDefault":
    case "mkBefore":
    case "mkAfter":
      return follow(step, [last]);
    case "mkMerge":
      return follow(step, last === null ? [] : parts(last));
  }
  const passed: Node[] = [];
  for (let at: Node | null = step.node; at?.type === "apply_expression"; at = child(at, "function")) {
    const argument = child(at, "argument");
    if (argument !== null) passed.unshift(argument);
  }
  return passed.map((argument, index) => ({ ...afresh(step, argument, index), node: argument }));
}

/** Whether a condition holds; null where that is not known. What one host switches off is there for another. */
function truth(condition: Node | null, scope: Scope): boolean | null {
  const term = evaluate(condition, scope);
  if (term.kind !== "bool") return null;
  return term.value || scope.run.world === null ? term.value : null;
}

function follow(step: Step, nodes: readonly (Node | null)[]): Step[] {
  const { path, context, conditional, scope, trail } = step;
  const steps: Step[] = [];
  // A large file has many: copying all of a step takes longer.
  for (const node of nodes) if (node !== null) steps.push({ node, path, context, conditional, scope, trail });
  return steps;
}

/** Another module begins; one of several side by side (`part`) is told apart by where it stands. */
function afresh(step: Step, part?: Node, index = 0): Step {
  const place = part === undefined ? [] : [{ name: `@${part.startIndex}`, span: span(part), quoted: false }];
  const trail = part === undefined ? step.trail : `${step.trail}[${index}]`;
  return { ...step, trail, path: [], context: [...step.context, ...step.path, ...place] };
}

function textOf(node: Node | null, source: string): string {
  return node === null ? "" : source.slice(node.startIndex, node.endIndex);
}

function parts(node: Node): Node[] {
  return node.namedChildren.filter((part) => part.type !== "comment");
}
