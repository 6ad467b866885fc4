import { complete } from "../../../server/src/completion";
import type { CompletionRequest } from "../../../server/src/completion/request";
import type { Suggestion, Suggestions } from "../../../server/src/completion/suggestion";
import { rules } from "../../../server/src/rules";
import { read } from "../../support/grammar";

/** Splits a text at `|`, where the cursor is. */
export function cursor(marked: string): { readonly text: string; readonly offset: number } {
  const offset = marked.indexOf("|");
  if (offset === -1) throw new Error("no | in the text");
  return { text: marked.slice(0, offset) + marked.slice(offset + 1), offset };
}

type More = Partial<CompletionRequest> & { readonly others?: Readonly<Record<string, string>> };

/** What is suggested at the `|`. */
export async function suggest(marked: string, { others = {}, ...more }: More = {}): Promise<Suggestions | null> {
  const { text, offset } = cursor(marked);
  const file = { name: "/host/default.nix", text, persistence: await read(text) };
  const host = [file];
  for (const [name, other] of Object.entries(others)) host.push({ name, text: other, persistence: await read(other) });
  return complete({ file, host, offset, reports: [], homes: new Map(), soleUser: null, rules, ...more });
}

export async function labels(marked: string, more?: More): Promise<string[]> {
  return (await suggest(marked, more))?.items.map(({ label }) => label) ?? [];
}

/** The text after choosing the item with a label. */
export async function chosen(marked: string, label: string, more?: More): Promise<string> {
  const { text } = cursor(marked);
  const found = await suggest(marked, more);
  const item: Suggestion | undefined = found?.items.find((one) => one.label === label);
  if (found === null || item === undefined) throw new Error(`${label} is not suggested`);
  return text.slice(0, found.replace.start) + item.insert + text.slice(found.replace.end);
}

/** A storage with a body, in a module that turns two services on. */
export function storage(body: string): string {
  return `{ lib, ... }:
{
  services.tailscale.enable = true;
  services.postgresql = { enable = true; };
  services.forgejo.enable = false;
  users.users.josh = { isNormalUser = true; home = "/home/josh"; };
  environment.persistence."/persist" = {
${body}
  };
}
`;
}
