import SSHConfig from "ssh-config";
import type { Destination } from "./destination";
import { unreadableConfiguration } from "./failures";
import { HostError } from "./port";
import type { Dump, RawSettings, ResolveOptions } from "./sshConfig";
import { defaultConfigFiles, includedFiles, maxIncludeDepth, parseLine, readLines } from "./sshConfigLines";

/** The ssh configuration without the ssh program: files read by us, sections weighed by the `ssh-config` package. */

/** A keyword no configuration uses: it shows whether a section applies. */
const probe = "TidemarkSectionApplies";

/**
 * Settings for a destination. `Match exec` conditions count as not met and host names are not canonicalised: nothing is run.
 * Throws HostError `unresolvable` where a file cannot be understood.
 */
export async function computeSshConfig(
  destination: Destination,
  { sshConfigFile, log }: ResolveOptions,
): Promise<Dump> {
  const files = sshConfigFile === undefined ? defaultConfigFiles() : [sshConfigFile];
  const flat = new Flattened(destination, log);
  try {
    for (const file of files) {
      await flat.add(file, "Host *", 0, sshConfigFile !== undefined);
      flat.lines.push("Host *");
    }
    return { raw: withDefaults(flat.compute([])), files: flat.files };
  } catch (error) {
    if (error instanceof HostError) throw error;
    throw unreadableConfiguration(destination.host, error instanceof Error ? error.message : String(error));
  }
}

/** One text out of many files: an Include is replaced by the files it names where its section applies to the destination. */
class Flattened {
  readonly lines: string[] = [];
  readonly files: string[] = [];
  constructor(
    private readonly destination: Destination,
    private readonly log: (line: string) => void,
  ) {}

  compute(more: readonly string[]): Record<string, string | string[]> {
    const { host, user } = this.destination;
    const config = SSHConfig.parse([...this.lines, ...more, ""].join("\n"));
    return config.compute(
      { Host: host, ...(user === undefined ? {} : { User: user }) },
      { ignoreCase: true, matchExec: false },
    );
  }

  async add(file: string, outer: string, depth: number, required: boolean): Promise<void> {
    let section = outer;
    const lines = await readLines(file, required);
    if (lines.length > 0) this.files.push(file);
    for (const text of lines) {
      const line = parseLine(text);
      if (line === null) continue;
      if (line.keyword === "canonicalizehostname" || line.keyword === "canonicaldomains") {
        this.log(`${this.destination.host}: ${line.keyword} is ignored without the ssh program`);
      } else if (line.keyword === "include") {
        if (depth >= maxIncludeDepth || !(await this.applies(section))) continue;
        for (const included of await includedFiles(line.words)) await this.add(included, section, depth + 1, false);
        this.lines.push(section);
      } else {
        if (line.keyword === "host" || line.keyword === "match") section = text.trim();
        this.lines.push(text);
      }
    }
  }

  private async applies(section: string): Promise<boolean> {
    return this.compute([section, `  ${probe} yes`])[probe.toLowerCase()] !== undefined;
  }
}

const defaults: Readonly<Record<string, readonly string[]>> = {
  identityfile: ["~/.ssh/id_rsa", "~/.ssh/id_ecdsa", "~/.ssh/id_ed25519"],
  userknownhostsfile: ["~/.ssh/known_hosts", "~/.ssh/known_hosts2"],
  globalknownhostsfile: ["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"],
};

function withDefaults(computed: Record<string, string | string[]>): RawSettings {
  const settings = new Map<string, readonly string[]>(Object.entries(defaults));
  for (const [name, value] of Object.entries(computed)) {
    settings.set(name, typeof value === "string" ? [value] : value);
  }
  return settings;
}
