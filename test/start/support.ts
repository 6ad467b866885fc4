import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { tools } from "../demo/host.mjs";
import { which } from "../lib/which.mjs";

/** A run of `npm start` without installing and building, in a folder of its own, with a PATH of its own. */
export class Run {
  /** Where the test may put its files. */
  readonly home = mkdtempSync(path.join(tmpdir(), "tidemark-start-"));
  readonly bin = path.join(this.home, "bin");
  output = "";
  #child: ChildProcess | null = null;

  /** `folder` is where the demo is written. */
  constructor(readonly folder = "") {
    if (folder === "") this.folder = path.join(this.home, "demo");
    mkdirSync(this.bin);
    // Only what the demo needs: an editor of this machine must not open.
    for (const name of [...tools, "ssh", "ssh-keygen"]) {
      const file = which(name);
      if (file) symlinkSync(file, path.join(this.bin, name));
    }
  }

  start(...options: readonly string[]): void {
    const script = path.resolve(__dirname, "../demo/start.mjs");
    const child = spawn(process.execPath, [script, "--as-is", "--folder", this.folder, ...options], {
      env: { PATH: this.bin, HOME: this.home },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text: string) => {
        this.output += text;
      });
    }
  }

  /** Its exit code, once it has ended and all its output is read. */
  async end(): Promise<number | null> {
    const child = this.#child;
    if (!child) throw new Error("not started");
    if (child.exitCode === null || !child.stdout?.closed) await once(child, "close");
    return child.exitCode;
  }

  interrupt(): void {
    this.#child?.kill("SIGINT");
  }

  /** Processes that work in the run's folder or were given it. */
  processes(): readonly string[] {
    return readdirSync("/proc")
      .filter((number) => /^\d+$/.test(number) && Number(number) !== process.pid)
      .map((number) => {
        try {
          const words = readFileSync(`/proc/${number}/cmdline`, "utf8").replaceAll("\0", " ");
          return `${words} in ${readlinkSync(`/proc/${number}/cwd`)}`;
        } catch {
          return "";
        }
      })
      .filter((text) => text.includes(this.home));
  }

  /** What is left in the demo's folder. */
  left(): readonly string[] {
    return existsSync(this.folder) ? readdirSync(this.folder) : [];
  }
}
