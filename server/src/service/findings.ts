import type { CommandSheet } from "../rules/live/support/commands";
import type { Finding, Level, RelatedPlace } from "../rules/rule";
import type { Span, TextEdit } from "../syntax/span";

/** What a quick fix does: edits of the file the finding is in and maybe of others, or writing paths of a scanned host, resolved when it is chosen. */
export type Action =
  | {
      readonly kind: "edits";
      readonly title: string;
      readonly edits: readonly TextEdit[];
      readonly safe: boolean;
      /** Edits of other files, by name. */
      readonly others?: ReadonlyMap<string, readonly TextEdit[]>;
      /** False where a person has to decide: then it is never the one to apply unasked. */
      readonly preferred?: false;
    }
  | { readonly kind: "persist"; readonly title: string; readonly host: string; readonly paths: readonly string[] }
  /** Writes a path of a scanned host into the file of what nobody needs to hear of, for all hosts or this one. */
  | {
      readonly kind: "ignore";
      readonly title: string;
      readonly host: string;
      readonly path: string;
      readonly everywhere: boolean;
    }
  /** Shows commands for a host; nothing is run. */
  | { readonly kind: "commands"; readonly title: string; readonly sheet: CommandSheet };

/** Something to tell about a place in a file. The first action is the preferred one. */
export interface FileFinding {
  readonly code: string;
  readonly level: Level;
  readonly span: Span;
  readonly message: string;
  readonly related: readonly RelatedPlace[];
  readonly tags: readonly ("unnecessary" | "deprecated")[];
  readonly actions: readonly Action[];
}

export function fromRule(finding: Finding): FileFinding {
  return {
    code: finding.code,
    level: finding.level,
    span: finding.span,
    message: finding.message,
    related: finding.related ?? [],
    tags: [
      ...(finding.unnecessary ? (["unnecessary"] as const) : []),
      ...(finding.deprecated ? (["deprecated"] as const) : []),
    ],
    actions: (finding.fixes ?? []).map((fix) => ({ kind: "edits", ...fix, safe: fix.safe === true })),
  };
}

/** Findings of no rule at the levels the user set for their codes. */
export function withLevels(
  findings: readonly FileFinding[],
  levels: Readonly<Record<string, "default" | "off" | Level>>,
): FileFinding[] {
  return findings.flatMap((finding) => {
    const level = levels[finding.code] ?? "default";
    if (level === "off") return [];
    return [level === "default" ? finding : { ...finding, level }];
  });
}
