import assert from "node:assert/strict";
import { test } from "node:test";
import { destinationProblem } from "../../../client/src/hosts/destination";
import { acceptedItem, type HostItem, hostItems } from "../../../client/src/hosts/items";
import { createHostMemory } from "../../../client/src/hosts/memory";
import type { HostChoice } from "../../../server/src/lsp/protocol";

const CHOICES: HostChoice[] = [
  { name: "l001", source: "ssh", detail: "l001", ofFile: false },
  { name: "juni", source: "settings", detail: "josh@10.0.0.4:22", ofFile: false },
];
const rows = (items: readonly HostItem[]): string[] =>
  items.map((item) =>
    item.kind === "separator" ? `-- ${item.label}` : `${item.kind} ${item.label} | ${item.description}`,
  );

test("destinations as people write them are taken, anything a shell or ssh could take for more is not", () => {
  for (const text of ["juni", "root@juni", "josh@10.0.0.4:2222", "root@[fe80::1%eth0]:22", "git-host_2.example.org"]) {
    assert.equal(destinationProblem(text), null, text);
  }
  for (const text of ["", "-oProxyCommand=x", "a b", "a\nb", "$(id)", "a;b", "`id`", "a|b", "a&b", "x".repeat(321)]) {
    assert.notEqual(destinationProblem(text), null, text);
  }
});

test("hosts are listed by where they are known from, settings first", () => {
  assert.deepEqual(rows(hostItems(CHOICES, "juni", "")), [
    "-- from the setting tidemark.hosts",
    "host juni | josh@10.0.0.4:22 · selected",
    "-- from your ssh configuration",
    "host l001 | ",
    "-- ",
    "ask Type a destination… | user@host, user@host:port or an ssh alias",
  ]);
});

test("configured hosts come first, among them the one that has the file, and this machine last", () => {
  const choices: HostChoice[] = [
    { name: "local", source: "local", detail: "desk, this machine, without SSH", ofFile: false },
    ...CHOICES,
    { name: "h001", source: "configuration", detail: "", ofFile: false },
    { name: "o001", source: "configuration", detail: "root@10.0.0.7", ofFile: true },
  ];
  assert.deepEqual(rows(hostItems(choices, "h001", "")).slice(0, 3), [
    "-- in this workspace",
    "host o001 | root@10.0.0.7 · has this file",
    "host h001 | selected",
  ]);
  assert.deepEqual(rows(hostItems(choices, null, "")).slice(-4), [
    "-- without SSH",
    "host local | desk, this machine, without SSH",
    "-- ",
    "ask Type a destination… | user@host, user@host:port or an ssh alias",
  ]);
});

test("with no host known there is still a way on", () => {
  assert.deepEqual(rows(hostItems([], null, "")), [
    "ask Type a destination… | user@host, user@host:port or an ssh alias",
  ]);
});

test("typed text can be taken as it is, unless it is on the way to a known name or no destination", () => {
  const typed = (filter: string) => hostItems(CHOICES, null, filter).find(({ kind }) => kind === "typed");
  assert.deepEqual(typed(" root@o001 "), {
    kind: "typed",
    label: "root@o001",
    description: "use as destination",
    host: "root@o001",
  });
  for (const filter of ["juni", "ju", "josh@10", "not a host", "-x", ""])
    assert.equal(typed(filter), undefined, filter);
});

test("Enter takes the row that fits what is typed now, whatever row was reported last", () => {
  const enter = (filter: string, active: HostItem | null) => {
    const item = acceptedItem(hostItems(CHOICES, null, filter), active, filter);
    return item === null ? null : "host" in item ? item.host : item.kind;
  };
  const row = (host: string): HostItem => ({ kind: "host", label: host, description: "", host });
  const typed = (host: string): HostItem => ({ kind: "typed", label: host, description: "", host });
  const ask: HostItem = { kind: "ask", label: "", description: "" };
  assert.equal(enter("", row("l001")), "l001");
  assert.equal(enter("ju", row("juni")), "juni");
  assert.equal(enter("juni", null), "juni");
  assert.equal(enter("juni", typed("j")), "juni");
  assert.equal(enter("juni", row("l001")), "juni");
  assert.equal(enter("root@o001", typed("root@o0")), "root@o001");
  assert.equal(enter("root@o001", row("juni")), "root@o001");
  assert.equal(enter("root@o001", ask), "ask");
  assert.equal(enter("a b", row("juni")), null);
  assert.equal(enter("-x", null), null);
});

test("a selected destination nobody lists stays choosable", () => {
  const items = hostItems(CHOICES, "root@o001", "");
  assert.deepEqual(rows(items).slice(0, 2), ["-- used before", "host root@o001 | selected"]);
  assert.equal(
    hostItems(CHOICES, "root@o001", "root@o001").filter((item) => "host" in item && item.host === "root@o001").length,
    1,
  );
});

test("a name with an icon in it is shown as text and chosen as it is", () => {
  const item = hostItems([{ name: "$(x)", source: "ssh", detail: "", ofFile: false }], null, "").find(
    ({ kind }) => kind === "host",
  );
  assert.deepEqual(item, { kind: "host", label: "$ (x)", description: "", host: "$(x)" });
});

test("the selected host is remembered; what is no host name is taken for none", async () => {
  const stored = new Map<string, unknown>();
  let changes = 0;
  const memory = createHostMemory(
    {
      keys: () => [...stored.keys()],
      get: <T>(key: string, fallback?: T) => (stored.has(key) ? (stored.get(key) as T) : fallback),
      update: async (key: string, value: unknown) => void stored.set(key, value),
    } as Parameters<typeof createHostMemory>[0],
    () => changes++,
  );
  assert.equal(memory.get(), null);
  await memory.set("juni");
  assert.equal(memory.get(), "juni");
  assert.equal(changes, 1);
  for (const value of [5, "", null, { host: "juni" }]) {
    stored.set("tidemark.host", value);
    assert.equal(memory.get(), null);
  }
});
