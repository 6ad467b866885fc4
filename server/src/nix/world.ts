import type { Node } from "../syntax/node";
import { evaluate } from "./evaluate";
import { child, firstExpression, type Place, type Source } from "./nodes";
import { Reads } from "./reads";
import { rootScope } from "./scope";
import { type Call, type Effort, type PathTerm, type Term, type Thunk, unknown } from "./terms";
import { absolute } from "./text";

/** A text with its syntax tree, whose places tell that they are of this text. */
export interface Parsed {
  readonly root: Node;
  readonly source: Source;
}

/** The files of a project as evaluation sees them; all paths are absolute. Nothing of it throws. */
export interface Files {
  /** What is there; null where there is nothing, or it may not be looked at. */
  readonly kind: (path: string) => "file" | "folder" | null;
  /** The names in a folder, with what they are; empty where it cannot be read. */
  readonly list: (folder: string) => readonly { readonly name: string; readonly kind: "file" | "folder" | "link" }[];
  /** The text of any file; null where it cannot be read. */
  readonly text: (path: string) => string | null;
  /** A Nix file's text; null where it cannot be read. The same as long as the evaluation. */
  readonly source: (path: string) => Source | null;
  /** Its syntax tree, which lives as long as the evaluation; null where it cannot be read or parsed. */
  readonly tree: (path: string) => Parsed | null;
  /** The syntax tree of a text that is no file; `name` is an absolute path that it goes by. It lives as long as the evaluation. */
  readonly parse: (name: string, text: string) => Parsed | null;
}

/** Which module system evaluates modules. */
export type SystemKind = "nixos" | "home-manager" | "flake-parts" | "flake" | "modules";

/** The arguments of the functions of a text, by where these start; null for one that was called more than once. */
interface CallsOfText {
  /** Of most texts there is one. */
  readonly first: number;
  argument: Thunk | null;
  others: Map<number, Thunk | null> | null;
}

type Calls = Map<Source, CallsOfText>;

/** A file as a path names it. */
interface ModuleFile {
  /** Absolute; maybe a folder. */
  readonly path: string;
  /** The file that is read: the folder's `default.nix`. */
  readonly writtenIn: string;
}

/** What several files are evaluated in: their contents, each evaluated once, and the effort all may take together. */
export class World {
  readonly #imported = new Map<string, Term>();
  readonly #calls = new Map<string, Calls>();
  /** Calls of what was forgotten: those outside its modules are not made again when it is worked out anew. */
  readonly #earlier = new Map<string, Calls>();
  #purpose = "";
  #person: string | null = null;
  /** The calls that what is called now is remembered among. */
  #noted: readonly Calls[] | null = null;
  readonly #files = new WeakMap<PathTerm, ModuleFile>();
  readonly #loaded = new Map<string, Term>();
  /** Which files what depends on. */
  readonly reads = new Reads();
  readonly #sources = new Map<string, Source>();

  constructor(
    readonly files: Files,
    readonly effort: Effort,
    /** What `lib.nixosSystem` and its kin make of their argument. */
    readonly system: (kind: SystemKind, given: Thunk, call: Call) => Term,
    /** What a file gives that a program wrote, where that need not be evaluated; null for all others. */
    private readonly generated: (file: string, text: string, world: World) => Term | null = () => null,
  ) {}

  /** What is being worked out, such as a host's name: calls are remembered under it. */
  get purpose(): string {
    return this.#purpose;
  }

  set purpose(purpose: string) {
    this.#purpose = purpose;
    this.#noted = null;
  }

  /** Whose modules are being put together, a Home Manager user's name: calls are remembered for each of them, too. */
  get person(): string | null {
    return this.#person;
  }

  set person(person: string | null) {
    this.#person = person;
    this.#noted = null;
  }

  /** The file a path leads to; null where it counts from an unknown folder. The same paths are asked for for many hosts. */
  fileAt(path: PathTerm): ModuleFile | null {
    const known = this.#files.get(path);
    if (known !== undefined) return known;
    const name = absolute(path);
    if (name === null) return null;
    const found = { path: name, writtenIn: this.files.kind(name) === "folder" ? `${name}/default.nix` : name };
    this.#files.set(path, found);
    return found;
  }

  /** What `import file` gives; a folder stands for its `default.nix`. */
  load(path: string): Term {
    const kind = this.files.kind(path);
    this.reads.imported(kind === "folder" ? `${path}/default.nix` : path);
    return this.loadModule(path);
  }

  /** The same for a module of a system, which is known to depend on it. */
  loadModule(path: string): Term {
    const loaded = this.#loaded.get(path);
    if (loaded !== undefined) return loaded;
    const kind = this.files.kind(path);
    const file = kind === "folder" ? `${path}/default.nix` : path;
    const known = this.#imported.get(file);
    if (known !== undefined) return known;
    this.#imported.set(file, unknown(`\`${nameOf(file)}\` imports itself`));
    const term = kind === null ? missing(file) : this.#evaluate(file);
    this.#imported.set(file, term);
    this.#loaded.set(path, term);
    return term;
  }

  /** The text of a file that need not be evaluated, but is a part of what is; null where it cannot be read. */
  sourceOf(file: string): Source | null {
    const known = this.#sources.get(file);
    if (known !== undefined) return known;
    const source = this.files.source(file);
    if (source !== null) this.#sources.set(file, source);
    return source;
  }

  /** What a text gives that is no file. */
  program(name: string, text: string): Term {
    const known = this.#imported.get(name);
    if (known !== undefined) return known;
    const term = this.#evaluated(name, this.files.parse(name, text));
    this.#imported.set(name, term);
    return term;
  }

  #evaluate(file: string): Term {
    const source = this.sourceOf(file);
    const known = source === null ? null : this.generated(file, source.text, this);
    return known ?? this.#evaluated(file, this.files.tree(file));
  }

  #evaluated(file: string, tree: Parsed | null): Term {
    if (tree === null) return missing(file);
    const { root, source } = tree;
    this.#sources.set(file, source);
    const run = { source: source.text, origin: source, world: this, effort: this.effort };
    const expression = child(root, "expression") ?? firstExpression(root);
    return evaluate(expression, rootScope(source.text, run));
  }

  /** Runs `work` with half of the effort that is left, so that what takes too long leaves something for the others. */
  inPart<T>(work: () => T): T {
    const { effort } = this;
    const before = effort.steps;
    const part = Math.max(0, Math.floor((effort.maximumSteps - before) / 2));
    effort.steps = effort.maximumSteps - part;
    const result = work();
    effort.steps = before + Math.min(part, effort.steps - (effort.maximumSteps - part));
    return result;
  }

  /** From now on functions are called anew for a purpose; those that are not keep what they were called with. */
  forget(purpose: string): void {
    this.#noted = null;
    for (const [key, calls] of [...this.#calls]) {
      if (key !== purpose && !key.startsWith(`${purpose}\0`)) continue;
      this.#calls.delete(key);
      if (!this.#earlier.has(key)) this.#earlier.set(key, calls);
    }
  }

  /** The files that were imported or looked at as modules, with the text they had. */
  get sources(): ReadonlyMap<string, Source> {
    return this.#sources;
  }

  /** A text that is only read in this world may be gone when what it calls functions with is asked for. */
  #isOwn({ source }: Place): boolean {
    return source === undefined || this.#sources.get(source.file) === source;
  }

  /** Remembers what the function that starts at `offset` of a text was called with; `at` is where that is written. */
  called(offset: number, source: Source | null, argument: Thunk, at = argument.span): void {
    if (source === null || !this.#isOwn(at)) return;
    this.#noted ??= [this.purpose, ...(this.person === null ? [] : [ofPerson(this.purpose, this.person)])].map((key) =>
      this.#callsFor(key),
    );
    for (const calls of this.#noted) note(calls, offset, source, argument);
  }

  #callsFor(key: string): Calls {
    let calls = this.#calls.get(key);
    if (calls === undefined) {
      calls = new Map();
      this.#calls.set(key, calls);
    }
    return calls;
  }
  /**
   * What the function that starts at `offset` of a text was called with for a purpose, or for none; for one `person` of it, where that is
   * not null. Null where it was not called, or more than once.
   */
  argumentOf(source: Source, offset: number, purpose: string, person: string | null): Thunk | null {
    const keys = person === null ? [purpose] : [ofPerson(purpose, person), purpose];
    for (const key of keys)
      for (const calls of [this.#calls, this.#earlier]) {
        const found = calledAt(calls.get(key)?.get(source), offset);
        if (found !== undefined) return found;
      }
    return calledAt(this.#calls.get("")?.get(source), offset) ?? null;
  }
}

/** What a function was called with; undefined where it was not called. */
function calledAt(own: CallsOfText | undefined, offset: number): Thunk | null | undefined {
  return own?.first === offset ? own.argument : own?.others?.get(offset);
}

function note(calls: Calls, offset: number, source: Source, argument: Thunk): void {
  const own = calls.get(source);
  if (own === undefined) calls.set(source, { first: offset, argument, others: null });
  else if (own.first === offset) own.argument = either(own.argument, argument);
  else {
    own.others ??= new Map();
    const known = own.others.get(offset);
    own.others.set(offset, known === undefined ? argument : either(known, argument));
  }
}

/** What two calls have in common. */
function either(known: Thunk | null, argument: Thunk): Thunk | null {
  return known?.state === argument.state && typeof argument.state !== "function" ? argument : null;
}

function ofPerson(purpose: string, person: string): string {
  return `${purpose}\0${person}`;
}

function missing(file: string): Term {
  const foreign = file.startsWith("/nix/store/") ? { foreign: true as const } : {};
  return { ...unknown(`\`${nameOf(file)}\` cannot be read`), lasting: true, ...foreign };
}

function nameOf(file: string): string {
  return file.split("/").slice(-2).join("/");
}
