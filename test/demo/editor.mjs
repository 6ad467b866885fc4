// VS Code, or one of its builds, for the demo: found on PATH and opened in a window of its own.
import { spawn } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { which } from "../lib/which.mjs";

/** The editor's program, or null. The `code` of a remote window is passed over: it can neither load an extension nor use own settings. */
export function findEditor() {
  const found = ["code", "codium", "code-insiders"].map(which).find((file) => file && !file.includes("/remote-cli/"));
  return found ?? null;
}

/** Settings of the demo's window: how to reach the demo hosts, and quiet. */
function settings({ sshConfig, hosts }) {
  const reach = Object.entries(hosts).map(([name, { root }]) => [name, { destination: name, root }]);
  return {
    "tidemark.hosts": Object.fromEntries(reach),
    "tidemark.ssh.configFile": sshConfig,
    "security.workspace.trust.enabled": false,
    "telemetry.telemetryLevel": "off",
    "update.mode": "none",
    "extensions.autoCheckUpdates": false,
    "extensions.autoUpdate": false,
    "extensions.ignoreRecommendations": true,
    "chat.disableAIFeatures": true,
    "workbench.startupEditor": "none",
    "workbench.enableExperiments": false,
    "git.enabled": false,
  };
}

const dataFolder = (folder) => path.join(folder, "editor");
const dataOption = (folder) => `--user-data-dir=${dataFolder(folder)}`;

/** Writes what the window needs below `folder`; gives the words to start it with, without the program. */
export async function editorArguments({ folder, repository, fleet, file, demo }) {
  const data = dataFolder(folder);
  await mkdir(path.join(data, "User"), { recursive: true });
  await writeFile(path.join(data, "User/settings.json"), `${JSON.stringify(settings(demo), null, 2)}\n`);
  return [
    "--new-window",
    "--wait",
    dataOption(folder),
    `--extensions-dir=${path.join(data, "extensions")}`,
    `--extensionDevelopmentPath=${repository}`,
    // As root, VS Code starts only without its sandbox.
    ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    fleet,
    file,
  ];
}

/** The editor's processes: it starts itself anew and leaves its window to that, so only the folder given to it tells them. */
async function processes(folder) {
  const numbers = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    numbers.map(async (number) => {
      const words = (await readFile(`/proc/${number}/cmdline`, "utf8").catch(() => "")).split("\0");
      return words.includes(dataOption(folder)) ? Number(number) : null;
    }),
  );
  return found.filter((number) => number !== null && number !== process.pid);
}

/** Closes what is left of the editor's window, and waits until it is gone, for some seconds at most. */
async function endEditor(folder) {
  for (let round = 0; round < 50; round++) {
    const left = await processes(folder);
    if (left.length === 0) return;
    for (const number of left) {
      try {
        process.kill(number, round === 40 ? "SIGKILL" : "SIGTERM");
      } catch {
        // Ended meanwhile.
      }
    }
    await wait(100);
  }
}

/** Runs the editor until its window is closed or `signal` is aborted; gives its exit code, or null where a signal ended it. */
export async function runEditor(program, words, folder, signal) {
  try {
    return await new Promise((resolve, reject) => {
      const child = spawn(program, words, { stdio: "ignore", signal });
      child.on("error", (error) => (signal.aborted ? resolve(null) : reject(error)));
      child.on("close", resolve);
    });
  } finally {
    await endEditor(folder);
  }
}
