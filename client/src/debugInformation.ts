export interface DebugFacts {
  readonly extension: string;
  readonly editor: string;
  /** `linux x64`. */
  readonly platform: string;
  /** `ssh-remote` and the like, null in a local window. */
  readonly remote: string | null;
  readonly trusted: boolean;
  readonly server: string | null;
  /** Numbers only: names of hosts, users and keys stay out of bug reports. */
  readonly hostsInSettings: number;
  readonly hostsScanned: number;
  readonly sshConfigFileSet: boolean;
  readonly scanLimit: unknown;
  /** Rule id → level, as set. */
  readonly rules: Readonly<Record<string, unknown>>;
}

/** Facts for a bug report, as Markdown. */
export function debugInformation(facts: DebugFacts): string {
  const rules = Object.entries(facts.rules).map(([rule, level]) => `${rule} = ${String(level)}`);
  const lines = [
    `Tidemark ${facts.extension}`,
    `Editor: ${facts.editor}, ${facts.platform}${facts.remote === null ? "" : `, remote: ${facts.remote}`}`,
    `Server: ${facts.server ?? "not running"}`,
    `Workspace trusted: ${facts.trusted ? "yes" : "no"}`,
    `Hosts: ${facts.hostsInSettings} in settings, ${facts.hostsScanned} scanned`,
    `Own ssh configuration file: ${facts.sshConfigFileSet ? "yes" : "no"}`,
    `Scan limit: ${String(facts.scanLimit)}`,
    `Rules: ${rules.length === 0 ? "defaults" : rules.join(", ")}`,
  ];
  return lines.map((line) => `- ${line}\n`).join("");
}
