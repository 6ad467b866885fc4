import { hostChoices, type KnownHost } from "../service/hostChoices";
import { visible } from "../syntax/visible";
import { type Command, CommandError, readArguments } from "./command";
import { openService } from "./inputs";
import { readReach } from "./reach";
import { paint } from "./terminal";

const help = `Usage: tidemark hosts [--ssh-config FILE] [--json]

Lists the hosts that can be scanned: those that the configuration in the current folder makes, those of your ssh configuration, and this
machine. Connects to none.

Options:
  --ssh-config FILE  an ssh configuration file instead of your own
  --json             print JSON: { "version": 1, "hosts": [{ "name", "source": "configuration" | "ssh" | "local", "detail" }] }

Exit code: 0, or 2 if it could not be done.
`;

export const hosts: Command = {
  name: "hosts",
  summary: "list the hosts that can be scanned",
  help,
  async run(argv) {
    const { values, positionals } = readArguments(argv, "hosts", {
      "ssh-config": { type: "string" },
      json: { type: "boolean" },
    });
    if (positionals.length > 0) throw new CommandError("`tidemark hosts` takes no names; `--help` explains.");
    const service = await openService();
    service.folders = [process.cwd()];
    service.settings = readReach(values["ssh-config"], undefined);
    const known = await hostChoices(service, null);
    service.dispose();
    if (values.json) {
      const shown = known.map(({ name, source, detail }) => ({ name, source, detail }));
      process.stdout.write(`${JSON.stringify({ version: 1, hosts: shown }, null, 2)}\n`);
    } else process.stdout.write(known.map(row).join(""));
    return 0;
  },
};

const sources: Readonly<Record<KnownHost["source"], string>> = {
  configuration: "configured here",
  settings: "in your settings",
  ssh: "in your ssh configuration",
  local: "",
};

function row({ name, source, detail }: KnownHost): string {
  const about = [sources[source], visible(detail)].filter((part) => part !== "" && part !== name).join(", ");
  return `${visible(name).padEnd(20)} ${paint("grey", about)}\n`;
}
