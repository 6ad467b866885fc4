import {
  type CodeAction,
  CodeActionKind,
  type CodeActionParams,
  type Connection,
  MessageType,
  type WorkspaceEdit,
} from "vscode-languageserver/node";
import type { Action, FileFinding } from "../service/findings";
import type { Tidemark } from "../service/tidemark";
import { LineIndex } from "../syntax/lines";
import { overlaps } from "../syntax/span";
import { visible } from "../syntax/visible";
import type { ClientSupport } from "./capabilities";
import { nameOf, toDiagnostic, toWorkspaceEdit } from "./convert";
import type { OpenDocuments } from "./documents";
import { tell } from "./prompts";

/** What a persist action carries until it is chosen; enough to work it out without any memory of ours. */
interface PersistData {
  readonly host: string;
  readonly paths: readonly string[];
}

export class CodeActions {
  constructor(
    private readonly connection: Connection,
    private readonly service: Tidemark,
    private readonly support: ClientSupport,
    private readonly documents: OpenDocuments,
  ) {}

  /** The fixes of all findings that touch the range. What several findings offer appears once. */
  list({ textDocument, range, context }: CodeActionParams): CodeAction[] {
    const name = nameOf(textDocument.uri);
    const file = name === null ? null : this.service.files.get(name);
    if (file === null || !this.support.codeActionLiterals || !wants(context.only)) return [];
    const lines = new LineIndex(file.text);
    const asked = { start: lines.offset(range.start), end: lines.offset(range.end) };
    const byTitle = new Map<string, CodeAction>();
    for (const finding of this.service.findings(file.name)) {
      if (!overlaps(finding.span, asked)) continue;
      const diagnostic = toDiagnostic(finding, file, lines, this.support, (other) => this.service.files.get(other));
      for (const [index, action] of finding.actions.entries()) {
        const known = byTitle.get(action.title);
        if (known !== undefined) known.diagnostics?.push(diagnostic);
        else
          byTitle.set(action.title, { ...this.#action(finding, action, index, file.name), diagnostics: [diagnostic] });
      }
    }
    // What writes many paths at once comes after what writes one.
    const many = (action: CodeAction) => Number((persistData(action.data)?.paths.length ?? 1) > 1);
    return [...byTitle.values()].sort((a, b) => many(a) - many(b));
  }

  #action(finding: FileFinding, action: Action, index: number, name: string): CodeAction {
    const result: CodeAction = { title: action.title, kind: CodeActionKind.QuickFix };
    // Only a fix of the text itself is obviously right; what to persist is the user's decision.
    if (this.support.preferredActions && action.kind === "edits" && index === 0 && finding.code !== "unpersisted")
      result.isPreferred = true;
    if (action.kind === "edits") {
      const own = action.edits.length > 0 ? [[name, action.edits] as const] : [];
      result.edit = this.#edit(new Map([...own, ...(action.others ?? [])]));
    } else if (this.support.codeActionResolve)
      result.data = { host: action.host, paths: action.paths } satisfies PersistData;
    else result.edit = this.#edit(this.service.persist(action.host, action.paths).edits);
    return result;
  }

  /** Works out the edit of a chosen action. What cannot be written is told to the user. */
  resolve(action: CodeAction): CodeAction {
    const data = persistData(action.data);
    if (data === null) return action;
    const { edits, refused } = this.service.persist(data.host, data.paths);
    const message = refusalMessage(refused, edits.size === 0);
    if (message !== null) tell(this.connection, MessageType.Warning, message);
    return { ...action, edit: this.#edit(edits) };
  }

  #edit(edits: Parameters<typeof toWorkspaceEdit>[0]): WorkspaceEdit {
    return toWorkspaceEdit(
      edits,
      (name) => this.service.files.get(name),
      (name) => this.documents.open(name),
      this.support,
    );
  }
}

/** A kind asked for includes ours when it is ours or a parent of it. */
function wants(only: readonly string[] | undefined): boolean {
  return only === undefined || only.some((kind) => kind === "" || kind === CodeActionKind.QuickFix);
}

/** Why some or all paths were not written, one clause for each reason; null when all were. */
function refusalMessage(refused: readonly { path: string; reason: string }[], nothing: boolean): string | null {
  if (refused.length === 0)
    return nothing
      ? "There is nothing left to write: the paths are persisted by now, or the scan was forgotten."
      : null;
  const byReason = new Map<string, string[]>();
  for (const { path, reason } of refused) byReason.set(reason, [...(byReason.get(reason) ?? []), visible(path)]);
  const clauses = [...byReason].map(([reason, paths]) => `${paths.join(", ")}: ${reason}`);
  return `Not written: ${clauses.join("; ")}.`;
}

function persistData(data: unknown): PersistData | null {
  if (typeof data !== "object" || data === null) return null;
  const { host, paths } = data as Record<string, unknown>;
  if (typeof host !== "string" || !Array.isArray(paths) || !paths.every((path) => typeof path === "string"))
    return null;
  return { host, paths };
}
