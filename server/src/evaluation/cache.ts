import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, stat, unlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { question } from "./question";

/** Answers kept; the oldest go first. */
const maximumAnswers = 40;

/**
 * Nix's answers on disk, each under a hash of what it was made from: our question, the host and the flake's contents. Readable for
 * the user alone. A cache that cannot be read or written is only slower.
 */
export class AnswerCache {
  constructor(private readonly folder: string) {}

  async read(host: string, fingerprint: string): Promise<string | null> {
    return readFile(this.#file(host, fingerprint), "utf8").catch(() => null);
  }

  async write(host: string, fingerprint: string, answer: string): Promise<void> {
    const file = this.#file(host, fingerprint);
    const temporary = `${file}.${process.pid}`;
    try {
      await mkdir(this.folder, { recursive: true, mode: 0o700 });
      await writeFile(temporary, answer, { mode: 0o600 });
      await rename(temporary, file);
      await this.#prune();
    } catch {
      await unlink(temporary).catch(() => undefined);
    }
  }

  #file(host: string, fingerprint: string): string {
    const key = createHash("sha256").update(`${question}\0${host}\0${fingerprint}`).digest("hex");
    return path.join(this.folder, `${key}.json`);
  }

  async #prune(): Promise<void> {
    const names = (await readdir(this.folder)).filter((name) => name.endsWith(".json"));
    if (names.length <= maximumAnswers) return;
    const files = await Promise.all(
      names.map(async (name) => {
        const file = path.join(this.folder, name);
        return { file, time: (await stat(file)).mtimeMs };
      }),
    );
    files.sort((a, b) => b.time - a.time);
    for (const { file } of files.slice(maximumAnswers)) await unlink(file);
  }
}
