import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { findings } from "./support";

const codes = async (text: string, levels?: Parameters<typeof findings>[1]) =>
  (await findings(text, levels)).map(({ code, level }) => `${code} ${level}`);

const twoProblems = `{
  environment.persistence."/persist".directories = [
    "/srv/"
    { directory = "/root"; mode = 0700; }
    { directory = "/opt"; mode = "secret"; }
  ];
}
`;

describe("levels", () => {
  test("come from the problem, else from the rule, in the order of the text", async () => {
    assert.deepEqual(await codes(twoProblems), [
      "unnormalised-path hint",
      "invalid-mode error",
      "invalid-mode warning",
    ]);
  });

  test("a setting puts all findings of a rule on one level, or turns it off", async () => {
    assert.deepEqual(await codes(twoProblems, { "invalid-mode": "info", "unnormalised-path": "off" }), [
      "invalid-mode info",
      "invalid-mode info",
    ]);
    assert.deepEqual(await codes(twoProblems, { "invalid-mode": "default" }), await codes(twoProblems));
  });

  test("settings for anything but a rule change nothing", async () => {
    assert.deepEqual(await codes(twoProblems, { "no-such-rule": "error" }), await codes(twoProblems));
    assert.deepEqual(await codes(twoProblems, Object.create({ "invalid-mode": "off" })), await codes(twoProblems));
  });
});

describe("comments", () => {
  const listed = (before: string, after: string) => `${before}{
  environment.persistence."/persist".directories = [
    "/srv"
    ${after}
  ];
}
`;

  for (const [title, text, expected] of [
    [
      "on the line",
      listed("", '"srv/" # tidemark-ignore relative-system-path'),
      ["duplicate-path", "unnormalised-path"],
    ],
    [
      "several on the line",
      listed("", '"srv/" # tidemark-ignore duplicate-path, relative-system-path,unnormalised-path: old'),
      [],
    ],
    [
      "on the line above",
      listed("", '# tidemark-ignore unnormalised-path\n    "srv/"'),
      ["duplicate-path", "relative-system-path"],
    ],
    [
      "behind other Nix on the line above",
      listed("", '"/opt" # tidemark-ignore unnormalised-path\n    "/var/"'),
      ["unnormalised-path"],
    ],
    ["two lines above", listed("", '# tidemark-ignore unnormalised-path\n\n    "/var/"'), ["unnormalised-path"]],
    ["for another rule", listed("", '"/var/" # tidemark-ignore unnormalised'), ["unnormalised-path"]],
    [
      "for the file",
      listed("# Host\n\n/* x */ # tidemark-ignore-file unnormalised-path, duplicate-path\n", '"/srv/"'),
      [],
    ],
    [
      "for the file, but not at its beginning",
      listed("", '# tidemark-ignore-file unnormalised-path\n    "/var/"'),
      ["unnormalised-path"],
    ],
    ["without a rule", listed("# tidemark-ignore-file\n", '"/var/" # tidemark-ignore'), ["unnormalised-path"]],
  ] as const) {
    test(title, async () => {
      const found = (await findings(text)).map(({ code }) => code);
      assert.deepEqual([...found].sort(), expected);
    });
  }

  test("with Windows line ends", async () => {
    const text = listed("", '# tidemark-ignore unnormalised-path\n    "/var/"').replace(/\n/g, "\r\n");
    assert.deepEqual(await findings(text), []);
  });
});

describe("half-typed text", () => {
  test("behind a syntax error only the error is reported", async () => {
    const text = `{
  environment.persistence."/persist" = {
    hideMount = true;
    directories = [ "/var/log" "/var/log ];
    files = [ "etc/machine-id" /a ];
  };
}
`;
    assert.deepEqual(await codes(text), ["unknown-option error", "syntax-error error"]);
  });

  test("blocks that parse are judged even when the rest of the file does not", async () => {
    const text = `{
  environment.persistence."/persist".directories = [ "/srv/" ];
  foo = ;
}
`;
    assert.deepEqual(await codes(text), ["unnormalised-path hint"]);
  });

  for (const typed of ['""', '"/"', '"', "{ }", "{ directory = ; }", "{ dir", "/", "~", "("]) {
    test(`a new element ${typed} raises nothing about the others`, async () => {
      const text = `{
  environment.persistence."/persist" = {
    directories = [
      "/var/lib/nixos"
      "/var/log"
      ${typed}
    ];
    files = [ "/etc/machine-id" ];
    users.josh.directories = [ "Documents" ${typed} ];
  };
}
`;
      const allowed = ["syntax-error", "wrong-type", "unknown-option"];
      for (const { code, span } of await findings(text))
        assert.ok(allowed.includes(code), `${code} on ${text.slice(span.start, span.end)}`);
    });
  }
});

describe("what is judged elsewhere", () => {
  test("options that merely have the same name raise nothing", async () => {
    const text = `{ config, lib, ... }:
{
  options.environment.persistence = lib.mkOption { };
  modules.home.persistence = {
    enable = "yes";
    directories = "Documents";
    users.josh = { keep = [ 5 ]; };
  };
  x = config.environment.persistence."/persist".directories;
}
`;
    assert.deepEqual(await findings(text), []);
  });
});

describe("what nixpkgs makes of values", () => {
  const inStorage = (rest: string) => `{ lib, ... }: { environment.persistence."/persist" = { ${rest} }; }\n`;
  const withMode = (mode: string, module = "environment.persistence") =>
    `{ preservation.enable = true; ${module}."/persist".directories = [ { directory = "/a"; mode = "${mode}"; } ]; }\n`;

  for (const mode of ["0", "00755", "=0700", "+0700", "-7", "7777"])
    test(`mode ${mode} is one for chmod`, async () => assert.deepEqual(await codes(withMode(mode)), []));
  for (const mode of ["", "u=rwx,g=rx,o=,", "8", "77777", "000755", "==0700"])
    test(`mode "${mode}" is none`, async () => assert.deepEqual(await codes(withMode(mode)), ["invalid-mode warning"]));
  for (const [mode, expected] of [
    ["0", []],
    ["00755", []],
    ["~0700", []],
    ["=0700", ["invalid-mode warning"]],
    ["", ["invalid-mode warning"]],
  ] as const)
    test(`mode "${mode}" in preservation`, async () =>
      assert.deepEqual(await codes(withMode(mode, "preservation.preserveAt")), expected));

  for (const [entry, expected] of [
    ['{ file = "/a/b"; parentDirectory.mode = 700; }', ["invalid-mode error"]],
    ['{ file = "/a/b"; parentDirectory.mode = "none"; }', ["invalid-mode warning"]],
    ['{ file = "/a/b"; parentDirectory = { mode = 700; }; }', ["invalid-mode error"]],
    ['{ file = "/a/b"; parentDirectory.foo = "x"; }', ["unknown-option error"]],
    ['{ file = "/a/b"; parentDirectory = { foo = "x"; }; }', ["unknown-option error"]],
    ['{ file = "/a/b"; parentDirectory.user = 1; }', ["wrong-type error"]],
    ['{ file = "/a/b"; parentDirectory = { user = "x"; hideMount = true; defaultPerms.mode = "0700"; }; }', []],
    ['{ file = "/a/b"; parentDirectory = { _type = "if"; condition = x; content = { foo = 1; }; }; }', []],
    ['{ file = "/a/b"; parentDirectory.${x} = 700; }', []],
  ] as const)
    test(`entry ${entry}`, async () => assert.deepEqual(await codes(inStorage(`files = [ ${entry} ];`)), expected));

  for (const name of ["disabledModules", "freeformType", "_class", "require", "imports", "config", "options"])
    test(`any set may hold ${name}`, async () => {
      assert.deepEqual(await codes(inStorage(`${name} = [ ];`)), []);
      assert.deepEqual(await codes(inStorage(`files = [ { file = "/a/b"; ${name} = x; } ];`)), []);
    });
  for (const rest of [
    '_type = "if"; condition = x; content = { foo = 1; };',
    'directories = { _type = "merge"; contents = [ [ "/a" ] ]; };',
    'hideMounts = { _type = "override"; priority = 50; content = true; };',
    'directories = [ { _type = "if"; condition = x; content = "/a"; } ];',
    'directories = [ { directory = "/a"; mode = { _type = "override"; priority = 50; content = "0700"; }; } ];',
  ])
    test(`written by hand: ${rest}`, async () => assert.deepEqual(await codes(inStorage(rest)), []));
});

describe("branches of another priority", () => {
  const persistence = (value: string) => `{ lib, ... }: { environment.persistence = ${value}; }\n`;
  const one = '{ directories = [ "/srv" ]; }';
  const list = (value: string) => persistence(`{ "/persist".directories = ${value}; }`);

  for (const text of [
    list('lib.mkMerge [ (lib.mkDefault [ "/srv" ]) [ "/srv" ] ]'),
    list('lib.mkMerge [ [ "/srv" "/srv" ] (lib.mkForce [ "/srv" ]) ]'),
    list('lib.mkMerge [ [ "/srv" "/srv" ] (lib.mkForce x) ]'),
    persistence(`{ "/persist" = lib.mkMerge [ ${one} (lib.mkDefault ${one}) ]; }`),
    persistence(`lib.mkMerge [ { "/persist" = ${one}; } (lib.mkDefault { "/persist" = ${one}; }) ]`),
    `{ lib, ... }: { config = lib.mkMerge [ { environment.persistence."/p" = ${one}; } (lib.mkOverride 50 { environment.persistence."/p" = ${one}; }) ]; }\n`,
  ])
    test(`not compared: ${text.trim()}`, async () => assert.deepEqual(await codes(text), []));

  for (const text of [
    list('lib.mkMerge [ [ "/srv" ] [ "/srv" ] ]'),
    list('lib.mkForce [ "/srv" "/srv" ]'),
    persistence(`{ "/persist" = lib.mkMerge [ ${one} ${one} ]; }`),
  ])
    test(`compared: ${text.trim()}`, async () => assert.deepEqual(await codes(text), ["duplicate-path error"]));
});
