// Builds dist/: the three bundles, the grammar compiled from npm's tree-sitter-nix by clang in WebAssembly, and the syntax files.
// Needs nothing but npm packages. `--watch` rebuilds on change.
import { createHash } from "node:crypto";
import { chmod, copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const require = createRequire(import.meta.url);
const folder = (name) => path.dirname(require.resolve(`${name}/package.json`));
const treeSitter = path.dirname(require.resolve("web-tree-sitter"));
const dist = fileURLToPath(new URL("dist", import.meta.url));
const modules = fileURLToPath(new URL("node_modules", import.meta.url));

/** Compiles the grammar; takes some seconds, so the result is kept until its sources change. */
async function buildGrammar() {
  const source = path.join(folder("tree-sitter-nix"), "src");
  const names = ["parser.c", "scanner.c", "tree_sitter/parser.h"];
  const texts = await Promise.all(names.map((name) => readFile(path.join(source, name), "utf8")));
  const stamp = createHash("sha256").update(texts.join("\0")).digest("hex");
  const output = path.join(dist, "tree-sitter-nix.wasm");
  const stampFile = path.join(dist, "tree-sitter-nix.stamp");
  if ((await readFile(stampFile, "utf8").catch(() => "")) === stamp) return;

  const { commands } = await import("@yowasp/clang");
  const files = { "parser.c": texts[0], "scanner.c": texts[1], tree_sitter: { "parser.h": texts[2] } };
  const flags = ["--target=wasm32-wasip1", "-Os", "-fPIC", "-fvisibility=hidden", "-I."];
  const parser = await commands.clang([...flags, "-c", "parser.c", "-o", "parser.o"], files);
  const scanner = await commands.clang([...flags, "-c", "scanner.c", "-o", "scanner.o"], files);
  const linked = await commands["wasm-ld"](
    ["--shared", "--experimental-pic", "--no-entry", "--export=tree_sitter_nix", "--allow-undefined"].concat([
      "--strip-debug",
      "parser.o",
      "scanner.o",
      "-o",
      "grammar.wasm",
    ]),
    { "parser.o": parser["parser.o"], "scanner.o": scanner["scanner.o"] },
  );
  await writeFile(output, linked["grammar.wasm"]);
  await writeFile(stampFile, stamp);
}

/** The licenses of everything the bundles contain, as they ask for: dist/licenses.txt. */
async function writeLicenses(inputs) {
  const bundled = inputs.flatMap((input) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? []);
  const names = [...new Set([...bundled, "tree-sitter-nix", "web-tree-sitter", "tm-grammars"])].sort();
  const sections = names.map(async (name) => {
    const root = path.join(modules, name);
    const { version, license } = JSON.parse(await readFile(path.join(root, "package.json"), "utf8"));
    const files = (await readdir(root)).filter((file) => /^(?:licen[cs]e|notice)/i.test(file));
    const texts = await Promise.all(files.map((file) => readFile(path.join(root, file), "utf8")));
    // The notices of all grammars there are; only one of them is used.
    const own = texts.map((text) => text.split(/^=+\n/m).find((part) => /^Files:.*\bnix\.json/.test(part)) ?? text);
    return [`${name} ${version} (${license})`, ...own.map((text) => text.trim())].join("\n\n");
  });
  await writeFile(path.join(dist, "licenses.txt"), `${(await Promise.all(sections)).join("\n\n----\n\n")}\n`);
}

const shared = {
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  minify: true,
  sourcemap: false,
  legalComments: "none",
  logLevel: "warning",
  loader: { ".sh": "text" },
  // web-tree-sitter's ESM file needs import.meta, which a CommonJS bundle does not have.
  alias: { "web-tree-sitter": path.join(treeSitter, "web-tree-sitter.cjs") },
  // ssh2's optional native parts: faster by little, and not portable.
  external: ["vscode", "cpu-features", "*.node"],
};
/**
 * The server and the command line share nearly all their code: it goes into one file, dist/shared.js, or the package would hold
 * it twice. esbuild splits ES modules only, so its output is turned into CommonJS afterwards.
 */
const splitAsCommonJs = {
  name: "split-as-commonjs",
  setup(build) {
    build.onEnd(async ({ outputFiles = [], errors }) => {
      if (errors.length > 0) return;
      for (const { path: file, text } of outputFiles) {
        const { code } = await esbuild.transform(text, {
          format: "cjs",
          platform: "node",
          target: "node20",
          minify: true,
        });
        await writeFile(file, path.basename(file) === "cli.js" ? `#!/usr/bin/env node\n${code}` : code);
      }
    });
  },
};
/**
 * The documentation and the examples of rules are their page and their tests: nothing reads them when Tidemark runs, so they need no room
 * in the package. A rule file that is written in another way than all others fails the build.
 */
const withoutProse = {
  name: "without-prose",
  setup(build) {
    build.onLoad({ filter: /[\\/]server[\\/]src[\\/]rules[\\/]\w+\.ts$/ }, async ({ path: file }) => {
      const text = await readFile(file, "utf8");
      if (!text.includes("export const rule: Rule = {")) return { contents: text, loader: "ts" };
      const short = text
        .replace(/\n {2}doc: `(?:[^`\\]|\\.)*`,\n/s, '\n  doc: "",\n')
        .replace(/\n {2}examples: \[\n.*?\n {2}\],\n\};\n/s, "\n  examples: [],\n};\n");
      if (!short.includes('\n  doc: "",\n') || !short.includes("\n  examples: [],\n};\n"))
        throw new Error(`${path.basename(file)}: its documentation or its examples are not found`);
      return { contents: short, loader: "ts" };
    });
  },
};
const bundles = [
  { ...shared, entryPoints: ["client/src/extension.ts"], outfile: "dist/client.js" },
  {
    ...shared,
    entryPoints: { server: "server/src/lsp/main.ts", cli: "server/src/cli/main.ts" },
    outdir: "dist",
    format: "esm",
    splitting: true,
    chunkNames: "shared",
    write: false,
    plugins: [withoutProse, splitAsCommonJs],
  },
];

await mkdir(dist, { recursive: true });
await buildGrammar();
await copyFile(path.join(treeSitter, "web-tree-sitter.wasm"), path.join(dist, "web-tree-sitter.wasm"));
await copyFile(require.resolve("tm-grammars/grammars/nix.json"), path.join(dist, "nix.tmLanguage.json"));
if (process.argv.includes("--watch")) {
  for (const bundle of bundles) await (await esbuild.context(bundle)).watch();
} else {
  const built = await Promise.all(bundles.map((bundle) => esbuild.build({ ...bundle, metafile: true })));
  await chmod(path.join(dist, "cli.js"), 0o755);
  await writeLicenses(built.flatMap(({ metafile }) => Object.keys(metafile.inputs)));
}
