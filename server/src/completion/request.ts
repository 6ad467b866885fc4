import type { ScanReport } from "../hosts/model";
import type { SourceFile } from "../rules/rule";

/** What completion goes by. */
export interface CompletionRequest {
  /** The newest text, with what was read from it, or from the text before the last keystrokes. */
  readonly file: SourceFile;
  /** All files known to belong to the same host, `file` among them as it was read. */
  readonly host: readonly SourceFile[];
  readonly offset: number;
  /** Of the scanned hosts the file belongs to. */
  readonly reports: readonly ScanReport[];
  /** Home directories as the scanned hosts have them; they win over what the text says. */
  readonly homes: ReadonlyMap<string, string>;
  /** The only person with an account on the host, null where that is not known. */
  readonly soleUser: string | null;
  /** Rules, for comments that silence one. */
  readonly rules: readonly { readonly id: string; readonly title: string; readonly doc: string }[];
}

/** By how much the text has grown since it was read: offsets behind the cursor are that much off. */
export function grownBy({ file, host }: CompletionRequest): number {
  const read = host.find(({ name }) => name === file.name);
  return read === undefined ? 0 : file.text.length - read.text.length;
}
