/**
 * Turns a path pattern of our own data into a test of whole paths.
 * `<name>` stands for one part of a path (without a leading dot), `*` for anything within one part, `{a,b}` for alternatives,
 * and a final `/**` for the folder itself and all below it.
 */
export function compilePattern(pattern: string): RegExp {
  const deep = pattern.endsWith("/**");
  const body = deep ? pattern.slice(0, -"/**".length) : pattern;
  let source = "";
  for (const [token] of body.matchAll(/<[^>]*>|[{},*]|[^<{},*]+/g)) {
    if (token.startsWith("<")) source += "(?![.])[^/]+";
    else if (token === "{") source += "(?:";
    else if (token === "}") source += ")";
    else if (token === ",") source += "|";
    else if (token === "*") source += "[^/]*";
    else source += token.replace(/[.+?^$()|[\]\\]/g, "\\$&");
  }
  return new RegExp(`^${source}${deep ? "(?:/.*)?" : ""}$`, "su");
}

/** Whether a path of our data needs `compilePattern`, or can be compared as it is. */
export function isPattern(path: string): boolean {
  return /[<{*]/.test(path);
}
