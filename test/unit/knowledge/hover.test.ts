import assert from "node:assert/strict";
import { test } from "node:test";
import { hoverMarkdown, hoverPlain } from "../../../server/src/knowledge/hover";
import { codeSpan, countOf, escapeMarkdown, formatBytes } from "../../../server/src/knowledge/text";

test("a known service: what, without it, owner, options, caveats, sources", () => {
  assert.equal(
    hoverMarkdown("/var/lib/headscale", { home: null }),
    [
      "**Headscale** · state · persist it",
      "SQLite database, noise_private.key, DERP key and the ACME cache (.cache).",
      "If lost: All nodes, users and pre-auth keys are lost and every client must register again because the server noise key changes.",
      "Owner `headscale:headscale`, mode `0750`. Option `services.headscale.enable`.",
      "- With PostgreSQL the database is elsewhere but the private keys remain here.",
      "*Tidemark's catalog, from 1 source.*",
    ].join("\n\n"),
  );
});

test("the option that moves the path is named", () => {
  assert.match(hoverMarkdown("/var/lib/forgejo", { home: null }) ?? "", /Moved with `services\.forgejo\.stateDir`\./);
});

test("the public name of a DynamicUser service is explained", () => {
  const text = hoverMarkdown("/var/lib/AdGuardHome", { home: null }) ?? "";
  assert.match(text, /not under this name/);
  assert.match(text, /Persist `\/var\/lib\/private\/AdGuardHome` instead\./);
});

test("a path inside a known folder is a part of it, without the owner of the whole", () => {
  const text = hoverMarkdown("/var/lib/postgresql/16", { home: null }) ?? "";
  assert.match(text, /^Part of \*\*PostgreSQL\*\*/);
  assert.doesNotMatch(text, /Owner/);
});

test("an unknown path gets the advice of its place, or nothing", () => {
  assert.match(
    hoverMarkdown("/var/lib/thingd", { home: null }) ?? "",
    /^\*\*State of a service\*\* · state · persist it/,
  );
  assert.match(hoverMarkdown("/etc/foo", { home: null }) ?? "", /do not persist/);
  assert.equal(hoverMarkdown("/data/x", { home: null }), null);
});

test("files replaced by rename say so", () => {
  assert.match(hoverMarkdown("/home/j/.ssh/known_hosts", { home: "/home/j" }) ?? "", /^- OpenSSH replaces this file/m);
});

test("what the scan saw is added, with names from the host kept harmless", () => {
  const live = { status: "new", bytes: 1_234_567, files: 2, user: "a`b", group: "[x](y)", mode: "0700" } as const;
  const text = hoverMarkdown("/data/x", { home: null, live, covered: "/data" }) ?? "";
  assert.equal(text, "Kept already by `/data`.\n\nOn the host: 2 files, 1.2 MB, owner `` a`b:[x](y) ``, mode `0700`.");
  assert.match(hoverMarkdown("/data/x", { home: null, live }) ?? "", /A boot that wipes the root takes it\.$/);
  assert.match(
    hoverMarkdown("/data/x", { home: null, live: { ...live, status: "lost" } }) ?? "",
    /^Lost at the last boot/,
  );
});

test("plain text carries no markup", () => {
  const text = hoverPlain("/home/j/.ssh/config", { home: "/home/j" }) ?? "";
  assert.match(text, /^Part of OpenSSH client · secrets · persist it\n\n/);
  assert.doesNotMatch(text, /[`*\\]/);
});

test("text helpers", () => {
  assert.deepEqual([0, 999, 1000, 99_499, 99_600, 999_499, 999_600, 2.5e15].map(formatBytes), [
    "0 B",
    "999 B",
    "1.0 kB",
    "99.5 kB",
    "100 kB",
    "999 kB",
    "1.0 MB",
    "2.5 PB",
  ]);
  assert.deepEqual([countOf(1, "file"), countOf(2300, "file")], ["1 file", "2,300 files"]);
  assert.equal(
    escapeMarkdown("a_b *c* <d> _e_ `f` &lt; A & B\n# g"),
    "a_b \\*c\\* \\<d\\> \\_e\\_ \\`f\\` \\&lt; A & B # g",
  );
  assert.equal(codeSpan("a``b\nc"), "``` a``b c ```");
});
