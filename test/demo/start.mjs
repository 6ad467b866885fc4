// `npm start`: a fleet of demo hosts on this machine, what Tidemark says of it in the terminal, and the same in VS Code where it is installed.
//   --as-is          neither install nor build
//   --stay           without an editor: keep the demo hosts running until Ctrl-C
//   --folder FOLDER  where the demo is written, instead of .cache/demo
import { spawn } from "node:child_process";
import { cp, mkdir, open, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { makeReady, repository } from "../lib/ready.mjs";
import { aside, command, heading, note } from "./say.mjs";

const { values: options } = parseArgs({
  options: {
    "as-is": { type: "boolean", default: false },
    stay: { type: "boolean", default: false },
    folder: { type: "string", default: path.join(repository, ".cache/demo") },
  },
});
const folder = path.resolve(options.folder);
const fleet = path.join(folder, "fleet");
const cli = path.join(repository, "dist/cli.js");
const juni = "hosts/juni/impermanence.nix";
/** Of what juni would lose: what the demo keeps. */
const chosen = [
  "/var/lib/bluetooth",
  "/var/lib/sbctl",
  "/home/josh/.mozilla/firefox",
  "/home/josh/.local/share/keyrings",
  "/home/josh/.local/share/atuin",
];

/** The demo folder is this run's alone: a demo that still runs there would lose its files under its hands. */
async function claim() {
  const lock = path.join(folder, "process");
  const other = Number(await readFile(lock, "utf8").catch(() => "0"));
  const words = await readFile(`/proc/${other}/cmdline`, "utf8").catch(() => "");
  if (other > 0 && words.includes("start.mjs")) {
    throw new Error(`A demo is running already (process ${other}). End it first, or give this one --folder FOLDER.`);
  }
  await release();
  await rm(fleet, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(lock, String(process.pid));
  await cp(fileURLToPath(new URL("fleet", import.meta.url)), fleet, { recursive: true });
}

/** Removes all but the fleet: keys and hosts are made anew each time. */
const release = () =>
  Promise.all(
    ["ssh", "hosts", "editor", "process"].map((name) =>
      rm(path.join(folder, name), { recursive: true, force: true, maxRetries: 5 }),
    ),
  );

/**
 * Shows and runs a command of Tidemark in the fleet's folder; its output goes straight to ours, or to `file`.
 * Throws when it could not do its job.
 */
async function tidemark(words, signal, file = null) {
  command(["tidemark", ...words, ...(file ? [">", file] : [])]);
  const output = file ? await open(path.join(fleet, file), "w") : null;
  const stdio = ["ignore", output ? output.fd : "inherit", "inherit"];
  const code = await new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cli, ...words], { cwd: fleet, stdio, signal });
    child.on("error", (error) => (signal.aborted ? resolve(null) : reject(error)));
    child.on("close", resolve);
  }).finally(() => output?.close());
  // 1 means findings.
  if (code !== 0 && code !== 1 && !signal.aborted)
    throw new Error(`tidemark ${words[0]} ended with ${code ?? "a signal"}.`);
}

const since = (bootTime) => {
  const hours = Math.round((Date.now() / 1000 - bootTime) / 3600);
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`;
};

async function inTerminal(demo, signal) {
  heading("Five hosts with an ephemeral root, on this machine, over real SSH");
  for (const [name, { port, fsType, bootTime, oldRoot }] of Object.entries(demo.hosts)) {
    const kept = oldRoot ? ", keeps its old root" : "";
    note(`  ${name}  root@127.0.0.1:${port}  ${fsType} root, up for ${since(bootTime)}${kept}`);
  }
  aside(`  Their configuration is a fresh copy: ${fleet}`);

  heading("What is wrong in the configuration, before anything is deployed");
  aside(`To type these yourself: cd ${fleet}; alias tidemark="node ${cli}"`);
  await tidemark(["check", "."], signal);

  heading("What juni would lose at its next reboot");
  const scan = ["scan", "juni", "--config", juni, "--ssh-config", demo.sshConfig, "--root", demo.hosts.juni.root];
  await tidemark(scan, signal);

  heading("The edit that keeps some of it, with the modes the host has");
  await tidemark([...scan, "--json"], signal, "juni.json");
  await tidemark(["fix", juni, "--from", "juni.json", "--persist", ...chosen], signal);
}

async function inEditor(demo, signal) {
  const { editorArguments, findEditor, runEditor } = await import("./editor.mjs");
  const editor = findEditor();
  if (editor) {
    heading(`In your editor: ${editor}`);
    const file = path.join(fleet, juni);
    const words = await editorArguments({ folder, repository, fleet, file, demo });
    note("A window of its own opens, with the extension loaded and the demo hosts running.");
    note('Try: press F1, "Tidemark: Scan Host", choose juni; then the light bulb (Ctrl+.) on a line that is marked.');
    note("The demo ends when you close the window, or with Ctrl-C here.");
    const code = await runEditor(editor, words, folder, signal);
    if (signal.aborted || code === 0) return;
    note(`${editor} ended with ${code ?? "a signal"}: the window could not be opened here.`);
  }
  heading("What to try next");
  if (!editor)
    note("  Install VS Code or VSCodium and run `npm start` again: it opens this fleet with the extension loaded.");
  if (options.stay) {
    note(
      "  The demo hosts run until Ctrl-C. Run the commands above in another terminal, with --write to make the edit.",
    );
    await new Promise((resolve) => {
      const hour = setInterval(() => {}, 3_600_000);
      signal.addEventListener("abort", () => resolve(clearInterval(hour)), { once: true });
    });
  } else {
    note("  `npm start -- --stay` keeps the demo hosts running, for trying the commands above in another terminal.");
    note("  `tidemark scan HOST --config FILE` does the same for a host of your own.");
  }
}

async function main() {
  const ending = new AbortController();
  const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };
  for (const [name, code] of Object.entries(codes)) {
    process.on(name, () => {
      process.exitCode = code;
      ending.abort();
    });
  }
  // The reader of a pipe may go away early.
  process.stdout.on("error", () => ending.abort());
  heading("Tidemark: what a NixOS host with an ephemeral root would lose at the next reboot");
  if (!options["as-is"]) makeReady((text) => command(text.split(" ")));
  await claim();
  let demo = null;
  try {
    const { startDemoHosts } = await import("./host.mjs");
    demo = await startDemoHosts(folder);
    if (!ending.signal.aborted) await inTerminal(demo, ending.signal);
    if (!ending.signal.aborted) await inEditor(demo, ending.signal);
  } finally {
    await demo?.stop();
    await release();
  }
}

main().catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
