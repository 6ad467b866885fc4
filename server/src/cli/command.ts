import { type ParseArgsConfig, parseArgs } from "node:util";

/** One command of the command line. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  /** What `--help` prints. */
  readonly help: string;
  /** Runs it; the result is the exit code. Rejects with CommandError for what it could not do (exit 2). */
  readonly run: (argv: readonly string[]) => Promise<number>;
}

/** The command could not do its job; the message says why and what to do. */
export class CommandError extends Error {}

/** parseArgs of Node, with its complaints turned into messages for people. */
export function readArguments<T extends NonNullable<ParseArgsConfig["options"]>>(
  argv: readonly string[],
  command: string,
  options: T,
) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split(". ")[0] ?? error.message) : String(error);
    throw new CommandError(`${reason}. \`tidemark ${command} --help\` lists the options.`, { cause: error });
  }
}
