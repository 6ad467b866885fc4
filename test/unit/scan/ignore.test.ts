import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ignoredBy, parseIgnoreFile, parseIgnoreRule } from "../../../server/src/scan/ignore";
import { addIgnored, ignoreLine } from "../../../server/src/scan/ignoreEdit";
import { buildReport } from "../../../server/src/scan/report";
import { coverage, outline, scanOf } from "./roots";

const home = "/home/josh";

/** Whether `path` is ignored by a file of these lines; a path that ends in `/` is a folder. */
function isIgnored(lines: string, path: string, host = "juni"): boolean {
  const at = path.replace(/(?<=.)\/$/, "");
  return ignoredBy(parseIgnoreFile(lines, [host])).has(at, at.startsWith(home) ? home : null, path.endsWith("/"));
}

describe("patterns are those of .gitignore, for the paths of a host", () => {
  const table: [string, string, boolean][] = [
    ["/var/lib/x", "/var/lib/x", true],
    ["/var/lib/x", "/var/lib/xy", false],
    ["/var/lib/x", "/srv/var/lib/x", false],
    ["/var/lib/x/", "/var/lib/x", false],
    ["/var/lib/x/", "/var/lib/x/", true],
    ["/var/lib/*", "/var/lib/x", true],
    ["/var/lib/*", "/var/lib/x/y", false],
    ["/var/lib/a*z", "/var/lib/abcz", true],
    ["/var/lib/a?c", "/var/lib/abc", true],
    ["/var/lib/[a-c]x", "/var/lib/bx", true],
    ["/var/lib/[!a-c]x", "/var/lib/bx", false],
    ["/var/lib/[", "/var/lib/[", true],
    ["/srv/**/cache", "/srv/a/b/cache", true],
    ["/srv/**", "/srv/a/b", true],
    ["*.bak", "/var/lib/x.bak", true],
    ["node_modules/", "/srv/app/node_modules/", true],
    ["~/.config/htop", "/home/josh/.config/htop", true],
    ["~/.config/htop", "/var/lib/.config/htop", false],
    ["~/notes.txt", "/home/josh/notes.txt", true],
    ["# /var/lib/x", "/var/lib/x", false],
    ["  ", "/var/lib/x", false],
    ["/var/lib/x   ", "/var/lib/x", true],
    ["/srv/a\\*b", "/srv/a*b", true],
    ["/srv/a\\*b", "/srv/axb", false],
    ["/srv/*\n!/srv/keep", "/srv/keep", false],
    ["/srv/*\n!/srv/keep", "/srv/other", true],
    ["var/lib/x", "/var/lib/x", true],
    ["~", "/home/josh", false],
    ["/", "/srv", false],
  ];
  for (const [lines, path, expected] of table) {
    test(`${JSON.stringify(lines)}: ${path} is ${expected ? "" : "not "}ignored`, () => {
      assert.equal(isIgnored(lines, path), expected);
    });
  }

  test("a heading restricts what follows to hosts", () => {
    const lines = "/srv/a\n[host juni h001]\n/srv/b\n[host l001]\n/srv/c\n[all hosts]\n/srv/d";
    const heard = (host: string) =>
      ["/srv/a", "/srv/b", "/srv/c", "/srv/d"].map((path) => isIgnored(lines, path, host));
    assert.deepEqual(heard("juni"), [true, true, false, true]);
    assert.deepEqual(heard("l001"), [true, false, true, true]);
  });

  test("a hostile pattern takes no time", () => {
    const path = `/srv/${"a".repeat(5000)}`;
    const started = process.hrtime.bigint();
    assert.equal(isIgnored(`/srv/${"*a".repeat(200)}b`, path), false);
    assert.equal(isIgnored(`/${"**/".repeat(200)}b`, `/${"a/".repeat(2000)}c`), false);
    assert.ok(process.hrtime.bigint() - started < 5_000_000_000n);
  });
});

describe("in a report", () => {
  const report = (lines: string, rules: string) =>
    buildReport(scanOf(lines), coverage(), { ignore: parseIgnoreFile(rules, ["juni"]) });

  test("what is ignored is counted, not shown", () => {
    const { candidates, ignored } = report(
      "/var/lib/foo/x\n/var/lib/foo/y\n/home/josh/notes.txt\n/srv/a/b.bak\n/srv/a/c.bak",
      "/var/lib/foo\n~/notes.txt\n*.bak\n/var/lib/none",
    );
    assert.deepEqual([candidates, ignored], [[], { "ignored by you, in .tidemarkignore or the settings": 3 }]);
  });

  test("a folder stays while there is more in it than what is ignored", () => {
    const lines = "/var/lib/foo/tiles/x\n/var/lib/foo/db";
    assert.deepEqual(outline(report(lines, "/var/lib/foo/tiles/")), ["probably /var/lib/foo/"]);
    assert.deepEqual(outline(report(lines, "/var/lib/foo/tiles/\n/var/lib/foo/d?")), []);
    assert.deepEqual(outline(report("/home/josh/.config/app/a.bak\n/home/josh/.config/app/b/c.bak", "*.bak")), []);
  });

  test("what lies in a place shared by many is ignored with it", () => {
    assert.deepEqual(outline(report("/srv/www/x\n/opt/y/z", "/srv/")), ["probably /opt/y/"]);
  });
});

describe("the edit that adds a line", () => {
  const add = (text: string, host: string | null, line = "/srv/x/") => {
    const { span, text: more } = addIgnored(text, line, host);
    return text.slice(0, span.start) + more + text.slice(span.end);
  };
  const table: [string, string, string | null, string][] = [
    ["an empty file", "", null, "/srv/x/\n"],
    ["behind what is there", "/srv/a\n", null, "/srv/a\n/srv/x/\n"],
    ["a last line without an end", "/srv/a", null, "/srv/a\n/srv/x/\n"],
    ["before the hosts", "# mine\n/srv/a\n\n[host juni]\n/b\n", null, "# mine\n/srv/a\n/srv/x/\n\n[host juni]\n/b\n"],
    ["a file that begins with a host", "[host juni]\n/b\n", null, "/srv/x/\n[host juni]\n/b\n"],
    [
      "a host's part",
      "/a\n\n[host juni]\n/b\n\n[host l001]\n/c\n",
      "juni",
      "/a\n\n[host juni]\n/b\n/srv/x/\n\n[host l001]\n/c\n",
    ],
    ["a host without a part", "/a\n", "juni", "/a\n\n[host juni]\n/srv/x/\n"],
    ["a host, in an empty file", "", "juni", "[host juni]\n/srv/x/\n"],
    [
      "a part for several hosts is another",
      "[host juni l001]\n/b\n",
      "juni",
      "[host juni l001]\n/b\n\n[host juni]\n/srv/x/\n",
    ],
    ["an empty part", "[host juni]\n[host l001]\n/c\n", "juni", "[host juni]\n/srv/x/\n[host l001]\n/c\n"],
    ["line ends of Windows", "/a\r\n", null, "/a\r\n/srv/x/\r\n"],
    ["all hosts again", "[host juni]\n/b\n[all hosts]\n/c\n", null, "[host juni]\n/b\n[all hosts]\n/c\n/srv/x/\n"],
  ];
  for (const [name, text, host, expected] of table) test(name, () => assert.equal(add(text, host), expected));

  test("whatever the path is called, it is ignored afterwards, and nothing else", () => {
    const names = ["x", "a*b", "[ab]", "back\\slash", "end ", "#x", "!x", " x", "~", "ü"];
    for (const name of names) {
      for (const [path, isFolder] of [
        [`/srv/${name}`, true],
        [`${home}/${name}`, false],
      ] as const) {
        const line = ignoreLine(path, path.startsWith(home) ? home : null, isFolder);
        assert.ok(line !== null);
        const text = add("/a\n", null, line);
        assert.equal(isIgnored(text, isFolder ? `${path}/` : path), true, line);
        assert.equal(isIgnored(text, `/srv/other${isFolder ? "/" : ""}`), false, line);
      }
    }
    assert.equal(ignoreLine("/srv/line\nbreak", null, true), null);
    assert.deepEqual(parseIgnoreRule("/"), []);
  });
});
