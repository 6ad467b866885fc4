import { defaultSettings, readClient, type Settings } from "../service/settings";
import { CommandError } from "./command";

/** The settings that `--ssh-config` and `--ssh-client` stand for. Throws CommandError where there is no such client. */
export function readReach(sshConfigFile: string | undefined, client: string | undefined): Settings {
  const sshClient = client === undefined ? defaultSettings.sshClient : readClient(client);
  if (sshClient === null)
    throw new CommandError(`--ssh-client ${client} is not understood: it is auto, ssh2 or openssh.`);
  return { ...defaultSettings, sshConfigFile: sshConfigFile ?? null, sshClient };
}
