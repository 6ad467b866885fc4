// The demo hosts' `find`: node find.mjs REAL_FIND OWNERS_JSON ROOT -- ARGUMENTS…
//
// A demo root belongs to whoever runs the demo, since only root may give files away. This runs the real find with the same
// arguments and puts the owners that a real host would have into what `-printf` writes for %U %G %u %g. Tests for an owner, which the
// real find could only answer for whoever runs the demo, are false, so that the owner is written. All else passes unchanged.
//
// To find those fields whatever the format, and whatever the file names, each format is rewritten: the record's number and
// path go first, each owner field stands between NULs, and a NUL ends the record. No field of find holds a NUL, so the number
// of pieces of a record is known, and taking them apart again needs no guess.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { pipeline } from "node:stream/promises";

const [real, ownersFile, root, , ...given] = process.argv.slice(2);
const latin1 = (text) => Buffer.from(text, "utf8").toString("latin1");

/**
 * Rewrites one format. `pieces` says what each NUL-terminated piece of a record is, after number and path: `text`, `nul` (text
 * after a NUL that the format itself writes), or the letter of an owner field.
 */
function rewrite(format, number) {
  const pieces = ["text"];
  // What ends a format and has the record written out at once has to stay its end.
  const flush = format.endsWith("\\c") ? "\\c" : "";
  const written = format
    .slice(0, format.length - flush.length)
    .replace(/\\[0-7]{1,3}|\\.|%%|%[-+ 0#]*[0-9]*(?:\.[0-9]+)?[ABCT]?./gs, (token) => {
      if (/^\\0+$/.test(token)) {
        pieces.push("nul");
        return "\\000";
      }
      const owner = /^%([UGug])$/.exec(token)?.[1];
      if (!owner) return token;
      pieces.push(owner, "text");
      return `\\000${token}\\000`;
    });
  return { format: `${number}\\000%p\\000${written}\\000${flush}`, pieces };
}

const formats = [];
const isOwnerTest = (argument) => argument === "-uid" || argument === "-gid";
const rewritten = given.flatMap((argument, at) => {
  if (isOwnerTest(argument)) return ["-false"];
  if (isOwnerTest(given[at - 1])) return [];
  if (given[at - 1] !== "-printf") return [argument];
  const made = rewrite(argument, formats.length);
  formats.push(made.pieces);
  return [made.format];
});
// Anything else on standard output could not be told from records.
const mixed = given.some((argument) => /^-(print0?|ls|exec(dir)?|ok(dir)?)$/.test(argument));
const tells = !mixed && formats.flat().some((piece) => "UGug".includes(piece));

const child = spawn(real, tells ? rewritten : given, { stdio: ["inherit", tells ? "pipe" : "inherit", "inherit"] });
child.on("error", (error) => {
  process.stderr.write(`find: ${error.message}\n`);
  process.exitCode = 127;
});
child.on("close", (code) => {
  process.exitCode = code ?? 1;
});
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, () => child.kill(signal));

function* withoutMarks(owners, names) {
  const owner = (at, letter) => {
    const ids = owners.get(path.posix.relative(root, path.posix.resolve(cwd, at))) ?? [0, 0];
    if (letter === "U" || letter === "G") return String(ids[letter === "U" ? 0 : 1]);
    return names[letter].get(ids[letter === "u" ? 0 : 1]) ?? String(ids[letter === "u" ? 0 : 1]);
  };
  const cwd = latin1(process.cwd());
  let rest = [];
  let tail = "";
  let out = "";
  for (;;) {
    const chunk = yield out;
    const fields = (tail + chunk).split("\0");
    tail = fields.pop() ?? "";
    rest = rest.length > 0 ? rest.concat(fields) : fields;
    out = "";
    let from = 0;
    for (;;) {
      const pieces = formats[Number(rest[from])];
      if (pieces === undefined || rest.length < from + 2 + pieces.length) break;
      for (const [at, piece] of pieces.entries()) {
        const text = rest[from + 2 + at];
        if (piece === "text") out += text;
        else if (piece === "nul") out += `\0${text}`;
        else out += owner(rest[from + 1], piece);
      }
      from += 2 + pieces.length;
    }
    rest = rest.slice(from);
  }
}

/** Names by number, as the demo host's /etc/passwd or /etc/group has them. */
function namesOf(file) {
  const lines = readFileSync(path.join(root, "etc", file), "utf8").split("\n");
  return new Map(lines.map((line) => line.split(":")).map(([name, , id]) => [Number(id), name]));
}

if (tells) {
  const owners = new Map(
    Object.entries(JSON.parse(readFileSync(ownersFile, "utf8"))).map(([at, ids]) => [latin1(at), ids]),
  );
  const stripping = withoutMarks(owners, { u: namesOf("passwd"), g: namesOf("group") });
  stripping.next();
  const strip = async function* (chunks) {
    for await (const chunk of chunks) yield Buffer.from(stripping.next(chunk.toString("latin1")).value, "latin1");
  };
  // Standard output is left open: ending it would shut it for the shell that started this, too.
  pipeline(child.stdout, strip, process.stdout, { end: false }).catch(() => child.kill("SIGTERM"));
}
