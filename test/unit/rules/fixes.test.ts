// What holds for every fix, on every example and on random modules: Nix parses the result where it parsed the text, the problem is gone,
// one entry or option at most is another, and every byte outside of what the problem is about is the same.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkFile } from "../../../server/src/rules";
import type { Finding, Fix, SourceFile } from "../../../server/src/rules/rule";
import { fixAll } from "../../../server/src/service/fixAll";
import { applyEdits, contains, type Span } from "../../../server/src/syntax/span";
import { read } from "../../support/grammar";
import { nixAvailable, nixComplaint } from "../edit/support";
import { contents, type Thing, without } from "./contents";
import { contextOf } from "./support";
import { randomModule, spelledExamples } from "./variety";

const randoms = Array.from({ length: 160 }, (_, seed) => ({ title: `seed ${seed}`, text: randomModule(seed) }));
const cases = [...spelledExamples(), ...randoms];

async function check(text: string): Promise<readonly Finding[]> {
  return checkFile(await contextOf({ "host.nix": text }));
}

/** Whether entries went into the one of the folder they lie in: those that the finding names, and no others. */
function areFolded(gone: readonly Thing[], [added, ...rest]: readonly Thing[], finding: Finding): boolean {
  const named = [finding.span, ...(finding.related ?? []).map(({ span }) => span)];
  const { entry: folder } = added ?? {};
  if (folder === undefined || rest.length > 0 || folder.kind !== "directory" || folder.form !== "string") return false;
  return (
    gone.length === named.length &&
    gone.every(
      ({ entry }) =>
        entry?.form === "string" &&
        entry.written.startsWith(`${folder.written}/`) &&
        named.some((span) => contains(entry.span, span)),
    )
  );
}

/** Blanks and comments do not count. */
function essence(text: string): string {
  return text.replace(/#[^\n]*|\/\*.*?\*\/|\s+/gs, "");
}

/** Not so in a text whose lines all end with two characters. */
const loneLineFeed = /(?<!\r)\n/;

const before: string[] = [];
const after: string[] = [];

test("each fix: the finding is gone, one entry or option is another, all else is the same", async () => {
  let count = 0;
  for (const { title, text } of cases) {
    const found = await check(text);
    const had = await contents(text);
    const things = await thingsIn(text);
    before.push(text);
    for (const finding of found) {
      for (const fix of finding.fixes ?? []) {
        count++;
        const where = `${title}: ${finding.code}, ${fix.title}\n${text}`;
        const result = applyEdits(text, fix.edits);
        assert.notEqual(result, text, where);
        assert.ok(loneLineFeed.test(text) || !loneLineFeed.test(result), `another kind of line end\n${where}`);
        onlyThere(text, things, finding, fix, where);
        const left = await check(result);
        const same = (one: Finding) => one.code === finding.code && one.message === finding.message;
        // Of a path listed three times one is gone and two are left: then at least there is one finding less.
        const gone = left.filter(same).length < found.filter(same).length || left.length < found.length;
        assert.ok(gone, `still there\n${where}\n---\n${result}`);
        const has = await contents(result);
        const [lost, added] = [without(had, has), without(has, had)];
        assert.ok(
          (lost.length <= 1 && added.length <= 1) || areFolded(lost, added, finding),
          `more than one thing changed\n${where}\n---\n${result}`,
        );
        assert.ok(lost.length + added.length > 0, `nothing changed\n${where}\n---\n${result}`);
        assert.equal((await read(result)).syntaxError === null, (await read(text)).syntaxError === null, where);
        after.push(result);
      }
    }
  }
  assert.ok(count > 700, `only ${count} fixes`);
});

/** Entries and options of a text, the smallest first. */
async function thingsIn(text: string): Promise<Span[]> {
  const { blocks } = await read(text);
  const settings = (list: readonly { readonly span: Span }[]) => list.map(({ span }) => span);
  const spans = blocks.flatMap((block) => [
    ...settings(block.settings),
    ...block.users.flatMap((user) => settings(user.settings)),
    ...block.lists.flatMap((list) => list.entries.flatMap((entry) => [entry.span, ...settings(entry.settings)])),
  ]);
  return spans.sort((a, b) => a.end - a.start - (b.end - b.start));
}

/** What is deleted or replaced, besides blanks and comments, lies in the place the finding or one it relates to is about. */
function onlyThere(text: string, things: readonly Span[], finding: Finding, { edits }: Fix, where: string): void {
  const places = [finding.span, ...(finding.related ?? []).map(({ span }) => span)].map(
    (place) => things.find((thing) => contains(thing, place)) ?? place,
  );
  for (const { span } of edits) {
    const near = places.find((place) => place.start <= span.end && span.start <= place.end);
    if (near === undefined) {
      assert.equal(text.slice(span.start, span.end).trim(), "", `text far from the finding is replaced\n${where}`);
      continue;
    }
    const outside = [
      text.slice(span.start, Math.max(span.start, near.start)),
      text.slice(Math.min(span.end, near.end), span.end),
    ];
    for (const part of outside) assert.match(essence(part), /^[;]?$/, `text beside the finding is replaced\n${where}`);
  }
}

test("all safe fixes at once: nothing safe is left, a second time does nothing, and no path is lost", async () => {
  let changed = 0;
  for (const { title, text } of cases) {
    const parse = async (one: string): Promise<SourceFile> => ({
      name: "host.nix",
      text: one,
      persistence: await read(one),
    });
    // The texts on the way are parsed beforehand: what is asked of the real thing is synchronous.
    const once = await settle(text, parse);
    const twice = await settle(once, parse);
    assert.equal(twice, once, `${title}\n${text}\n---\n${once}`);
    if (once === text) continue;
    changed++;
    const left = (await check(once)).filter((finding) => finding.fixes?.[0]?.safe === true);
    assert.deepEqual(left, [], `${title}\n${once}`);
    const kept = (paths: readonly { path: string | null }[]) => new Set(paths.map(({ path }) => path));
    const entries = async (one: string) =>
      (await read(one)).blocks.flatMap((block) => block.lists.flatMap((list) => list.entries));
    const now = kept(await entries(once));
    for (const path of kept(await entries(text)))
      assert.ok(
        now.has(path) || now.has(path?.replace(/\/\.(?=\/|$)/g, "") ?? ""),
        `${path} is lost\n${text}\n---\n${once}`,
      );
    after.push(once);
  }
  assert.ok(changed > 150, `only ${changed} texts changed`);
});

async function settle(text: string, parse: (text: string) => Promise<SourceFile>): Promise<string> {
  const parsed = new Map<string, SourceFile>();
  const checked = new Map<SourceFile, readonly Finding[]>();
  for (;;) {
    let wanted: string | null = null;
    const get = (one: string): SourceFile => {
      const known = parsed.get(one);
      if (known === undefined) wanted = one;
      return known ?? { name: "host.nix", text: one, persistence: { ...base.persistence, syntaxError: null } };
    };
    const base = parsed.get(text) ?? (await parse(text));
    parsed.set(text, base);
    if (!checked.has(base)) checked.set(base, await check(text));
    const edits = fixAll(base, get, (file) => checked.get(file) ?? []);
    if (wanted === null) return applyEdits(text, edits);
    const next = await parse(wanted);
    parsed.set(wanted, next);
    checked.set(next, await check(wanted));
  }
}

test("real Nix parses every result", { skip: nixAvailable ? false : "nix-instantiate is not installed" }, () => {
  assert.equal(nixComplaint(before), null, "the texts themselves must be Nix");
  assert.ok(after.length > 800);
  for (let at = 0; at < after.length; at += 400) assert.equal(nixComplaint(after.slice(at, at + 400)), null);
});
