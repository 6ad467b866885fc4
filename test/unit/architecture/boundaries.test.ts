import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import path from "node:path";
import { test } from "node:test";

const root = path.join(__dirname, "..", "..", "..");
const server = "server/src";

/** Which folders a folder may import from besides itself; the table of CONTRIBUTING.md. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  [`${server}/syntax`]: [],
  [`${server}/nix`]: ["syntax"],
  [`${server}/nixos`]: ["syntax", "nix"],
  [`${server}/persistence`]: ["syntax", "nix"],
  [`${server}/knowledge`]: [],
  [`${server}/hosts`]: [],
  [`${server}/evaluation`]: ["persistence/model", "persistence/paths", "syntax"],
  [`${server}/scan`]: ["hosts/model", "knowledge", "persistence", "syntax"],
  [`${server}/rules`]: ["hosts/model", "scan", "persistence", "knowledge", "nix", "syntax"],
  [`${server}/completion`]: ["hosts/model", "rules", "persistence", "knowledge", "syntax"],
  [`${server}/service`]: [
    "evaluation",
    "hosts",
    "completion",
    "scan",
    "rules",
    "persistence",
    "knowledge",
    "nixos",
    "nix",
    "syntax",
  ],
  [`${server}/lsp`]: [
    "service",
    "evaluation",
    "hosts",
    "completion",
    "scan",
    "rules",
    "persistence",
    "knowledge",
    "nix",
    "syntax",
  ],
  [`${server}/cli`]: [
    "lsp",
    "service",
    "evaluation",
    "hosts",
    "scan",
    "rules",
    "persistence",
    "knowledge",
    "nix",
    "syntax",
  ],
  "client/src": ["lsp/protocol"],
};

/** Folders whose code is pure: no files, no clock, no environment, no processes, no sockets. */
const pure = ["syntax", "nix", "nixos", "persistence", "knowledge", "scan", "rules", "completion"];
const processes = ["child_process", "net", "tls", "dgram", "http", "https", "dns", "worker_threads", "cluster", "ssh2"];

interface Import {
  readonly file: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

function importsOf(folder: string): Import[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) => {
      const name = path.join(folder, file);
      const text = readFileSync(path.join(root, name), "utf8");
      const found = text.matchAll(
        /^(?:import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"|\b(?:import|require)\("([^"]+)"\)/gm,
      );
      return [...found].map((match) => ({
        file: name,
        target: match[2] ?? match[3] ?? "",
        typeOnly: match[1] !== undefined,
      }));
    });
}

for (const [folder, targets] of Object.entries(allowed)) {
  test(`${folder} imports only what it may`, () => {
    const imports = importsOf(folder);
    assert.ok(
      imports.length > 0 || folder.endsWith("knowledge"),
      `no imports found in ${folder}: is the folder there?`,
    );
    const wrong = imports.filter(({ file, target }) => {
      if (!target.startsWith(".") || target.endsWith(".json")) return false;
      const full = path.join(path.dirname(file), target);
      if (full.startsWith(`${folder}/`)) return false;
      return !targets.some((one) => full === `${server}/${one}` || full.startsWith(`${server}/${one}/`));
    });
    assert.deepEqual(wrong, []);
  });
}

for (const layer of pure) {
  test(`${layer} is pure`, () => {
    const folder = `${server}/${layer}`;
    const builtin = importsOf(folder).filter(
      ({ target }) => target.startsWith("node:") || builtinModules.includes(target),
    );
    assert.deepEqual(builtin, []);
    for (const file of readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })) {
      if (!file.endsWith(".ts")) continue;
      const text = readFileSync(path.join(root, folder, file), "utf8");
      assert.doesNotMatch(
        text,
        /\bprocess\.|\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bglobalThis\b|\bsetTimeout\(/,
        file,
      );
    }
  });
}

test("only hosts and evaluation start processes; only hosts opens sockets", () => {
  const others = Object.keys(allowed).filter((folder) => ![`${server}/hosts`, `${server}/evaluation`].includes(folder));
  const wrong = others.flatMap(importsOf).filter(({ target }) => processes.includes(target.replace(/^node:/, "")));
  assert.deepEqual(wrong, []);
  const opened = importsOf(`${server}/evaluation`).filter(({ target }) =>
    processes.slice(1).includes(target.replace(/^node:/, "")),
  );
  assert.deepEqual(opened, []);
});

test("only lsp, cli's lsp command and client know LSP; only client knows vscode", () => {
  const all = Object.keys(allowed).flatMap(importsOf);
  const lsp = all.filter(
    ({ file, target }) =>
      target.startsWith("vscode-language") && !/^(?:server\/src\/lsp\/|server\/src\/cli\/lsp\.ts|client\/)/.test(file),
  );
  assert.deepEqual(lsp, []);
  const editor = all.filter(({ file, target }) => target === "vscode" && !file.startsWith("client/"));
  assert.deepEqual(editor, []);
});

test("CONTRIBUTING.md shows the same table", () => {
  const text = readFileSync(path.join(root, "CONTRIBUTING.md"), "utf8");
  for (const folder of Object.keys(allowed)) assert.ok(text.includes(`| \`${folder}\` |`), `${folder} is missing`);
});
