import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { HostScan } from "../../../../server/src/hosts/model";
import { checkHost } from "../../../../server/src/rules/live";
import type { LiveContext } from "../../../../server/src/rules/live/rule";
import { liveAt } from "../../../../server/src/rules/live/support/state";
import { hostOf } from "./host";
import { contextOf } from "./support";

const text = `{
  environment.persistence."/persist" = {
    directories = [ "/var/log" "/var/lib/app" "/srv/new" ];
    files = [ "/etc/app.key" ];
  };
}
`;
const host = `
/var/log mounted
/var/lib/app/data 300
/etc/app.key 100
`;

/** Codes with the paths they are told on. */
async function said(
  scan: HostScan,
  texts: Readonly<Record<string, string>>,
  levels: Parameters<typeof checkHost>[1] = () => ({}),
  more: Partial<LiveContext> = {},
): Promise<string[]> {
  const context = await contextOf(scan, texts, more);
  return checkHost(context, levels)
    .filter(({ code }) => code !== "unpersisted")
    .map(({ code, level, place }) => {
      const source = texts[place?.file ?? ""] ?? "";
      return `${code} ${level} ${source.slice(place?.span.start, place?.span.end)}`;
    });
}

test("a folder is not copied while something writes to it: without a unit to stop, a person is told to", async () => {
  const steps = async (more: string) => {
    const context = await contextOf(hostOf(`${host}${more}`), { "host.nix": text });
    const found = checkHost(context, () => ({})).find(({ code }) => code === "hidden-data");
    return (found?.fixes ?? []).flatMap((fix) => (fix.kind === "commands" ? fix.sheet.steps : []));
  };
  const remark = { what: "Stop first what writes to /var/lib/app, so that the copy is whole.", command: null };
  assert.deepEqual((await steps(""))[0], remark);
  assert.equal((await steps("unit app.service /var/lib/app\n"))[0]?.command, "systemctl stop -- app.service");
  const network = (await steps("unit tailscaled.service /var/lib/app\n"))[0];
  assert.deepEqual(network, {
    what: "The copy is surely whole only while tailscaled.service is stopped. Not over a connection that needs it.",
    command: null,
  });
  const many = await steps(["a", "b", "c", "d"].map((name) => `unit ${name}.service /var/lib/app/${name}\n`).join(""));
  assert.match(many[0]?.what ?? "", /a\.service, b\.service, c\.service, … are stopped/);
  assert.ok(many.every(({ command }) => command?.includes("systemctl") !== true));
});

test("nothing is copied into a storage that is not mounted: the next boot would wipe the copy", async () => {
  const scan = hostOf(host);
  const wiped = { ...scan, mounts: scan.mounts.filter(({ mountPoint }) => mountPoint !== "/persist") };
  const found = async (one: HostScan) =>
    checkHost(await contextOf(one, { "host.nix": text }), () => ({})).filter(({ code }) =>
      ["hidden-data", "existing-file-blocks"].includes(code),
    );
  const said = await found(wiped);
  assert.equal(said.length, 2);
  for (const { message, fixes } of said) {
    assert.match(message, /\/persist is not mounted on juni: what is put there now lies on the root itself/);
    assert.deepEqual(fixes, []);
  }
  const plain = await found({ ...wiped, root: { ...wiped.root, ephemeral: false } });
  assert.ok(
    plain.length === 2 && plain.every(({ message, fixes }) => !/not mounted/.test(message) && fixes?.length === 1),
  );
});

describe("one path, one finding", () => {
  test("an entry is told by the first rule that has something to say", async () => {
    assert.deepEqual(await said(hostOf(host), { "host.nix": text }), [
      'hidden-data warning "/var/lib/app"',
      'existing-file-blocks error "/etc/app.key"',
      'not-deployed info "/srv/new"',
    ]);
  });

  test("where that rule is off, or silenced by a comment, the next one tells it", async () => {
    const off = () => ({ "hidden-data": "off", "existing-file-blocks": "hint" }) as const;
    assert.deepEqual(await said(hostOf(host), { "host.nix": text }, off), [
      'existing-file-blocks hint "/etc/app.key"',
      'not-deployed info "/var/lib/app"',
    ]);
    const silenced = text.replace("    directories", "    # tidemark-ignore hidden-data\n    directories");
    assert.deepEqual(await said(hostOf(host), { "host.nix": silenced }), [
      'existing-file-blocks error "/etc/app.key"',
      'not-deployed info "/var/lib/app"',
    ]);
  });

  test("a path that two files declare is told once, levels are those of its file", async () => {
    const texts = {
      "a.nix": `{ environment.persistence."/persist".directories = [ "/var/lib/app" "/var/log" ]; }\n`,
      "b.nix": `{ environment.persistence."/persist".directories = [ "/var/lib/app" "/srv/new" ]; }\n`,
    };
    const levels = (file: string | null) => (file === "a.nix" ? ({ "hidden-data": "error" } as const) : {});
    assert.deepEqual(await said(hostOf(host), texts, levels), [
      'hidden-data error "/var/lib/app"',
      'not-deployed info "/srv/new"',
    ]);
  });
});

describe("what is not known", () => {
  const silent: readonly (readonly [string, string])[] = [
    ["a condition", text.replace("[ ", 'if c then [ "/x/y" ] else [ ').replace("{\n", "{ c, ... }:\n{\n")],
    ["a computed storage", text.replace('"/persist"', "${storage}").replace("{\n", "{ storage, ... }:\n{\n")],
    ["a disabled storage", text.replace("directories", "enable = false;\n    directories")],
  ];
  for (const [title, given] of silent)
    test(`${title} says nothing of its entries`, async () => {
      const told = (await said(hostOf(host), { "host.nix": given })).filter((one) => !one.includes("app.key"));
      assert.deepEqual(told, []);
    });

  test("what stands behind a syntax error is not judged", async () => {
    const broken = text.replace('"/var/lib/app"', '"/var/lib/app');
    assert.deepEqual(await said(hostOf(host), { "host.nix": broken }), []);
  });

  test("a part of the root that could not be read has nothing known about it", async () => {
    const { tree, ...scan } = hostOf(host);
    const unread = { ...tree, unread: () => true };
    const blind = { ...scan, tree: Object.assign(Object.create(tree), unread) };
    const { deployed } = blind;
    assert.ok(deployed !== null);
    const found = await said(
      { ...blind, deployed: { ...deployed, live: new Map(), storages: [] } },
      { "host.nix": text },
    );
    assert.deepEqual(
      found.filter((one) => !one.startsWith("not-deployed") && !one.startsWith("existing-file-blocks")),
      [],
    );
  });

  test("of a path of which no more is known than that it is there, nothing is said", async () => {
    const scan = hostOf(host);
    const { deployed } = scan;
    assert.ok(deployed !== null);
    const unknown = new Set(["/srv/new", "/etc/app.key"]);
    const live = new Map([...deployed.live].filter(([at]) => !unknown.has(at)));
    assert.deepEqual(await said({ ...scan, deployed: { ...deployed, live, unknown } }, { "host.nix": text }), [
      'hidden-data warning "/var/lib/app"',
    ]);
  });

  test("what lies behind a link of the root is not said to be absent", () => {
    const scan = hostOf("/var/log mounted\n/srv -> /elsewhere\n");
    const { deployed } = scan;
    assert.ok(deployed !== null && scan.tree.target(scan.tree.find("/srv") ?? 0) === "/elsewhere");
    const unasked = { scan: { ...scan, deployed: { ...deployed, live: new Map() } } };
    assert.deepEqual([liveAt(unasked, "/srv/new"), liveAt(unasked, "/opt/new")], [null, "absent"]);
  });

  test("the storage of old Home Manager modules, which has the home in its path, is not taken for the new one's", async () => {
    const old = `{ home.persistence."/persist/home/josh".directories = [ "Documents" ]; }\n`;
    assert.deepEqual(await said(hostOf("/home/josh/Documents/a josh 10"), { "home.nix": old }), []);
  });
});

describe("several hosts", () => {
  test("titles name the host, so that none is taken for another's", async () => {
    const context = await contextOf(hostOf(host), { "host.nix": text }, { severalHosts: true });
    const titles = checkHost(context, () => ({})).flatMap(({ fixes = [] }) => fixes.map(({ title }) => title));
    assert.ok(titles.length >= 2);
    for (const title of titles) assert.match(title, /juni/, title);
  });
});

describe("a root with a prefix", () => {
  test("shows no commands: they would run on another root", async () => {
    const context = await contextOf({ ...hostOf(host), prefix: "/mnt" }, { "host.nix": text });
    const found = checkHost(context, () => ({}));
    assert.ok(found.length > 0);
    assert.deepEqual(
      found.flatMap(({ fixes = [] }) => fixes.filter(({ kind }) => kind === "commands")),
      [],
    );
  });
});
