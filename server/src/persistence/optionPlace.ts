import type { Place, Segment } from "../syntax/place";
import type { ListName, Scope } from "./model";
import { type ModuleSchema, type OptionSpec, schemaOf, schemas } from "./schema";

/** Which option of a persistence module a place of a text belongs to. */
export type OptionPlace =
  /** The set of storages: its names are paths. */
  | { readonly kind: "storages"; readonly schema: ModuleSchema }
  /** A set whose names are options. */
  | {
      readonly kind: "options";
      readonly schema: ModuleSchema;
      readonly of: OptionSet;
      readonly specs: readonly OptionSpec[];
    }
  /** The set whose names are users. */
  | { readonly kind: "users"; readonly schema: ModuleSchema }
  /** A path to keep: an element of a list, or what names one. */
  | { readonly kind: "paths"; readonly schema: ModuleSchema; readonly list: ListName; readonly scope: Scope }
  /** The value of another option. */
  | { readonly kind: "value"; readonly schema: ModuleSchema; readonly of: OptionSet; readonly spec: OptionSpec };

export type OptionSet = "storage" | "user" | "directory" | "file" | "parent";

type Step = Segment | "in";

/** What the attribute path of a place leads to; null where that is no persistence option. */
export function optionPlace(path: Place["path"]): OptionPlace | null {
  for (const schema of schemas) {
    const at = indexOfOption(path, schema.option);
    if (at === -1) continue;
    const before = path.slice(0, at);
    if (isNamed(before[0], "options")) return null;
    const user = before.findIndex(
      (step, index) => isNamed(step, "home-manager") && isNamed(before[index + 1], "users"),
    );
    const owner = user === -1 ? undefined : before[user + 2];
    const scope: Scope = schema.module === "home-manager" ? { kind: "user", user: nameOf(owner) } : { kind: "system" };
    return inStorages(schema, path.slice(at + schema.option.length), scope);
  }
  return inSharedSet(path);
}

/** The options of one storage, of a user's part, or of an entry. */
export function specsOf(schema: ModuleSchema, of: OptionSet): readonly OptionSpec[] {
  if (of === "parent") return schema.directory.filter(({ name }) => ["user", "group", "mode"].includes(name));
  return of === "user" ? (schema.user ?? []) : schema[of];
}

function indexOfOption(path: Place["path"], option: readonly string[]): number {
  for (let at = 0; at + option.length <= path.length; at++)
    if (option.every((name, index) => isNamed(path[at + index], name))) return at;
  return -1;
}

function inStorages(schema: ModuleSchema, path: readonly Step[], scope: Scope): OptionPlace | null {
  const [storage, ...rest] = path.filter((step, index) => step !== "in" || index > 0);
  return storage === undefined ? { kind: "storages", schema } : inOptions(schema, "storage", rest, scope);
}

function inOptions(
  schema: ModuleSchema,
  of: "storage" | "user",
  path: readonly Step[],
  scope: Scope,
): OptionPlace | null {
  const specs = specsOf(schema, of);
  // Sets in `mkMerge [ … ]` are the same set.
  const start = path.findIndex((step) => step !== "in");
  const [name, ...rest] = start === -1 ? [] : path.slice(start);
  if (name === undefined) return { kind: "options", schema, of, specs };
  const spec = specs.find((candidate) => isNamed(name, candidate.name));
  if (spec === undefined) return null;
  if (spec.type === "directories" || spec.type === "files") return inList(schema, spec.type, rest, scope);
  if (spec.type !== "users") return { kind: "value", schema, of, spec };
  const [user, ...below] = rest.filter((step) => step !== "in" || rest.indexOf(step) > 0);
  if (user === undefined) return { kind: "users", schema };
  return inOptions(schema, "user", below, { kind: "user", user: nameOf(user) });
}

function inList(schema: ModuleSchema, list: ListName, path: readonly Step[], scope: Scope): OptionPlace | null {
  const of = list === "directories" ? "directory" : "file";
  const [name, ...rest] = path.slice(path.lastIndexOf("in") + 1);
  if (name === undefined) {
    if (!path.includes("in")) return { kind: "paths", schema, list, scope };
    return { kind: "options", schema, of, specs: specsOf(schema, of) };
  }
  if (isNamed(name, of)) return { kind: "paths", schema, list, scope };
  const spec = specsOf(schema, of).find((candidate) => isNamed(name, candidate.name));
  if (spec === undefined) return null;
  if (spec.name !== (schema.module === "preservation" ? "parent" : "parentDirectory"))
    return { kind: "value", schema, of, spec };
  const specs = specsOf(schema, "parent");
  const [inner] = rest;
  if (inner === undefined) return { kind: "options", schema, of: "parent", specs };
  const own = specs.find((candidate) => isNamed(inner, candidate.name));
  return own === undefined ? null : { kind: "value", schema, of: "parent", spec: own };
}

/** Sets of paths shared by several hosts are plain data: `{ system.directories = [ … ]; user.files = [ … ]; }`. */
function inSharedSet(path: Place["path"]): OptionPlace | null {
  const list = path.findLastIndex((step) => isNamed(step, "directories") || isNamed(step, "files"));
  const owner = path[list - 1];
  const scope: Scope | null = isNamed(owner, "system")
    ? { kind: "system" }
    : isNamed(owner, "user")
      ? { kind: "user", user: null }
      : null;
  if (scope === null) return null;
  return inList(
    schemaOf("impermanence"),
    isNamed(path[list], "files") ? "files" : "directories",
    path.slice(list + 1),
    scope,
  );
}

function isNamed(step: Step | undefined, name: string): boolean {
  return step !== undefined && step !== "in" && step.name === name;
}

function nameOf(step: Step | undefined): string | null {
  return step === undefined || step === "in" ? null : step.name;
}
