import { optionDefault } from "../knowledge/optionDefaults";

/** What nixpkgs sets an option to where a configuration does not, as far as it is known. */
export function upstreamDefault(path: readonly string[]): string | null {
  return optionDefault(path.join("."));
}
