import type { AttrsValue, Value } from "../../nix/value";
import { settingAt, settingsOf } from "../../persistence/entries";
import type { ListDeclaration, Setting, StorageBlock } from "../../persistence/model";
import { type ModuleSchema, type OptionSpec, schemaOf } from "../../persistence/schema";
import { contains, type Span } from "../../syntax/span";
import type { RuleContext } from "../rule";

/** One option set in a block, an entry or a user's part, with what the module says of it. */
export interface OptionUse {
  readonly setting: Setting;
  /** The option's name. */
  readonly name: string;
  /** Null where the module has no such option here. */
  readonly spec: OptionSpec | null;
  readonly place: "storage" | "user" | "directory" | "file" | "parent";
  /** All options there are at this place. */
  readonly specs: readonly OptionSpec[];
  /** Names set beside it. */
  readonly beside: readonly string[];
  readonly block: StorageBlock;
}

/** An element of a list that is written as a set. */
export interface EntrySet {
  readonly value: AttrsValue;
  readonly list: ListDeclaration;
  readonly block: StorageBlock;
}

/** A set that stands for another value, as `lib.mkIf` makes it: `{ _type = "if"; condition = …; content = …; }`. */
export function isMarked(value: Value): boolean {
  return value.kind === "attrs" && value.bindings.some(({ path }) => path[0]?.name === "_type");
}

/** The file whose blocks are looked at, and the hosts it is a part of. */
type Place = Pick<RuleContext, "file" | "evaluated">;

/**
 * The blocks that set the module's own option, not another option of the same name: a storage is named by a path or a computed name,
 * or has lists as only a storage has them, and no host declares the option itself.
 */
export function trustedBlocks({ file, evaluated }: Place): readonly StorageBlock[] {
  const { persistence, text } = file;
  return persistence.blocks.filter((block) => {
    if (evaluated.some(({ ownModules }) => ownModules.has(block.module))) return false;
    if (block.storagePath !== null) return true;
    const name = text.slice(block.nameSpan.start, block.nameSpan.end);
    return name.includes("${") || (block.module !== "home-manager" && block.unit === "" && block.lists.length > 0);
  });
}

/** The elements of a list that are written in the list itself. What another file brings has only the span of where it is used. */
export function ownElements({ value, span }: Pick<ListDeclaration, "value" | "span">): readonly Value[] {
  if (value.kind !== "list") return [];
  return value.elements.flatMap((element) =>
    element.origin === undefined && contains(span, element.value.span) ? [element.value] : [],
  );
}

/** The sets among a block's entries, as far as they are written in the list itself. */
export function entrySets(block: StorageBlock): readonly EntrySet[] {
  return block.lists.flatMap((list) =>
    ownElements(list).flatMap((value) => (value.kind === "attrs" ? [{ value, list, block }] : [])),
  );
}

/** Every option set in the file's storages, in users' parts and in entries. */
export function optionUses(place: Place): readonly OptionUse[] {
  return trustedBlocks(place).flatMap((block) => {
    const schema = schemaOf(block.module);
    return [
      ...uses(block, block.span, "storage", schema.storage, block.settings),
      ...block.users.flatMap((part) => uses(block, block.span, "user", schema.user ?? [], part.settings)),
      ...entrySets(block).flatMap(({ value, list }) => {
        const place = list.list === "directories" ? "directory" : "file";
        const settings = settingsOf(value);
        return [
          ...uses(block, value.span, place, specsOf(schema, place), settings),
          ...uses(
            block,
            value.span,
            "parent",
            parentSpecs(schema),
            settings.flatMap((setting) => partsOfParent(schema, setting)),
          ),
        ];
      }),
    ];
  });
}

/** What is set of the folder an entry lies in, as one set or with dotted names. */
function partsOfParent({ module }: ModuleSchema, { name, value, part, span }: Setting): Setting[] {
  if (name.name !== (module === "preservation" ? "parent" : "parentDirectory")) return [];
  if (part === undefined) return value.kind === "attrs" ? settingsOf(value) : [];
  const [first, ...rest] = part.path;
  return first === undefined ? [] : [settingAt(first, rest, part.value, span)];
}

/** Impermanence gives the folder all options of a directory, though only its owner and mode are meant to be set. */
function parentSpecs({ module, directory }: ModuleSchema): readonly OptionSpec[] {
  const offered = directory.filter(({ name }) => ["user", "group", "mode"].includes(name));
  if (module === "preservation") return offered;
  const others = directory.filter((spec) => !offered.includes(spec) && spec.removed === undefined);
  return [...offered, ...others.map((spec) => ({ ...spec, internal: true }))];
}

function specsOf(schema: ModuleSchema, place: "directory" | "file"): readonly OptionSpec[] {
  return place === "directory" ? schema.directory : schema.file;
}

/** Only what is written `within`: what a name or a function brings may be meant for others, too. */
function uses(
  block: StorageBlock,
  within: Span,
  place: OptionUse["place"],
  specs: readonly OptionSpec[],
  settings: readonly Setting[],
): OptionUse[] {
  const names = settings.flatMap(({ name }) => (name.name === null ? [] : [name.name]));
  // `{ _type = "if"; … }`: its names are those of `lib`, and its content is not this set.
  if (names.includes("_type")) return [];
  return settings.flatMap((setting) => {
    const name = setting.name.name;
    if (name === null || !contains(within, setting.span)) return [];
    const spec = specs.find((candidate) => candidate.name === name) ?? null;
    return [{ setting, name, spec, place, specs, beside: names, block }];
  });
}

/** `inherit (x) name;` sets an option too, but a fix must not take it apart. */
export function isInherited(text: string, setting: Setting): boolean {
  return (
    setting.name.span.start > setting.span.start &&
    /^inherit\b/.test(text.slice(setting.span.start, setting.span.start + 8))
  );
}

/** Where an option was written, for messages. */
export const placeTitle: Readonly<Record<OptionUse["place"], string>> = {
  storage: "a storage",
  user: "a user's part",
  directory: "a directory entry",
  file: "a file entry",
  parent: "an entry's parent folder",
};

/** The value's span when it lies in the file's own text. */
export function valueSpan(setting: Setting): Span | null {
  return contains(setting.span, setting.value.span) ? setting.value.span : null;
}
