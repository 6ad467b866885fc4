import type { Entry, ListDeclaration, PersistenceFile, PersistenceModule, StorageBlock } from "../../persistence/model";
import { defaultHome, join, normalise } from "../../persistence/paths";
import { contains, type Span } from "../../syntax/span";
import type { RuleContext, SourceFile } from "../rule";
import { priorities, wrappedBy } from "./wrapped";

/** One entry of a host with all that rules need to compare it with others. */
export interface Declared {
  readonly entry: Entry;
  readonly list: ListDeclaration;
  readonly block: StorageBlock;
  readonly file: SourceFile;
  /** Absolute and normalised, with the home directories that any file of the host states; null where the home is not known. */
  readonly path: string | null;
  /** True when the path lies in a home directory that no file of the host states: it is where NixOS puts it unless told otherwise. */
  readonly assumed: boolean;
  /** True when the entry takes effect for sure: no condition, no storage that may be disabled, no option of the host's own, no text that does not parse. */
  readonly certain: boolean;
  /**
   * What the entry may be compared with: two entries of one realm are on the same host, under the same module, for sure.
   * Where nothing more is known it is the entry's own list.
   */
  readonly realm: string;
}

const known = new WeakMap<RuleContext, readonly Declared[]>();

/** All entries of a host, the files in their order, each file's entries in the order of its text. */
export function declaredOn(context: RuleContext): readonly Declared[] {
  let declared = known.get(context);
  if (declared === undefined) {
    declared = collect(context);
    known.set(context, declared);
  }
  return declared;
}

/** The entries that are written in the file the rules look at, each text once; not those a list gets from elsewhere. */
export function writtenIn(context: RuleContext): readonly Declared[] {
  const seen = new Set<string>();
  return declaredOn(context).filter(({ file, list, entry }) => {
    if (file !== context.file || entry.origin !== undefined) return false;
    if (!isReadHere(file, list, entry) || isHalfTyped(entry)) return false;
    if (!entry.shared) return true;
    const place = `${entry.kind} ${entry.span.start}`;
    return !seen.has(place) && seen.add(place);
  });
}

/**
 * Whether an entry is written where the list is, or in the same file where nothing but the list takes it from (`let dirs = [ … ]; in`).
 * While the file does not parse, a name may lead anywhere.
 */
function isReadHere(file: SourceFile, list: ListDeclaration, entry: Entry): boolean {
  if (contains(list.span, entry.span)) return true;
  return entry.certainty === "resolved" && !entry.shared && file.persistence.syntaxError === null;
}

/**
 * What an entry and its double have in common: realm and path. A path in an assumed home is told by user and relative path,
 * so that it equals nothing in the system's lists.
 */
export function identity(declared: Declared): string | null {
  const { realm, path, entry, list, assumed } = declared;
  if (assumed && list.scope.kind === "user")
    return `${realm}\0${JSON.stringify(list.scope.user)}\0${normalise(`/${entry.written}`)}`;
  if (path !== null) return `${realm}\0${path}`;
  // Whoever the user is: within one list it is the same user.
  return `${declared.file.name}\0${declared.list.span.start}\0${normalise(`/${entry.written}`)}`;
}

function collect(context: RuleContext): Declared[] {
  const isEnabled = enabledOn(context.host);
  const isOwn = ({ module }: StorageBlock) =>
    context.evaluated.some(({ ownModules }) => ownModules.get(module) === "instead");
  const stated = statedHomes(context.host);
  const homes = homesOn(context.host);
  const files = context.host.includes(context.file) ? context.host : [context.file, ...context.host];
  return files.flatMap((file) => {
    const priorityOf = prioritiesIn(file);
    const all = file.persistence.blocks.flatMap((block) => {
      const mixed = isMixed(file.text, block.span, block.lists);
      const until = reliableUntil(block);
      return block.lists.flatMap((list) => {
        const enabled = isEnabled(block) && !isOwn(block);
        const uncertain = mixed || isMixed(file.text, list.span, list.entries);
        const user = list.scope.kind === "user" ? list.scope.user : null;
        // `lib.mkForce dirs`: the entries stand elsewhere, the priority here.
        const here = priorities.test(file.text.slice(list.span.start, list.span.end));
        const byName = here ? String(list.span.start) : priorityOf(list.span);
        return list.entries.map((entry): Declared => {
          // Another module of the file may belong to another host; what has a priority says nothing about what has not.
          const priority = contains(list.span, entry.span) ? priorityOf(entry.span) : byName;
          const own = block.unit === "" && priority === "";
          const realm = own ? "" : JSON.stringify([file.name, block.unit, priority]);
          const sound = contains(list.span, entry.span) || file.persistence.syntaxError === null;
          const reliable = sound && entry.span.end <= until && !isHalfTyped(entry);
          return {
            entry,
            list,
            block,
            file,
            path: pathOf(entry, list, homes),
            assumed: user !== null && user !== "root" && !stated.has(user),
            certain: enabled && reliable && !entry.conditional && !block.conditional && !uncertain && priority !== null,
            realm: `${realm}\0${family(block.module)}`,
          };
        });
      });
    });
    return all.sort((a, b) => a.entry.span.start - b.entry.span.start);
  });
}

/** An empty string, or one over several lines: its closing quote is somewhere else, and is not the one that was meant. */
function isHalfTyped(entry: Entry): boolean {
  return entry.written === "" || /[\n\r]/.test(entry.written);
}

/** Offset up to which a block's tree can be trusted: a lost quote may turn the text behind it inside out without a syntax error. */
export function reliableUntil(block: StorageBlock): number {
  let until = block.brokenFrom ?? Number.POSITIVE_INFINITY;
  for (const { entries } of block.lists)
    for (const { written, span } of entries) if (/[\n\r]/.test(written)) until = Math.min(until, span.start);
  return until;
}

/** Home Manager's entries end up in the same lists as the system's; preservation is another module. */
function family(module: PersistenceModule): string {
  return module === "preservation" ? "preservation" : "impermanence";
}

/** A storage may be disabled where its `enable` is anything but a literal `true`, in whatever file. */
function enabledOn(host: readonly SourceFile[]): (block: StorageBlock) => boolean {
  const doubtful = host
    .flatMap((file) => file.persistence.blocks)
    .filter((block) =>
      block.settings.some(({ name, value }) => name.name === "enable" && !(value.kind === "bool" && value.value)),
    );
  const preservationOff = host.some((file) => file.persistence.facts.switches.get("preservation.enable") === false);
  return (block) => {
    if (block.module === "preservation" && preservationOff) return false;
    return !doubtful.some((other) => other.module === block.module && mayBeSameStorage(block, other));
  };
}

function mayBeSameStorage(a: StorageBlock, b: StorageBlock): boolean {
  return a.storagePath === null || b.storagePath === null || normalise(a.storagePath) === normalise(b.storagePath);
}

/** The home directory of any user on the host: as stated, else where NixOS puts it; null where files disagree or it is computed. */
export function homesOn(host: readonly SourceFile[]): (user: string) => string | null {
  const homes = statedHomes(host);
  return (user) => homes.get(user) ?? (homes.has(user) ? null : defaultHome(user));
}

/** `users.users.<name>.home` and preservation's `users.<name>.home`; null where files disagree or it is computed. */
function statedHomes(host: readonly SourceFile[]): ReadonlyMap<string, string | null> {
  const homes = new Map<string, string | null>();
  const note = (user: string, home: string | null) =>
    homes.set(user, homes.has(user) && homes.get(user) !== home ? null : home);
  for (const { persistence } of host) {
    for (const [user, home] of persistence.facts.homes) note(user, home);
    for (const block of persistence.blocks) {
      if (block.module !== "preservation") continue;
      for (const part of block.users)
        for (const { name, value } of part.settings)
          if (name.name === "home" && part.user !== null) note(part.user, value.kind === "string" ? value.text : null);
    }
  }
  return homes;
}

function pathOf(entry: Entry, list: ListDeclaration, homes: (user: string) => string | null): string | null {
  if (list.scope.kind === "system") return normalise(`/${entry.written}`);
  const home = list.scope.user === null ? null : homes(list.scope.user);
  return home === null ? null : join(home, entry.written);
}

const wrapped = new WeakMap<PersistenceFile, (span: Span) => string | null>();

/** Which `mkForce { … }` or the like a place of the file stands in; the answer is kept, since every file of a host asks about all. */
export function prioritiesIn({ text, persistence }: SourceFile): (span: Span) => string | null {
  let priorityOf = wrapped.get(persistence);
  if (priorityOf === undefined) {
    priorityOf = wrappedBy(text, priorities);
    wrapped.set(persistence, priorityOf);
  }
  return priorityOf;
}

/**
 * `mkMerge` with a branch of another priority: nixpkgs takes the branches apart before it drops those of lesser priority, so which
 * of them take effect is not known. What stands within `parts` does not count.
 */
function isMixed(text: string, whole: Span, parts: readonly { readonly span: Span }[]): boolean {
  let merges = false;
  let hasPriorities = false;
  let at = whole.start;
  const inside = parts.map((part) => part.span).filter((span) => contains(whole, span));
  for (const gap of [...inside.sort((a, b) => a.start - b.start), { start: whole.end, end: whole.end }]) {
    const between = text.slice(at, gap.start);
    merges ||= /\bmkMerge\b/.test(between);
    hasPriorities ||= priorities.test(between);
    at = Math.max(at, gap.end);
  }
  return merges && hasPriorities;
}
