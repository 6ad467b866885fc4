import type { AttrName, Value } from "../nix/value";
import { type BlockPlace, readBlock } from "./blocks";
import type { PersistenceModule, Scope, StorageBlock } from "./model";

/** What a host's evaluated configuration says, as values: the options of the modules, and where users live. */
export interface EvaluatedPersistence {
  readonly module: PersistenceModule;
  /** The Home Manager user whose option it is. */
  readonly user: string | null;
  /** The value of the whole option, such as `environment.persistence`. */
  readonly value: Value;
}

const nowhere = { start: 0, end: 0 };

/** A storage of a host, and what it is called in the configuration. */
export interface EvaluatedStorage {
  readonly name: string | null;
  readonly block: StorageBlock;
}

/** The storages of a host with all that modules together put into them. Spans mean nothing; an entry's origin tells where it is written. */
export function readEvaluated(
  parts: readonly EvaluatedPersistence[],
  homeOf: (user: string | null) => string | null,
): EvaluatedStorage[] {
  return parts.flatMap(({ module, user, value }) => {
    if (value.kind !== "attrs") return [];
    const scope: Scope = module === "home-manager" ? { kind: "user", user } : { kind: "system" };
    const place: Omit<BlockPlace, "conditional"> = {
      module,
      unit: "",
      span: nowhere,
      nameSpan: nowhere,
      brokenFrom: null,
      scope,
      homeOf,
    };
    return value.bindings.flatMap((binding) => {
      const [name, ...rest]: readonly (AttrName | undefined)[] = binding.path;
      if (name === undefined) return [];
      const contribution = {
        rest: rest.flatMap((one) => one ?? []),
        value: binding.value,
        span: nowhere,
        conditional: false,
      };
      const block = readBlock({ ...place, conditional: binding.conditional }, name, contribution);
      return [{ name: name.name, block }];
    });
  });
}
