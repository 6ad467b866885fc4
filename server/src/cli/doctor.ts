import { HostError } from "../hosts/port";
import { coverageOf } from "../persistence/coverage";
import { type DoctorStep, examine } from "../service/doctor";
import { peopleOf } from "../service/hostPeople";
import { liveEntries } from "../service/liveEntries";
import { stateFolder } from "../service/stateFolder";
import { visible } from "../syntax/visible";
import { type Command, CommandError, readArguments } from "./command";
import { configuration } from "./hostConfiguration";
import { openService } from "./inputs";
import { readReach } from "./reach";
import { paint } from "./terminal";
import { terminalPrompter } from "./terminalPrompter";

const help = `Usage: tidemark doctor DESTINATION [--config FILE…] [--ssh-config FILE] [--ssh-client CLIENT] [--json]

Goes the way of a scan step by step, reads no files, and says what was found, how long it took, and what to do where it fails:
how the destination is resolved, which SSH is taken and why, the host key, the login, the shell, the tools, sudo, the kind of root, and how
much of what its configuration persists is in place.
It asks what connecting asks (an unknown host key, a passphrase), and nothing else.
DESTINATION is an alias of your ssh configuration, USER@HOST[:PORT], or \`local\` for this machine.

Options:
  --config FILE        the host's configuration, as for \`tidemark scan\`; may be repeated
  --ssh-config FILE    an ssh configuration file instead of your own
  --ssh-client CLIENT  auto, ssh2 (built-in) or openssh (the ssh program)
  --json               print JSON: { "version": 1, "host", "ok", "steps": [{ "name", "state", "detail", "next", "milliseconds" }] }

Exit code: 0 if a scan would work, 1 if not, 2 if the question could not be asked.
`;

export const doctor: Command = {
  name: "doctor",
  summary: "say step by step what a scan of a host would meet",
  help,
  async run(argv) {
    const { values, positionals } = readArguments(argv, "doctor", {
      config: { type: "string", multiple: true },
      "ssh-config": { type: "string" },
      "ssh-client": { type: "string" },
      json: { type: "boolean" },
    });
    const [host, ...more] = positionals;
    // What follows the host are files, as for a scan.
    if (host === undefined || (more.length > 0 && values.config === undefined))
      throw new CommandError("One destination is needed: `tidemark doctor DESTINATION`; `--help` explains.");
    const service = await openService();
    const given = values.config === undefined ? null : [...values.config, ...more];
    const { files, kept, found } = configuration(service, host, given);
    const abort = new AbortController();
    const interrupt = () => abort.abort();
    process.once("SIGINT", interrupt);
    try {
      const report = await examine({
        host,
        settings: readReach(values["ssh-config"], values["ssh-client"]),
        prompter: terminalPrompter,
        stateFolder: stateFolder(),
        signal: abort.signal,
        configured(known) {
          const people = peopleOf(known);
          return {
            paths: coverageOf(kept, people.homes, people.hints),
            entries: liveEntries(found, files, people, []),
          };
        },
        log: (line) => {
          if (process.env["TIDEMARK_LOG"]) process.stderr.write(`${line}\n`);
        },
        onStep: (step) => {
          if (!values.json) process.stdout.write(row(step));
        },
      });
      if (values.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
      else process.stdout.write(report.ok ? "\nA scan would work.\n" : "\nA scan would not work.\n");
      return report.ok ? 0 : 1;
    } catch (error) {
      if (error instanceof HostError) throw new CommandError(`${error.message} ${error.next}`, { cause: error });
      throw error;
    } finally {
      process.off("SIGINT", interrupt);
      service.dispose();
    }
  },
};

const marks = {
  ok: ["green", "ok"],
  warning: ["yellow", "note"],
  failed: ["red", "FAILED"],
  skipped: ["grey", "–"],
} as const;

function row({ name, state, detail, next, milliseconds }: DoctorStep): string {
  const [colour, mark] = marks[state];
  const time = milliseconds === null ? "" : paint("grey", `  (${milliseconds} ms)`);
  const advice = next === null ? "" : `${" ".repeat(24)}${visible(next)}\n`;
  return `${paint(colour, mark.padEnd(7))} ${name.padEnd(15)} ${visible(detail)}${time}\n${advice}`;
}
