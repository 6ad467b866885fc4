import type { TextEdit } from "../syntax/span";
import type { Fix, Problem, Rule, RuleContext } from "./rule";
import { type Declared, writtenIn } from "./support/declared";
import { removal } from "./support/removal";
import { rewritePath, shown } from "./support/text";

export const rule: Rule = {
  id: "too-many-mounts",
  level: "hint",
  title: "Many entries of one folder",
  doc: `Every directory is a mount of its own, and every file a mount or a link with a unit of its own. They are made one by one while the host starts and at each
\`nixos-rebuild switch\`, and file names cannot be moved from one to another. Where a folder has five or more entries in one list, it may be simpler to persist the folder itself.

The fix writes the folder in place of its entries. It then keeps everything else in there as well, caches and settings that are now lost, and on the host the storage has
to have what is in the folder now. Folders that hold the state of many programs (\`/var/lib\`, \`.config\`, \`.local/share\` and the like) are not counted, nor are entries with
options of their own.`,
  check,
  examples: [
    {
      title: "Parts of one folder",
      text: `{
  environment.persistence."/persist".directories = [
    "/var/log"
    "/var/lib/systemd/backlight"
  # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ "/var/lib/systemd"
    "/var/lib/systemd/coredump"
    "/var/lib/systemd/rfkill"
    "/var/lib/systemd/timers"
    "/var/lib/systemd/linger"
  ];
}
`,
      fixed: `{
  environment.persistence."/persist".directories = [
    "/var/log"
    "/var/lib/systemd"
  ];
}
`,
    },
    {
      title: "Parts of a program's folder, for a user",
      text: `{
  environment.persistence."/persist".users.josh.directories = [
    ".config/obs-studio/basic"
  # ^^^^^^^^^^^^^^^^^^^^^^^^^^ 5 entries
    ".config/obs-studio/logs"
    ".config/obs-studio/plugins"
    ".config/obs-studio/plugin_config/x"
    ".config/obs-studio/profiler_data"
  ];
}
`,
      fixed: `{
  environment.persistence."/persist".users.josh.directories = [
    ".config/obs-studio"
  ];
}
`,
    },
    {
      title: "Folders of many programs",
      text: `{
  environment.persistence."/persist" = {
    directories = [ "/var/lib/a" "/var/lib/b" "/var/lib/c" "/var/lib/d" "/var/lib/e" "/var/lib/f" ];
    users.josh.directories = [ ".config/a" ".config/b" ".config/c" ".config/d" ".config/e" "a" "b" "c" "d" "e" ];
  };
}
`,
    },
    {
      title: "Entries with options, or few of them",
      text: `{
  environment.persistence."/persist" = {
    directories = [
      { directory = "/var/lib/x/a"; mode = "0700"; }
      { directory = "/var/lib/x/b"; mode = "0700"; }
      { directory = "/var/lib/x/c"; mode = "0700"; }
      { directory = "/var/lib/x/d"; mode = "0700"; }
      { directory = "/var/lib/x/e"; mode = "0700"; }
    ];
    files = [ "/etc/ssh/a" "/etc/ssh/b" "/etc/ssh/c" "/etc/ssh/d" ];
  };
}
`,
    },
  ],
};

const enough = 5;

/** Folders of many programs: to persist one of them is to keep nearly everything. Relative ones are of home directories. */
const broad = new Set([
  ...[
    "/",
    "/etc",
    "/home",
    "/mnt",
    "/nix",
    "/opt",
    "/root",
    "/srv",
    "/usr",
    "/var",
    "/var/cache",
    "/var/db",
    "/var/lib",
  ],
  ...["/var/lib/private", "/var/log", "/etc/ssh", "/etc/nixos"],
  ...["", ".cache", ".config", ".local", ".local/share", ".local/state", ".mozilla", ".var", ".var/app"],
  ...[".local/share/applications", ".local/share/keyrings"],
  ...[".steam", ".local/share/Steam", ".ssh", ".gnupg"],
]);

function check(context: RuleContext): Problem[] {
  const groups = new Map<string, Declared[]>();
  for (const declared of writtenIn(context)) {
    const { entry, list, block, certain, file } = declared;
    if (!certain || !block.enabled || entry.form !== "string" || entry.shared || entry.kind !== "directory") continue;
    const parent = programFolder(entry.written, list.scope.kind === "user");
    if (parent === null) continue;
    const key = `${file.name}\0${list.span.start}\0${parent}`;
    if (!groups.get(key)?.push(declared)) groups.set(key, [declared]);
  }
  return [...groups].flatMap(([key, entries]): Problem[] => {
    const [first] = entries;
    const parent = key.split("\0")[2];
    if (first === undefined || parent === undefined || entries.length < enough) return [];
    // Where the folder is persisted already, its entries are covered by it.
    if (first.list.entries.some(({ written }) => written.replace(/\/+$/, "") === parent)) return [];
    return [
      {
        span: first.entry.pathSpan,
        message: `${shown(parent)} has ${entries.length} entries in this list, each a mount of its own. One entry for the folder means fewer mounts at boot; it then keeps everything else in there, too.`,
        fixes: collapse(context.file.text, entries, parent),
        related: entries
          .slice(1)
          .map(({ entry, file }) => ({ file: file.name, span: entry.span, message: "also in it" })),
      },
    ];
  });
}

/** The folder of one program that a path lies in: the outermost one that is not for many. Null where the path is that folder. */
function programFolder(written: string, isUser: boolean): string | null {
  if (!isUser && !written.startsWith("/")) return null;
  const segments = written.replace(/\/+$/, "").split("/");
  for (let length = 1; length < segments.length; length++) {
    const folder = segments.slice(0, length).join("/");
    if (broad.has(folder === "" && !isUser ? "/" : folder)) continue;
    // Below a home that the system's list names, or any other folder right below `/`, anything may lie.
    if (!isUser && (length <= 2 || /^\/(?:home|root|Users)(?:\/|$)/.test(folder))) return null;
    return isUser && length === 1 && !folder.startsWith(".") ? null : folder;
  }
  return null;
}

function collapse(text: string, entries: readonly Declared[], parent: string): Fix[] {
  const [first, ...rest] = entries;
  if (first === undefined || rest.some(({ entry }) => entry.certainty !== "literal")) return [];
  const [write] = rewritePath(text, first.entry, parent);
  if (write === undefined) return [];
  const edits: TextEdit[] = [...write.edits, ...rest.map(({ entry }) => removal(text, entry.span))];
  // Two on one line may want the same blank between them.
  const sorted = [...edits].sort((a, b) => a.span.start - b.span.start);
  if (sorted.some(({ span }, index) => span.start < (sorted[index - 1]?.span.end ?? 0))) return [];
  return [{ title: `Persist ${shown(parent)}, with everything else in it`, edits }];
}
