/** An object of JSON whose values are not checked yet. */
export type Json = Readonly<Record<string, unknown>>;

/** The value of a JSON text; null for what is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The value if it is an object, else an empty one. */
export function record(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** The objects in a list. */
export function records(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "object" && one !== null).map(record) : [];
}

/** The strings in a list. */
export function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

/** The value if it is a string with something in it. */
export function string(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
