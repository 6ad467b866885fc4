import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { defaultSettings } from "../../../server/src/service/settings";
import { Tidemark } from "../../../server/src/service/tidemark";
import { applyEdits } from "../../../server/src/syntax/span";
import { grammar } from "../../support/grammar";

/** A service over files in memory. */
async function serviceOf(files: Readonly<Record<string, string>>): Promise<Tidemark> {
  return new Tidemark(await grammar(), {
    stamp: (name) => (files[name] === undefined ? null : "1"),
    read: (name) => files[name] ?? null,
    kind: () => "file",
    list: () => [],
    real: (name: string) => name,
    nixFiles: (folder) => Object.keys(files).filter((name) => name.startsWith(folder)),
  });
}

const name = "/host/default.nix";
const block = (body: string) => `{ environment.persistence."/persist" = { ${body} }; }\n`;

async function fixed(text: string, others: Readonly<Record<string, string>> = {}): Promise<string> {
  const service = await serviceOf({ ...others, [name]: text });
  const result = applyEdits(text, service.fixAll(name));
  service.dispose();
  return result;
}

describe("what is fixed without being looked at", () => {
  for (const [title, before, after] of [
    ["a double", 'directories = [ "/srv" "/srv" ];', 'directories = [ "/srv" ];'],
    ["what turns out to be a double", 'directories = [ "/srv" "srv/" ];', 'directories = [ "/srv" ];'],
    ["slashes", 'users.josh.files = [ ".config//x" ];', 'users.josh.files = [ ".config/x" ];'],
    [
      "a number for a mode",
      'directories = [ { directory = "/srv"; mode = 0700; } ];',
      'directories = [ { directory = "/srv"; mode = "0700"; } ];',
    ],
    ["a path without quotes", "directories = [ /srv ];", 'directories = [ "/srv" ];'],
    ["a path in place of a list", 'directories = "/srv/";', 'directories = [ "/srv" ];'],
  ] as const)
    test(title, async () => assert.equal(await fixed(block(before)), block(after)));
});

describe("what is a decision", () => {
  for (const [title, body] of [
    ["a double with options", 'directories = [ "/srv" { directory = "/srv"; mode = "0700"; } ];'],
    [
      "a double in another storage",
      'directories = [ "/srv" ]; }; environment.persistence."/cache" = { directories = [ "/srv" ];',
    ],
    [
      "a double of the system's and a user's",
      'directories = [ "/home/josh/x" ]; users.josh.directories = [ "x" ]; }; users.users.josh = { home = "/home/josh";',
    ],
    ["an option that was removed", 'removePrefixDirectory = true; directories = [ "/srv" ];'],
    ["a misspelt option", "fiels = [ ];"],
    ["an absolute path of a user", 'users.josh.files = [ "/home/josh/x" ];'],
    ["a path relative to the file", "users.josh.files = [ ./x ];"],
    ["what a parent keeps already", 'directories = [ "/srv" "/srv/x" ];'],
  ] as const)
    test(title, async () => assert.equal(await fixed(block(body)), block(body)));

  test("a double in another file, or both would lose theirs when both are saved", async () => {
    const text = `{ imports = [ ./b.nix ]; ${block('directories = [ "/srv" ];').slice(2)}`;
    const service = await serviceOf({ [name]: text, "/host/b.nix": block('directories = [ "/srv" ];') });
    assert.ok(service.findings(name).some(({ code }) => code === "duplicate-path"));
    assert.deepEqual(service.fixAll(name), []);
    service.dispose();
  });
});

test("silenced findings and rules that are off are left alone", async () => {
  const text = block('directories = [\n  "/srv/" # tidemark-ignore unnormalised-path\n];');
  assert.equal(await fixed(text), text);
  const service = await serviceOf({ [name]: block('directories = [ "/srv/" ];') });
  service.settings = { ...defaultSettings, levels: { "unnormalised-path": "off" } };
  assert.deepEqual(service.fixAll(name), []);
  service.dispose();
});

test("a file goes by the settings of the nearest folder", async () => {
  const service = await serviceOf({});
  const levels = (level: "off" | "hint" | "error") => ({ ...defaultSettings, levels: { x: level } });
  service.settings = levels("off");
  service.folderSettings = new Map([
    ["/work", levels("hint")],
    ["/work/inner", levels("error")],
  ]);
  assert.deepEqual(
    ["/other/a.nix", "/work/a.nix", "/work/inner/a.nix", "/workshop/a.nix"].map(
      (file) => service.settingsOf(file).levels["x"],
    ),
    ["off", "hint", "error", "off"],
  );
  service.dispose();
});

test("completion goes by the text as it is, and by what was last read of it", async () => {
  const service = await serviceOf({});
  const text = block('directories = [ "/var/log" "" ];');
  service.files.setText(name, text);
  service.findings(name);
  const at = text.indexOf('""') + 1;
  const typed = `${text.slice(0, at)}/var/lib/n${text.slice(at)}`;
  service.files.setText(name, typed);
  const found = service.complete(name, at + "/var/lib/n".length);
  const labels = found?.items.map(({ label }) => label) ?? [];
  assert.ok(labels.includes("/var/lib/nixos") && !labels.includes("/var/log"));
  assert.deepEqual(found?.replace, { start: at, end: at + "/var/lib/n".length });
  assert.equal(service.files.get(name)?.text, typed, "all others get the newest");
  service.dispose();
});
