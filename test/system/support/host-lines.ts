import { readFileSync } from "node:fs";
import path from "node:path";
import { directory, file, link, type Owner, ROOT, type TreeNode } from "./file-tree";
import { ETC } from "./host-content";

/** What is on a host, and what of it a person would persist: written down before looking at what Tidemark says. */
export interface Written {
  readonly nodes: readonly TreeNode[];
  /** Units and tmpfiles rules, as NixOS links them; paths are below /nix. */
  readonly store: readonly TreeNode[];
  /** What a unit says is its state, by the folder that is kept for it. */
  readonly stateOf: ReadonlyMap<string, string>;
  /** The accounts it needs, for /etc/passwd and /etc/group. */
  readonly accounts: ReadonlyMap<string, Owner>;
  /** Each a list of levels of which one has to be proposed. A folder ends in `/`. */
  readonly keep: readonly (readonly string[])[];
  /** What some persist and others do not. A folder ends in `/`. */
  readonly may: ReadonlySet<string>;
}

const HOME = "/home/josh";
/** Numbers of `support/host-content.ts` and of NixOS; services without a fixed number get one below 900. */
const KNOWN: Readonly<Record<string, Owner>> = {
  root: ROOT,
  josh: [1000, 100],
  postgres: [71, 71],
  mysql: [84, 84],
  grafana: [196, 196],
  prometheus: [255, 255],
  vaultwarden: [991, 991],
  forgejo: [992, 992],
  headscale: [993, 993],
  acme: [995, 60],
  nginx: [60, 60],
};

/** Reads files of `test/system/content`; the format is described in `server.txt`. Throws on a line it does not understand. */
export function readContent(...names: readonly string[]): Written {
  const text = names.map((name) => readFileSync(path.join(__dirname, "../content", name), "utf8")).join("\n");
  const nodes: TreeNode[] = [];
  const accounts = new Map<string, Owner>();
  const keep = new Map<string, readonly string[]>();
  const may = new Set<string>();
  const units = new Map<string, readonly string[]>();
  const rules = new Map<string, string[]>();
  /** Folders that have their owner and mode already. */
  const made = new Set<string>();
  const ownerOf = (name: string): Owner => {
    if (/^\d+$/.test(name)) return [Number(name), Number(name)];
    const [user = "", group = user] = name.split(":");
    const [uid] = account(user);
    return [uid, account(group)[1]];
  };
  const account = (name: string): Owner => {
    const known = KNOWN[name] ?? accounts.get(name) ?? ([899 - accounts.size, 899 - accounts.size] as const);
    if (name !== "root" && name !== "josh") accounts.set(name, known);
    return known;
  };
  const add = (more: readonly TreeNode[]) => {
    for (const node of more) {
      if (node.type === "directory" && made.has(String(node.path))) continue;
      if (node.type === "directory") made.add(String(node.path));
      nodes.push(node);
    }
  };
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const [word = "", ...rest] = line.split(" ");
    const [name = ""] = rest;
    if (word === "unit") {
      units.set(
        name,
        rest.slice(1).map((setting) => setting.replaceAll("%20", " ")),
      );
      continue;
    }
    if (word === "rule") {
      rules.set(name, [...(rules.get(name) ?? []), rest.slice(1).join(" ")]);
      continue;
    }
    const rule = rest.join(" ").split(" | ").map(inHome);
    if (word === "keep" || word === "has") keep.set(rule.join(" | "), rule);
    if (word === "has") {
      const [at = ""] = rule;
      const inside = at.endsWith("/") ? ["data.db", "settings.json", "parts/0a"].map((name) => at + name) : [at];
      add(inside.flatMap((each) => nodesOf(each, [], ownerOf)));
    } else if (word === "keep") continue;
    else if (word === "may") may.add(rule.join(""));
    else add(expand(inHome(word)).flatMap((at) => nodesOf(at, rest, ownerOf)));
  }
  const stateOf = new Map(
    [...units].flatMap(([name, settings]) => stateFolders(settings).map((folder): [string, string] => [folder, name])),
  );
  return { nodes, store: storeOf(units, rules), stateOf, accounts, keep: [...keep.values()], may };
}

/** Where a unit has its state: what a person keeps is the first folder below /var/lib, or what lies in /var/lib/systemd. */
function stateFolders(settings: readonly string[]): string[] {
  const isDynamic = settings.some((setting) => /^DynamicUser=(?:yes|true)$/.test(setting));
  const names = settings.flatMap((setting) => /^StateDirectory=(.*)$/.exec(setting)?.[1]?.split(" ") ?? []);
  const tops = names.map((name) => (name.startsWith("systemd/") ? name : (name.split("/")[0] ?? name)));
  return [...new Set(tops.map((name) => `/var/lib/${isDynamic ? "private/" : ""}${name}`))];
}

/** Each unit is a link to a store path of its own, as are the rules. */
function storeOf(
  units: ReadonlyMap<string, readonly string[]>,
  rules: ReadonlyMap<string, readonly string[]>,
): TreeNode[] {
  return [
    ...[...units].flatMap(([name, settings]) => {
      const program = name.replace(/\.service$/, "");
      const start = `ExecStart=/nix/store/0000-${program}-1.0/bin/${program} --config /etc/x`;
      const text = ["[Unit]", `Description=${program}`, "", "[Service]", ...settings, start, ""].join("\n");
      const at = `/store/0000-unit-${name}/${name}`;
      return [file(at, text), link(`${ETC.slice("/nix".length)}/systemd/system/${name}`, `/nix${at}`)];
    }),
    ...[...rules].map(([name, lines]) =>
      file(`${ETC.slice("/nix".length)}/tmpfiles.d/${name}`, `# made by a test\n${lines.join("\n")}\n`),
    ),
  ];
}

/** The path as described by the words behind it, after the folders of its owner that lead to it. */
function nodesOf(at: string, words: readonly string[], ownerOf: (name: string) => Owner): TreeNode[] {
  const given = words.find((word) => word.startsWith("@"))?.slice(1);
  const owner = ownerOf(given ?? (at.startsWith(`${HOME}/`) ? "josh" : "root"));
  const mode = words.find((word) => /^0[0-7]{3}$/.test(word));
  const bytes = words.find((word) => /^(?:0|[1-9]\d*)$/.test(word));
  const unknown = words.find((word) => !/^(?:@\S+|\d+|->|\/?[\w./+:-]+)$/.test(word));
  if (unknown !== undefined) throw new Error(`not understood: ${unknown} after ${at}`);
  const above = foldersAbove(at).map((folder) => directory(folder, owner));
  if (words[0] === "->") return [...above, link(at, words[1] ?? "")];
  if (at.endsWith("/")) return [...above, directory(at.slice(0, -1), owner, Number.parseInt(mode ?? "755", 8))];
  const text = `${at} `.repeat(1 + Number(bytes ?? 300) / at.length).slice(0, Number(bytes ?? 300));
  return [...above, file(at, text, owner, Number.parseInt(mode ?? "644", 8))];
}

/** The folders between a place that many share and `at`: those belong to the one who wrote `at`. */
function foldersAbove(at: string): string[] {
  const shared =
    /^(?:\/home\/josh|\/root|\/var\/(?:lib|cache|log|db|spool)(?:\/private|\/systemd)?|\/(?:etc|srv|opt|boot|var|tmp))?\//.exec(
      at,
    )?.[0] ?? "/";
  const parts = at.slice(shared.length).replace(/\/$/, "").split("/").slice(0, -1);
  return parts.map((_, index) => shared + parts.slice(0, index + 1).join("/"));
}

function inHome(at: string): string {
  return (at.startsWith("~/") ? HOME + at.slice(1) : at).replaceAll("%20", " ");
}

/** `{a,b}` once or more, as a shell does. */
function expand(at: string): string[] {
  const found = /\{([^{}]*)\}/.exec(at);
  if (found === null) return [at];
  const [whole, choices = ""] = found;
  return choices.split(",").flatMap((choice) => expand(at.replace(whole, () => choice)));
}
