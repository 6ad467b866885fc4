import { createHash } from "node:crypto";
import os from "node:os";
import path from "node:path";

/** What `%` tokens in file names stand for (ssh_config(5), TOKENS). */
export interface Tokens {
  readonly alias: string;
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
  readonly hostKeyAlias: string | null;
  readonly proxyJump: string | null;
}

/** The home folder of the user database, which ssh goes by; `HOME` only where there is no entry. */
export function homeFolder(): string {
  try {
    return os.userInfo().homedir;
  } catch {
    return process.env["HOME"] || "/";
  }
}

/** The name of the user database; that of the environment, or the number, for a user id that has no entry there. */
export function userName(): string {
  try {
    return os.userInfo().username;
  } catch {
    return process.env["USER"] || process.env["LOGNAME"] || String(process.getuid?.() ?? "unknown");
  }
}

/** `~`, `%` tokens and `${NAME}` resolved; null where one is not known here. */
export function expandPath(text: string, tokens: Tokens): string | null {
  if (/^~[^/\\]/.test(text)) return null;
  const home = homeFolder();
  const start = text.startsWith("~") ? home + text.slice(1) : text.replace("__PROGRAMDATA__", programData);
  let known = true;
  const expanded = start.replace(/%(.?)|\$\{([^}]*)\}/g, (_, token: string | undefined, name: string | undefined) => {
    const value = name === undefined ? tokenValue(token ?? "", tokens, home) : process.env[name];
    known &&= value !== undefined;
    return value ?? "";
  });
  return known ? path.normalize(expanded) : null;
}

function programData(): string {
  return process.env["ProgramData"] ?? "C:\\ProgramData";
}

function tokenValue(token: string, tokens: Tokens, home: string): string | undefined {
  const local = os.hostname();
  switch (token) {
    case "%":
      return "%";
    case "d":
      return home;
    case "h":
      return tokens.hostName;
    case "i":
      return String(process.getuid?.() ?? -1);
    case "j":
      return tokens.proxyJump ?? "";
    case "k":
      return tokens.hostKeyAlias ?? tokens.alias;
    case "L":
      return local.split(".")[0] ?? local;
    case "l":
      return local;
    case "n":
      return tokens.alias;
    case "p":
      return String(tokens.port);
    case "r":
      return tokens.user;
    case "u":
      return userName();
    case "C":
      return createHash("sha1")
        .update(local + tokens.hostName + String(tokens.port) + tokens.user + (tokens.proxyJump ?? ""))
        .digest("hex");
    default:
      return undefined;
  }
}
