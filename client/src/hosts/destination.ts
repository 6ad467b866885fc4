/** Longer than any host name (253) with a user and a port. */
const LONGEST = 320;

/**
 * Why a typed text cannot be a destination (a name from `tidemark.hosts`, an ssh alias or `user@host[:port]`), for people;
 * null when it can. The server judges again before anything is run with it.
 */
export function destinationProblem(text: string): string | null {
  if (text === "") return "Type a destination, for example root@juni.";
  if (text.startsWith("-")) return "A destination cannot start with “-”.";
  if (/[\s\p{Cc}]/u.test(text)) return "A destination has no spaces.";
  if (/[`$;&|<>()"'\\]/.test(text)) return "A destination is a name, or user@host, or user@host:port.";
  return text.length > LONGEST ? "This destination is too long." : null;
}
