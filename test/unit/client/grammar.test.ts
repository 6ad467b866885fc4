// The injection grammar over the community's Nix grammar, run by VS Code's own tokenizer.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { before, test } from "node:test";
import { loadWASM, OnigScanner, OnigString } from "vscode-oniguruma";
import { type IGrammar, INITIAL, parseRawGrammar, Registry } from "vscode-textmate";

const root = path.resolve(__dirname, "../../..");
const resolve = createRequire(__filename).resolve;
const injection = path.join(root, "syntaxes/persistence.injection.json");
const nix = resolve("tm-grammars/grammars/nix.json");

interface Token {
  readonly text: string;
  readonly scopes: readonly string[];
}

let plain: IGrammar;
let injected: IGrammar;

async function grammar(withInjection: boolean): Promise<IGrammar> {
  const registry = new Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new OnigScanner(patterns),
      createOnigString: (text) => new OnigString(text),
    }),
    loadGrammar: async (scope) => {
      const file = scope === "source.nix" ? nix : scope === "tidemark.persistence.injection" ? injection : null;
      return file === null ? null : parseRawGrammar(readFileSync(file, "utf8"), file);
    },
    getInjections: (scope) =>
      withInjection && scope === "source.nix" ? ["tidemark.persistence.injection"] : undefined,
  });
  const loaded = await registry.loadGrammar("source.nix");
  assert.ok(loaded);
  return loaded;
}

function tokenize(grammar: IGrammar, text: string): Token[] {
  const tokens: Token[] = [];
  let stack = INITIAL;
  for (const line of text.split("\n")) {
    const result = grammar.tokenizeLine(line, stack);
    for (const token of result.tokens) {
      tokens.push({ text: line.slice(token.startIndex, token.endIndex), scopes: token.scopes });
    }
    stack = result.ruleStack;
  }
  return tokens;
}

/** What differs per character; null where the Nix grammar itself takes sound Nix for an error, so that there is nothing to compare with. */
function differences(text: string): string[] | null {
  const expected = shared(tokenize(plain, text));
  const actual = shared(tokenize(injected, text));
  if (expected.some((scopes) => scopes.includes("invalid.illegal"))) return null;
  return expected.flatMap((scopes, index) => (scopes === actual[index] ? [] : [`${scopes} → ${actual[index]}`]));
}

/** Scopes of each character, without what Tidemark adds; the two names the Nix grammar has for a brace count as one. */
function shared(tokens: readonly Token[]): string[] {
  return tokens.flatMap(({ text, scopes }) => {
    const kept = scopes
      .flatMap((scope) => scope.split(" "))
      .filter((scope) => !scope.includes("tidemark"))
      .map((scope) => scope.replace("attrset-or-function", "attrset"));
    return [...text].map((char) => `${char} ${kept.join(" ")}`);
  });
}

const marked = (text: string, name: string): string[] =>
  tokenize(injected, text)
    .filter(({ scopes }) => scopes.some((scope) => scope.includes(name)))
    .map((token) => token.text);

before(async () => {
  await loadWASM(readFileSync(resolve("vscode-oniguruma/release/onig.wasm")));
  plain = await grammar(false);
  injected = await grammar(true);
});

const HOST = `{ config, lib, pkgs, ... }:
{
  environment.persistence."/persist" = {
    hideMounts = true;
    directories = [
      "/var/log" # journal
      { directory = "/var/lib/colord"; user = "colord"; mode = "u=rwx,g=rx,o="; }
    ] ++ lib.optionals config.services.openssh.enable [ "/etc/ssh" ];
    files = [ "/etc/machine-id" ];
    users.josh = {
      directories = [ ".ssh" ];
      files = [ ];
    };
  };
  services.openssh.enable = true;
  users.users.josh = { home = "/home/josh"; };
  fileSystems."/persist".neededForBoot = true;
}
`;

test("names of the module's options are marked in a block and nowhere else", () => {
  assert.deepEqual(marked(HOST, "support.type.persistence"), ["persistence"]);
  assert.deepEqual(marked(HOST, "support.type.option"), [
    "hideMounts",
    "directories",
    "files",
    "users",
    "directories",
    "files",
  ]);
});

test("dotted forms, Home Manager and preservation", () => {
  const text = `{
  environment.persistence."/persist".directories = [ "/a" ];
  home.persistence."/persist".files = [ ".b" ];
  preservation.preserveAt."/persist".users.josh.directories = [ ];
  environment.persistence.\${storage}.hideMounts = true;
}`;
  assert.deepEqual(marked(text, "support.type.persistence"), [
    "persistence",
    "persistence",
    "preserveAt",
    "persistence",
  ]);
  assert.deepEqual(marked(text, "support.type.option"), ["directories", "files", "users", "directories", "hideMounts"]);
});

test("storages named inside the option", () => {
  const text = `{
  environment.persistence = {
    "/persist" = {
      directories = [ ];
    };
    "/cache".files = [ ];
  };
}`;
  assert.deepEqual(marked(text, "support.type.option"), ["directories", "files"]);
});

test("an expression that mentions the option is left alone", () => {
  const text = `{ a = config.environment.persistence."/persist".directories; files = [ ]; b = x.home.persistence == { }; }`;
  assert.deepEqual(marked(text, "tidemark"), []);
});

test("comments and strings are left alone", () => {
  const text = `{ # environment.persistence."/p" = { files = [ ]; };
  a = "environment.persistence.files = 1;"; /* home.persistence = { files = 1; }; */
  b = ''
    environment.persistence."/p".files = [ ];
  '';
}`;
  assert.deepEqual(marked(text, "tidemark"), []);
});

test("everything else keeps the scopes the Nix grammar gives it", () => {
  const values = [
    "{ }",
    "{\n}",
    "{\n  files = [ ];\n}",
    "{\n  files = [ ];\n  other = 1;\n}",
    "{\n  other = 1;\n  files = [ ];\n}",
    "{\n  inherit (x) files;\n  directories = a ++ b;\n}",
    "{\n  # only a comment\n}",
    "{\n  users.josh.files = [ ];\n  users = { root = {\n    directories = [ ]; }; };\n}",
    '{\n  "/persist" = {\n    files = [ ];\n  };\n}',
    "{ files = if a then { b = 1; } else [ ]; } // { directories = [ ]; }",
    "rec { files = [ ]; }",
    "lib.mkIf cond {\n  files = [ ];\n}",
    "lib.mkMerge [ {\n files = [ ]; } { } ]",
    "let a = 1; in {\n  files = [ ];\n}",
    "{ config, ... }: { files = [ ]; }",
    "x: x",
    "with x; { files = [ ]; }",
    '{ ${name} = 1; "quoted" = 2; }',
    "f { files = [ ]; } [ ]",
  ];
  const names = ['environment.persistence."/persist"', "home.persistence.${a}", "preservation.preserveAt.b.users.josh"];
  const frames = [
    (binding: string) => `{\n  ${binding}\n}`,
    (binding: string) => `{ a = 1; ${binding} b = [ 1 ]; }\n`,
    (binding: string) => `{ lib, ... }:\n{\n  imports = [ ./a.nix ];\n\n  ${binding}\n\n  z = "x";\n}`,
    (binding: string) => `let\n  ${binding}\nin { y = 1; }`,
    (binding: string) => `lib.mkIf true { ${binding} }`,
  ];
  const texts = [
    HOST,
    ...values.flatMap((value) => names.flatMap((name) => frames.map((frame) => frame(`${name} = ${value};`)))),
  ];
  const compared = texts.map((text) => ({ text, found: differences(text) })).filter(({ found }) => found !== null);
  assert.ok(compared.length > texts.length * 0.8, `${compared.length} of ${texts.length} comparable`);
  for (const { text, found } of compared) assert.deepEqual(found, [], text);
});

test("a block that is still being written does not disturb the next lines more than plain Nix does", () => {
  for (const text of [
    '{\n  environment.persistence."/persist"\n  a = 1;\n}',
    '{\n  environment.persistence."/persist" =\n  a = 1;\n}',
    '{\n  environment.persistence."/persist" = [ "/a"\n  ;\n  a = 1;\n}',
    "{\n  environment.persistence\n}",
    '{\n  environment.persistence."/persist".directories = [ "/a" ]\n}',
  ]) {
    assert.deepEqual(shared(tokenize(injected, text)), shared(tokenize(plain, text)), text);
  }
});
