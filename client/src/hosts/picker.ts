import * as vscode from "vscode";
import type { HostChoice } from "../../../server/src/lsp/protocol";
import { destinationProblem } from "./destination";
import { acceptedItem, type HostItem, hostItems } from "./items";

type Row = vscode.QuickPickItem & { readonly item: HostItem };

/**
 * Lets the user choose a host, or type a destination.
 *
 * @param choices known hosts; while they are awaited the list is busy, and when they cannot be had the list still takes a destination
 * @returns a name or destination, null when the user left
 */
export async function pickHost(choices: Promise<HostChoice[]>, selected: string | null): Promise<string | null> {
  const { item, filter } = await showList(choices, selected);
  if (item === null || item.kind === "separator") return null;
  return item.kind === "ask" ? askDestination(filter) : item.host;
}

function showList(
  choices: Promise<HostChoice[]>,
  selected: string | null,
): Promise<{ item: HostItem | null; filter: string }> {
  const list = vscode.window.createQuickPick<Row>();
  list.title = "Tidemark: Select Host";
  list.placeholder = "A host to scan, or user@host";
  list.matchOnDescription = true;
  let known: readonly HostChoice[] = [];
  const items = () => hostItems(known, selected, list.value);
  const show = () => {
    list.items = items().map(toRow);
  };
  return new Promise((resolve) => {
    list.onDidChangeValue(show);
    list.onDidAccept(() => {
      const item = acceptedItem(items(), list.activeItems[0]?.item ?? null, list.value);
      if (item === null) return;
      resolve({ item, filter: list.value });
      list.hide();
    });
    list.onDidHide(() => {
      resolve({ item: null, filter: "" });
      list.dispose();
    });
    show();
    list.busy = true;
    list.show();
    choices.then(
      (hosts) => {
        known = hosts;
        show();
        const current = list.items.filter(
          (row) => row.item.kind === "host" && row.item.host === likely(hosts, selected),
        );
        // Setting none would leave no row for the Enter key.
        if (current.length > 0) list.activeItems = current;
        list.busy = false;
      },
      () => {
        list.placeholder = "Your hosts could not be listed; type a destination, for example root@juni";
        list.busy = false;
      },
    );
  });
}

/** The host a person most likely means: the only one that has the file, else the one selected before. */
function likely(hosts: readonly HostChoice[], selected: string | null): string | null {
  const [only, ...others] = hosts.filter(({ ofFile }) => ofFile);
  return only !== undefined && others.length === 0 ? only.name : selected;
}

function toRow(item: HostItem): Row {
  if (item.kind === "separator") return { label: item.label, kind: vscode.QuickPickItemKind.Separator, item };
  return { label: item.label, description: item.description, alwaysShow: item.kind !== "host", item };
}

async function askDestination(value: string): Promise<string | null> {
  const typed = await vscode.window.showInputBox({
    title: "Tidemark: Select Host",
    prompt: "The host to scan over SSH",
    value,
    placeHolder: "user@host, user@host:port or an ssh alias",
    ignoreFocusOut: true,
    validateInput: (text) => destinationProblem(text.trim()),
  });
  return typed === undefined ? null : typed.trim();
}
