import type { Rule } from "./rule";

const levels = ["default", "off", "hint", "info", "warning", "error"] as const;

/** One setting as an editor's manifest declares it. */
export interface RuleSetting {
  readonly type: "string";
  readonly scope: "resource";
  readonly order: number;
  readonly default: "default";
  readonly enum: readonly string[];
  readonly enumDescriptions: readonly string[];
  readonly markdownDescription: string;
}

/** The section of the manifest's configuration that sets the level of each rule, made from the rules. */
export function rulesConfiguration(rules: readonly Pick<Rule, "id" | "level" | "title">[]): {
  readonly title: string;
  readonly properties: Readonly<Record<string, RuleSetting>>;
} {
  const properties = rules.map(({ id, level, title }, order) => [
    `tidemark.rules.${id}`,
    {
      type: "string",
      scope: "resource",
      order,
      default: "default",
      enum: levels,
      enumDescriptions: [
        `The rule's own level: ${level === "info" ? "information" : level}`,
        "Not checked",
        "Shown as three dots, not in Problems",
        "Information",
        "Warning",
        "Error",
      ],
      markdownDescription: `${title}.`,
    } satisfies RuleSetting,
  ]);
  return { title: "Rules", properties: Object.fromEntries(properties) as Readonly<Record<string, RuleSetting>> };
}
