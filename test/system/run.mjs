// Runs the system tests: `npm run test:system`, or `node test/system/run.mjs cli editor-vscode` for some of them.
// Installs what they need (Debian packages as root; VS Code into a cache folder, see support/tools.mjs), builds and packages
// the product, and says which tests it skips and why. With CI=true, skipping what could run is a failure.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { editorTools, installEditor, installPackages, packageMissing, run } from "./support/tools.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const repository = path.resolve(here, "../..");
const succeeds = (command, ...args) => spawnSync(command, args, { stdio: "ignore" }).status === 0;

/** Need → null when it is met, else a sentence; `cannot` when no installation would help. */
const NEEDS = {
  nix: () => packageMissing("nix-bin"),
  neovim: () => packageMissing("neovim"),
  editor: () => packageMissing("chromium") ?? (editorTools() ? null : { reason: "VS Code could not be installed" }),
  host: () => {
    if (process.getuid?.() !== 0) return { reason: "starting a host takes root", cannot: true };
    if (!succeeds("unshare", "--mount", "--pid", "--uts", "--fork", "true")) {
      return { reason: "this machine allows no namespaces", cannot: true };
    }
    spawnSync("modprobe", ["--all", "btrfs", "loop"], { stdio: "ignore" });
    if (!/\bbtrfs$/m.test(readFileSync("/proc/filesystems", "utf8")) || !succeeds("losetup", "--find")) {
      return { reason: "this kernel has no btrfs or no loop devices", cannot: true };
    }
    const packages = ["openssh-server", "openssh-client", "btrfs-progs", "e2fsprogs", "sudo", "busybox-static"];
    return packages.map(packageMissing).find((answer) => answer !== null) ?? null;
  },
};
const TESTS = {
  host: ["host"],
  nix: ["nix"],
  wipe: ["host", "nix"],
  cli: ["host", "nix"],
  candidates: ["host"],
  deployed: ["host"],
  live: ["host"],
  roots: ["host", "nix"],
  "editor-nvim": ["neovim", "host", "nix"],
  "editor-vscode": ["editor", "host", "nix"],
};

const unlisted = readdirSync(here).filter((name) => name.endsWith(".test.ts") && !(name.slice(0, -8) in TESTS));
if (unlisted.length > 0) throw new Error(`not in the list of ${path.basename(import.meta.url)}: ${unlisted.join(" ")}`);
const asked = process.argv.slice(2).map((name) => path.basename(name).replace(/\.test\.ts$/, ""));
const unknown = asked.filter((name) => !(name in TESTS));
if (unknown.length > 0)
  throw new Error(`no such test: ${unknown.join(" ")} (there are ${Object.keys(TESTS).join(" ")})`);
const wanted = Object.keys(TESTS).filter((name) => asked.length === 0 || asked.includes(name));

const started = Date.now();
const say = (line) => console.log(`[${((Date.now() - started) / 1000).toFixed(0).padStart(3)} s] ${line}`);
for (const problem of installPackages(say)) say(problem);
if (wanted.some((name) => TESTS[name].includes("editor"))) {
  try {
    installEditor(say);
  } catch (error) {
    say(`VS Code could not be installed: ${error.message}`);
  }
}

const skipped = [];
const files = [];
for (const name of wanted) {
  const [unmet] = TESTS[name].map((need) => NEEDS[need]()).filter((answer) => answer !== null);
  if (unmet) skipped.push({ name, ...unmet });
  else files.push(path.join(here, `${name}.test.ts`));
}
for (const { name, reason } of skipped) say(`skipped: ${name} (${reason})`);

let status = 0;
if (files.length > 0) {
  // Packaging builds too; only the editor needs the package.
  const script = files.some((file) => file.includes("editor-vscode")) ? "package" : "build";
  say(`npm run ${script}`);
  run("npm", ["run", "--silent", script], { cwd: repository, stdio: ["ignore", "ignore", "inherit"] });
  const products = ["dist/cli.js", "dist/server.js", ...(script === "package" ? ["tidemark.vsix"] : [])];
  for (const product of products) {
    if (!existsSync(path.join(repository, product))) throw new Error(`npm run ${script} did not make ${product}`);
  }
  // One file at a time: editors and hosts are heavy, and their waits are for two cores.
  const options = ["--import", "tsx", "--test", "--test-concurrency=1", "--test-reporter=spec"];
  status = spawnSync(process.execPath, [...options, ...files], { cwd: repository, stdio: "inherit" }).status ?? 1;
}
const unexcused = skipped.filter(({ cannot }) => !cannot);
say(
  `${files.length} of ${wanted.length} system test files ran${skipped.length > 0 ? `, ${skipped.length} skipped` : ""}`,
);
if (process.env.CI === "true" && unexcused.length > 0) {
  say(`a failure in CI, where nothing that could run may be skipped: ${unexcused.map(({ name }) => name).join(" ")}`);
  status ||= 1;
}
process.exit(status);
