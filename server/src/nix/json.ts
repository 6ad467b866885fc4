import {
  affords,
  attrs,
  type Call,
  integer,
  list,
  made,
  member,
  ready,
  string,
  type Term,
  tooMuch,
  unknown,
} from "./terms";

/** What `builtins.fromJSON` makes of a text; unknown where it is no JSON or larger than any configuration. */
export function fromJson(text: string, call: Call): Term {
  if (!affords(call.run, text.length / 10)) return tooMuch;
  try {
    return termOf(JSON.parse(text), call, 0);
  } catch {
    return unknown("it is no JSON");
  }
}

function termOf(value: unknown, call: Call, depth: number): Term {
  if (depth > 50) return tooMuch;
  if (value === null) return { kind: "null" };
  if (typeof value === "string") return string(value);
  if (typeof value === "boolean") return { kind: "bool", value };
  if (typeof value === "number") return integer(value) ?? { kind: "float", text: `${value}` };
  if (Array.isArray(value)) return list(value.map((one: unknown) => made(termOf(one, call, depth + 1), call.at)));
  if (typeof value !== "object") return unknown("it is no JSON");
  return attrs(
    Object.entries(value).map(([name, one]) => member(name, ready(termOf(one, call, depth + 1), call.at), call.at)),
  );
}
