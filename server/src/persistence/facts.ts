import type { AttrName, Value } from "../nix/value";
import type { Span } from "../syntax/span";
import type { FileSystemFact, HostFacts } from "./model";

/** An option the file sets outside persistence blocks. */
export interface SeenOption {
  readonly path: readonly AttrName[];
  readonly value: Value;
  readonly span: Span;
}

/** Gathers the facts rules and coverage need from the options a file sets. Only literal values count. */
export function factsOf(options: readonly SeenOption[]): HostFacts {
  const homes = new Map<string, string>();
  const switches = new Map<string, boolean>();
  const fileSystems = new Map<string, FileSystemFact>();
  const imports: { path: string; span: Span }[] = [];
  for (const { path, value, span } of options) {
    const names = (path[0]?.name === "config" ? path.slice(1) : path).map((segment) => segment.name);
    const [first, second, third] = names;
    if (first === "imports" && names.length === 1) imports.push(...literalPaths(value));
    else if (first === "users" && second === "users" && third != null && names[3] === "home" && value.kind === "string")
      homes.set(third, value.text);
    else if (first === "fileSystems" && second != null)
      noteFileSystem(fileSystems, second, names.slice(2), value, span);
    else if (value.kind === "bool" && names.every((name) => name !== null)) switches.set(names.join("."), value.value);
  }
  return { homes, switches, fileSystems: [...fileSystems.values()], imports };
}

function literalPaths(value: Value): { path: string; span: Span }[] {
  if (value.kind !== "list") return [];
  return value.elements.flatMap(({ value: element }) =>
    element.kind === "path" ? [{ path: element.text, span: element.span }] : [],
  );
}

function noteFileSystem(
  seen: Map<string, FileSystemFact>,
  mountPoint: string,
  rest: readonly (string | null)[],
  value: Value,
  span: Span,
): void {
  const known = seen.get(mountPoint) ?? { mountPoint, neededForBoot: null, fsType: null, span };
  const values =
    rest.length > 0
      ? [{ name: rest[0], value }]
      : value.kind === "attrs"
        ? value.bindings.map((binding) => ({ name: binding.path[0]?.name, value: binding.value }))
        : [];
  let fact = known;
  for (const { name, value: inner } of values) {
    if (name === "neededForBoot" && inner.kind === "bool") fact = { ...fact, neededForBoot: inner.value };
    if (name === "fsType" && inner.kind === "string") fact = { ...fact, fsType: inner.text };
  }
  seen.set(mountPoint, fact);
}
