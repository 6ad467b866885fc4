import { blueprint } from "./blueprint";
import { clan } from "./clan";
import { colmena } from "./colmena";
import { den } from "./den";
import { easyHosts } from "./easyHosts";
import { flakelight } from "./flakelight";
import { flakeUtils } from "./flakeUtils";
import { haumea } from "./haumea";
import { liteConfig, liteSystem } from "./liteConfig";
import { nixosUnified } from "./nixosUnified";
import { nixy } from "./nixy";
import { snowfall } from "./snowfall";

/**
 * A flake of another repository that makes hosts of what it is given. `text` is a Nix expression for those of its outputs
 * that do: what they document, not all they do.
 */
export interface Framework {
  /** The names of its repository and of copies of it, with the owner's where that alone says too little. */
  readonly is: readonly string[];
  readonly text: string;
}

const frameworks: readonly Framework[] = [
  blueprint,
  clan,
  colmena,
  den,
  easyHosts,
  flakelight,
  flakeUtils,
  haumea,
  liteConfig,
  liteSystem,
  nixosUnified,
  nixy,
  snowfall,
];

/** The framework that an input of this name and URL is; null where it is none that is known. */
export function frameworkOf(name: string, url: string | null): Framework | null {
  const segments = `/${(url ?? name)
    .replace(/[?#].*$/, "")
    .replace(/\.git$/, "")
    .replace(/^[a-z+]+:/, "")}/`;
  return frameworks.find(({ is }) => is.some((one) => segments.includes(`/${one}/`))) ?? null;
}
