import type { PersistenceFile } from "../../persistence/model";
import { fillIn, type Suggestion } from "../suggestion";
import { bcachefs } from "./bcachefs";
import { btrfs } from "./btrfs";
import { desktop, laptop, server, services } from "./hosts";
import type { Template } from "./template";
import { tmpfs } from "./tmpfs";

export const templates: readonly Template[] = [server, desktop, laptop, services, btrfs, bcachefs, tmpfs];

/** The templates that fit into a module: what it sets already is not set a second time, which Nix would refuse. */
export function templatesFor({ blocks, facts }: PersistenceFile): Suggestion[] {
  const own = blocks.filter(({ module, unit }) => module === "impermanence" && unit === "");
  const storage = own.find(({ storagePath }) => storagePath !== null)?.storagePath ?? null;
  const fits: Readonly<Record<Template["needs"], boolean>> = {
    layout: !facts.fileSystems.some(({ mountPoint }) => mountPoint === "/"),
    storage: own.length === 0,
    lists: own.every(({ lists }) => lists.length === 0),
  };
  return templates.filter(({ needs }) => fits[needs]).map((template) => suggestionOf(template, storage));
}

function suggestionOf({ label, detail, text }: Template, storage: string | null): Suggestion {
  const usable = storage !== null && !/["\\$«»]/.test(storage);
  const { insert, snippet } = fillIn(usable ? text.replaceAll("«1:/persist»", `«1:${storage}»`) : text);
  return { kind: "template", label, detail, insert, snippet, doc: { kind: "text", markdown: fenced(insert) } };
}

function fenced(text: string): string {
  return `\`\`\`nix\n${text}\n\`\`\``;
}
