import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

/**
 * What the user answered when asked whether Nix may evaluate: yes for single flakes, by folder, or never. Kept on this machine, so that
 * nothing in a repository can answer.
 */
export class EvaluationConsent {
  readonly #file: string;

  constructor(stateFolder: string) {
    this.#file = path.join(stateFolder, "evaluation.json");
  }

  of(folder: string): "yes" | "never" | "unknown" {
    const { never, folders } = this.#read();
    if (folders.includes(folder)) return "yes";
    return never ? "never" : "unknown";
  }

  allow(folder: string): void {
    const { never, folders } = this.#read();
    this.#write({ never, folders: [...folders.filter((one) => one !== folder), folder] });
  }

  never(): void {
    this.#write({ ...this.#read(), never: true });
  }

  #read(): Answers {
    try {
      const given: unknown = JSON.parse(readFileSync(this.#file, "utf8"));
      const { never, folders } = { never: false, folders: [], ...(typeof given === "object" ? given : null) };
      return {
        never: Boolean(never),
        folders: Array.isArray(folders) ? folders.filter((one) => typeof one === "string") : [],
      };
    } catch {
      return { never: false, folders: [] };
    }
  }

  /** An answer that cannot be kept is asked for again next time. */
  #write(answers: Answers): void {
    try {
      mkdirSync(path.dirname(this.#file), { recursive: true, mode: 0o700 });
      writeFileSync(this.#file, JSON.stringify({ version: 1, ...answers }), { mode: 0o600 });
    } catch {
      // As said.
    }
  }
}

interface Answers {
  readonly never: boolean;
  readonly folders: readonly string[];
}
