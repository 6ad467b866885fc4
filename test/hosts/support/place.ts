import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { ClientWish } from "../../../server/src/hosts/clientChoice";
import { connect } from "../../../server/src/hosts/connect";
import {
  type ConnectEvent,
  type HostConnection,
  HostError,
  type HostErrorKind,
  type HostKeyEvidence,
  type Prompter,
  type SecretRequest,
} from "../../../server/src/hosts/port";
import type { KeyPair } from "./server";

/** A folder with an ssh configuration of its own, so that no test reads or writes what belongs to the user. */
export interface Place {
  readonly folder: string;
  readonly stateFolder: string;
  readonly config: string;
  readonly knownHosts: string;
  readonly log: string[];
  readonly events: ConnectEvent[];
  write(name: string, text: string): string;
  read(name: string): string;
  /** Appends a Host section; the files of this place are used unless `lines` say otherwise. */
  host(alias: string, port: number, lines?: readonly string[]): void;
  connect(destination: string, prompter?: Prompter, signal?: AbortSignal): Promise<HostConnection>;
  remove(): void;
}

export function newPlace(client: ClientWish = "ssh2"): Place {
  const folder = mkdtempSync(path.join(os.tmpdir(), "tidemark-ssh-"));
  const config = path.join(folder, "config");
  const knownHosts = path.join(folder, "known_hosts");
  const stateFolder = path.join(folder, "state");
  const log: string[] = [];
  const events: ConnectEvent[] = [];
  writeFileSync(config, "");
  return {
    folder,
    stateFolder,
    config,
    knownHosts,
    log,
    write(name, text) {
      writeFileSync(path.join(folder, name), text, { mode: 0o600 });
      return path.join(folder, name);
    },
    read: (name) => readFileSync(path.join(folder, name), "utf8"),
    host(alias, port, lines = []) {
      const section = [
        `Host ${alias}`,
        ...lines,
        "HostName 127.0.0.1",
        `Port ${port}`,
        "User josh",
        ...quiet(knownHosts),
      ];
      writeFileSync(config, `${readFileSync(config, "utf8")}${section.join("\n  ")}\n`);
    },
    events,
    connect: (destination, prompter = answering({}), signal = new AbortController().signal) =>
      connect(destination, {
        sshConfigFile: config,
        client,
        prompter,
        signal,
        stateFolder,
        log: (line) => log.push(line),
        onEvent: (event) => events.push(event),
      }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function quiet(knownHosts: string): readonly string[] {
  return ["IdentityAgent none", "IdentityFile none", `UserKnownHostsFile ${knownHosts}`, "GlobalKnownHostsFile none"];
}

/** A line of known_hosts for a key. */
export function knownHost(names: string, key: KeyPair): string {
  return `${names} ${key.public.split(" ").slice(0, 2).join(" ")}\n`;
}

export interface ScriptedPrompter extends Prompter {
  readonly hostKeys: HostKeyEvidence[];
  readonly secrets: SecretRequest[];
}

/** Answers secrets in order, then null; host keys as told, else "no". Keeps what it was asked. */
export function answering(script: {
  readonly hostKey?: "once" | "always" | "no";
  readonly secrets?: readonly (string | null)[];
}): ScriptedPrompter {
  const hostKeys: HostKeyEvidence[] = [];
  const secrets: SecretRequest[] = [];
  return {
    hostKeys,
    secrets,
    confirmHostKey: async (evidence) => {
      hostKeys.push(evidence);
      return script.hostKey ?? "no";
    },
    secret: async (request) => {
      secrets.push(request);
      return script.secrets?.[secrets.length - 1] ?? null;
    },
  };
}

/** Waits until `condition` holds; fails after ten seconds. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const limit = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > limit) throw new Error(`still waiting: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Standard output of a command, as text. */
export async function output(connection: HostConnection, command: string, stdin = ""): Promise<string> {
  const chunks: Uint8Array[] = [];
  const signal = new AbortController().signal;
  await connection.exec(command, { stdin, signal, onStdout: (chunk) => void chunks.push(chunk) });
  return Buffer.concat(chunks).toString("utf8");
}

/** For `assert.rejects`: a HostError of this kind, whose words for people hold all of `words`. */
export const failsWith =
  (kind: HostErrorKind, ...words: readonly string[]) =>
  (error: unknown) => {
    assert.ok(error instanceof HostError, String(error));
    assert.equal(error.kind, kind, error.message);
    for (const word of words)
      assert.ok(`${error.message} ${error.next}`.includes(word), `${error.message} | ${error.next}`);
    assert.notEqual(error.next, "");
    return true;
  };
