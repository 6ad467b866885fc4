/** A small generator of numbers below `limit`, the same in each run. */
export function randomness(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

type Kind = "int" | "string" | "bool" | "strings" | "set";

interface Known {
  readonly name: string;
  readonly kind: Kind;
}

/** Values that only Nix knows, under the names the expressions use for them. */
export const opaque = `opaqueInt = 2; opaqueString = "o"; opaqueBool = true; opaqueStrings = [ "a" "q" ]; opaqueSet = { a = "s"; z = 9; };`;

/** A random expression that evaluates in Nix; `share` of a hundred leaves are opaque. */
export function randomExpression(random: (limit: number) => number, share: number): string {
  let names = 0;

  function pick<T>(...choices: readonly [T, ...T[]]): T {
    return choices[random(choices.length)] ?? choices[0];
  }

  function leaf(kind: Kind, scope: readonly Known[]): string {
    if (random(100) < share) return `opaque${kind[0]?.toUpperCase()}${kind.slice(1)}`;
    const bound = scope.filter((known) => known.kind === kind);
    if (bound.length > 0 && random(2) === 0) return bound[random(bound.length)]?.name ?? "";
    if (kind === "int") return `${random(4)}`;
    if (kind === "string") return pick('"a"', '"b"', '"/x"', '""', "''c''");
    if (kind === "bool") return pick("true", "false");
    if (kind === "strings") return pick("[ ]", '[ "a" ]', '[ "b" "a" "b" ]');
    return pick("{ }", '{ a = "x"; }', '{ a = "y"; b = 2; }', "rec { b = 1; c = b; }");
  }

  function make(kind: Kind, depth: number, scope: readonly Known[]): string {
    if (depth === 0) return leaf(kind, scope);
    const of = (inner: Kind, more: readonly Known[] = []) => `(${make(inner, depth - 1, [...scope, ...more])})`;
    const fresh = (inner: Kind): Known => ({ name: `v${names++}`, kind: inner });
    const any = (): Kind => pick("int", "string", "bool", "strings", "set");
    switch (random(9)) {
      case 0: {
        const bound = fresh(any());
        return `let ${bound.name} = ${of(bound.kind)}; in ${of(kind, [bound])}`;
      }
      case 1:
        return `if ${of("bool")} then ${of(kind)} else ${of(kind)}`;
      case 2: {
        const bound = fresh(any());
        return `(${bound.name}: ${of(kind, [bound])}) ${of(bound.kind)}`;
      }
      case 3: {
        const [bound, other] = [fresh(any()), fresh(kind)];
        const given = random(2) === 0 ? `${other.name} = ${of(kind)};` : "";
        return `({ ${bound.name}, ${other.name} ? ${of(kind, [bound])} }: ${of(kind, [bound, other])}) { ${bound.name} = ${of(bound.kind)}; ${given} }`;
      }
      case 4: {
        const bound = fresh(kind);
        return pick(
          `with { ${bound.name} = ${of(kind)}; }; ${of(kind, [bound])}`,
          `let s = { inherit ({ ${bound.name} = ${of(kind)}; }) ${bound.name}; }; in s.${bound.name}`,
          `rec { ${bound.name} = ${of(kind)}; r = ${of(kind, [bound])}; }.r`,
          `{ a.b = ${of(kind)}; a.c = 1; }.a.b or ${of(kind)}`,
        );
      }
      default:
        return own(kind, of, fresh);
    }
  }

  function own(kind: Kind, of: (kind: Kind, more?: readonly Known[]) => string, fresh: (kind: Kind) => Known): string {
    switch (kind) {
      case "int":
        return pick(
          () => `${of("int")} ${pick("+", "-", "*")} ${of("int")}`,
          () => `lib.length ${of("strings")}`,
          () => `lib.foldl' (a: x: a + 1) ${of("int")} ${of("strings")}`,
          () => `lib.stringLength ${of("string")}`,
          () => `lib.count (x: x == ${of("string")}) ${of("strings")}`,
          () => `lib.foldlAttrs (acc: n: v: acc + lib.stringLength n) ${of("int")} ${of("set")}`,
          () => `lib.${pick("min", "max")} ${of("int")} ${of("int")}`,
        )();
      case "string":
        return pick(
          () => `"\${${of("string")}}/\${${of("string")}}"`,
          () => `${of("string")} + ${of("string")}`,
          () => `lib.concatStringsSep ${of("string")} ${of("strings")}`,
          () => `lib.${pick("removePrefix", "removeSuffix")} ${of("string")} ${of("string")}`,
          () => `lib.optionalString ${of("bool")} ${of("string")}`,
          () => `toString ${of(pick<Kind>("int", "bool", "strings"))}`,
          () => `lib.replaceStrings [ "a" "/" ] [ ${of("string")} "" ] ${of("string")}`,
          () => `${of("set")}.a or ${of("string")}`,
          () => `lib.findFirst (x: ${of("bool")}) ${of("string")} ${of("strings")}`,
          () => `lib.concatImapStringsSep ${of("string")} (i: x: x + toString i) ${of("strings")}`,
          () => `lib.escapeShellArg ${of("string")}`,
          () => `lib.trim ${of("string")}`,
        )();
      case "bool":
        return pick(
          () => `${of("bool")} ${pick("&&", "||", "->")} ${of("bool")}`,
          () => `!${of("bool")}`,
          () => `${of("int")} ${pick("<", "<=", "==", "!=")} ${of("int")}`,
          () => `${of("strings")} == ${of("strings")}`,
          () => `${of("set")} == ${of("set")}`,
          () => `lib.elem ${of("string")} ${of("strings")}`,
          () => `${of("set")} ? a`,
          () => `lib.hasPrefix ${of("string")} ${of("string")}`,
          () => `lib.any (x: x == ${of("string")}) ${of("strings")}`,
          () => `lib.${pick("and", "or", "xor")} ${of("bool")} ${of("bool")}`,
          () => `lib.mutuallyExclusive ${of("strings")} ${of("strings")}`,
        )();
      case "strings": {
        const item = fresh("string");
        const from = of("strings");
        return pick(
          () => `[ ${of("string")} ${of("string")} ]`,
          () => `${from} ++ ${of("strings")}`,
          () => `lib.optionals ${of("bool")} ${from}`,
          () => `lib.optional ${of("bool")} ${of("string")}`,
          () => `map (${item.name}: ${of("string", [item])}) ${from}`,
          () => `lib.concatMap (${item.name}: ${of("strings", [item])}) ${from}`,
          () => `lib.filter (${item.name}: ${of("bool", [item])}) ${from}`,
          () => `lib.unique ${from}`,
          () => `lib.flatten [ ${from} ${of("string")} [ ${from} ] ]`,
          () => `lib.concatLists [ ${from} ${of("strings")} ]`,
          () => `lib.attrNames ${of("set")}`,
          () => `lib.mapAttrsToList (n: v: n) ${of("set")}`,
          () => `lib.subtractLists ${of("strings")} ${from}`,
          () => `lib.take ${random(3)} ${from}`,
          () => `lib.sort (a: b: a ${pick("<", ">")} b) ${from}`,
          () => `(lib.partition (${item.name}: ${of("bool", [item])}) ${from}).${pick("right", "wrong")}`,
          () => `lib.concatLists (lib.attrValues (lib.groupBy (x: x) ${from}))`,
          () => `lib.zipListsWith (a: b: a + b) ${from} ${of("strings")}`,
          () => `lib.intersectLists ${of("strings")} ${from}`,
          () => `lib.ifilter0 (i: x: i > 0) ${from}`,
          () => `map (p: p.name) (lib.attrsToList ${of("set")})`,
        )();
      }
      case "set":
        return pick(
          () => `${of("set")} // ${of("set")}`,
          () => `{ a = ${of("string")}; ${pick("b", "c")} = ${of("int")}; }`,
          () => `{ \${"k" + ${of("string")}} = ${of("int")}; }`,
          () => `lib.optionalAttrs ${of("bool")} ${of("set")}`,
          () => `lib.genAttrs ${of("strings")} (n: n + ${of("string")})`,
          () => `lib.filterAttrs (n: v: n == ${of("string")}) ${of("set")}`,
          () => `builtins.removeAttrs ${of("set")} ${of("strings")}`,
          () => `lib.recursiveUpdate ${of("set")} ${of("set")}`,
          () => `lib.mapAttrs (n: v: n) ${of("set")}`,
          () => `lib.mapAttrs' (n: v: lib.nameValuePair (n + ${of("string")}) n) ${of("set")}`,
          () => `lib.concatMapAttrs (n: v: { \${n + "x"} = n; z = ${of("string")}; }) ${of("set")}`,
          () => `lib.filterAttrsRecursive (n: v: n != ${of("string")}) ${of("set")}`,
          () => `lib.mapAttrsRecursive (p: v: lib.concatLines p) ${of("set")}`,
          () => `lib.getAttrs (lib.attrNames ${of("set")}) ${of("set")}`,
          () => `lib.fix (self: ${of("set")})`,
          () => `lib.listToAttrs (map (n: lib.nameValuePair n ${of("int")}) ${of("strings")})`,
        )();
    }
  }

  return make(pick<Kind>("strings", "set", "string", "bool", "int"), 2 + random(3), []);
}
