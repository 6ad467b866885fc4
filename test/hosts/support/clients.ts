// A client and a server of its own for each test of what every way to a host has to do alike.
import { spawnSync } from "node:child_process";
import { afterEach, beforeEach } from "node:test";
import { forgetAcceptedKeys } from "../../../server/src/hosts/hostKeyPolicy";
import { forgetSecrets } from "../../../server/src/hosts/identitiesSecrets";
import { fingerprint } from "../../../server/src/hosts/knownHosts";
import type { ExecOptions, HostConnection } from "../../../server/src/hosts/port";
import { knownHost, newPlace, type Place } from "./place";
import { type KeyPair, newKey, startServer } from "./server";
import { noSsh, noSshd, startSshd } from "./sshd";

/** Where the test that runs has its files. */
export let place: Place;
/** What the test that runs has to end. */
export const ends: (() => void | Promise<void>)[] = [];

/** Makes a place for each test around. */
export function prepare(client: "ssh2" | "openssh"): void {
  beforeEach(() => {
    place = newPlace(client);
    forgetAcceptedKeys();
    forgetSecrets();
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
    place.remove();
  });
}

export const run = (connection: HostConnection, command: string, options: Partial<ExecOptions> = {}) =>
  connection.exec(command, { stdin: "", onStdout: () => undefined, signal: new AbortController().signal, ...options });
export const print = (key: KeyPair) => fingerprint(Buffer.from(key.public.split(" ")[1] ?? "", "base64"));
export const filed = (port: number) => `[127.0.0.1]:${port}`;

/** A server as the tests below need one, whichever it is. */
export interface Served {
  readonly port: number;
  readonly hostKey: KeyPair;
  readonly cut: () => void;
}

/** Starts a server that lets `key` in and makes it `alias`, known to the place. */
export type Serve = (
  alias: string,
  key: KeyPair,
  options?: { hostKey?: KeyPair; lines?: readonly string[] },
) => Promise<Served>;

const made: Serve = async (alias, key, { hostKey, lines = [] } = {}) => {
  const server = await startServer({ authorizedKeys: [key.public], ...(hostKey === undefined ? {} : { hostKey }) });
  ends.push(() => server.stop());
  place.host(alias, server.port, lines);
  return server;
};

const real: Serve = async (alias, key, { hostKey, lines = [] } = {}) => {
  const server = await startSshd({ authorizedKeys: [key.public], ...(hostKey === undefined ? {} : { hostKey }) });
  ends.push(() => server.stop());
  place.host(alias, server.port, [`User ${server.user}`, ...lines]);
  return server;
};

export const know = (...servers: readonly Served[]) =>
  place.write("known_hosts", servers.map(({ port, hostKey }) => knownHost(filed(port), hostKey)).join(""));

export const identity = (key: KeyPair, name = "id") => `IdentityFile ${place.write(name, key.private)}`;

/** The servers that each client is held against, and why one is left out; false where it is not. */
export const serversFor = (client: "ssh2" | "openssh") =>
  [
    ["a server made with ssh2", made, client === "openssh" && noSsh],
    ["a real sshd", real, noSshd],
  ] as const;

/** A connection with one plain key. */
export async function connected(serve: Serve, lines: readonly string[] = []) {
  const key = newKey();
  const server = await serve("juni", key, { lines: [identity(key), ...lines] });
  know(server);
  const connection = await place.connect("juni");
  ends.push(() => connection.close());
  return { server, connection };
}

/** Whether a process has `text` among its arguments. */
export function isRunning(text: string): boolean {
  return spawnSync("ps", ["-A", "-ww", "-o", "args="], { encoding: "utf8" }).stdout.includes(text);
}
