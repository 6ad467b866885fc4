import type { AttrName, Value } from "../nix/value";
import type { Span } from "../syntax/span";
import type { FileSystemFact, HostFacts } from "./model";

/** An option the file sets outside persistence blocks. */
export interface SeenOption {
  readonly path: readonly AttrName[];
  readonly value: Value;
  readonly span: Span;
  /** Set by the file's own module, and not under a condition around it. */
  readonly certain: boolean;
}

/** What a host sets once, and a module shared by several does not. */
const hostOptions = ["system.stateVersion", "networking.hostName"];

const textOptions = new Set(["users", "fileSystems", ...hostOptions.map((option) => option.split(".")[0] ?? "")]);

/** Whether a string that is set there may be a fact. */
export function mayBeText(path: readonly AttrName[]): boolean {
  const first = (path[0]?.name === "config" ? path[1] : path[0])?.name;
  return first != null && textOptions.has(first);
}

/** Gathers the facts rules and coverage need from the options a file sets. Only literal values count. `source` is the file's text. */
export function factsOf(options: readonly SeenOption[], source: string): HostFacts {
  const homes = new Map<string, string>();
  const switches = new Map<string, boolean>();
  const fileSystems = new Map<string, FileSystemFact>();
  const imports: { path: string; span: Span }[] = [];
  let importsUnknown = false;
  let isHost = false;
  for (const option of options) {
    const { path, value } = option;
    const names = (path[0]?.name === "config" ? path.slice(1) : path).map((segment) => segment.name);
    const [first, second, third] = names;
    isHost ||= hostOptions.includes(names.join(".")) || (first === "fileSystems" && second === "/");
    if (first === "imports" && names.length === 1) {
      imports.push(...literalPaths(value));
      importsUnknown ||= hasUnknownModules(value, source);
    } else if (
      first === "users" &&
      second === "users" &&
      third != null &&
      names[3] === "home" &&
      value.kind === "string"
    )
      homes.set(third, value.text);
    else if (first === "fileSystems" && second != null) noteFileSystem(fileSystems, second, names.slice(2), option);
    else if (value.kind === "bool" && names.every((name) => name !== null)) switches.set(names.join("."), value.value);
  }
  return { homes, switches, fileSystems: [...fileSystems.values()], imports, importsUnknown, isHost };
}

function literalPaths(value: Value): { path: string; span: Span }[] {
  if (value.kind !== "list") return [];
  return value.elements.flatMap(({ value: element }) =>
    element.kind === "path" ? [{ path: element.text, span: element.span }] : [],
  );
}

/**
 * Modules of other flakes (`inputs.impermanence.nixosModules.default`) and of nixpkgs (`modulesPath + "/…"`, `<nixpkgs/…>`)
 * persist nothing of this host; anything else that is no literal path may be a module of this repository.
 */
function hasUnknownModules(value: Value, source: string): boolean {
  if (value.kind !== "list" || value.unknown.length > 0) return true;
  return value.elements.some(({ value: element }) => {
    if (element.kind !== "unknown") return element.kind === "string" && !element.text.startsWith("/nix/store/");
    const text = source.slice(element.span.start, element.span.end);
    if (/^\(?\s*"?(?:\$\{)?modulesPath\b/.test(text) || text.startsWith("<")) return false;
    return !/^(?!(?:inputs\.)?self\b)[\w.'"-]+\.(?:nixosModules|homeManagerModules|homeModules|modules)\b[\w.'"-]*$/.test(
      text,
    );
  });
}

function noteFileSystem(
  seen: Map<string, FileSystemFact>,
  mountPoint: string,
  rest: readonly (string | null)[],
  { value, span, certain }: SeenOption,
): void {
  const known = seen.get(mountPoint) ?? { mountPoint, neededForBoot: null, fsType: null, span };
  const values =
    rest.length > 0
      ? [{ name: rest[0], value, certain }]
      : value.kind === "attrs"
        ? value.bindings.map((binding) => ({
            name: binding.path[0]?.name,
            value: binding.value,
            certain: certain && !binding.conditional,
          }))
        : [];
  let fact = known;
  for (const { name, value: inner, certain: sure } of values) {
    if (name === "neededForBoot" && inner.kind === "bool")
      fact = { ...fact, neededForBoot: inner.value, ...(sure ? { neededSpan: inner.span } : {}) };
    if (name === "fsType" && inner.kind === "string") fact = { ...fact, fsType: inner.text };
  }
  seen.set(mountPoint, fact);
}
