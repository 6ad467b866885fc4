import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { cli } from "./cli";

export interface NvimSession {
  /** Opened in the buffer. */
  readonly file: string;
  readonly workspace: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Lua that returns a table; see nvim-session.lua for what `T` has. */
  readonly script: string;
}

/** Runs a script in a headless Neovim with the server attached, and returns what it returned. Throws with its error and the server's messages. */
export function inNeovim(session: NvimSession): unknown {
  const folder = mkdtempSync(path.join(os.tmpdir(), "tidemark-nvim-"));
  try {
    const [input, output] = ["input.json", "output.json"].map((name) => path.join(folder, name)) as [string, string];
    writeFileSync(input, JSON.stringify({ ...session, cmd: [process.execPath, cli, "lsp", "--stdio"] }));
    const { stderr, error } = spawnSync(
      "nvim",
      ["--headless", "-u", "NONE", "-i", "NONE", "-n", "-S", path.join(__dirname, "nvim-session.lua")],
      {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
        timeout: 120_000,
        env: {
          ...process.env,
          TIDEMARK_NVIM_INPUT: input,
          TIDEMARK_NVIM_OUTPUT: output,
          XDG_STATE_HOME: folder,
          XDG_CACHE_HOME: folder,
        },
      },
    );
    if (error) throw error;
    const answer = JSON.parse(readOr(output, JSON.stringify({ error: `Neovim wrote nothing: ${stderr}` }))) as {
      readonly result?: unknown;
      readonly error?: string;
      readonly messages?: unknown;
    };
    if (answer.error !== undefined) throw new Error(`${answer.error}\n${JSON.stringify(answer.messages)}\n${stderr}`);
    return answer.result;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return otherwise;
  }
}
