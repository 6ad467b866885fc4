import {
  type CodeAction,
  CodeActionKind,
  type CodeActionParams,
  type Connection,
  MessageType,
  type WorkspaceEdit,
} from "vscode-languageserver/node";
import { sheetText } from "../rules/live/support/commands";
import type { SourceFile } from "../rules/rule";
import { silenceFile, silenceLine } from "../rules/silence";
import type { Action, FileFinding } from "../service/findings";
import type { Tidemark } from "../service/tidemark";
import { LineIndex } from "../syntax/lines";
import { overlaps } from "../syntax/span";
import { visible } from "../syntax/visible";
import type { ClientSupport } from "./capabilities";
import { nameOf, toDiagnostic, toFileEdit, toWorkspaceEdit } from "./convert";
import type { OpenDocuments } from "./documents";
import { tell } from "./prompts";
import { ServerCommands, type ShowCommandsArguments } from "./protocol";

/** Asked for on saving (`editor.codeActionsOnSave`) or by a command of the editor; never part of the lightbulb. */
export const fixAllKind = `${CodeActionKind.SourceFixAll}.tidemark`;

/** Nobody silences more at once; with a whole file selected there may be thousands of findings. */
const maximumSilences = 40;

/** What a persist action carries until it is chosen; enough to work it out without any memory of ours. */
interface PersistData {
  readonly host: string;
  readonly paths: readonly string[];
}

/** What an action that ignores a path carries until it is chosen. */
interface IgnoreData {
  readonly host: string;
  readonly ignore: string;
  readonly everywhere: boolean;
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
    if (file === null || !this.support.codeActionLiterals) return [];
    const all = wants(context.only, fixAllKind, false) ? this.#fixAll(file.name) : [];
    return wants(context.only, CodeActionKind.QuickFix, true) ? [...this.#fixes(file, range), ...all] : all;
  }

  #fixes(file: SourceFile, range: CodeActionParams["range"]): CodeAction[] {
    const lines = new LineIndex(file.text);
    const asked = { start: lines.offset(range.start), end: lines.offset(range.end) };
    const byTitle = new Map<string, { readonly shown: CodeAction; readonly rank: number }>();
    const silences = new Map<string, CodeAction>();
    let tried = 0;
    for (const finding of this.service.findings(file.name)) {
      if (!overlaps(finding.span, asked)) continue;
      const diagnostic = toDiagnostic(finding, file, lines, this.support, (other) => this.service.files.get(other));
      for (const [index, action] of finding.actions.entries()) {
        const known = byTitle.get(action.title);
        if (known !== undefined) known.shown.diagnostics?.push(diagnostic);
        else {
          const shown = { ...this.#action(action, index, file.name), diagnostics: [diagnostic] };
          byTitle.set(action.title, { shown, rank: rankOf(action) });
        }
      }
      for (const where of ["line", "file"] as const) {
        const key = where === "file" ? finding.code : `${finding.code} ${diagnostic.range.start.line}`;
        const known = silences.get(key);
        if (known !== undefined) known.diagnostics?.push(diagnostic);
        else if (tried++ < maximumSilences) {
          const action = this.#silence(finding, file, where);
          if (action !== null) silences.set(key, { ...action, diagnostics: [diagnostic] });
        }
      }
    }
    const ranked = [...byTitle.values()].sort((a, b) => a.rank - b.rank);
    return [...ranked.map(({ shown }) => shown), ...silences.values()];
  }

  /** One action that applies all fixes which need no looking at; none where there are none. */
  #fixAll(name: string): CodeAction[] {
    const edits = this.service.fixAll(name);
    if (edits.length === 0) return [];
    const title = "Fix everything obvious (Tidemark)";
    return [{ title, kind: fixAllKind, edit: this.#edit(new Map([[name, edits]])) }];
  }

  /** A comment that silences the finding's rule. */
  #silence({ code, span }: FileFinding, { name, text }: SourceFile, where: "line" | "file"): CodeAction | null {
    const edit = where === "line" ? silenceLine(text, code, span) : silenceFile(text, code, span);
    if (edit === null) return null;
    const title = `Disable ${code} for this ${where}`;
    return { title, kind: CodeActionKind.QuickFix, edit: this.#edit(new Map([[name, [edit]]])) };
  }

  #action(action: Action, index: number, name: string): CodeAction {
    const result: CodeAction = { title: action.title, kind: CodeActionKind.QuickFix };
    // Only a fix of the text itself is obviously right; what to persist is the user's decision.
    if (this.support.preferredActions && action.kind === "edits" && action.preferred !== false && index === 0)
      result.isPreferred = true;
    if (action.kind === "edits") {
      const own = action.edits.length > 0 ? [[name, action.edits] as const] : [];
      result.edit = this.#edit(new Map([...own, ...(action.others ?? [])]));
    } else if (action.kind === "commands") {
      const shown: ShowCommandsArguments = { title: action.sheet.title, text: sheetText(action.sheet) };
      result.command = { title: action.title, command: ServerCommands.showCommands, arguments: [shown] };
    } else if (action.kind === "ignore") {
      const { host, path, everywhere } = action;
      if (this.support.codeActionResolve) result.data = { host, ignore: path, everywhere } satisfies IgnoreData;
      else result.edit = this.#ignore({ host, ignore: path, everywhere });
    } else if (this.support.codeActionResolve)
      result.data = { host: action.host, paths: action.paths } satisfies PersistData;
    else result.edit = this.#edit(this.service.hosts.persist(action.host, action.paths).edits);
    return result;
  }

  /** Works out the edit of a chosen action. What cannot be written is told to the user. */
  resolve(action: CodeAction): CodeAction {
    const ignore = ignoreData(action.data);
    if (ignore !== null) return { ...action, edit: this.#ignore(ignore) };
    const data = persistData(action.data);
    if (data === null) return action;
    const { edits, refused } = this.service.hosts.persist(data.host, data.paths);
    const message = refusalMessage(refused, edits.size === 0);
    if (message !== null) tell(this.connection, MessageType.Warning, message);
    return { ...action, edit: this.#edit(edits) };
  }

  /** The edit of the ignore file; nothing where the path is no candidate any more. */
  #ignore({ host, ignore, everywhere }: IgnoreData): WorkspaceEdit {
    const found = this.service.hosts.ignore(host, ignore, everywhere);
    if (found === null) return {};
    return toFileEdit(found, this.documents.open(found.file), this.support);
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

/** One list has the findings of many paths: what mends one comes first, then what writes many at once, what shows something, and what hides. */
function rankOf(action: Action): number {
  if (action.kind === "edits") return 0;
  if (action.kind === "persist") return action.paths.length > 1 ? 1 : 0;
  return action.kind === "commands" ? 2 : 3;
}

/** A kind asked for includes ours when it is ours or a parent of it. */
function wants(only: readonly string[] | undefined, own: string, unasked: boolean): boolean {
  if (only === undefined) return unasked;
  return only.some((kind) => (kind === "" && unasked) || kind === own || own.startsWith(`${kind}.`));
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

function ignoreData(data: unknown): IgnoreData | null {
  if (typeof data !== "object" || data === null) return null;
  const { host, ignore, everywhere } = data as Record<string, unknown>;
  if (typeof host !== "string" || typeof ignore !== "string" || typeof everywhere !== "boolean") return null;
  return { host, ignore, everywhere };
}

function persistData(data: unknown): PersistData | null {
  if (typeof data !== "object" || data === null) return null;
  const { host, paths } = data as Record<string, unknown>;
  if (typeof host !== "string" || !Array.isArray(paths) || !paths.every((path) => typeof path === "string"))
    return null;
  return { host, paths };
}
