// Builds dist/: the bundles, the grammar compiled from npm's tree-sitter-nix by clang in WebAssembly, and the syntax files.
// Needs nothing but npm packages. `--watch` rebuilds on change, `--sizes` says what weighs what.
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
async function writeLicenses({ inputs }) {
  const bundled = Object.keys(inputs).flatMap((input) =>
    inModules(input) in replaced ? [] : (packageOf(input) ?? []),
  );
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

/** The path of a library's file below node_modules, with its package's name: `ssh2/lib/server.js`. Null for our own files. */
const inModules = (file) => /.*[\\/]?node_modules[\\/](.+)/.exec(file)?.[1].replaceAll("\\", "/") ?? null;
const packageOf = (file) => /^(?:@[^/]+\/)?[^/]+/.exec(inModules(file) ?? "")?.[0] ?? null;

/** Files of libraries that the package does without, and what they are replaced by. */
const replaced = {
  // Tidemark is a client that runs commands.
  "ssh2/lib/http-agents.js": "module.exports = {};",
  "ssh2/lib/keygen.js": "module.exports = {};",
  "ssh2/lib/protocol/SFTP.js": "module.exports = {};",
  "ssh2/lib/server.js": "module.exports = {};",
  // bcrypt-pbkdf, for private keys with a passphrase, takes nothing but SHA-512 from it, which Node has.
  "tweetnacl/nacl-fast.js": `const { createHash } = require("node:crypto");
    const crypto_hash = (out, text, length) => out.set(createHash("sha512").update(text.subarray(0, length)).digest());
    module.exports = { lowlevel: { crypto_hash } };`,
  // The language client asks whether VS Code is new enough for it; by "engines" in package.json, VS Code has made sure of that.
  "semver/functions/parse.js": "module.exports = (version) => ({ version });",
  "semver/functions/satisfies.js": "module.exports = () => true;",
};
const withoutUnused = {
  name: "without-unused",
  setup(build) {
    build.onLoad({ filter: /[\\/]node_modules[\\/](?:ssh2|tweetnacl|semver)[\\/]/ }, ({ path: file }) => {
      const contents = replaced[inModules(file)];
      return contents === undefined ? null : { contents };
    });
    build.onEnd(({ metafile, errors }) => {
      const files = new Set(Object.keys(metafile?.inputs ?? {}).map(inModules));
      const gone = Object.keys(replaced).filter((file) => !files.has(file));
      if (errors.length === 0 && gone.length > 0) throw new Error(`nothing loads ${gone.join(", ")} any more`);
    });
  },
};
/**
 * The examples of rules are their page and their tests: nothing reads them when Tidemark runs, so they need no room in the package.
 * A rule file that is written in another way than all others fails the build.
 */
const withoutExamples = {
  name: "without-examples",
  setup(build) {
    build.onLoad({ filter: /[\\/]server[\\/]src[\\/]rules[\\/](?:live[\\/])?\w+\.ts$/ }, async ({ path: file }) => {
      const text = await readFile(file, "utf8");
      if (!/^export const rule: (?:Live)?Rule = \{$/m.test(text)) return { contents: text, loader: "ts" };
      const short = text.replace(/\n {2}examples: \[\n.*?\n {2}\],\n\};\n/s, "\n  examples: [],\n};\n");
      if (!short.includes("\n  examples: [],\n};\n"))
        throw new Error(`${path.basename(file)}: its examples are not found`);
      return { contents: short, loader: "ts" };
    });
  },
};
/** What several bundles use goes into files of their own, or the package would hold it twice. */
function chunkNames({ outputs }) {
  const ofClient = outputs["dist/client.js"].imports.map(({ path: file }) => file);
  const chunks = Object.keys(outputs).filter((output) => outputs[output].entryPoint === undefined);
  // The client must not load what only the server and the command line share.
  const names = chunks.map((chunk) => [path.basename(chunk), ofClient.includes(chunk) ? "protocol.js" : "shared.js"]);
  if (new Set(names.map(([, name]) => name)).size !== 2 || names.length !== 2)
    throw new Error(`the bundles share other parts than these two: ${chunks.join(", ")}`);
  return new Map(names);
}

/** esbuild splits ES modules only, so its output is turned into CommonJS afterwards. */
const splitAsCommonJs = {
  name: "split-as-commonjs",
  setup(build) {
    build.onEnd(async ({ outputFiles = [], metafile, errors }) => {
      if (errors.length > 0) return;
      const names = chunkNames(metafile);
      for (const { path: file, text } of outputFiles) {
        let { code } = await esbuild.transform(text, {
          format: "cjs",
          platform: "node",
          target: "node20",
          minify: true,
        });
        for (const [chunk, name] of names) code = code.replaceAll(`"./${chunk}"`, `"./${name}"`);
        const base = path.basename(file);
        const start = base === "cli.js" ? "#!/usr/bin/env node\n" : "";
        await writeFile(path.join(dist, names.get(base) ?? base), start + code);
      }
    });
  },
};

/** What weighs what, before compression: bytes of each package and each folder of ours. */
function printSizes(metafile) {
  const names = chunkNames(metafile);
  for (const [output, { bytes, inputs }] of Object.entries(metafile.outputs)) {
    const sizes = new Map();
    for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
      const part = packageOf(file) ?? file.split("/").slice(0, 3).join("/");
      sizes.set(part, (sizes.get(part) ?? 0) + bytesInOutput);
    }
    const base = path.basename(output);
    console.log(`${String(bytes).padStart(9)} dist/${names.get(base) ?? base}`);
    for (const [part, size] of [...sizes].sort((a, b) => b[1] - a[1]))
      console.log(`${String(size).padStart(17)} ${part}`);
  }
}

const options = {
  bundle: true,
  platform: "node",
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
  entryPoints: {
    client: "client/src/extension.ts",
    server: "server/src/lsp/main.ts",
    cli: "server/src/cli/main.ts",
  },
  outdir: "dist",
  format: "esm",
  splitting: true,
  chunkNames: "[hash]",
  metafile: true,
  write: false,
  plugins: [withoutExamples, withoutUnused, splitAsCommonJs],
};

await mkdir(dist, { recursive: true });
await buildGrammar();
await copyFile(path.join(treeSitter, "web-tree-sitter.wasm"), path.join(dist, "web-tree-sitter.wasm"));
await copyFile(require.resolve("tm-grammars/grammars/nix.json"), path.join(dist, "nix.tmLanguage.json"));
if (process.argv.includes("--watch")) {
  await (await esbuild.context(options)).watch();
} else {
  const { metafile } = await esbuild.build(options);
  await chmod(path.join(dist, "cli.js"), 0o755);
  await writeLicenses(metafile);
  if (process.argv.includes("--sizes")) printSizes(metafile);
}
