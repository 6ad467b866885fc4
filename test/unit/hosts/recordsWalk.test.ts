import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameError } from "../../../server/src/hosts/probeFrame";
import { pruneTree } from "../../../server/src/hosts/probePrune";
import { parsePasswd } from "../../../server/src/hosts/recordsFacts";
import { type WalkStart, walkReader } from "../../../server/src/hosts/recordsWalk";
import { freezeTree } from "../../../server/src/hosts/tree";
import { TreeBuilder } from "../../../server/src/hosts/treeBuilder";
import { type UsualOwner, usualLines, usualOwners } from "../../../server/src/hosts/usualOwners";

interface Walked {
  readonly prune?: readonly string[];
  readonly step?: number;
  readonly identified?: boolean;
  readonly usual?: readonly UsualOwner[];
  readonly starts?: Readonly<Record<string, WalkStart>>;
  readonly builder?: TreeBuilder;
  readonly side?: "live" | "old";
}

function walked(records: readonly (string | Buffer)[], options: Walked = {}) {
  const builder = options.builder ?? new TreeBuilder();
  const pruned = pruneTree(options.prune ?? []);
  const starts = new Map(
    Object.entries(
      options.starts ?? { ".": { node: 0, pruned, identity: null, levels: options.step ?? Number.POSITIVE_INFINITY } },
    ),
  );
  const unread: string[] = [];
  const found: WalkStart[] = [];
  const reader = walkReader({
    builder,
    side: options.side ?? "live",
    step: options.step ?? Number.POSITIVE_INFINITY,
    identified: options.identified ?? false,
    usual: options.usual ?? [],
    startNamed(bytes, from, to) {
      const name = Buffer.from(bytes.subarray(from, to)).toString("latin1");
      const start = starts.get(name);
      if (start === undefined) throw new FrameError("not asked for");
      starts.delete(name);
      return start;
    },
    onStart: (start) => found.push(start),
    onMark: () => {},
    onUnread: (node) => unread.push(builder.relativePath(node).toString()),
  });
  for (const record of records) {
    // Folders have an identity; the tests that are about it write one.
    const plain = typeof record === "string" ? /^(!?[d>]\d+(?: \S+){4})( [^:]*)$/.exec(record) : null;
    const text = plain === null ? record : `${plain[1]} 2a:256${plain[2]}`;
    // Not at the start of its memory, as in a chunk.
    const bytes = Buffer.concat([Buffer.from("##"), Buffer.from(text), Buffer.from("\0##")]);
    reader.onRecord(bytes, 2, bytes.length - 3);
  }
  reader.finish();
  const tree = freezeTree(builder);
  const paths = Array.from({ length: tree.size }, (_, node) => tree.path(node)).sort();
  return { tree, unread, paths, found };
}

const top = ">0 5 0 0 755 .";

test("a walk becomes a tree", () => {
  const { tree, unread, paths } = walked([
    top,
    "d60 10.0000000000 0 0 755 etc",
    "l9 11 0 0 777 etc/mtab",
    "f9 trap, since this is where the link points",
    "f17 -5.9000000000 1000 100 1644 etc/a  b ",
    "!d40 12 0 0 700 root",
    "s0 13 0 0 600 sock",
    "c0 14 0 0 600 null",
  ]);
  assert.deepEqual(paths, ["/", "/etc", "/etc/a  b ", "/etc/mtab", "/null", "/root", "/sock"]);
  const at = (path: string) => tree.find(path) ?? -1;
  assert.equal(tree.target(at("/etc/mtab")), "f9 trap, since this is where the link points");
  const file = at("/etc/a  b ");
  assert.deepEqual(
    [tree.bytes(file), tree.mtime(file), tree.uid(file), tree.gid(file), tree.mode(file)],
    // A time before 1970 counts as 1970.
    [17, 0, 1000, 100, "1644"],
  );
  assert.deepEqual([tree.type(at("/sock")), tree.type(at("/null"))], ["socket", "device"]);
  assert.deepEqual(unread, ["root"]);
});

test("what is mounted is dropped with all below, even where the host walked into it", () => {
  const { paths } = walked(
    [
      top,
      "d0 0 0 0 755 var",
      "d0 0 0 0 755 var/log",
      "d0 0 0 0 755 var/log/deep",
      "d0 0 0 0 755 var/log/deep/deeper",
      "l0 0 0 0 777 var/log/deep/deeper/link",
      "target",
      "f0 0 0 0 644 var/kept",
      "l0 0 0 0 777 var/mounted-link",
      "target",
      "f0 0 0 0 644 also-kept",
    ],
    { prune: ["/var/log", "/var/mounted-link", "/var/kept/no"] },
  );
  assert.deepEqual(paths, ["/", "/also-kept", "/var", "/var/kept"]);
});

test("broken records are refused, not guessed at", () => {
  const broken: (string | Buffer)[][] = [
    ["x0 0 0 0 755 ."],
    ["f0 0 0 0 755 file"],
    ["d0 0 0 0 755 folder"],
    [top, top],
    [top, "f0 0 0 0 644 too/deep"],
    [top, "f0 0 0 0 644 file", "f0 0 0 0 644 file/below"],
    [top, "f0 0 0 0 644 /b"],
    [top, "f0 0 0 0 644 .."],
    [top, "f0 0 0 0 644 ."],
    [top, "f0 0 0 0 644 "],
    [top, "f0 0 0 0 948 a"],
    [top, "f0  0 0 644 a"],
    [top, "f0 0"],
    [top, "f-1 0 0 0 644 a"],
    [top, "f1.5 0 0 0 644 a"],
    [top, "f1 .5 0 0 644 a"],
    [top, "f1 1.5"],
    [top, ""],
    [top, "l0 0 0 0 777 link-without-target"],
  ];
  for (const records of broken) assert.throws(() => walked(records), FrameError, JSON.stringify(records));
});

test("a walk in steps: folders at the last level are begun at again, and only where they still are the same", () => {
  const builder = new TreeBuilder();
  const { found } = walked(
    [
      top,
      "d0 0 0 0 755 1:9 var",
      "d0 0 0 0 755 1:10 var/lib",
      "d0 0 0 0 755 1:11 var/log",
      "!d0 0 0 0 700 1:12 var/no",
    ],
    { builder, step: 2, prune: ["/var/lib/mounted"] },
  );
  assert.deepEqual(
    found.map(({ node, identity }) => [builder.relativePath(node).toString(), identity]),
    [
      ["var/lib", "1:10"],
      ["var/log", "1:11"],
    ],
  );
  const [lib, log] = found;
  assert.ok(lib && log);
  const { paths } = walked(
    [
      ">0 0 0 0 755 1:10 ./var/lib/.",
      "d0 0 0 0 755 1:13 mounted",
      "d0 0 0 0 755 1:14 mounted/deep",
      "f0 0 0 0 644 state",
      "=",
      ">0 0 0 0 755 1:99 ./var/log/.",
      "l0 0 0 0 777 elsewhere",
      "f0 no record, a target",
      "f0 0 0 0 644 passwords",
      "=",
    ],
    { builder, step: 2, starts: { "./var/lib/.": lib, "./var/log/.": log } },
  );
  assert.deepEqual(paths, ["/", "/var", "/var/lib", "/var/lib/state", "/var/log", "/var/no"]);
});

test("a file that is the very same in both roots needs no look into it", () => {
  const builder = new TreeBuilder();
  const file = (name: string, time: string) => `f7 ${time} 0 0 644 ${name}`;
  const live = [
    file("same", "1.5:300"),
    file("touched", "1.6:301"),
    file("new inode", "1.5:302"),
    file("a copy with its time", "1.0000000000:303"),
    file("without fraction", "1:304"),
    file("large", "1.5:305:9.5"),
    file("container", "1.5:306:9.6"),
  ];
  const old = [
    file("same", "1.5:300"),
    file("touched", "1.5:301"),
    file("new inode", "1.5:309"),
    ...live.slice(3, -1),
    file("container", "1.5:306:9.5"),
  ];
  walked([top, ...live], { builder, identified: true });
  walked([top, ...old], { builder, identified: true, side: "old" });
  assert.deepEqual(
    builder.pending().map((node) => builder.relativePath(node).toString()),
    ["touched", "new inode", "a copy with its time", "without fraction", "container"],
  );
});

test("an older root is joined with the live one whatever its order, and what only it has comes with all below", () => {
  const builder = new TreeBuilder();
  const folder = (name: string) => `d0 5 0 0 755 ${name}`;
  const file = (name: string) => `f0 5 0 0 644 ${name}`;
  const live = [
    folder("var"),
    folder("var/lib"),
    file("var/lib/a"),
    file("var/lib/b"),
    file("var/c"),
    file("was-folder"),
  ];
  walked([top, ...live], { builder });
  const gone = [folder("gone"), folder("gone/lib"), file("gone/lib/a"), file("gone/c")];
  const swapped = [
    folder("var"),
    file("var/c"),
    folder("var/lib"),
    file("var/lib/b"),
    file("var/lib/lost"),
    file("var/lib/a"),
  ];
  const { tree } = walked([top, ...gone, ...swapped, folder("was-folder"), file("was-folder/in it")], {
    builder,
    side: "old",
  });
  const statuses = Array.from({ length: tree.size - 1 }, (_, index) => [tree.path(index + 1), tree.status(index + 1)]);
  assert.deepEqual(Object.fromEntries(statuses), {
    "/var": "regenerated",
    "/var/lib": "regenerated",
    "/var/lib/a": "regenerated",
    "/var/lib/b": "regenerated",
    "/var/lib/lost": "lost",
    "/var/c": "regenerated",
    "/gone": "lost",
    "/gone/lib": "lost",
    "/gone/lib/a": "lost",
    "/gone/c": "lost",
    "/was-folder": "changed",
    "/was-folder/in it": "lost",
  });
  assert.equal(statuses.length, 12);
});

test("files of root and of people have a letter for their owner", () => {
  const users = parsePasswd(
    "mia:x:1001:100::/home/mia:\nroot:x:0:0::/root:\nnobody:x:65534:65534::/:\nsshd:x:993:993::/:\njosh:x:1000:99::/home/josh:\nzoe:x:1002:100::/home/zoe:\n",
  );
  const usual = usualOwners(users);
  assert.equal(usualLines(usual), "A N 0 0\nB O 1000 99\nC P 1001 100\n");
  const { tree } = walked([top, "A1 5.5 root's", "O2 5.5 600 josh's", "C3 5.5 mia's", "f4 5.5 7 8 640 other"], {
    usual,
  });
  const of = (path: string) => {
    const node = tree.find(path) ?? -1;
    return [tree.type(node), tree.bytes(node), tree.uid(node), tree.gid(node), tree.mode(node)];
  };
  assert.deepEqual(of("/root's"), ["file", 1, 0, 0, "0644"]);
  assert.deepEqual(of("/josh's"), ["file", 2, 1000, 99, "0600"]);
  assert.deepEqual(of("/mia's"), ["file", 3, 1001, 100, "0644"]);
  assert.deepEqual(of("/other"), ["file", 4, 7, 8, "0640"]);
  for (const record of ["B1 5.5 no such owner", "N1 5.5 no-mode"])
    assert.throws(() => walked([top, record], { usual: usual.slice(0, 1) }), FrameError, record);
});
