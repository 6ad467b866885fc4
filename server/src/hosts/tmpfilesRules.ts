import type { TmpfilesRule } from "./modelDeployed";
import { words } from "./systemdWords";

/** One configuration file of tmpfiles.d(5). */
export interface TmpfilesFile {
  /** The name in its folder: `forgejo.conf`. */
  readonly name: string;
  /** The first words of its lines; null where it leads to nothing or is empty, which masks those of its name. */
  readonly lines: string | null;
}

/** Lines that make or adjust a path. Those that remove or spare paths say nothing of what is kept. */
const makers = new Set("fFwdDeqQvpLcbCzZthHaAT");
/** Of these the path is a pattern. */
const patterns = new Set("wezZtThHaA");

/**
 * The rules of a host. `files` stand in the order of precedence: of those with one name only the first counts, as tmpfiles.d(5) has it.
 * Lines whose path depends on a specifier, or is a pattern, are left out: what they mean is not known here.
 */
export function tmpfilesRules(files: readonly TmpfilesFile[]): TmpfilesRule[] {
  const first = new Map<string, TmpfilesFile>();
  for (const file of files) if (!first.has(file.name)) first.set(file.name, file);
  const ordered = [...first.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return ordered.flatMap(({ name, lines }) => (lines ?? "").split("\n").flatMap((line) => ruleOf(line, name)));
}

function ruleOf(line: string, file: string): TmpfilesRule[] {
  const [type = "", written = "", mode, user, group] = words(line);
  const letter = type.slice(0, 1);
  const path = known(written);
  if (!makers.has(letter) || path === null || !path.startsWith("/")) return [];
  if (patterns.has(letter) && /[*?[]/.test(path)) return [];
  const given = (text: string | undefined) => {
    const value = known((text ?? "-").replace(/^[:~]+/, ""));
    return value === "-" || value === "" ? null : value;
  };
  const digits = given(mode);
  return [
    {
      type: letter,
      path: normal(path),
      mode: digits !== null && /^[0-7]{3,4}$/.test(digits) ? digits.padStart(4, "0") : null,
      user: given(user),
      group: given(group),
      file,
    },
  ];
}

/** The text without its specifiers; null where there is one besides `%%`. */
function known(text: string): string | null {
  return /%(?!%)/.test(text.replaceAll("%%", "")) ? null : text.replaceAll("%%", "%");
}

function normal(path: string): string {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  return `/${parts.join("/")}`;
}
