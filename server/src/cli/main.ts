import { version } from "../../../package.json";
import { visible } from "../syntax/visible";
import { check } from "./check";
import { type Command, CommandError } from "./command";
import { doctor } from "./doctor";
import { entries } from "./entries";
import { fix } from "./fix";
import { hosts } from "./hosts";
import { lsp } from "./lsp";
import { scan } from "./scan";

const commands: readonly Command[] = [check, entries, hosts, scan, fix, doctor, lsp];

const help = `Tidemark: see what a NixOS host with an ephemeral root would lose at the next reboot, and persist it.

Usage: tidemark COMMAND [OPTION…]

Commands:
${commands.map((command) => `  ${command.name.padEnd(9)} ${command.summary}`).join("\n")}

\`tidemark COMMAND --help\` explains a command; \`tidemark --version\` prints the version.
`;

async function run(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === "--version" || name === "-V") {
    process.stdout.write(`tidemark ${version}\n`);
    return 0;
  }
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    (name === undefined ? process.stderr : process.stdout).write(help);
    return name === undefined ? 2 : 0;
  }
  const command = commands.find((candidate) => candidate.name === name);
  if (command === undefined) throw new CommandError(`There is no command ${name}. \`tidemark --help\` lists them.`);
  if (rest.includes("--help") || rest.includes("-h")) {
    process.stdout.write(command.help);
    return 0;
  }
  if (rest.includes("--version")) {
    process.stdout.write(`tidemark ${version}\n`);
    return 0;
  }
  return command.run(rest);
}

// A reader that has seen enough (`tidemark scan … | head`) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 2));

run(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    if (!(error instanceof CommandError)) throw error;
    process.stderr.write(`tidemark: ${visible(error.message)}\n`);
    process.exitCode = 2;
  },
);
