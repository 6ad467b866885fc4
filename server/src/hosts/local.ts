import { hostname } from "node:os";
import { Running, runChild } from "./childRun";
import { commandRefused, dropped, printable } from "./failures";
import { type HostConnection, HostError } from "./port";
import { userName } from "./sshConfigTokens";

/** The destination that means this machine. An ssh alias of the same name is reached as `ssh://local`. */
export const thisMachine = "local";

export function isThisMachine(destination: string): boolean {
  return destination === thisMachine;
}

/** This machine as a host: commands are child processes of ours, with the rights of the user we run as. */
export function localConnection(): HostConnection {
  const host = `this machine (${userName()}@${printable(hostname(), 80)})`;
  const running = new Running();
  let alive = true;
  return {
    description: host,
    get alive() {
      return alive;
    },
    async exec(command, options) {
      if (!alive) throw dropped(host, "it was closed here");
      const child = { program: "/bin/sh", words: ["-c", command], environment: process.env };
      try {
        return await running.during((untilLost) => runChild(child, host, options, untilLost));
      } catch (error) {
        if (error instanceof Error && "syscall" in error && `${error.syscall}`.startsWith("spawn"))
          throw new HostError(
            "remote-shell",
            commandRefused(host, error.message).message,
            "A scan needs /bin/sh, which every NixOS has.",
            { cause: error },
          );
        throw error;
      }
    },
    close() {
      alive = false;
      running.endAll(dropped(host, "it was closed here"));
    },
  };
}
