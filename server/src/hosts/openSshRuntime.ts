import { constants } from "node:fs";
import { access, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { unsupported } from "./failures";

/** A folder of our own for one run of `ssh`: its sockets, the program that asks questions, the host keys of this session. */
export interface Runtime {
  /** Absolute; only we may enter (0700), and its path is short and needs no quoting. */
  readonly folder: string;
  /** What `SSH_ASKPASS` names. */
  readonly askpass: string;
  /** Where that program reports to. */
  readonly questions: string;
  /** ssh's socket for sharing the connection. */
  readonly master: string;
  readonly config: string;
  /** ssh writes keys accepted by a person here, and only here. */
  readonly sessionKeys: string;
}

/** Addresses of sockets hold 104 bytes on some systems, and ssh adds 17 to the name of its own while it makes it. */
const longest = 80;

/** Started by ssh with a question as its only argument. The values come from the environment, so that nothing has to be quoted. */
const askpassText = `#!/bin/sh
exec "$TIDEMARK_NODE" "$TIDEMARK_ASKPASS" "$1"
`;

/** Hands the question over and prints the answer; ends with 1 where there is none, which ssh takes for a refusal. */
const clientText = `"use strict";
const socket = require("node:net").connect(process.env.TIDEMARK_QUESTIONS);
let answer = "";
socket.setEncoding("utf8");
socket.on("data", (text) => { answer += text; });
socket.on("error", () => process.exit(1));
socket.on("close", () => {
  if (!answer.endsWith("\\n")) process.exit(1);
  process.stdout.write(answer, () => process.exit(0));
});
const hint = process.env.SSH_ASKPASS_PROMPT ?? "";
socket.write(JSON.stringify({ prompt: process.argv[2] ?? "", hint }) + "\\n");
`;

/** Makes the folder in the user's runtime folder, else among the temporary files. Throws HostError where neither will do. */
export async function createRuntime(host: string): Promise<Runtime> {
  const candidates = [process.env["XDG_RUNTIME_DIR"] ?? "", tmpdir(), "/tmp"].filter((base) => path.isAbsolute(base));
  let problem = "there is no folder for temporary files";
  for (const base of new Set(candidates)) {
    if (base.length > longest - 20 || !/^[\w@+=:,./-]+$/.test(base)) {
      problem = `the path ${base} is too long or has unusual characters`;
      continue;
    }
    try {
      return await createIn(base);
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
    }
  }
  throw unsupported(
    host,
    `no private folder could be made for the ssh program (${problem})`,
    "Point XDG_RUNTIME_DIR or TMPDIR to a folder of yours with a short path that is not mounted noexec.",
  );
}

async function createIn(base: string): Promise<Runtime> {
  const folder = await mkdtemp(path.join(base, "tidemark-"));
  try {
    const { mode } = await stat(folder);
    if (process.platform !== "win32" && (mode & 0o077) !== 0) throw new Error(`${folder} is open to others`);
    const at = (name: string) => path.join(folder, name);
    await writeFile(at("askpass.js"), clientText, { mode: 0o600 });
    await writeFile(at("askpass"), askpassText, { mode: 0o700 });
    // Fails on file systems mounted noexec, where ssh could not start it either.
    await access(at("askpass"), constants.X_OK);
    return {
      folder,
      askpass: at("askpass"),
      questions: at("q"),
      master: at("m"),
      config: at("config"),
      sessionKeys: at("known_hosts"),
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** The environment for ssh: its questions go to the program in the folder, never to a terminal of ours. */
export function askingEnvironment(runtime: Runtime): NodeJS.ProcessEnv {
  return {
    ...process.env,
    SSH_ASKPASS: runtime.askpass,
    SSH_ASKPASS_REQUIRE: "force",
    // Before OpenSSH 8.4 the program is used only where there is a display; nothing is shown on it.
    DISPLAY: process.env["DISPLAY"] || ":",
    TIDEMARK_NODE: process.execPath,
    TIDEMARK_ASKPASS: path.join(runtime.folder, "askpass.js"),
    TIDEMARK_QUESTIONS: runtime.questions,
    // The editor's own binary is Node only when told so.
    ELECTRON_RUN_AS_NODE: "1",
    NODE_OPTIONS: "",
  };
}
