import { blueprint } from "./blueprint";
import { colmena } from "./colmena";
import { easyHosts } from "./easyHosts";
import { flakeUtils } from "./flakeUtils";

/**
 * A flake of another repository that makes hosts of what it is given. `text` is a Nix expression for those of its outputs
 * that do: what they document, not all they do.
 */
export interface Framework {
  /** What its name or URL has in it. */
  readonly is: RegExp;
  readonly text: string;
}

const frameworks: readonly Framework[] = [blueprint, colmena, easyHosts, flakeUtils];

/** The framework that an input of this name and URL is; null where it is none that is known. */
export function frameworkOf(name: string, url: string | null): Framework | null {
  const what = url ?? name;
  return frameworks.find(({ is }) => is.test(what)) ?? null;
}
