import type { StorageBlock, SyntaxProblem } from "../persistence/model";
import { contains, type Span } from "../syntax/span";
import type { Problem, Rule, RuleContext } from "./rule";

export const rule: Rule = {
  id: "syntax-error",
  level: "error",
  title: "The text does not parse",
  doc: `Nix cannot read the file, so nothing in it takes effect and the host cannot be rebuilt. The usual reasons are a missing \`;\`,
a missing quote or a bracket that is never closed.

Only errors that touch a persistence block are reported; for the rest of a file there are general Nix language servers.
While a block does not parse, the other rules say nothing about the part behind the error.`,
  check,
  examples: [
    {
      title: "A missing semicolon between two lists",
      text: `{
  environment.persistence."/persist" = {
    directories = [ "/var/log" ]
    files = [ "/etc/machine-id" ];
    #     ^ usually a missing \`;\`
  };
}
`,
    },
    {
      title: "A missing semicolon after the last list",
      text: `{
  environment.persistence."/persist" = {
    directories = [ "/var/log" ]
    #                          ^ A \`;\` is missing here
  };
}
`,
    },
    {
      title: "A string that is never closed",
      text: `{
  environment.persistence."/persist" = {
    directories = [ "/var/log" "/var/lib/nixos ];
    #                          ^^^^^^^^^^^^^^^^^^ never closed
    files = [ "/etc/machine-id" ];
  };
}
`,
    },
    {
      title: "In a user's part",
      text: `{
  environment.persistence."/persist".users.josh = {
    directories = [ { directory = ".ssh"; mode = } ];
    #                                     ^^^^^^ does not parse
  };
}
`,
    },
    {
      title: "A list that is never closed",
      text: `{
  environment.persistence."/persist" = {
    directories = [
  # ^^^^^^^^^^^^^^^ does not parse
      "/var/log"
  };
}
`,
    },
    {
      title: "Errors elsewhere in a file are not reported",
      text: `{
  environment.persistence."/persist".directories = [ "/var/log" ];
  networking.hostName = ;
}
`,
    },
    {
      title: "A file without persistence is not looked at",
      text: `{
  networking.hostName = "juni"
}
`,
    },
  ],
};

function check({ file }: RuleContext): Problem[] {
  const { blocks, syntaxError } = file.persistence;
  if (syntaxError === null) return [];
  if (blocks.length === 0) {
    if (!/\b(?:environment|home)\.persistence\b|\bpreserveAt\b/.test(file.text)) return [];
    return [problemAt(file.text, syntaxError, null)];
  }
  const around = blocks.find((block) => contains(block.span, syntaxError.span));
  if (around !== undefined) return [problemAt(file.text, syntaxError, around)];
  const broken = blocks.find((block) => block.brokenFrom !== null);
  if (broken === undefined || broken.brokenFrom === null) return [];
  return [problemAt(file.text, { span: restOfLine(file.text, broken.brokenFrom), missing: null }, broken)];
}

function problemAt(text: string, error: SyntaxProblem, block: StorageBlock | null): Problem {
  const start = block?.brokenFrom ?? null;
  // The parser misses the quote far behind the string that lost it.
  if (start !== null && error.missing === '"' && text[start] === '"')
    return {
      span: restOfLine(text, start),
      message: 'This string is never closed: a `"` is missing. Nix cannot read the file.',
    };
  if (error.missing !== null)
    return { span: error.span, message: `A \`${error.missing}\` is missing here. Nix cannot read the file.` };
  if (text.slice(error.span.start, error.span.end) === "=")
    return {
      span: error.span,
      message:
        "This `=` is not expected here: what stands before it is not finished, usually a missing `;`. Nix cannot read the file.",
    };
  return {
    span: error.span,
    message:
      "This does not parse: a quote, a bracket, a value or a `;` is missing here or before. Nix cannot read the file.",
  };
}

function restOfLine(text: string, start: number): Span {
  const line = text.slice(start).split(/\r?\n/, 1)[0] ?? "";
  return { start, end: start + Math.max(line.trimEnd().length, Math.min(1, text.length - start)) };
}
