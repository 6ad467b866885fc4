import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { startContained } from "./contained";
import { freePort } from "./host";
import type { Page, Playwright } from "./playwright";
import { type EditorTools, editorTools } from "./tools.mjs";
import { until } from "./until";
import { type Driver, driver } from "./vscode-driver";

export interface VsCodeOptions {
  /** The extension, installed before the editor starts. */
  readonly vsix: string;
  /** Folder to open. */
  readonly workspace: string;
  /** The user's settings, by full name. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** False opens the folder in Restricted Mode, as any new folder. */
  readonly trusted: boolean;
}

export interface VsCode extends Driver {
  /** Its profile and its extensions. */
  readonly folder: string;
  /** What the server of the editor printed, for failures. */
  log(): string;
  stop(): Promise<void>;
}

/** Keeps the editor quiet: nothing is fetched, offered or reported. */
const QUIET = {
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  "workbench.startupEditor": "none",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.enableExperiments": false,
  "workbench.tips.enabled": false,
  "chat.disableAIFeatures": true,
  // Its question is a test of its own.
  "tidemark.evaluation": "off",
  "git.enabled": false,
  "remote.autoForwardPorts": false,
  "workbench.colorTheme": "Default Dark Modern",
  "window.menuBarVisibility": "hidden",
  "window.commandCenter": false,
  "workbench.layoutControl.enabled": false,
  "editor.minimap.enabled": false,
  "editor.fontSize": 14,
  "files.simpleDialog.enable": true,
};

const CHROMIUM_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts VS Code (code-server) on a profile of its own with the extension installed, and a browser showing it. */
export async function startVsCode(options: VsCodeOptions): Promise<VsCode> {
  const tools = editorTools();
  if (!tools) throw new Error("the editor is not installed: run `node test/system/run.mjs` once");
  const folder = mkdtempSync(path.join(os.tmpdir(), "tidemark-vscode-"));
  const userData = path.join(folder, "user");
  // The editor runs in a browser, so settings with the scope `machine` are those of the machine of its server.
  for (const name of ["User", "Machine"]) {
    mkdirSync(path.join(userData, name), { recursive: true });
    const settings = JSON.stringify({ ...QUIET, ...options.settings }, null, 2);
    writeFileSync(path.join(userData, name, "settings.json"), settings);
  }
  const args = [
    path.join(tools.codeServer, "out/node/entry.js"),
    `--user-data-dir=${userData}`,
    `--extensions-dir=${path.join(folder, "extensions")}`,
    `--config=${path.join(folder, "config.yaml")}`,
  ];
  writeFileSync(path.join(folder, "config.yaml"), "auth: none\n");
  const env = {
    ...process.env,
    HOME: folder,
    XDG_DATA_HOME: folder,
    XDG_CONFIG_HOME: folder,
    XDG_RUNTIME_DIR: folder,
    TMPDIR: folder,
    EXTENSIONS_GALLERY: "{}",
  };
  await promisify(execFile)(tools.node, [...args, "--install-extension", options.vsix, "--force"], { env });

  const port = await freePort();
  const serve = [
    `--bind-addr=127.0.0.1:${port}`,
    "--disable-telemetry",
    "--disable-update-check",
    ...(options.trusted ? ["--disable-workspace-trust"] : []),
  ];
  const untilStopped = ["sh", "-c", '"$@" & read -r _', "sh", tools.node, ...args, ...serve];
  const server = startContained(folder, [], untilStopped, env);
  try {
    await until("the editor's server answers", async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).ok);
    const { page, close } = await openBrowser(tools, `http://127.0.0.1:${port}/?folder=${options.workspace}`);
    return {
      ...driver(page),
      folder,
      log: server.output,
      stop: async () => {
        await close();
        await server.stop();
      },
    };
  } catch (error) {
    await server.stop();
    throw new Error(`the editor did not start:\n${server.output()}`, { cause: error });
  }
}

async function openBrowser(tools: EditorTools, url: string): Promise<{ page: Page; close(): Promise<void> }> {
  // Not a literal, so that neither the compiler nor the linter looks for the package in the project.
  const { chromium } = require(tools.playwright) as Playwright;
  const browser = await chromium.launch({ executablePath: tools.chromium, headless: true, args: CHROMIUM_FLAGS });
  try {
    const page = await browser.newPage({
      viewport: { width: 1280, height: 800 },
      deviceScaleFactor: 1.5,
      colorScheme: "dark",
    });
    page.setDefaultTimeout(30_000);
    await page.goto(url);
    await page.locator(".monaco-workbench .explorer-folders-view .monaco-list-row").first().waitFor();
    return { page, close: () => browser.close() };
  } catch (error) {
    await browser.close();
    throw error;
  }
}
