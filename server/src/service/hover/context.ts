import type { HostScan, ScanReport } from "../../hosts/model";
import type { Coverage } from "../../persistence/coverage";
import type { SourceFile } from "../../rules/rule";

/** What a hover goes by, besides the text. */
export interface HoverWorld {
  readonly file: SourceFile;
  /** What all files of the host keep. */
  readonly coverage: Coverage;
  /** Of the scanned hosts the file belongs to. */
  readonly scans: readonly HostScan[];
  readonly reports: readonly ScanReport[];
  /** Home directories as the scanned hosts have them. */
  readonly homes: ReadonlyMap<string, string>;
  /** Users who may have paths of their own. */
  readonly users: readonly string[];
  readonly rules: readonly {
    readonly id: string;
    readonly level: string;
    readonly title: string;
    readonly doc: string;
  }[];
}

/** The declared directory or storage that `path` lies strictly below, null where none does. */
export function keptThrough(coverage: Coverage, path: string): string | null {
  for (let at = path.slice(0, path.lastIndexOf("/")); at !== ""; at = at.slice(0, at.lastIndexOf("/")))
    if (coverage.directories.has(at) || coverage.storages.has(at)) return at;
  return null;
}
