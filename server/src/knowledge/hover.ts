import { type Advice, coveringAdvice } from "./advice";
import { atomicRewrite, rewriteText } from "./atomic";
import type { Persist, Role } from "./catalog";
import { nearestAdvice } from "./nearest";
import { codeSpan, countOf, escapeMarkdown, formatBytes } from "./text";

/** What a scan saw of the path; a candidate has all of it. */
export interface LiveFacts {
  readonly status: "new" | "changed" | "lost";
  readonly bytes: number;
  readonly files: number;
  readonly user: string;
  readonly group: string;
  /** Octal, `0700`. */
  readonly mode: string;
}

/** What one scanned host has at the path, for an entry that is declared. */
export interface SeenFacts {
  readonly host: string;
  readonly seen:
    | { readonly kind: "mounted"; readonly at: string; readonly from: string }
    | { readonly kind: "link"; readonly target: string }
    | ({ readonly kind: "there" } & Pick<LiveFacts, "bytes" | "files" | "user" | "group" | "mode">)
    | { readonly kind: "absent" };
}

export interface HoverContext {
  /** The home that the path may lie in; null tries `/root` and `/home/<name>`. */
  readonly home: string | null;
  /** The entry that keeps the path already, null when none does; left out when that is not known. */
  readonly covered?: string | null;
  readonly live?: LiveFacts | null;
  /** When in the boot the path is there: our own prose. */
  readonly available?: string;
  readonly seen?: readonly SeenFacts[];
}

/** A piece of text; `code` marks what is quoted: paths, options, owners. */
type Piece = string | { readonly code: string };
type Line = { readonly kind: "title" | "text" | "item" | "small"; readonly pieces: readonly Piece[] };

const roles: Record<Role, string> = {
  state: "state",
  config: "settings",
  secret: "secrets",
  cache: "cache",
  log: "logs",
  runtime: "run-time files",
};
const verdicts: Record<Persist, string> = {
  required: "persist it",
  recommended: "worth persisting",
  optional: "optional",
  never: "do not persist",
};
/** What is worth knowing about `path` (absolute, normalised) as Markdown; null where that is nothing. */
export function hoverMarkdown(path: string, context: HoverContext): string | null {
  return render(path, context, (line) => {
    const text = line.pieces
      .map((piece) => (typeof piece === "string" ? markCode(piece) : codeSpan(piece.code)))
      .join("");
    if (line.kind === "title") return text;
    return line.kind === "item" ? `- ${text}` : line.kind === "small" ? `*${text}*` : text;
  });
}

/** The same without markup. */
export function hoverPlain(path: string, context: HoverContext): string | null {
  return render(path, context, (line) => {
    const text = line.pieces.map((piece) => (typeof piece === "string" ? plain(piece) : piece.code)).join("");
    return line.kind === "item" ? `- ${text}` : text;
  });
}

function render(path: string, context: HoverContext, write: (line: Line) => string): string | null {
  const lines = describe(path, context);
  if (lines === null) return null;
  let text = "";
  let before: Line["kind"] | null = null;
  for (const line of lines) {
    // Items of one list follow each other; everything else is a paragraph of its own.
    if (before !== null) text += before === "item" && line.kind === "item" ? "\n" : "\n\n";
    text += write(line);
    before = line.kind;
  }
  return text;
}

function describe(path: string, context: HoverContext): Line[] | null {
  const { advice, part } = adviceOn(path, context.home);
  const seen = context.seen ?? [];
  if (advice === null && (context.live ?? null) === null && context.available === undefined && seen.length === 0)
    return null;
  const lines: Line[] = advice === null ? [] : adviceLines(advice, part, path);
  const rewrite = atomicRewrite(path, homeOf(path, context.home));
  if (rewrite !== null) lines.push(item(rewriteText(rewrite)));
  if (context.covered) lines.push(text("Kept already by ", { code: context.covered }, "."));
  if (context.available !== undefined) lines.push(text(context.available));
  if (context.live) lines.push(liveLine(context.live, Boolean(context.covered)));
  else lines.push(...seen.map((one) => seenLine(one, path)));
  if (advice !== null && advice.sources.length > 0) {
    lines.push({ kind: "small", pieces: [`Tidemark's catalog, from ${countOf(advice.sources.length, "source")}.`] });
  }
  return lines;
}

function adviceLines(advice: Advice, part: boolean, path: string): Line[] {
  const lines: Line[] = [
    {
      kind: "title",
      pieces: [
        part ? `Part of **${advice.title}**` : `**${advice.title}**`,
        ` · ${roles[advice.role]} · ${advice.match === "public-name" ? "not under this name" : verdicts[advice.persist]}`,
      ],
    },
  ];
  if (advice.match === "public-name") {
    lines.push(
      text(
        { code: path },
        " is only a link that systemd makes (DynamicUser). Persist ",
        { code: advice.path },
        " instead.",
      ),
    );
  }
  if (advice.note !== null) lines.push(text(advice.note));
  if (advice.impactIfLost !== null) lines.push(text(`If lost: ${advice.impactIfLost}`));
  lines.push(...factLines(advice, part));
  for (const caveat of advice.caveats) lines.push(item(caveat));
  return lines;
}

/** Owner, mode and options, as far as they are known. */
function factLines(advice: Advice, part: boolean): Line[] {
  const facts: Piece[] = [];
  if (!part && advice.user !== null) {
    const owner = advice.group === null ? advice.user : `${advice.user}:${advice.group}`;
    facts.push("Owner ", { code: owner }, advice.mode === null ? "." : ", ");
  }
  if (!part && advice.mode !== null) facts.push(facts.length === 0 ? "Mode " : "mode ", { code: advice.mode }, ".");
  if (advice.nixosOption !== null)
    facts.push(facts.length === 0 ? "" : " ", "Option ", { code: advice.nixosOption }, ".");
  if (advice.pathOption !== null)
    facts.push(facts.length === 0 ? "" : " ", "Moved with ", { code: advice.pathOption }, ".");
  return facts.length === 0 ? [] : [{ kind: "text", pieces: facts }];
}

function liveLine(live: LiveFacts, covered: boolean): Line {
  const size = `${countOf(live.files, "file")}, ${formatBytes(live.bytes)}, owner `;
  const owner = [{ code: `${live.user}:${live.group}` }, ", mode ", { code: live.mode }, "."];
  if (live.status === "lost") return text(`Lost at the last boot: ${size}`, ...owner, " The older root still has it.");
  return text(`On the host: ${size}`, ...owner, covered ? "" : " A boot that wipes the root takes it.");
}

/** What a host has where an entry is declared: the mount it should be, or what the mount will hide. */
function seenLine({ host, seen }: SeenFacts, path: string): Line {
  const on = ["On ", { code: host }, ": "] as const;
  switch (seen.kind) {
    case "mounted":
      if (seen.at === path) return text(...on, "mounted from ", { code: seen.from }, ".");
      return text(...on, "lies in ", { code: seen.at }, ", mounted from ", { code: seen.from }, ".");
    case "link":
      return text(...on, "a link to ", { code: seen.target }, ".");
    case "absent":
      return text(...on, "it is not there.");
    default:
      return text(
        ...on,
        `not mounted when it was scanned; ${countOf(seen.files, "file")}, ${formatBytes(seen.bytes)}, owner `,
        { code: `${seen.user}:${seen.group}` },
        ", mode ",
        { code: seen.mode },
        ", lie on the root. Copy what matters into the storage: the mount hides it, and a boot that wipes the root takes it.",
      );
  }
}

/** As `nearestAdvice`; where that knows nothing, what is said of the folder around. */
function adviceOn(path: string, home: string | null): { readonly advice: Advice | null; readonly part: boolean } {
  const { advice, basis } = nearestAdvice(path, home);
  if (advice !== null) return { advice, part: basis === "above" };
  return { advice: coveringAdvice(path, home), part: true };
}

function homeOf(path: string, home: string | null): string | null {
  return home ?? /^(?:\/root|\/home\/[^/]+)(?=\/)/s.exec(path)?.[0] ?? null;
}

function text(...pieces: Piece[]): Line {
  return { kind: "text", pieces };
}

function item(...pieces: Piece[]): Line {
  return { kind: "item", pieces };
}

/** Our own prose with everything escaped that is markup, except the `code` and **bold** we wrote ourselves. */
function markCode(prose: string): string {
  return prose
    .split(/(`[^`]+`|\*\*[^*]+\*\*)/)
    .map((part, index) => {
      if (index % 2 === 0) return escapeMarkdown(part);
      return part.startsWith("`") ? part : `**${escapeMarkdown(part.slice(2, -2))}**`;
    })
    .join("");
}

function plain(prose: string): string {
  return prose.replace(/`([^`]+)`/g, "$1").replace(/\*\*([^*]+)\*\*/g, "$1");
}
