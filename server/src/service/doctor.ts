import { type ExamineOptions, examineRoot, examineTools, type HostRoot } from "../hosts/examineHost";
import type { HostScan } from "../hosts/model";
import { type ConnectEvent, type HostConnection, HostError } from "../hosts/port";
import { plainNote } from "../hosts/scanHostNotes";
import { type Configured, describeDeployed } from "./doctorDeployed";
import { type ReachRequest, reach } from "./reaching";

/** Looks at the way to a host step by step, and says what to do about each step that fails. */

export interface DoctorStep {
  /** `network` is there only where it failed. */
  readonly name:
    | "configuration"
    | "client"
    | "network"
    | "host-key"
    | "login"
    | "shell"
    | "tools"
    | "rights"
    | "root"
    | "deployed";
  /** `warning`: a scan works, with less than it could have. `skipped`: an earlier step failed. */
  readonly state: "ok" | "warning" | "failed" | "skipped";
  /** What was found, for people; never a secret. */
  readonly detail: string;
  /** What to do; null where there is nothing. */
  readonly next: string | null;
  /** How long it took. */
  readonly milliseconds: number | null;
}

export interface DoctorReport {
  readonly version: 1;
  readonly host: string;
  /** Whether a scan would work. */
  readonly ok: boolean;
  readonly steps: readonly DoctorStep[];
}

/** The prompter is asked only what the way to the host itself needs. */
export interface DoctorRequest extends Omit<ReachRequest, "connections" | "onEvent"> {
  readonly onStep: (step: DoctorStep) => void;
  /** What the host's configuration keeps, given what the host says of itself. */
  readonly configured: (known: Pick<HostScan, "host" | "name" | "users">) => Configured;
}

const order: readonly DoctorStep["name"][] = [
  "configuration",
  "client",
  "host-key",
  "login",
  "shell",
  "tools",
  "rights",
  "root",
  "deployed",
];

/** Never rejects for what is wrong on the way: that is in the report. Rejects with HostError `cancelled` when stopped. */
export async function examine(request: DoctorRequest): Promise<DoctorReport> {
  const { host, settings, signal } = request;
  const steps: DoctorStep[] = [];
  let since = Date.now();
  const say = (name: DoctorStep["name"], state: DoctorStep["state"], detail: string, next: string | null = null) => {
    const now = Date.now();
    const step = { name, state, detail, next, milliseconds: state === "skipped" ? null : now - since };
    since = now;
    steps.push(step);
    request.onStep(step);
  };
  const configured = settings.hosts[host];
  let connection: HostConnection | null = null;
  try {
    const lease = await reach({ ...request, onEvent: (event) => sayEvent(event, say) });
    connection = lease.connection;
    const tools = await examineTools(connection, signal);
    say(
      "shell",
      "ok",
      `${tools.shell || "a shell that does not say its name"}, on ${tools.kernel || "an unknown kernel"}`,
    );
    const snapshots = configured?.snapshots ?? null;
    const where = { root: configured?.root ?? "/", snapshots, sudo: configured?.sudo !== false };
    await sayRoot(connection, tools.find, { ...where, host }, request, say);
  } catch (error) {
    if (!(error instanceof HostError) || error.kind === "cancelled") throw error;
    say(failedStep(error, steps), "failed", error.message, error.next);
  } finally {
    connection?.close();
  }
  const done = new Set(steps.map(({ name }) => name));
  const ok = !steps.some(({ state }) => state === "failed");
  if (!ok) for (const name of order) if (!done.has(name) && wanted(name, steps)) say(name, "skipped", "not reached");
  return { version: 1, host, ok, steps };
}

type Say = (name: DoctorStep["name"], state: DoctorStep["state"], detail: string, next?: string | null) => void;

function sayEvent(event: ConnectEvent, say: Say): void {
  switch (event.kind) {
    case "resolved": {
      const asked = event.source === "ssh" ? "asked of `ssh -G`" : "read without an ssh program";
      const files = event.files.length === 0 ? "no configuration file" : event.files.join(", ");
      say(
        "configuration",
        "ok",
        `${event.hops.join(" → ")}; ${asked}, from ${files}${event.compressed ? "; compressed" : ""}`,
      );
      break;
    }
    case "client":
      say("client", "ok", `${clientNames[event.client]}: ${event.reason}`);
      break;
    case "host-key":
      say("host-key", "ok", `${event.host}: ${event.key}, ${event.status}`);
      break;
    case "login":
      say("login", "ok", `${event.host}: by ${event.by}`);
      break;
  }
}

const clientNames = { ssh2: "built-in SSH", openssh: "the ssh program", local: "no SSH" } as const;

async function sayRoot(
  connection: HostConnection,
  find: string,
  where: Pick<ExamineOptions, "root" | "snapshots" | "sudo" | "host">,
  { signal, log, configured }: DoctorRequest,
  say: Say,
): Promise<void> {
  const { facts, root: found } = await examineRoot(connection, { ...where, signal, log });
  if (facts.lacking.length > 0) {
    const lacks = `missing or of another kind: ${facts.lacking.join(", ")}${find === "" ? "" : ` (find says "${find}")`}`;
    const install = "install GNU findutils and coreutils and put them first in PATH.";
    if (facts.plain === null) {
      say("tools", "failed", lacks, `A scan needs more than that; ${install}`);
      return;
    }
    say("tools", "warning", lacks, `${plainNote(facts, 0)} For more, ${install}`);
  } else say("tools", "ok", find === "" ? "GNU find and coreutils" : find);
  const asRoot = facts.sudo === "root" || facts.sudo === "sudo";
  const rights: Readonly<Record<string, string>> = {
    root: "logged in as root",
    sudo: `${facts.login}, root through sudo without a password`,
    refused: `${facts.login}; sudo asks for a password or is not allowed`,
    none: `${facts.login}; there is no sudo`,
    no: `${facts.login}; sudo is turned off in the settings`,
  };
  const less =
    'Folders that only root may read would be missing. Connect as root, allow sudo without a password, or let it ask for one (`tidemark scan --sudo`, or `"sudo": true` in tidemark.hosts).';
  say("rights", asRoot ? "ok" : "warning", rights[facts.sudo] ?? facts.sudo, asRoot ? null : less);
  if (facts.problem !== null) {
    const problems: Readonly<Record<string, string>> = { absent: "does not exist", file: "is not a folder" };
    const what = `${where.root} ${problems[facts.problem] ?? "may not be read"}`;
    say("root", "failed", what, "Check the folder to scan (`root` in tidemark.hosts) and the rights of the user.");
    return;
  }
  if (found === null) return;
  const { notes, root } = found.scan;
  const next = notes.length === 0 ? null : notes.join(" ");
  say("root", root.ephemeral === false ? "warning" : "ok", describe(found), next);
  const kept = configured(found.scan);
  const deployed = describeDeployed({ ...found.scan, deployed: await found.deployed(kept.paths) }, kept.entries);
  say("deployed", deployed.state, deployed.detail, deployed.next);
}

/** `btrfs /@root, wiped at boot, and /home with it; compared with /.snapshots/old_roots/2026-11-21_09-30-00`. */
function describe({ scan: { root, ephemeralMounts, oldRoots }, comparedWith }: HostRoot): string {
  const { kind, fsType, subvolume, ephemeral } = root;
  const wiped = {
    true: "wiped at boot",
    false: "not wiped at boot: a scan is an inventory",
    null: "not known whether it is wiped at boot",
  };
  const also = ephemeralMounts.length === 0 ? "" : `, also wiped at boot: ${ephemeralMounts.join(", ")}`;
  const older =
    comparedWith === null
      ? "no older root to compare with"
      : oldRoots.length === 0
        ? `empty root ${comparedWith} to compare with`
        : `older root ${comparedWith}${oldRoots.length > 1 ? `, the newest of ${oldRoots.length}` : ""}`;
  const place = subvolume === "/" || subvolume === "" ? "" : ` ${subvolume}`;
  return `${kind}${kind === fsType ? "" : ` (${fsType})`}${place}, ${wiped[`${ephemeral}`]}${also}; ${older}`;
}

const stepsOfKinds: Readonly<Partial<Record<HostError["kind"], DoctorStep["name"]>>> = {
  refused: "network",
  timeout: "network",
  "host-key-unknown": "host-key",
  "host-key-changed": "host-key",
  "host-key-revoked": "host-key",
  "auth-failed": "login",
  "passphrase-cancelled": "login",
  "remote-shell": "shell",
  "remote-tools": "tools",
  "remote-permission": "root",
};

/** The step a failure belongs to: by its kind, else the first that was not done. */
function failedStep(error: HostError, steps: readonly DoctorStep[]): DoctorStep["name"] {
  const done = steps.map(({ name }) => name);
  // The name is looked up after the configuration was read, which may fail in the same way.
  if (error.kind === "unresolvable" && done.includes("client")) return "network";
  return stepsOfKinds[error.kind] ?? order.find((name) => !done.includes(name)) ?? "root";
}

/** Without SSH there is no configuration, host key or login to speak of. */
function wanted(name: DoctorStep["name"], steps: readonly DoctorStep[]): boolean {
  const local = steps.some((step) => step.name === "client" && step.detail.startsWith(clientNames.local));
  return !local || !["configuration", "host-key", "login"].includes(name);
}
