import type { Node } from "../syntax/node";
import { evaluate } from "./evaluate";
import { child, firstExpression, nameTree, type Source } from "./nodes";
import { rootScope } from "./scope";
import { type Call, type Effort, type Term, type Thunk, unknown } from "./terms";

/** The files of a project as evaluation sees them; all paths are absolute. Nothing of it throws. */
export interface Files {
  /** What is there; null where there is nothing, or it may not be looked at. */
  readonly kind: (path: string) => "file" | "folder" | null;
  /** The names in a folder, with what they are; empty where it cannot be read. */
  readonly list: (folder: string) => readonly { readonly name: string; readonly kind: "file" | "folder" | "link" }[];
  /** The text of any file; null where it cannot be read. */
  readonly text: (path: string) => string | null;
  /** A Nix file's text and syntax tree, which lives as long as the evaluation; null where it cannot be read or parsed. */
  readonly tree: (path: string) => { readonly root: Node; readonly text: string } | null;
  /** The syntax tree of a text that is no file; `name` is an absolute path that it goes by. It lives as long as the evaluation. */
  readonly parse: (name: string, text: string) => { readonly root: Node; readonly text: string } | null;
}

/** Which module system evaluates modules. */
export type SystemKind = "nixos" | "home-manager" | "flake-parts" | "flake" | "modules";

/** The arguments of functions, by their texts and where they start; null for one that was called more than once. */
type Calls = Map<Source, Map<number, Thunk | null>>;

/** What several files are evaluated in: their contents, each evaluated once, and the effort all may take together. */
export class World {
  readonly #imported = new Map<string, Term>();
  readonly #calls = new Map<string, Calls>();
  /** Calls of what was forgotten: those outside its modules are not made again when it is worked out anew. */
  readonly #earlier = new Map<string, Calls>();
  /** What is being worked out, such as a host's name: calls are remembered under it. */
  purpose = "";
  /** Whose modules are being put together, a Home Manager user's name: calls are remembered for each of them, too. */
  person: string | null = null;
  readonly #sources = new Map<string, Source>();

  constructor(
    readonly files: Files,
    readonly effort: Effort,
    /** What `lib.nixosSystem` and its kin make of their argument. */
    readonly system: (kind: SystemKind, given: Thunk, call: Call) => Term,
  ) {}

  /** What `import file` gives; a folder stands for its `default.nix`. */
  load(path: string): Term {
    const kind = this.files.kind(path);
    const file = kind === "folder" ? `${path}/default.nix` : path;
    const known = this.#imported.get(file);
    if (known !== undefined) return known;
    this.#imported.set(file, unknown(`\`${nameOf(file)}\` imports itself`));
    const term = kind === null ? missing(file) : this.#evaluate(file);
    this.#imported.set(file, term);
    return term;
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
    return this.#evaluated(file, this.files.tree(file));
  }

  #evaluated(file: string, tree: ReturnType<Files["tree"]>): Term {
    if (tree === null) return missing(file);
    const source = nameTree(tree.root, { file, text: tree.text });
    this.#sources.set(file, source);
    const run = { source: tree.text, origin: source, world: this, effort: this.effort };
    const expression = child(tree.root, "expression") ?? firstExpression(tree.root);
    return evaluate(expression, rootScope(tree.text, run));
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
    for (const [key, calls] of [...this.#calls]) {
      if (key !== purpose && !key.startsWith(`${purpose}\0`)) continue;
      this.#calls.delete(key);
      if (!this.#earlier.has(key)) this.#earlier.set(key, calls);
    }
  }

  /** The files that were imported, with the text they had. */
  get sources(): ReadonlyMap<string, Source> {
    return this.#sources;
  }

  /** A text that is only read in this world may be gone when what it calls functions with is asked for. */
  #isOwn({ span: { source } }: Thunk): boolean {
    return source === undefined || this.#sources.get(source.file) === source;
  }

  /** Remembers what a function was called with. */
  called(node: Node, source: Source | null, argument: Thunk): void {
    if (source === null || !this.#isOwn(argument)) return;
    this.#note(this.purpose, node, source, argument);
    if (this.person !== null) this.#note(ofPerson(this.purpose, this.person), node, source, argument);
  }

  #note(purpose: string, node: Node, source: Source, argument: Thunk): void {
    let calls = this.#calls.get(purpose);
    if (calls === undefined) {
      calls = new Map();
      this.#calls.set(purpose, calls);
    }
    let own = calls.get(source);
    if (own === undefined) {
      own = new Map();
      calls.set(source, own);
    }
    const known = own.get(node.startIndex);
    const isSame = known?.state === argument.state && typeof argument.state !== "function";
    own.set(node.startIndex, known === undefined || isSame ? argument : null);
  }

  /**
   * What the function that starts at `offset` of a text was called with for a purpose, or for none; for one `person` of it, where that is
   * not null. Null where it was not called, or more than once.
   */
  argumentOf(source: Source, offset: number, purpose: string, person: string | null): Thunk | null {
    const keys = person === null ? [purpose] : [ofPerson(purpose, person), purpose];
    for (const key of keys)
      for (const calls of [this.#calls, this.#earlier]) {
        const own = calls.get(key)?.get(source);
        if (own?.has(offset) === true) return own.get(offset) ?? null;
      }
    return this.#calls.get("")?.get(source)?.get(offset) ?? null;
  }
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
