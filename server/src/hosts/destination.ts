import { isIPv6 } from "node:net";
import { badDestination } from "./failures";

/** Where to connect, as a person wrote it. What is absent comes from the ssh configuration. */
export interface Destination {
  readonly user?: string;
  /** Alias, name or address; IPv6 without brackets. */
  readonly host: string;
  readonly port?: number;
}

/** No leading `-`, white space, control character, path or shell metacharacter. */
const hostName = /^[\p{L}\p{N}_][\p{L}\p{N}._-]*$/u;
const userName = /^[\p{L}\p{N}_.][\p{L}\p{N}_.+@-]*$/u;
const zone = /^[A-Za-z0-9_.-]+$/;

/**
 * Reads `alias`, `user@host`, `user@host:port`, `ssh://user@host:port`, and IPv6 as `::1` or `[::1]:port`.
 * Throws HostError `bad-destination` for everything else, so that the parts are safe as arguments of `ssh`.
 */
export function parseDestination(text: string): Destination {
  const fail = (reason: string): never => {
    throw badDestination(text, reason);
  };
  if (text.length === 0) fail("it is empty");
  if (text.length > 512) fail("it is too long");
  if (text.startsWith("-")) fail("it starts with a dash");
  if (/[\s\p{Cc}]/u.test(text)) fail("it contains white space or control characters");
  const rest = text.startsWith("ssh://") ? text.slice("ssh://".length).replace(/\/$/, "") : text;
  const at = rest.lastIndexOf("@");
  const user = at < 0 ? undefined : rest.slice(0, at);
  if (user !== undefined && !userName.test(user))
    fail("the user name is empty or has characters that do not belong there");
  const [host, port] = splitPort(rest.slice(at + 1), fail);
  if (!isAddress6(host) && !hostName.test(host))
    fail("the host name is empty or has characters that do not belong there");
  return { ...(user === undefined ? {} : { user }), host, ...(port === undefined ? {} : { port }) };
}

function splitPort(text: string, fail: (reason: string) => never): readonly [string, number | undefined] {
  if (text.startsWith("[")) {
    const match = /^\[([^\]]*)\](?::(.*))?$/u.exec(text);
    const host = match?.[1] ?? "";
    if (!isAddress6(host)) fail("only an IPv6 address belongs in brackets");
    return [host, match?.[2] === undefined ? undefined : parsePort(match[2], fail)];
  }
  if (isAddress6(text)) return [text, undefined];
  const colon = text.indexOf(":");
  return colon < 0 ? [text, undefined] : [text.slice(0, colon), parsePort(text.slice(colon + 1), fail)];
}

function parsePort(text: string, fail: (reason: string) => never): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65535 ? port : fail("the port is not a number from 1 to 65535");
}

function isAddress6(text: string): boolean {
  const [address = "", scope, ...more] = text.split("%");
  return isIPv6(address) && more.length === 0 && (scope === undefined || zone.test(scope));
}

/** `host:port`, IPv6 in brackets. */
export function hostAndPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
