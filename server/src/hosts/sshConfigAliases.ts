import { parseDestination } from "./destination";
import { defaultConfigFiles, includedFiles, maxIncludeDepth, parseLine, readLines } from "./sshConfigLines";

/** An alias a person can pick. */
export interface SshAlias {
  readonly name: string;
  /** `josh@10.0.0.4:2222` as far as the section says it, else empty. */
  readonly detail: string;
}

/**
 * The aliases written out in the user's ssh configuration, in order; patterns are left out, Include is followed. Nothing is run
 * and nothing is thrown: what cannot be read has no aliases.
 */
export async function listSshAliases(configFile?: string): Promise<readonly SshAlias[]> {
  const found = new Map<string, Section>();
  await collect(configFile ?? defaultConfigFiles()[0] ?? "", found, 0);
  return [...found].map(([name, { hostname, user, port }]) => {
    const where = `${hostname ?? (user === undefined && port === undefined ? "" : name)}${port === undefined ? "" : `:${port}`}`;
    return { name, detail: user === undefined ? where : `${user}@${where}` };
  });
}

interface Section {
  hostname?: string;
  user?: string;
  port?: string;
}

async function collect(file: string, found: Map<string, Section>, depth: number): Promise<void> {
  let current: readonly Section[] = [];
  const lines = await readLines(file, false).catch(() => []);
  for (const text of lines) {
    const line = parseLine(text);
    if (line === null) continue;
    const [first] = line.words;
    if (line.keyword === "host") current = aliasesOf(line.words).map((name) => entry(found, name));
    else if (line.keyword === "match") current = [];
    else if (line.keyword === "include" && depth < maxIncludeDepth) {
      for (const included of await includedFiles(line.words)) await collect(included, found, depth + 1);
    } else if (
      (line.keyword === "hostname" || line.keyword === "user" || line.keyword === "port") &&
      first !== undefined
    ) {
      for (const section of current) section[line.keyword] ??= first;
    }
  }
}

function entry(found: Map<string, Section>, name: string): Section {
  const section = found.get(name) ?? {};
  found.set(name, section);
  return section;
}

/** Names of a Host line that can be connected to as they stand. */
function aliasesOf(words: readonly string[]): readonly string[] {
  return words.filter((word) => {
    try {
      const { user, port } = parseDestination(word);
      return user === undefined && port === undefined;
    } catch {
      return false;
    }
  });
}
