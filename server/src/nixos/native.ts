import { string, type Term } from "../nix/terms";
import { any, type NativeOption, type OptionType, one } from "./types";

/** The options of nixpkgs, Home Manager and the persistence modules whose merging matters here, as data. */

function options(entries: Readonly<Record<string, NativeOption>>): OptionType {
  return { kind: "options", options: new Map(Object.entries(entries)) };
}

/** Above options there is nothing to merge: it is only the way to those below. */
function tree(entries: Readonly<Record<string, OptionType>>, others?: OptionType): OptionType {
  const below = new Map(Object.entries(entries).map(([name, type]) => [name, { type }]));
  return others === undefined ? { kind: "tree", below } : { kind: "tree", below, others };
}

function attrsOf(of: OptionType): OptionType {
  return { kind: "attrs", of };
}

const listOf: OptionType = { kind: "list", of: any };

const lists = {
  directories: { type: { kind: "list", of: { kind: "entry", name: "directory" } } },
  files: { type: { kind: "list", of: { kind: "entry", name: "file" } } },
} as const;

function bool(value: boolean): NativeOption {
  return { type: one, default: () => ({ kind: "bool", value }) };
}

/** The name of the storage stands for its path, where it can be one: the modules refuse any other. */
const storagePath: NativeOption = {
  type: one,
  default: (path) => {
    const name = path[path.length - 2];
    return name?.startsWith("/") === true ? text(name) : null;
  },
};

function text(known: string | undefined): Term | null {
  return known === undefined ? null : string(known);
}

const userLists = attrsOf(options(lists));

const persistence = attrsOf(
  options({ ...lists, enable: bool(true), persistentStoragePath: storagePath, users: { type: userLists } }),
);

const homePersistence = attrsOf(options({ ...lists, enable: bool(true), persistentStoragePath: storagePath }));

const preservation = tree({
  enable: { kind: "switch" },
  preserveAt: attrsOf(options({ ...lists, persistentStoragePath: storagePath, users: { type: userLists } })),
});

/** `users.users.<name>.home`, as nixpkgs sets it for people. */
const home: NativeOption = {
  type: one,
  default: (path) => {
    const name = path[path.length - 2];
    return text(name === "root" ? "/root" : name === undefined ? undefined : `/home/${name}`);
  },
};

const userName: NativeOption = { type: one, default: (path) => text(path[path.length - 2]) };

/** What modules give as arguments to all others. */
const _module = tree({ args: attrsOf(any) });

export const nixosOptions: OptionType = tree({
  _module,
  environment: tree({ persistence }),
  preservation,
  "home-manager": tree({
    users: attrsOf({ kind: "home" }),
    extraSpecialArgs: any,
    sharedModules: listOf,
  }),
  fileSystems: attrsOf(any),
  users: tree({ users: attrsOf(options({ home, name: userName })) }),
});

export const homeOptions: OptionType = tree({ _module, home: tree({ persistence: homePersistence }) });

const deferred: OptionType = { kind: "deferred" };

/** The outputs of a flake that modules may set piece by piece. */
export const flakeOptions: OptionType = tree(
  {
    modules: attrsOf(attrsOf(deferred)),
    nixosModules: attrsOf(deferred),
    homeModules: attrsOf(deferred),
    nixosConfigurations: attrsOf(any),
  },
  any,
);

export const flakePartsOptions: OptionType = tree({ _module, flake: { kind: "flake" } });
