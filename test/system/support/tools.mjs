// What the system tests need from outside the project: Debian packages, and a real VS Code (code-server) with a browser driver.
// Both are installed once; the second run finds them there. Nothing of it enters the project's lockfile.
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";

/** Debian package → a file it brings, so that a machine with the tool from elsewhere is left alone. */
const PACKAGES = {
  "nix-bin": "/usr/bin/nix-instantiate",
  "openssh-server": "/usr/sbin/sshd",
  "openssh-client": "/usr/bin/ssh-keygen",
  "btrfs-progs": "/usr/bin/btrfs",
  e2fsprogs: "/usr/sbin/mkfs.ext4",
  neovim: "/usr/bin/nvim",
  chromium: "/usr/bin/chromium",
  sudo: "/usr/bin/sudo",
  "busybox-static": "/bin/busybox",
  // For the native modules of code-server.
  "libkrb5-dev": "/usr/include/krb5.h",
  "libx11-dev": "/usr/include/X11/Xlib.h",
  "libxkbfile-dev": "/usr/include/X11/extensions/XKBfile.h",
  "libsecret-1-dev": "/usr/include/libsecret-1/libsecret/secret.h",
  "pkg-config": "/usr/bin/pkg-config",
  python3: "/usr/bin/python3",
  make: "/usr/bin/make",
  "g++": "/usr/bin/g++",
};

const VERSIONS = { "code-server": "4.139.1", node: "24.21.0", "playwright-core": "1.65.1" };

/** Where code-server, Node 24 and playwright-core live; `TIDEMARK_TEST_CACHE` overrides. */
const cacheFolder = process.env.TIDEMARK_TEST_CACHE || path.join(os.homedir(), ".cache/tidemark-system-test");

/** The files of an installed editor, or null where it is not installed completely. */
export function editorTools() {
  const folder = path.join(cacheFolder, Object.values(VERSIONS).join("_"));
  const stamp = path.join(folder, "complete");
  if (!existsSync(stamp)) return null;
  return {
    codeServer: path.join(folder, "node_modules/code-server"),
    node: path.join(folder, "node_modules", nodePackage(), "bin/node"),
    playwright: path.join(folder, "node_modules/playwright-core"),
    chromium: PACKAGES.chromium,
  };
}

/** Null when a package is there, else the reason why a test that needs it cannot run. */
export function packageMissing(name) {
  return existsSync(PACKAGES[name]) ? null : { reason: `the Debian package ${name} is not installed` };
}

/** Installs missing Debian packages; `say` hears of it first. Returns what could not be had, as sentences. */
export function installPackages(say) {
  const missing = Object.keys(PACKAGES).filter((name) => !existsSync(PACKAGES[name]));
  if (missing.length === 0) return [];
  if (process.getuid?.() !== 0) return [`not root, so not installed: ${missing.join(" ")}`];
  if (spawnSync("apt-get", ["--version"], { stdio: "ignore" }).status !== 0) {
    return [`no apt-get here, so not installed: ${missing.join(" ")}`];
  }
  say(`apt-get install ${missing.join(" ")}`);
  const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const apt = (...args) => runQuietly("apt-get", ["-q", "-y", ...args], { env: environment });
  try {
    apt("update");
    apt("install", "--no-install-recommends", ...missing);
  } catch (error) {
    return [error.message];
  }
  return Object.keys(PACKAGES)
    .filter((name) => !existsSync(PACKAGES[name]))
    .map((name) => `${name} did not bring ${PACKAGES[name]}`);
}

/** Installs the editor into the cache folder. Takes two to three minutes the first time, nothing afterwards; `say` hears of it first. */
export function installEditor(say) {
  if (editorTools()) return;
  say(
    `installing VS Code (code-server ${VERSIONS["code-server"]}) into ${cacheFolder}; this takes two to three minutes`,
  );
  const folder = path.join(cacheFolder, Object.values(VERSIONS).join("_"));
  // An interrupted install is not trusted: it starts again from nothing, in a folder of its own.
  const work = `${folder}.partial`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const dependencies = {
    "code-server": VERSIONS["code-server"],
    "playwright-core": VERSIONS["playwright-core"],
    [nodePackage()]: VERSIONS.node,
  };
  writeFileSync(path.join(work, "package.json"), JSON.stringify({ private: true, dependencies }));
  runQuietly(
    "npm",
    ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"],
    {
      cwd: work,
      env: { ...process.env, npm_config_engine_strict: "false" },
    },
  );
  const bin = path.join(work, "node_modules/.bin");
  for (const name of readdirSync(bin)) chmodSync(path.join(bin, name), 0o755);
  // code-server fetches the dependencies of VS Code itself in this script, and builds their native parts for Node 24.
  const node24 = path.join(work, "node_modules", nodePackage());
  const codeServer = path.join(work, "node_modules/code-server");
  runQuietly("sh", ["./postinstall.sh"], {
    cwd: codeServer,
    env: {
      ...process.env,
      PATH: `${path.join(node24, "bin")}:${bin}:${process.env.PATH}`,
      npm_config_nodedir: node24,
      npm_config_user_agent: `npm/11 node/v${VERSIONS.node} linux ${process.arch}`,
      npm_config_engine_strict: "false",
    },
  });
  const { version } = JSON.parse(readFileSync(path.join(codeServer, "package.json"), "utf8"));
  writeFileSync(path.join(work, "complete"), `code-server ${version}\n`);
  rmSync(folder, { recursive: true, force: true });
  renameSync(work, folder);
}

function nodePackage() {
  return `node-linux-${process.arch}`;
}

/** Runs a command; shows the end of its output only when it fails, and throws then. */
function runQuietly(command, args, options) {
  const { status, signal, error, stdout, stderr } = spawnSync(command, args, {
    ...options,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 256 * 1024 * 1024,
  });
  if (error) throw error;
  if (status === 0) return;
  const end = `${stdout}${stderr}`.trimEnd().split("\n").slice(-40).join("\n");
  throw new Error(`${command} ${args.slice(0, 3).join(" ")} failed (${signal ?? `exit ${status}`}):\n${end}`);
}

/** Runs a command with its output on the terminal; throws when it fails. */
export function run(command, args, options = {}) {
  const { status, signal, error } = spawnSync(command, args, { stdio: "inherit", ...options });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args[0] ?? ""} failed: ${signal ?? `exit ${status}`}`);
}
