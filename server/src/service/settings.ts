import type { ClientWish } from "../hosts/clientChoice";
import type { Level } from "../rules/rule";

/** What a user can set, checked: always complete and of the right types. */
export interface Settings {
  /** Number of paths shown one by one on the list they would go to. */
  readonly limit: number;
  /** Paths of hosts nobody needs to hear of, as patterns. */
  readonly ignore: readonly string[];
  readonly levels: Readonly<Record<string, "default" | "off" | Level>>;
  /** Hosts by name: where they are reached and which folder of theirs is scanned. */
  readonly hosts: Readonly<Record<string, HostSettings>>;
  /** An ssh configuration file instead of the user's own; null for that. */
  readonly sshConfigFile: string | null;
  /** Whether hosts are evaluated with Nix: `ask` does once for each flake, and not before the answer. */
  readonly evaluation: "ask" | "off" | "on";
  /** Which SSH reaches hosts. */
  readonly sshClient: ClientWish;
}

interface HostSettings {
  readonly destination: string;
  readonly root: string | null;
  /** The only folder to look for older roots in, absolute on the host, or a zfs snapshot; null for the usual places. */
  readonly snapshots: string | null;
  /** A storage path that no configuration names, as before there is one; null for those that it names and those that are mounted. */
  readonly storage: string | null;
  /** Whether sudo is used there: true may ask for its password, false leaves it, null uses it where it asks nothing. */
  readonly sudo: boolean | null;
}

export const defaultSettings: Settings = {
  limit: 10,
  ignore: [],
  levels: {},
  hosts: {},
  sshConfigFile: null,
  sshClient: "auto",
  evaluation: "ask",
};

const clients: readonly ClientWish[] = ["auto", "ssh2", "openssh"];

/** The client named by `text`; null where there is no such. */
export function readClient(text: unknown): ClientWish | null {
  return clients.find((client) => client === text) ?? null;
}

const levels = new Set<unknown>(["default", "off", "hint", "info", "warning", "error"]);

/** Reads settings as an editor sends them. Wrong values count as not given and are named in `problems`. */
export function readSettings(given: unknown): { settings: Settings; problems: string[] } {
  const problems: string[] = [];
  const wrong = (key: string, expected: string) =>
    problems.push(`The setting tidemark.${key} is ignored: it must be ${expected}.`);
  const root = record(given);

  const limit = record(root["scan"])["limit"];
  const limitFits = typeof limit === "number" && Number.isInteger(limit) && limit >= 0 && limit <= 100;
  if (limit !== undefined && limit !== null && !limitFits) wrong("scan.limit", "a whole number from 0 to 100");

  const ignore = record(root["scan"])["ignore"];
  const ignoreFits = Array.isArray(ignore) && ignore.every((pattern) => typeof pattern === "string");
  if (ignore !== undefined && ignore !== null && !ignoreFits) wrong("scan.ignore", "a list of paths or patterns");

  const configFile = record(root["ssh"])["configFile"];
  if (configFile !== undefined && configFile !== null && typeof configFile !== "string")
    wrong("ssh.configFile", "a path");

  const client = record(root["ssh"])["client"];
  if (client !== undefined && client !== null && readClient(client) === null)
    wrong("ssh.client", `one of ${clients.join(", ")}`);

  const { evaluation } = root;
  const evaluationFits = evaluation === "ask" || evaluation === "off" || evaluation === "on";
  if (evaluation !== undefined && evaluation !== null && !evaluationFits) wrong("evaluation", "one of ask, off, on");

  const rules: Record<string, "default" | "off" | Level> = {};
  for (const [id, level] of Object.entries(record(root["rules"]))) {
    if (levels.has(level)) rules[id] = level as Level;
    else wrong(`rules.${id}`, "one of default, off, hint, info, warning, error");
  }

  const hosts: Record<string, HostSettings> = {};
  for (const [name, value] of Object.entries(record(root["hosts"]))) {
    const { destination, root: folder, snapshots, storage, sudo } = record(value);
    const fits =
      (destination === undefined || typeof destination === "string") &&
      (folder === undefined || typeof folder === "string") &&
      (snapshots === undefined || typeof snapshots === "string") &&
      (storage === undefined || typeof storage === "string") &&
      (sudo === undefined || typeof sudo === "boolean");
    if (!fits)
      wrong(
        `hosts.${name}`,
        "an object with the texts destination, root, snapshots and storage, and sudo true or false",
      );
    else
      hosts[name] = {
        destination: destination || name,
        root: folder || null,
        snapshots: snapshots || null,
        storage: storage || null,
        sudo: sudo ?? null,
      };
  }
  return {
    settings: {
      limit: limitFits ? limit : defaultSettings.limit,
      ignore: ignoreFits ? ignore : defaultSettings.ignore,
      levels: rules,
      hosts,
      sshConfigFile: typeof configFile === "string" && configFile !== "" ? configFile : null,
      sshClient: readClient(client) ?? defaultSettings.sshClient,
      // What is no answer is no permission.
      evaluation: evaluationFits ? evaluation : evaluation === undefined || evaluation === null ? "ask" : "off",
    },
    problems,
  };
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
