import { apply } from "../nix/apply";
import { child } from "../nix/nodes";
import { select } from "../nix/select";
import {
  attrs,
  type Call,
  delay,
  force,
  member,
  type OpenSet,
  ready,
  string,
  type Term,
  type Thunk,
  unwrap,
} from "../nix/terms";
import type { World } from "../nix/world";
import { foreignInput, lasting, openSet, textOf } from "./inputs";

/** The flakes of a repository: their outputs, with the inputs they name. */
export class Flakes {
  readonly #known = new Map<string, Term>();

  /** `isOwn` tells whether a URL is this repository's, whose folder is `root`. */
  constructor(
    private readonly root: string,
    private readonly isOwn: (url: string) => boolean,
    private readonly world: World,
    private readonly call: Call,
  ) {}

  /** The outputs of the flake in a folder, with what every flake has. */
  of(folder: string): Term {
    const known = this.#known.get(folder);
    if (known !== undefined) return known;
    const file = this.world.load(`${folder}/flake.nix`);
    const { call } = this;
    const inputs: Thunk = delay(call.at, () => this.#inputs(folder, file, () => self));
    const outputs = delay(call.at, () => {
      const f = select(file, "outputs", call.run);
      return f === null || f.kind === "unknown"
        ? lasting("the flake has no outputs that are known")
        : apply(ready(f, call.at), [inputs], call);
    });
    const ofOutputs = (name: string): Term | null => {
      const term = force(outputs);
      return term.kind === "attrs" || term.kind === "open" ? select(term, name, call.run) : term;
    };
    const self: Term = {
      kind: "open",
      set: {
        member: (name) => {
          if (name === "outPath") return string(folder);
          if (name === "inputs") return force(inputs);
          if (name === "outputs") return self;
          if (["rev", "shortRev", "dirtyRev", "lastModified", "narHash", "sourceInfo"].includes(name))
            return lasting(`\`self.${name}\` depends on the checkout`);
          return ofOutputs(name);
        },
        has: (name) => {
          const found = ofOutputs(name);
          return found === null ? false : found.kind === "unknown" ? null : true;
        },
        whole: () => unwrap(force(outputs)),
      },
    };
    this.#known.set(folder, self);
    return self;
  }

  /** What `outputs` is called with: `self` and all inputs, declared or only named as an argument. */
  #inputs(folder: string, file: Term, self: () => Term): Term {
    const { call } = this;
    const declared = select(file, "inputs", call.run);
    const known = new Map<string, Term>();
    const arguments_ = argumentNames(select(file, "outputs", call.run));
    const input = (name: string): Term | null => {
      if (name === "self") return self();
      if (!arguments_.has(name) && (declared === null || select(declared, name, call.run) === null)) return null;
      let found = known.get(name);
      if (found === undefined) {
        found = this.#input(folder, name, declared === null ? null : select(declared, name, call.run));
        known.set(name, found);
      }
      return found;
    };
    const set: OpenSet = {
      member: input,
      has: (name) => input(name) !== null,
      whole: () => {
        const written = declared === null ? null : unwrap(declared);
        const names = written?.kind === "attrs" ? written.members.flatMap(({ path }) => path[0]?.name ?? []) : [];
        const all = [...new Set(["self", ...names, ...arguments_])];
        return attrs(
          all.map((name) =>
            member(
              name,
              delay(call.at, () => input(name) ?? lasting(`there is no input \`${name}\``)),
              call.at,
            ),
          ),
        );
      },
    };
    return { kind: "open", set };
  }

  #input(folder: string, name: string, written: Term | null): Term {
    const url = textOf(written, "url", this.call) ?? (written?.kind === "string" ? written.text : null);
    const own = url === null ? null : this.#ownFolder(folder, url);
    const flake = own === null || written === null ? null : select(written, "flake", this.call.run);
    // With `flake = false` it is only a folder.
    if (own !== null && flake?.kind === "bool" && !flake.value)
      return openSet({ outPath: () => string(own) }, `\`${name}\` is a folder`);
    return own === null ? foreignInput(name, url, this.world) : this.of(own);
  }

  /** The folder of this repository that an input's URL means; null where it means another one. */
  #ownFolder(folder: string, url: string): string | null {
    const relative = /^(?:path:)?(\.\.?(?:\/[^?#]*)?)(?:\?.*)?$/.exec(url)?.[1];
    const below = relative === undefined ? /[?&]dir=([^&#]+)/.exec(url)?.[1] : undefined;
    const path =
      relative !== undefined
        ? joined(folder, relative)
        : below !== undefined && this.isOwn(url)
          ? `${this.root}/${below}`
          : null;
    if (path === null || (path !== this.root && !path.startsWith(`${this.root}/`))) return null;
    return this.world.files.kind(path) === "folder" ? path : null;
  }
}

/** The names of `{ self, nixpkgs, … }:`; an input need not be declared to be one. */
function argumentNames(outputs: Term | null): ReadonlySet<string> {
  const names = new Set<string>();
  if (outputs?.kind !== "lambda") return names;
  const { source } = outputs.scope.run;
  for (const formal of child(outputs.node, "formals")?.namedChildren ?? []) {
    const name = formal.type === "formal" ? child(formal, "name") : null;
    if (name !== null && child(formal, "default") === null) names.add(source.slice(name.startIndex, name.endIndex));
  }
  return names;
}

/** `base/relative` without `.` and `..`; null where that leads above `/`. */
function joined(base: string, relative: string): string | null {
  const kept: string[] = [];
  for (const segment of `${base}/${relative}`.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment !== "..") kept.push(segment);
    else if (kept.pop() === undefined) return null;
  }
  return `/${kept.join("/")}`;
}
