import assert from "node:assert/strict";
import { test } from "node:test";
import type { Value } from "../../../server/src/nix/value";
import { opaque, randomExpression, randomness } from "./random";
import { askNix, evaluated, jsonOf, nixAvailable } from "./support";

/** Why what is said of a value is not so; null where it is so. */
function contradiction(value: Value, nix: unknown): string | null {
  if (value.kind === "list") return listContradiction(value, nix);
  if (value.kind !== "attrs") {
    const json = jsonOf(value);
    return json === undefined || JSON.stringify(json) === JSON.stringify(nix)
      ? null
      : `${JSON.stringify(json)} is ${JSON.stringify(nix)}`;
  }
  if (typeof nix !== "object" || nix === null || Array.isArray(nix)) return "it is no set";
  for (const { path, value: inner, conditional } of value.bindings) {
    const [first] = path;
    if (conditional || path.length !== 1 || first?.name == null) continue;
    if (!Object.hasOwn(nix, first.name)) return `it has no ${first.name}`;
    const wrong = contradiction(inner, (nix as Record<string, unknown>)[first.name]);
    if (wrong !== null) return wrong;
  }
  const names = value.bindings.map(({ path }) => path[0]?.name ?? null);
  const open = value.unknown.length > 0 || names.includes(null);
  const more = Object.keys(nix).find((name) => !open && !names.includes(name));
  return more === undefined ? null : `it has ${more}, too`;
}

/** What is there for sure must be there in order, and nothing else when nothing is unknown. */
function listContradiction(value: Value & { kind: "list" }, nix: unknown): string | null {
  if (!Array.isArray(nix)) return "it is no list";
  const sure = value.elements.filter(({ conditional }) => !conditional);
  let at = 0;
  for (const { value: element } of sure) {
    while (at < nix.length && contradiction(element, nix[at]) !== null) at++;
    if (at === nix.length) return `${JSON.stringify(jsonOf(element))} is not in ${JSON.stringify(nix)}`;
    at++;
  }
  if (value.unknown.length === 0 && nix.length > value.elements.length)
    return `it has more than ${value.elements.length} elements`;
  return null;
}

const rounds = 600;

for (const share of [0, 15, 40]) {
  const skip = nixAvailable ? false : "nix-instantiate is not installed";
  test(`what is said of random expressions is so, with ${share} % of their leaves unknown`, { skip }, async () => {
    const random = randomness(20_250_101 + share);
    const expressions = Array.from({ length: rounds }, () => randomExpression(random, share));
    const values: Value[] = [];
    for (const text of expressions) values.push(await evaluated(text));
    const answers = askNix(expressions.map((text) => `let ${opaque} in ${text}`));
    let known = 0;
    for (const [index, value] of values.entries()) {
      const [text, answer] = [expressions[index] ?? "", answers[index]];
      const json = jsonOf(value);
      if (answer === undefined || "complaint" in answer)
        assert.equal(json, undefined, `Nix refuses what is said to be ${JSON.stringify(json)}: ${text}`);
      else {
        assert.equal(contradiction(value, answer.value), null, `${text}\n${JSON.stringify(value)}`);
        if (json !== undefined) known++;
      }
    }
    assert.ok(known > rounds * (share === 0 ? 0.95 : 0.2), `only ${known} are wholly known`);
  });
}
