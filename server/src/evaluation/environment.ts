import { accessSync, constants, statSync } from "node:fs";
import path from "node:path";

/**
 * What of the environment Nix and the programs it starts (git, ssh) need: where to find things, the user's Nix settings, and how
 * to reach the network. Everything else stays out of an evaluation.
 */
const kept =
  /^(?:PATH|HOME|USER|LOGNAME|LANG|LC_ALL|TMPDIR|XDG_[A-Z_]+|NIX_[A-Z_]+|SSL_CERT_FILE|SSH_AUTH_SOCK|(?:https?|ftp|all|no)_proxy|(?:HTTPS?|FTP|ALL|NO)_PROXY)$/;

/** The environment of a program of ours; nothing it starts may ask a question nobody sees. */
export function minimalEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const entries = Object.entries(environment).filter(([name]) => kept.test(name));
  return { ...Object.fromEntries(entries), GIT_TERMINAL_PROMPT: "0", SSH_ASKPASS_REQUIRE: "never" };
}

/** The absolute path of a program, looked up in PATH; null where there is none. Relative parts of PATH could lie in the flake: they do not count. */
export function findProgram(name: string, environment: NodeJS.ProcessEnv): string | null {
  for (const folder of (environment["PATH"] ?? "").split(path.delimiter)) {
    if (!path.isAbsolute(folder)) continue;
    const candidate = path.join(folder, name);
    try {
      accessSync(candidate, constants.X_OK);
      if (statSync(candidate).isFile()) return candidate;
    } catch {
      // Not there, or not for us: the next folder may have it.
    }
  }
  return null;
}
