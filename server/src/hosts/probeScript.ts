import { shellWord } from "./probeQuote";
import { type ProbePart, probeText } from "./probeText";

/** The only words that the login shell on the host has to understand, whichever shell it is. */
export const probeCommand = "exec /bin/sh -s";

/** Changes with the meaning of the records. */
export const protocolVersion = "1";

/**
 * `ask` tries `sudo -n` once; `sudo` uses it, known to work; `no` leaves it. A password is handed to sudo on its standard input: it is
 * never an argument and never in the environment, where others on the host could read it.
 */
export type Elevation = "ask" | "sudo" | "no" | { readonly password: string };

export interface ProbeTask {
  readonly what: ProbePart;
  /** Byte strings: the arguments of that part of the probe. */
  readonly parameters: readonly string[];
  readonly elevate: Elevation;
  /** 32 hexadecimal digits, random. */
  readonly number: string;
  /** Paths for `compare`, each beginning with `./`. */
  readonly list?: readonly Uint8Array[];
}

/** Becomes root where that takes no password, lowers its priority, and hands over to the probe. */
const handOver: Readonly<Record<Exclude<Elevation, object>, string>> = {
  ask: `if [ "$(id -u)" = 0 ]; then how=root
elif ! command -v sudo > /dev/null 2>&1; then how=none
elif sudo -n /bin/sh -c : < /dev/null > /dev/null 2>&1; then how=sudo
else how=refused
fi`,
  sudo: "how=sudo",
  no: "how=no",
};

/** Lines that check a password, once: a wrong one is not given a second time. Only a `printf` of the shell's own keeps it secret. */
function checked(word: string): string {
  return `case $(command -v printf) in
  */*) how=refused ;;
  *) if printf '%s\\n' ${word} | sudo -k -S -p '' /bin/sh -c : > /dev/null 2>&1; then how=sudo; else how=wrong; fi ;;
esac`;
}

/** sudo reads the first line and leaves the rest to the probe. */
function withPassword(word: string): string {
  return `if [ "$how" = sudo ]; then
  { printf '%s\\n' ${word}; cat; } | "$@"
  exit
fi
`;
}

/**
 * What is written to the standard input of {@link probeCommand}: a few lines that set up the probe, the probe itself as one
 * quoted word, and the list. Shells may read some kilobytes beyond the last command they run, so that much padding of NULs
 * stands before the list; the probe drops it.
 */
export function probeInput(task: ProbeTask): Uint8Array {
  const { elevate } = task;
  const given = typeof elevate === "object" ? Buffer.from(elevate.password, "utf8").toString("latin1") : null;
  const password = given === null ? null : shellWord(given);
  const how = typeof elevate === "object" ? checked(password ?? "") : handOver[elevate];
  const words = [task.number, ...task.parameters].map(shellWord).join(" ");
  // Only one part tells it, and asking takes a process.
  const login = task.what === "facts" ? `"$(id -un 2> /dev/null)"` : "''";
  const text = `LC_ALL=C
export LC_ALL
PATH="\${PATH:-/usr/bin:/bin}:/run/wrappers/bin:/run/current-system/sw/bin"
export PATH
tidemark=${shellWord(probeText(task.what))}
${how}
set -- /bin/sh -c "$tidemark" tidemark "$how" ${login} ${words}
if [ "$how" = sudo ]; then set -- sudo ${password === null ? "-n" : "-k -S -p ''"} "$@"; fi
if nice -n 19 ionice -c 3 true < /dev/null > /dev/null 2>&1; then set -- nice -n 19 ionice -c 3 "$@"
elif nice -n 19 true < /dev/null > /dev/null 2>&1; then set -- nice -n 19 "$@"
fi
${password === null ? "" : withPassword(password)}exec "$@"
`;
  const parts: Uint8Array[] = [Buffer.from(text, "latin1")];
  if (task.list !== undefined) {
    parts.push(Buffer.alloc(32_768));
    for (const path of task.list) parts.push(path, nul);
  }
  return Buffer.concat(parts);
}

const nul = Uint8Array.of(0);
