import { apply } from "./apply";
import { later, wholeFrom } from "./arguments";
import { builtin } from "./known";
import { hasMember, layered } from "./layers";
import { options } from "./libraryOptions";
import { select } from "./select";
import {
  attrs,
  type Builtin,
  type Call,
  delay,
  force,
  member,
  ready,
  type Term,
  type Thunk,
  unknown,
  unwrap,
} from "./terms";

/** `lib.fixedPoints`: sets that are made of themselves, and `lib` with functions of one's own. */
export const fixedPoints: Readonly<Record<string, Builtin>> = {
  fix: { arity: 1, run: ([f], call) => (f === undefined ? null : force(fixed(f, call))) },
  extends: {
    arity: 3,
    run: ([overlay, f, final], call) => {
      if (f === undefined || final === undefined || overlay === undefined) return null;
      const before = later(f, [final], call);
      return layered(apply(overlay, [final, before], call), force(before), call.run);
    },
  },
  composeExtensions: {
    arity: 4,
    run: ([first, second, final, before], call) =>
      final === undefined || before === undefined
        ? null
        : composed(
            [first, second].flatMap((one) => one ?? []),
            final,
            before,
            call,
          ),
  },
  composeManyExtensions: {
    arity: 3,
    run: ([from, final, before], call) => {
      const overlays = wholeFrom(from);
      if (overlays === null || final === undefined || before === undefined) return null;
      return composed(
        overlays.map(({ value }) => value),
        final,
        before,
        call,
      );
    },
  },
  makeExtensible: {
    arity: 1,
    run: ([f], call) => (f === undefined ? null : extensible(f, call)),
  },
};

function fixed(f: Thunk, call: Call): Thunk {
  const self: Thunk = delay(call.at, () => apply(f, [self], call));
  return self;
}

/** What several overlays add to `before`, each seeing what those before it made. */
function composed(overlays: readonly Thunk[], final: Thunk, before: Thunk, call: Call): Term | null {
  let added: Term | null = null;
  for (const overlay of overlays) {
    const all: Term | null = added === null ? force(before) : layered(added, force(before), call.run);
    if (all === null) return null;
    const next = apply(overlay, [final, ready(all, call.at)], call);
    added = added === null ? next : layered(next, added, call.run);
    if (added === null) return null;
  }
  return added;
}

/** A fixed point that knows how it is extended. */
function extensible(f: Thunk, call: Call): Term {
  const self = fixed(f, call);
  return withExtend(
    () => force(self),
    (overlay) => {
      const extends_: Builtin = {
        arity: 1,
        run: ([final]) => {
          if (final === undefined) return null;
          const before = later(f, [final], call);
          return layered(apply(overlay, [final, before], call), force(before), call.run);
        },
      };
      return extensible(ready({ kind: "builtin", builtin: extends_, given: [] }, call.at), call);
    },
    call,
  );
}

/** `base.extend overlay`, for `lib` and what it was extended to before. */
export function extended(base: Term, overlay: Thunk, call: Call): Term {
  const final: Term = withExtend(
    () => layered(force(own), base, call.run) ?? unknown("what `extend` adds is not a set"),
    (next) => extended(final, next, call),
    call,
  );
  const own: Thunk = delay(call.at, () => apply(overlay, [ready(final, call.at), ready(base, call.at)], call));
  return final;
}

function withExtend(of: () => Term, extend: (overlay: Thunk) => Term, { run }: Call): Term {
  const extending = builtin(1, ([overlay]) => (overlay === undefined ? null : extend(overlay)));
  const self: Term = {
    kind: "open",
    set: {
      member: (name) => {
        if (name === "extend") return extending;
        const found = select(of(), name, run);
        return name === "nixosSystem" && isNixpkgsOwn(found) ? evaluating(self) : found;
      },
      has: (name) => (name === "extend" ? true : hasMember(of(), name)),
      whole: () => unwrap(of()),
    },
  };
  return self;
}

function isNixpkgsOwn(found: Term | null): boolean {
  return found?.kind === "builtin" && found.builtin === options["nixosSystem"];
}

/** The modules of a system that an extended library makes see that library. */
function evaluating(lib: Term): Term {
  return builtin(1, ([given], call) => {
    const { world } = call.run;
    if (given === undefined || world === null) return null;
    const own = attrs([member("lib", ready(lib, call.at), call.at)]);
    const all = layered(force(given), own, call.run);
    return all === null ? null : world.system("nixos", ready(all, call.at), call);
  });
}
