import type { FileSystemFact } from "../persistence/model";
import type { Problem, Rule, RuleContext, SourceFile } from "./rule";
import { type Declared, declaredOn } from "./support/declared";
import { safely, shown } from "./support/text";
import { wrappedBy, wrappers } from "./support/wrapped";

export const rule: Rule = {
  id: "storage-not-needed-for-boot",
  level: "error",
  title: "A file system is mounted too late",
  doc: `impermanence needs the file system of a storage while the host boots, and also every file system that a persisted path lies in
(\`fileSystems."/home"\` for \`"/home/josh/x"\`). An assertion refuses those whose \`neededForBoot\` is \`false\`.

Reported is a literal \`neededForBoot = false;\` in a file of the host. Where it is only missing, another module may set it, and nothing is said.`,
  check,
  examples: [
    {
      title: "The storage itself",
      text: `{
  fileSystems."/persist" = {
    device = "/dev/vg/persist";
    neededForBoot = false;
    #               ^^^^^ "/persist" is mounted too late
  };
  environment.persistence."/persist".directories = [ "/var/log" ];
}
`,
      fixed: `{
  fileSystems."/persist" = {
    device = "/dev/vg/persist";
    neededForBoot = true;
  };
  environment.persistence."/persist".directories = [ "/var/log" ];
}
`,
    },
    {
      title: "A parent of a persisted path, with a dotted name",
      text: `{
  fileSystems."/srv".neededForBoot = false;
  #                                  ^^^^^ "/srv/data/a" lies in it
  environment.persistence."/persist".files = [ "/srv/data/a" ];
}
`,
      fixed: `{
  fileSystems."/srv".neededForBoot = true;
  environment.persistence."/persist".files = [ "/srv/data/a" ];
}
`,
    },
    {
      title: "For a user whose home is stated",
      text: `{
  users.users.josh.home = "/data/josh";
  fileSystems."/data".neededForBoot = false;
  #                                   ^^^^^ "/data/josh/.ssh" lies in it
  environment.persistence."/persist".users.josh.directories = [ ".ssh" ];
}
`,
      fixed: `{
  users.users.josh.home = "/data/josh";
  fileSystems."/data".neededForBoot = true;
  environment.persistence."/persist".users.josh.directories = [ ".ssh" ];
}
`,
    },
    {
      title: "Needed, not stated, or another file system",
      text: `{
  fileSystems."/persist".neededForBoot = true;
  fileSystems."/home" = { device = "/dev/vg/home"; };
  fileSystems."/var/log".neededForBoot = false;
  fileSystems."/boot".neededForBoot = false;
  environment.persistence."/persist".directories = [ "/var/log" "/home/josh/x" ];
}
`,
    },
    {
      title: "A default, and a value under a condition",
      text: `{ config, lib, ... }:
{
  fileSystems."/persist".neededForBoot = lib.mkDefault false;
  fileSystems."/srv" = lib.mkIf config.x { neededForBoot = false; };
  environment.persistence."/persist".directories = [ "/srv/a" ];
}
`,
    },
    {
      title: "preservation makes no such demand",
      text: `{
  fileSystems."/persist".neededForBoot = false;
  preservation.preserveAt."/persist".directories = [ "/var/log" ];
}
`,
    },
    {
      title: "A storage that keeps nothing",
      text: `{
  fileSystems."/persist".neededForBoot = false;
  environment.persistence."/persist".directories = [ ];
}
`,
    },
  ],
};

/** A value that wins over a plain `false`, whatever file system it is for. */
const overrides = /\bneededForBoot\s*=\s*[(\w.]*\bmk(?:Force|Override|VMOverride|ImageMediaOverride)\b/;

function check(context: RuleContext): Problem[] {
  const literal = literallyFalse(context.file);
  if (literal.length === 0 || context.host.some(({ text }) => overrides.test(text))) return [];
  const needs = needsOf(declaredOn(context));
  const mounts = context.host.flatMap(({ persistence }) => persistence.facts.fileSystems);
  const needed = new Set(mounts.filter((fact) => fact.neededForBoot === true).map((fact) => fact.mountPoint));
  return literal.flatMap(({ mountPoint, neededSpan }): Problem[] => {
    const need = needs.get(mountPoint);
    if (need === undefined || neededSpan === undefined || needed.has(mountPoint)) return [];
    const { declared, storage } = need;
    const why = storage
      ? "a storage of persisted paths"
      : `${shown(declared.path ?? declared.entry.written)} lies in it and is persisted`;
    const fix = [{ title: "Write `true`", edits: [{ span: neededSpan, text: "true" }] }];
    return [
      {
        span: neededSpan,
        message: `${shown(mountPoint)} is mounted too late: it is ${storage ? why : `a file system that must be there early, since ${why}`}; impermanence refuses this with an assertion. Write \`true\`.`,
        fixes: storage ? safely(fix) : fix,
        related: [{ file: declared.file.name, span: declared.entry.span, message: "this path is persisted" }],
      },
    ];
  });
}

/** The file systems whose `neededForBoot = false;` is written out and holds for sure. In a file of several hosts it is not known for which. */
function literallyFalse({ text, persistence }: SourceFile): FileSystemFact[] {
  const stated = persistence.facts.fileSystems.filter(
    ({ neededSpan }) => neededSpan !== undefined && text.slice(neededSpan.start, neededSpan.end) === "false",
  );
  if (stated.length === 0 || /\bnixosConfigurations\b/.test(text)) return [];
  const wrapperOf = wrappedBy(text, wrappers);
  return stated.filter(({ neededSpan }) => neededSpan !== undefined && wrapperOf(neededSpan) === "");
}

/** What must be mounted early, with the first entry that needs it: storages that keep something, and all parents of what is kept. */
function needsOf(all: readonly Declared[]): Map<string, { readonly declared: Declared; readonly storage: boolean }> {
  const needs = new Map<string, { readonly declared: Declared; readonly storage: boolean }>();
  const note = (path: string, declared: Declared, storage: boolean) => {
    if (!needs.has(path)) needs.set(path, { declared, storage });
  };
  for (const declared of all) {
    const { block, entry, path, certain, assumed } = declared;
    if (!certain || block.module === "preservation" || block.unit !== "") continue;
    const elsewhere = entry.settings.some(({ name }) => name.name === null || name.name === "persistentStoragePath");
    if (block.storagePath !== null && !elsewhere) note(block.storagePath, declared, true);
    if (path === null || assumed) continue;
    for (let at = path.indexOf("/", 1); at !== -1; at = path.indexOf("/", at + 1))
      note(path.slice(0, at), declared, false);
  }
  return needs;
}
