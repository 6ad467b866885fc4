import type { PersistenceModule } from "./model";

/** The persistence modules' options, as data. A new option of a module is one line here. */
export type OptionType =
  | "bool"
  | "path"
  | "string"
  | "mode"
  | "directories"
  | "files"
  | "users"
  | "attrs"
  | "strings"
  | readonly string[];

export interface OptionSpec {
  readonly name: string;
  readonly type: OptionType;
  /** As the module documents it, null where there is none. */
  readonly default: string | null;
  /** One or two sentences for a hover. */
  readonly doc: string;
  /** For an option the module refuses: what to do instead. */
  readonly removed?: string;
  /** Exists, but is not offered: internal. */
  readonly internal?: boolean;
}

export interface ModuleSchema {
  readonly module: PersistenceModule;
  /** For people: "impermanence". */
  readonly title: string;
  /** Attribute path of the option that holds the storages. */
  readonly option: readonly string[];
  readonly storage: readonly OptionSpec[];
  /** Null where the module has no `users.<name>`. */
  readonly user: readonly OptionSpec[] | null;
  readonly directory: readonly OptionSpec[];
  readonly file: readonly OptionSpec[];
  /** What a directory gets when nothing is said. */
  readonly defaultMode: string;
}

const lists: readonly OptionSpec[] = [
  {
    name: "directories",
    type: "directories",
    default: "[ ]",
    doc: "Directories to keep: paths, or sets with `directory` and options.",
  },
  { name: "files", type: "files", default: "[ ]", doc: "Files to keep: paths, or sets with `file` and options." },
];

const enable: OptionSpec = {
  name: "enable",
  type: "bool",
  default: "true",
  doc: "When false, the whole storage is ignored.",
};
const storagePath: OptionSpec = {
  name: "persistentStoragePath",
  type: "path",
  default: "the attribute name",
  doc: "Where the data lives. Must be on a file system that survives a reboot and is mounted in the initrd (`neededForBoot`).",
};
const hideMounts: OptionSpec = {
  name: "hideMounts",
  type: "bool",
  default: "false",
  doc: "Hides the bind mounts from file managers (`x-gvfs-hide`).",
};
const allowTrash: OptionSpec = {
  name: "allowTrash",
  type: "bool",
  default: "false",
  doc: "Lets file managers move things to the trash across the bind mounts (`x-gvfs-trash`).",
};

const owner = (what: string, user: string, group: string): readonly OptionSpec[] => [
  {
    name: "user",
    type: "string",
    default: user,
    doc: `Owner of the ${what}, used only when it is first created in the storage.`,
  },
  {
    name: "group",
    type: "string",
    default: group,
    doc: `Group of the ${what}, used only when it is first created in the storage.`,
  },
];
const mode = (fallback: string): OptionSpec => ({
  name: "mode",
  type: "mode",
  default: `"${fallback}"`,
  doc: 'Mode as a string, `"0700"` or `"u=rwx,g=,o="`, used only when the path is first created in the storage: changing it later does nothing.',
});

const noEffect = "it no longer has any effect; remove it";
const allowOther: OptionSpec = {
  name: "allowOther",
  type: "bool",
  default: null,
  doc: "Was for bindfs mounts.",
  removed: noEffect,
};
const removePrefix: OptionSpec = {
  name: "removePrefixDirectory",
  type: "bool",
  default: null,
  doc: "Was for storages arranged for stow.",
  removed: noEffect,
};
const directoryMethod: OptionSpec = {
  name: "defaultDirectoryMethod",
  type: "string",
  default: null,
  doc: "Directories are always bind mounts now.",
  removed: noEffect,
};
const defaultPerms: OptionSpec = {
  name: "defaultPerms",
  type: "attrs",
  default: null,
  doc: "Mode, user and group that entries get when they say nothing.",
  internal: true,
};

const impermanenceDirectory: readonly OptionSpec[] = [
  { name: "directory", type: "path", default: null, doc: "The path to keep." },
  ...owner("directory", '"root"', '"root"'),
  mode("0755"),
  { ...hideMounts, name: "hideMount", default: "the storage's `hideMounts`" },
  { ...allowTrash, default: "the storage's `allowTrash`" },
  storagePath,
  defaultPerms,
  { name: "method", type: "string", default: null, doc: "Directories are always bind mounts now.", removed: noEffect },
];
const impermanenceFile: readonly OptionSpec[] = [
  { name: "file", type: "path", default: null, doc: "The path to keep." },
  {
    name: "method",
    type: ["auto", "symlink"],
    default: '"auto"',
    doc: "`auto`: a bind mount when the file exists in the storage, else a symbolic link. `symlink`: always a link.",
  },
  {
    name: "parentDirectory",
    type: "attrs",
    default: "{ }",
    doc: "`user`, `group` and `mode` of the folder the file lies in, when it is first created.",
  },
  storagePath,
  defaultPerms,
];
const impermanenceStorage: readonly OptionSpec[] = [
  enable,
  storagePath,
  hideMounts,
  allowTrash,
  { name: "enableWarnings", type: "bool", default: "true", doc: "Whether the module warns about likely mistakes." },
  ...lists,
  allowOther,
  directoryMethod,
  removePrefix,
  { ...defaultPerms },
];

const commonMounts: OptionSpec = {
  name: "commonMountOptions",
  type: "strings",
  default: "[ ]",
  doc: "Mount options added to every bind mount.",
};
const preservationCommon: readonly OptionSpec[] = [
  ...owner("path", '"root"', '"root"'),
  {
    name: "configureParent",
    type: "bool",
    default: "false",
    doc: "Also creates the parent folder with the owner and mode of `parent`.",
  },
  { name: "parent", type: "attrs", default: "{ }", doc: "`user`, `group` and `mode` of the parent folder." },
  { name: "mountOptions", type: "strings", default: "[ ]", doc: "Mount options of this bind mount." },
  { name: "createLinkTarget", type: "bool", default: "false", doc: "For links: also creates what the link points to." },
  { name: "inInitrd", type: "bool", default: "false", doc: "Makes the path available already in the initrd." },
];

export const schemas: readonly ModuleSchema[] = [
  {
    module: "impermanence",
    title: "impermanence",
    option: ["environment", "persistence"],
    storage: [
      ...impermanenceStorage,
      { name: "users", type: "users", default: "{ }", doc: "Paths of users, relative to their home directories." },
    ],
    user: [
      ...lists,
      {
        name: "home",
        type: "path",
        default: null,
        doc: "The home directory comes from `users.users.<name>.home`.",
        removed: "the home directory is taken from `users.users.<name>.home`; remove it",
      },
      defaultPerms,
    ],
    directory: impermanenceDirectory,
    file: impermanenceFile,
    defaultMode: "0755",
  },
  {
    module: "home-manager",
    title: "impermanence for Home Manager",
    option: ["home", "persistence"],
    storage: impermanenceStorage,
    user: null,
    directory: impermanenceDirectory,
    file: impermanenceFile,
    defaultMode: "0755",
  },
  {
    module: "preservation",
    title: "preservation",
    option: ["preservation", "preserveAt"],
    storage: [
      storagePath,
      ...lists,
      commonMounts,
      { name: "users", type: "users", default: "{ }", doc: "Paths of users, relative to their home directories." },
    ],
    user: [
      ...lists,
      commonMounts,
      { name: "home", type: "path", default: "users.users.<name>.home", doc: "The home directory." },
    ],
    directory: [
      { name: "directory", type: "path", default: null, doc: "The path to keep." },
      {
        name: "how",
        type: ["bindmount", "symlink"],
        default: '"bindmount"',
        doc: "Whether the path is bind-mounted or linked.",
      },
      mode("0755"),
      ...preservationCommon,
    ],
    file: [
      { name: "file", type: "path", default: null, doc: "The path to keep." },
      {
        name: "how",
        type: ["bindmount", "symlink"],
        default: '"bindmount"',
        doc: "Whether the path is bind-mounted or linked.",
      },
      mode("0644"),
      ...preservationCommon,
    ],
    defaultMode: "0755",
  },
];

export function schemaOf(module: PersistenceModule): ModuleSchema {
  const schema = schemas.find((candidate) => candidate.module === module);
  if (schema === undefined) throw new RangeError(`no schema for ${module}`);
  return schema;
}

/** Options the modules have for their own use, besides those listed above, and the names any module may have. */
const ownUse = new Set([
  "_class",
  "_file",
  "_module",
  "assertions",
  "config",
  "defaultPerms",
  "dirPath",
  "disabledModules",
  "enableDebugging",
  "filePath",
  "freeformType",
  "home",
  "homeGroup",
  "homeMode",
  "imports",
  "key",
  "options",
  "require",
  "username",
  "warnings",
]);

/** True for names that evaluate although they are not offered: never an unknown option. */
export function isInternal(name: string): boolean {
  return ownUse.has(name);
}

/** True where a set may declare or import options of its own beside these names: then no other name is known to be wrong. */
export function isOpen(names: readonly string[]): boolean {
  return names.some((name) => ["_module", "freeformType", "imports", "options", "require"].includes(name));
}
