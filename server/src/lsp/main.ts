import { createConnection, ProposedFeatures } from "vscode-languageserver/node";
import { version } from "../../../package.json";
import { bundledGrammar } from "../service/bundledGrammar";
import { startServer } from "./server";

// The transport (--stdio, --node-ipc, --socket) is taken from the command line.
startServer(createConnection(ProposedFeatures.all), { version, loadGrammar: () => bundledGrammar(__dirname) });
