import { type Connection, MessageType } from "vscode-languageserver/node";
import type { ClientSupport } from "./capabilities";
import { tell } from "./prompts";
import { CommandsMethod, type ShowCommandsArguments } from "./protocol";

/** Shows commands for a host, in whatever way the client has: our own opens them as a text. Nothing is run. */
export function showCommands(connection: Connection, { tidemark }: ClientSupport, argument: unknown): null {
  const given = typeof argument === "object" && argument !== null ? (argument as Record<string, unknown>) : {};
  const { title, text } = given;
  if (typeof title !== "string" || typeof text !== "string") return null;
  const shown: ShowCommandsArguments = { title, text };
  if (tidemark) void connection.sendNotification(CommandsMethod, shown);
  else tell(connection, MessageType.Info, text);
  return null;
}
