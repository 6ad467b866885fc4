import { type Connection, type Diagnostic, DocumentDiagnosticReportKind } from "vscode-languageserver/node";
import type { Tidemark } from "../service/tidemark";
import { LineIndex } from "../syntax/lines";
import type { ClientSupport } from "./capabilities";
import { nameOf, toDiagnostic } from "./convert";
import type { OpenDocuments } from "./documents";

/** Diagnostics go out in one of two ways, never both: pulled by the client, or pushed after each change. */
export interface DiagnosticsFeature {
  /** The text of a file, the settings or a scan changed: other files' findings may have changed as well. */
  changed(): void;
  closed(uri: string): void;
  /** Nothing is sent any more. */
  stop(): void;
}

/** Keystrokes come faster than anyone reads; pushing waits for a short pause. Milliseconds. */
const pushDelay = 60;

export function diagnosticsOf(service: Tidemark, support: ClientSupport, name: string): Diagnostic[] {
  const file = service.files.get(name);
  if (file === null) return [];
  const lines = new LineIndex(file.text);
  return service
    .findings(name)
    .map((finding) => toDiagnostic(finding, file, lines, support, (other) => service.files.get(other)));
}

/** Pull: answers requests, and asks the client to pull again after what it cannot know of. */
export function pullDiagnostics(connection: Connection, service: Tidemark, support: ClientSupport): DiagnosticsFeature {
  const last = new Map<string, { id: string; content: string }>();
  let counter = 0;
  connection.languages.diagnostics.on((params) => {
    const { uri } = params.textDocument;
    const name = nameOf(uri);
    if (name === null) return { kind: DocumentDiagnosticReportKind.Full, items: [] };
    const items = diagnosticsOf(service, support, name);
    const content = JSON.stringify(items);
    const known = last.get(uri);
    if (known?.content === content && params.previousResultId === known.id)
      return { kind: DocumentDiagnosticReportKind.Unchanged, resultId: known.id };
    const id = String(++counter);
    last.set(uri, { id, content });
    return { kind: DocumentDiagnosticReportKind.Full, resultId: id, items };
  });
  return {
    changed() {
      // A client that is just going away does not answer; it needs no fresh diagnostics either.
      if (support.diagnosticRefresh) connection.languages.diagnostics.refresh().catch(() => undefined);
    },
    closed: (uri) => void last.delete(uri),
    stop: () => last.clear(),
  };
}

export function pushDiagnostics(
  connection: Connection,
  service: Tidemark,
  support: ClientSupport,
  documents: OpenDocuments,
): DiagnosticsFeature {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const publish = () => {
    timer = undefined;
    for (const name of documents.names()) {
      const open = documents.open(name);
      if (open === null) continue;
      void connection.sendDiagnostics({
        uri: open.uri,
        version: open.version,
        diagnostics: diagnosticsOf(service, support, name),
      });
    }
  };
  return {
    changed() {
      clearTimeout(timer);
      if (!stopped) timer = setTimeout(publish, pushDelay);
    },
    closed: (uri) => void connection.sendDiagnostics({ uri, diagnostics: [] }),
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
