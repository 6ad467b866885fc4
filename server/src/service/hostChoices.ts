import { hostname } from "node:os";
import { thisMachine } from "../hosts/local";
import { listSshAliases } from "../hosts/sshConfigAliases";
import { configuredHosts, hostsOfFile } from "./hostNames";
import type { Tidemark } from "./tidemark";

/** A host that can be scanned. */
export interface KnownHost {
  /** What to scan: a name, or `local`. */
  readonly name: string;
  /** Where it is known from first: the workspace's configuration, `tidemark.hosts`, the ssh configuration, or because it is this machine. */
  readonly source: "configuration" | "settings" | "ssh" | "local";
  /** How it is reached, as far as that is known: `josh@10.0.0.4:22`. */
  readonly detail: string;
  /** Whether the file that was asked for is a part of it. */
  readonly ofFile: boolean;
}

/** The hosts there are, each once, the configured ones first. Reads settings, files and the ssh configuration; connects nowhere. */
export async function hostChoices(service: Tidemark, file: string | null): Promise<KnownHost[]> {
  const { settings } = service;
  const aliases = await listSshAliases(settings.sshConfigFile ?? undefined);
  const ways = new Map(aliases.map(({ name, detail }) => [name, detail]));
  for (const [name, { destination, root }] of Object.entries(settings.hosts))
    ways.set(name, root === null ? destination : `${destination}, folder ${root}`);
  const own = new Set(file === null ? [] : hostsOfFile(service, file));
  const machine = hostname();
  const choice = (name: string, source: KnownHost["source"]): KnownHost =>
    // Without a way of its own the host of this machine's name is this machine.
    source === "configuration" && name === machine && !ways.has(name)
      ? { name: thisMachine, source, detail: `${name}, this machine`, ofFile: own.has(name) }
      : { name, source, detail: ways.get(name) ?? "", ofFile: own.has(name) };
  const all = [
    ...configuredHosts(service).map((name) => choice(name, "configuration")),
    ...Object.keys(settings.hosts).map((name) => choice(name, "settings")),
    ...aliases.map(({ name }) => choice(name, "ssh")),
    { name: thisMachine, source: "local", detail: `${machine}, this machine, without SSH`, ofFile: false } as const,
  ];
  const seen = new Set<string>();
  return all.filter(({ name }) => !seen.has(name) && seen.add(name));
}
