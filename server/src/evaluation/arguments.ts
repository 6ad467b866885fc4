import path from "node:path";
import { EvaluationError, type EvaluationTarget } from "./model";

/** A program's arguments and the folder it is started in. */
export interface Invocation {
  readonly args: readonly string[];
  readonly folder: string;
}

/**
 * Options of every call. Nix reports as JSON lines, builds nothing while evaluating, takes no settings from the flake itself, and
 * keeps no answer of its own: it would repeat an old error without its place.
 */
const common = [
  ["--extra-experimental-features", "nix-command"],
  ["--extra-experimental-features", "flakes"],
  ["--log-format", "internal-json"],
  ["--option", "allow-import-from-derivation", "false"],
  ["--option", "accept-flake-config", "false"],
  ["--option", "eval-cache", "false"],
].flat();

/**
 * `nix eval` of a target's `config` with a function applied to it. The flake is named by the folder the program starts in, and the
 * host by a checked attribute name; neither becomes Nix text. Throws EvaluationError for a host no flake can have.
 */
export function evaluation(target: EvaluationTarget, apply: string): Invocation {
  const asked = ["--json", "--show-trace", "--apply", apply];
  if (target.kind === "file") {
    const args = [
      "eval",
      ...common,
      ...asked,
      "-I",
      `nixos-config=${target.file}`,
      "--file",
      "<nixpkgs/nixos>",
      "config",
    ];
    return { args, folder: path.dirname(target.file) };
  }
  const installable = `.#nixosConfigurations."${attributeName(target.host)}".config`;
  return { args: ["eval", ...common, "--no-write-lock-file", ...asked, "--", installable], folder: target.folder };
}

/** `nix eval` of the names of a flake's hosts. */
export function hostNames(folder: string): Invocation {
  const asked = ["--json", "--apply", "builtins.attrNames"];
  return { args: ["eval", ...common, "--no-write-lock-file", ...asked, "--", ".#nixosConfigurations"], folder };
}

/** `nix flake metadata`: where the flake's source lies in the store. */
export function metadata(folder: string): Invocation {
  return { args: ["flake", "metadata", ...common, "--no-write-lock-file", "--json"], folder };
}

/**
 * In an attribute path a quoted name has no escapes, and Nix decodes `%` in it first. Names people give to hosts need neither.
 */
function attributeName(host: string): string {
  if (/^[\p{L}\p{N}_][\p{L}\p{N}_.'+@-]*$/u.test(host) && host.length <= 250) return encodeURI(host);
  throw new EvaluationError(
    "bad-host",
    `${JSON.stringify(host)} is not a name of a host.`,
    "Give the name that the flake has for it in nixosConfigurations: letters, digits, and the signs - _ . ' + @.",
  );
}
