import type { Value } from "../nix/value";
import type { ListDeclaration } from "../persistence/model";
import { isInternal, type OptionSpec, schemaOf } from "../persistence/schema";
import { contains } from "../syntax/span";
import type { Fix, Problem, Rule, RuleContext } from "./rule";
import {
  type EntrySet,
  entrySets,
  isMarked,
  type OptionUse,
  optionUses,
  ownElements,
  trustedBlocks,
  valueSpan,
} from "./support/options";
import { code } from "./support/text";

export const rule: Rule = {
  id: "wrong-type",
  level: "error",
  title: "A value of the wrong type",
  doc: `Each option accepts one type of value: \`directories\` and \`files\` are lists of strings or sets, switches are \`true\` or \`false\`
without quotes, owners are strings. Evaluation refuses anything else.

A set in \`directories\` needs a \`directory\`, a set in \`files\` needs a \`file\`. Modes and unquoted paths have rules of their own.`,
  check,
  examples: [
    {
      title: "A single path instead of a list",
      text: `{
  environment.persistence."/persist".directories = "/var/log";
  #                                                ^^^^^^^^^^ \`directories\` must be a list, but this is a string
}
`,
      fixed: `{
  environment.persistence."/persist".directories = [ "/var/log" ];
}
`,
    },
    {
      title: "An element that is no path",
      text: `{
  environment.persistence."/persist" = {
    directories = [
      "/var/log"
      5
    # ^ this is a number
    ];
  };
}
`,
    },
    {
      title: "A switch in quotes",
      text: `{
  environment.persistence."/persist".hideMounts = "true";
  #                                               ^^^^^^ must be \`true\` or \`false\`
}
`,
      fixed: `{
  environment.persistence."/persist".hideMounts = true;
}
`,
    },
    {
      title: "An entry of a user without a path",
      text: `{
  environment.persistence."/persist".users.josh.directories = [
    { mode = "0700"; }
  # ^^^^^^^^^^^^^^^^^^ names no \`directory\`
  ];
}
`,
    },
    {
      title: "An owner that is a number",
      text: `{
  preservation.preserveAt."/persist".directories = [
    { directory = "/srv"; user = 1000; }
    #                            ^^^^ \`user\` must be a string
  ];
}
`,
    },
    {
      title: "A list in place of the storage",
      text: `{
  home.persistence."/persist" = [ "Documents" ];
  #                             ^^^^^^^^^^^^^^^ A set is expected here, but this is a list
}
`,
    },
    {
      title: "What is computed or inherited is not judged",
      text: `{ config, lib, directory, common, ... }:
{
  environment.persistence."/persist" = {
    hideMounts = config.hide;
    directories = [
      { inherit directory; mode = "0700"; }
      (common // { user = "root"; })
      (lib.mkIf config.x "/srv")
    ] ++ config.directories;
    files = config.files;
  };
}
`,
    },
    {
      title: "Lists are given in many ways",
      text: `{ config, lib, ... }:
{
  environment.persistence."/persist" = {
    enable = lib.mkDefault true;
    directories = lib.mkIf config.x [ "/srv" ];
    files = lib.mkForce [ { file = "/etc/key"; parentDirectory = { mode = "0700"; }; } ];
  };
}
`,
    },
  ],
};

function check(context: RuleContext): Problem[] {
  const { file } = context;
  const uses = optionUses(context);
  return [
    ...uses.flatMap(checkOption),
    ...trustedBlocks(context).flatMap((block) => [
      ...block.lists.flatMap(checkList),
      ...entrySets(block).flatMap(checkEntrySet),
      ...block.unknown.flatMap(({ span }): Problem[] => {
        const isList = file.text[span.start] === "[" && file.text[span.end - 1] === "]";
        if (!isList || !contains(block.span, span)) return [];
        return [{ span, message: "A set is expected here, but this is a list, so evaluation fails. Write `{ … }`." }];
      }),
    ]),
  ];
}

function checkList(declaration: ListDeclaration): Problem[] {
  const { list, span, value } = declaration;
  if (!contains(span, value.span) || value.kind === "unknown" || value.kind === "function" || isMarked(value))
    return [];
  if (value.kind !== "list") {
    const fixes: Fix[] =
      value.kind === "string" && value.certainty === undefined
        ? [
            {
              title: "Put it into a list",
              edits: [
                { span: { start: value.span.start, end: value.span.start }, text: "[ " },
                { span: { start: value.span.end, end: value.span.end }, text: " ]" },
              ],
              safe: true,
            },
          ]
        : [];
    return [problem(value, `\`${list}\` must be a list, but this is ${kindTitle(value)}; evaluation fails.`, fixes)];
  }
  return ownElements(declaration).flatMap((element) =>
    ["integer", "float", "bool", "null", "list"].includes(element.kind)
      ? [
          problem(
            element,
            `An entry must be a path in quotes or a set, but this is ${kindTitle(element)}; evaluation fails.`,
          ),
        ]
      : [],
  );
}

function checkEntrySet({ value, list }: EntrySet): Problem[] {
  const option = list.list === "directories" ? "directory" : "file";
  const names = value.bindings.map((binding) => binding.path[0]?.name ?? null);
  // A name the module does not have is another rule's business, and may well be the path, misspelt.
  const known = schemaOf(list.module)[option].map((spec) => spec.name);
  const open = names.some((name) => name === null || name === option || !known.includes(name));
  if (open || value.unknown.length > 0) return [];
  return [problem(value, `This entry names no \`${option}\`, so evaluation fails. Add \`${option} = "…";\`.`)];
}

function checkOption({ setting, spec, name }: OptionUse): Problem[] {
  const { value } = setting;
  if (spec === null || spec.removed !== undefined || isInternal(name) || valueSpan(setting) === null) return [];
  const wanted = mismatch(spec, value);
  if (wanted === null) return [];
  const fixes: Fix[] =
    spec.type === "bool" &&
    value.kind === "string" &&
    value.certainty === undefined &&
    (value.text === "true" || value.text === "false")
      ? [{ title: `Write ${value.text} without quotes`, edits: [{ span: value.span, text: value.text }], safe: true }]
      : [];
  return [problem(value, `${code(name)} must be ${wanted}, but this is ${kindTitle(value)}; evaluation fails.`, fixes)];
}

/** What the option wants, when the value is of another kind; null when it fits or is not known. */
function mismatch(spec: OptionSpec, value: Value): string | null {
  if (value.kind === "unknown" || value.kind === "function" || isMarked(value)) return null;
  switch (spec.type) {
    case "bool":
      return value.kind === "bool" ? null : "`true` or `false`";
    case "string":
      return value.kind === "string" || value.kind === "null" ? null : "a string";
    case "path":
      return value.kind === "string" || value.kind === "path" ? null : "a path in quotes";
    case "strings":
      return value.kind === "list" ? null : "a list of strings";
    case "attrs":
    case "users":
      return value.kind === "attrs" || value.kind === "path" ? null : "a set";
    case "mode":
    case "directories":
    case "files":
      return null;
    default:
      return value.kind === "string" ? null : `one of ${spec.type.map((choice) => `"${choice}"`).join(", ")}`;
  }
}

function kindTitle(value: Value): string {
  switch (value.kind) {
    case "string":
      return "a string";
    case "integer":
    case "float":
      return "a number";
    case "bool":
      return `\`${value.value}\``;
    case "null":
      return "`null`";
    case "list":
      return "a list";
    case "attrs":
      return "a set";
    case "path":
      return "a path without quotes";
    default:
      return "something else";
  }
}

function problem(value: Value, message: string, fixes: readonly Fix[] = []): Problem {
  return { span: value.span, message, fixes };
}
