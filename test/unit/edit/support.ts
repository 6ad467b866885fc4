import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type EditFile, type EditHints, type PersistEdits, persistEdits } from "../../../server/src/persistence/edit";
import type { PersistTarget } from "../../../server/src/persistence/target";
import { applyEdits } from "../../../server/src/syntax/span";
import { read } from "../../support/grammar";

type Known = Partial<Pick<PersistTarget, "user" | "group" | "mode">>;

export function directory(target: string, known: Known = {}): PersistTarget {
  return { path: target, kind: "directory", user: null, group: null, mode: null, homeOf: null, ...known };
}

export function file(target: string, known: Known = {}): PersistTarget {
  return { ...directory(target, known), kind: "file" };
}

/** The same path as one in the home directory of `user`, which is `/home/<user>`. */
export function at(user: string, target: PersistTarget): PersistTarget {
  return { ...target, path: `/home/${user}/${target.path}`, homeOf: { user, home: `/home/${user}` } };
}

export async function filesOf(texts: Readonly<Record<string, string>>): Promise<EditFile[]> {
  const files: EditFile[] = [];
  for (const [name, text] of Object.entries(texts)) files.push({ name, text, persistence: await read(text) });
  return files;
}

export interface Outcome extends PersistEdits {
  /** All texts after the edits. */
  readonly after: Readonly<Record<string, string>>;
}

export async function persist(
  texts: Readonly<Record<string, string>>,
  targets: readonly PersistTarget[],
  hints: EditHints = {},
): Promise<Outcome> {
  const result = persistEdits(await filesOf(texts), targets, hints);
  const after = Object.entries(texts).map(([name, text]) => [name, applyEdits(text, result.edits.get(name) ?? [])]);
  return { ...result, after: Object.fromEntries(after) };
}

export const nixAvailable = spawnSync("nix-instantiate", ["--version"]).status === 0;

/** What real Nix says of the syntax of all texts, in one process; null when it accepts them. */
export function nixComplaint(texts: readonly string[]): string | null {
  const folder = mkdtempSync(path.join(tmpdir(), "edit-"));
  try {
    const names = texts.map((text, index) => {
      const name = path.join(folder, `${index}.nix`);
      writeFileSync(name, text);
      return name;
    });
    const { status, stderr } = spawnSync("nix-instantiate", ["--parse", ...names], { encoding: "utf8" });
    return status === 0 ? null : stderr;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
