// A fix may write into other files of the host. What holds for those: Nix parses the result, the problem is gone, entries only come to
// it, and as many as the fix says.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkFile, rules } from "../../../server/src/rules";
import { applyEdits } from "../../../server/src/syntax/span";
import { read } from "../../support/grammar";
import { nixAvailable, nixComplaint } from "../edit/support";
import { contents, without } from "./contents";
import { contextOf, unmark } from "./support";

const storages = [
  `{
  environment.persistence."/persist" = {
    hideMounts = true;
    directories = [
      "/var/log" # kept
      "/var/lib/nixos"
    ];
  };
}
`,
  `{
  preservation.enable = true;
  preservation.preserveAt."/persist".directories = [ "/var/log" { directory = "/var/lib/nixos"; inInitrd = true; } ];
}
`.replaceAll("\n", "\r\n"),
];

test("each fix that edits another file", async () => {
  let count = 0;
  const results: string[] = [];
  const texts = rules.flatMap(({ examples }) => examples.map(({ text }) => unmark(text).text));
  for (const text of texts) {
    for (const base of storages) {
      const files = { "host.nix": text, "base.nix": base };
      const context = await contextOf(files);
      const found = checkFile(context);
      const had = await contents(base);
      for (const { code, message, fixes } of found) {
        for (const { title, edits, others } of fixes ?? []) {
          if (others === undefined) continue;
          count++;
          const where = `${code}: ${title}\n${text}`;
          assert.deepEqual([...others.keys()], ["base.nix"], where);
          const own = applyEdits(text, edits);
          const other = applyEdits(base, others.get("base.nix") ?? []);
          const has = await contents(other);
          const wanted = 1 + Number(/ and (\d+) more$/.exec(title)?.[1] ?? 0);
          assert.equal(without(has, had).length, wanted, `${where}\n---\n${other}`);
          assert.deepEqual(without(had, has), [], where);
          assert.equal((await read(other)).syntaxError, null, where);
          const left = checkFile(await contextOf({ "host.nix": own, "base.nix": other }));
          assert.ok(
            !left.some((one) => one.code === code && one.message === message),
            `still there\n${where}\n---\n${other}`,
          );
          results.push(own, other);
        }
      }
    }
  }
  assert.ok(count > 10, `only ${count} fixes`);
  if (nixAvailable) assert.equal(nixComplaint(results), null);
});
