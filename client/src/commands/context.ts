import type { ExtensionContext, LogOutputChannel } from "vscode";
import type { HostCommands } from "../hostCommands";
import type { HostMemory } from "../hosts/memory";
import type { Server } from "../server";
import type { StatusItem } from "../status/item";

/** What commands work with. */
export interface CommandContext {
  readonly extension: ExtensionContext;
  readonly log: LogOutputChannel;
  readonly server: Server;
  readonly status: StatusItem;
  readonly memory: HostMemory;
  readonly hostCommands: HostCommands;
}
