import { later, textsFrom } from "./arguments";
import { select } from "./select";
import { attrs, type Builtin, bool, force, forceRaw, member, ready, type Term, type Thunk } from "./terms";

const describing: Builtin = { arity: 1, run: ([text]) => (text === undefined ? null : force(text)) };

/** `lib.options` and what modules are made with. What is declared is read by the module system. */
export const options: Readonly<Record<string, Builtin>> = {
  mkOption: { arity: 1, run: ([set]) => (set === undefined ? null : { kind: "option", set }) },
  mkEnableOption: {
    arity: 1,
    run: (_, { at }) => ({
      kind: "option",
      set: ready(
        attrs([member("type", ready(typeNamed("bool"), at), at), member("default", ready(bool(false), at), at)]),
        at,
      ),
    }),
  },
  mkPackageOption: { arity: 3, run: (_, { at }) => ({ kind: "option", set: ready(attrs([]), at) }) },
  mkAliasOptionModule: { arity: 2, run: ([from, to]) => alias(from, to) },
  mkAliasDefinitions: {
    arity: 1,
    run: ([option], { run }) => (option === undefined ? null : select(force(option), "definitions", run)),
  },
  mkAliasAndWrapDefinitions: {
    arity: 2,
    run: ([wrap, option], call) => {
      const said = option === undefined ? null : select(force(option), "definitions", call.run);
      return said === null ? null : forceRaw(later(wrap, [ready(said, call.at)], call));
    },
  },
  mkRenamedOptionModule: { arity: 2, run: ([from, to]) => alias(from, to) },
  mkRemovedOptionModule: { arity: 2, run: () => attrs([]) },
  /** flake-parts: modules that declare outputs of a flake, and set none. */
  mkTransposedPerSystemModule: { arity: 1, run: () => attrs([]) },
  mkPerSystemOption: { arity: 1, run: () => ({ kind: "type", name: "deferredModule", given: [] }) },
  literalExpression: describing,
  literalMD: describing,
  mdDoc: describing,
  nixosSystem: {
    arity: 1,
    run: ([given], call) => (given === undefined ? null : (call.run.world?.system("nixos", given, call) ?? null)),
  },
  homeManagerConfiguration: {
    arity: 1,
    run: ([given], call) =>
      given === undefined ? null : (call.run.world?.system("home-manager", given, call) ?? null),
  },
  evalModules: {
    arity: 1,
    run: ([given], call) => (given === undefined ? null : (call.run.world?.system("modules", given, call) ?? null)),
  },
  setAttrByPath: {
    arity: 2,
    run: ([path, value], { at }) => {
      const names = textsFrom(path);
      if (names === null || value === undefined) return null;
      const whole = names.reduceRight((inner: Thunk, name) => ready(attrs([member(name, inner, at)]), at), value);
      return forceRaw(whole);
    },
  },
};

function alias(from: Thunk | undefined, to: Thunk | undefined): Term | null {
  const [old, now] = [textsFrom(from), textsFrom(to)];
  return old === null || now === null ? null : { kind: "alias", from: old, to: now };
}

/** How many arguments a type takes; those that are not here take none. */
const arities: Readonly<Record<string, number>> = {
  listOf: 1,
  nonEmptyListOf: 1,
  attrsOf: 1,
  lazyAttrsOf: 1,
  nullOr: 1,
  submodule: 1,
  submoduleWith: 1,
  deferredModuleWith: 1,
  functionTo: 1,
  unique: 2,
  uniq: 1,
  oneOf: 1,
  either: 2,
  enum: 1,
  coercedTo: 3,
  addCheck: 2,
  separatedString: 1,
  strMatching: 1,
  passwdEntry: 1,
  mkOptionType: 1,
};

/** `types.name` */
const typeNames = new Set(
  `anything attrs bool boolByOr commas deferredModule envVar externalPath fileset float int ints lines luaInline nonEmptyStr number numbers optionType package
  path pathInStore pkgs port raw shellPackage singleLineStr str string unspecified`.split(/\s+/),
);

/** Whether it is a type of nixpkgs, or makes one. */
export function isTypeName(name: string): boolean {
  return typeNames.has(name) || Object.hasOwn(arities, name);
}

export function typeNamed(name: string): Term {
  const arity = arities[name] ?? 0;
  // `types.ints.between` and the like are one value each.
  if (arity === 0) return { kind: "type", name, given: [] };
  return { kind: "builtin", builtin: { arity, run: (given) => ({ kind: "type", name, given }) }, given: [] };
}
