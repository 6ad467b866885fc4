import { createConnection, ProposedFeatures } from "vscode-languageserver/node";
import { version } from "../../../package.json";
import { startServer } from "../lsp/server";
import { bundledGrammar } from "../service/bundledGrammar";
import { type Command, readArguments } from "./command";

const help = `Usage: tidemark lsp [--stdio]

Runs the language server on standard input and output, for editors that start it themselves (Neovim, Helix, Emacs, …).
`;

export const lsp: Command = {
  name: "lsp",
  summary: "run the language server for an editor",
  help,
  async run(argv) {
    // Editors add options of their own (--clientProcessId=…); the transport is standard input and output whatever they say.
    readArguments(argv, "lsp", { stdio: { type: "boolean" }, clientProcessId: { type: "string" } });
    const connection = createConnection(ProposedFeatures.all, process.stdin, process.stdout);
    startServer(connection, { version, loadGrammar: () => bundledGrammar(__dirname) });
    // The server ends the process itself when the editor says exit or goes away.
    return new Promise(() => {});
  },
};
