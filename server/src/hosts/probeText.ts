import { capacityText } from "./probeTextCapacity";
import { compareText } from "./probeTextCompare";
import { deployedText } from "./probeTextDeployed";
import { plainDeployedText } from "./probeTextDeployedPlain";
import { factsText } from "./probeTextFacts";
import { journalText } from "./probeTextJournal";
import { placesText } from "./probeTextPlaces";
import { equalText, plainText } from "./probeTextPlain";
import { walkText } from "./probeTextWalk";
import { zfsText } from "./probeTextZfs";

/**
 * What a probe can be asked, and the shell function of that name which answers it, with its helpers. A part reads and never writes,
 * says records with `say`, and sets `status` where something went wrong.
 */
const parts = {
  facts: `${capacityText}
${factsText}`,
  places: placesText,
  walk: walkText,
  compare: compareText,
  plain: plainText,
  equal: equalText,
  zfsdiff: zfsText,
  deployed: deployedText,
  plaindeployed: plainDeployedText,
  journal: journalText,
} as const;

export type ProbePart = keyof typeof parts;

/**
 * The probe: the whole text that runs on a host for one question, as a person can read it before it does. It reads and never
 * writes, at the lowest priority, and answers in NUL-separated records between two marks that carry a number made anew for each
 * run. POSIX shell with GNU findutils and coreutils, as on any NixOS; `plain`, `equal` and `plaindeployed` do with less.
 *
 * Arguments: how it became root (`root`, `sudo`, `refused`, `none`), the login name, the number of the run, then those of the part.
 */
export function probeText(part: ProbePart): string {
  return `${before}
${parts[part]}
${frame}${part} "$@"
say ".end:$number" "$status"
`;
}

const before = `# Tidemark's probe. Reads, never writes.
say() { printf '%s\\0' "$@"; }

# attend PROCESS: waits for it, and takes it along when this is ended.
attend() {
  child=$1
  trap 'kill "$child" 2>/dev/null; exit 143' HUP INT TERM
  wait "$child"
  status=$?
}
`;

const frame = `how=$1
login=$2
number=$3
shift 3
umask 077
LC_ALL=C
TZ=UTC0
export LC_ALL TZ
say "tidemark:$number" 1
status=0
`;
