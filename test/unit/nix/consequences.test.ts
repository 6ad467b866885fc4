import assert from "node:assert/strict";
import { test } from "node:test";
import { applyEdits } from "../../../server/src/syntax/span";
import { directory, file, nixAvailable, nixComplaint, at as ofUser, persist } from "../edit/support";
import { findings, onFirstLine, unmark } from "../rules/support";

/** What rules say where names and functions lead to entries: marked as in a rule's examples; `fixes` tells for each whether it has one. */
const marked: readonly { readonly title: string; readonly text: string; readonly fixes: readonly boolean[] }[] = [
  {
    title: "a list for this declaration alone is judged where it is written",
    text: `let
  dirs = [ "var/x" "/a" "/a" ];
  #        ^^^^^^^ no leading slash
  #                     ^^^^ is persisted twice
in
{
  environment.persistence."/p".directories = dirs;
}
`,
    fixes: [true, true],
  },
  {
    title: "a list that is used elsewhere is left alone",
    text: `let dirs = [ "var/x" "/a/" ]; in
{
  environment.persistence."/p".directories = dirs;
  backup = dirs;
}
`,
    fixes: [],
  },
  {
    title: "the double of an entry that a name brings",
    text: `let dirs = [ "/a" ]; in
{
  environment.persistence."/p".directories = dirs ++ [
    "/a"
  # ^^^^ is persisted twice
  ];
  backup = dirs;
}
`,
    fixes: [true],
  },
  {
    title: "one list of two users is no double",
    text: `let c = { directories = [ ".a" ]; }; in
{
  environment.persistence."/p".users = { josh = c; ann = c; };
}
`,
    fixes: [],
  },
  {
    title: "what two storages share is reported once and not edited",
    text: `let
  c = {
    directories = [ "/h" "/h/x" ];
    #                    ^^^^^^ is persisted already
    allowOther = true;
  };
in
{
  environment.persistence."/p" = c;
  preservation.enable = false;
  preservation.preserveAt."/q" = c;
}
`,
    fixes: [false],
  },
  {
    title: "what `map` makes is reported at what it is made from, without a fix",
    text: `{
  environment.persistence."/p".directories = map (d: "/x/\${d}/") [ "a" "b" "a" ];
  #                                                                        ^^^ is persisted twice
}
`,
    fixes: [false],
  },
  {
    title: "options in a helper are not judged for each of its uses",
    text: `let init = d: { directory = d; mode = 700; usr = "x"; }; in
{
  environment.persistence."/p".directories = [ (init "/a") (init "/b") (init "/b") ];
  #                                                                    ^^^^^^^^^^^ is persisted twice
}
`,
    fixes: [true],
  },
  {
    title: "a string with something put into it is not rewritten",
    text: `let e = "e"; in
{
  environment.persistence."/p".directories = [ "\${e}/f/" ];
  #                                            ^^^^^^^^^ no leading slash
}
`,
    fixes: [false],
  },
  {
    title: "the argument of a function is not removed",
    text: `{ lib, ... }:
{
  environment.persistence."/p".directories = [ "/a" ] ++ lib.optional true "/a/b";
  #                                                                        ^^^^^^ is persisted already
}
`,
    fixes: [false],
  },
  {
    title: "a computed string is no list, and brackets around it would not make one",
    text: `let f = x: x; in
{
  environment.persistence."/p".directories = f "/a";
  #                                          ^^^^^^ must be a list
}
`,
    fixes: [false],
  },
  {
    title: "a list with a priority, by name",
    text: `{ lib, ... }:
let dirs = [ "/a" ]; in
{
  environment.persistence."/p".directories = lib.mkForce dirs;
  environment.persistence."/q".directories = [ "/a" ];
}
`,
    fixes: [],
  },
  {
    title: "while the file does not parse, names lead nowhere",
    text: `let dirs = [ "var/x" ]; in
{
  environment.persistence."/p".directories = dirs;
  x = ( ;
}
`,
    fixes: [],
  },
];

for (const { title, text: withMarkers, fixes } of marked)
  test(title, async () => {
    const { text, markers } = unmark(withMarkers);
    const found = await findings(text);
    assert.deepEqual(
      found.map(({ span }) => text.slice(span.start, onFirstLine(text, span).end)),
      markers.map(({ span }) => text.slice(span.start, span.end)),
    );
    for (const [index, { span, message }] of found.entries()) {
      assert.deepEqual(onFirstLine(text, span), markers[index]?.span);
      assert.ok(message.includes(markers[index]?.message ?? ""), message);
    }
    assert.deepEqual(
      found.map((one) => (one.fixes ?? []).length > 0),
      fixes,
    );
    const fixed = found.flatMap((one) => (one.fixes ?? []).map((fix) => applyEdits(text, fix.edits)));
    if (nixAvailable && fixed.length > 0) assert.equal(nixComplaint(fixed), null);
  });

const P = 'environment.persistence."/p"';
const [dir, own] = [directory("/new"), ofUser("josh", file(".new"))];

/** Where new entries go; null where they are refused. */
const edits: readonly (readonly [string, ReturnType<typeof directory>, string | null])[] = [
  [
    `let dirs = [ "/a" ]; in { ${P}.directories = dirs; }`,
    dir,
    `let dirs = [ "/a" "/new" ]; in { ${P}.directories = dirs; }`,
  ],
  [
    `let dirs = [ "/a" ]; in { ${P}.directories = dirs; x = dirs; }`,
    dir,
    `let dirs = [ "/a" ]; in { ${P}.directories = dirs ++ [ "/new" ]; x = dirs; }`,
  ],
  [`let dirs = [ "/a" ]; in { ${P}.directories = map (d: d + "/b") dirs; }`, dir, null],
  [`let root = "/p"; in { environment.persistence.\${root}.files = [ "/f" ]; }`, dir, null],
  [
    `let root = "/p"; in { environment.persistence.\${root}.directories = [ "/f" ]; }`,
    dir,
    `let root = "/p"; in { environment.persistence.\${root}.directories = [ "/f" "/new" ]; }`,
  ],
  [`let u = "josh"; in { ${P}.users.\${u}.directories = [ ".a" ]; }`, own, null],
  [
    `let u = "josh"; in { ${P}.users.\${u}.files = [ ".a" ]; }`,
    own,
    `let u = "josh"; in { ${P}.users.\${u}.files = [ ".a" ".new" ]; }`,
  ],
  [`let c = { files = [ ".a" ]; }; in { ${P}.users = { josh = c; ann = c; }; }`, own, null],
  [
    `let c = { files = [ ".a" ]; }; in { ${P}.users = { josh = c; }; }`,
    own,
    `let c = { files = [ ".a" ".new" ]; }; in { ${P}.users = { josh = c; }; }`,
  ],
  [`{ lib, ... }: { ${P}.users = lib.genAttrs [ "josh" "ann" ] (u: { files = [ ".a" ]; }); }`, own, null],
  [`{ lib, ... }: { environment.persistence = lib.genAttrs [ "/p" "/q" ] (u: { files = [ "/a" ]; }); }`, dir, null],
  [`let c = { files = [ "/a" ]; }; in { ${P} = c; environment.persistence."/q" = c; }`, dir, null],
  [`let c = { hideMounts = true; }; in { ${P} = c // { files = [ "/a" ]; }; }`, dir, null],
];

for (const [text, target, expected] of edits)
  test(`${target.path} in ${text}`, async () => {
    const { after, refused } = await persist({ "host.nix": text }, [target]);
    assert.equal(after["host.nix"], expected ?? text);
    assert.equal(refused.length, expected === null ? 1 : 0, JSON.stringify(refused));
    if (nixAvailable) assert.equal(nixComplaint([after["host.nix"] ?? ""]), null);
  });
