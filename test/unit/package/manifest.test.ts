import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import type { ServerSettings } from "../../../server/src/lsp/protocol";
import { rules } from "../../../server/src/rules";
import { liveRules } from "../../../server/src/rules/live";
import { root } from "./vsix";

interface Setting {
  readonly type: string;
  readonly scope?: string;
  readonly ignoreSync?: boolean;
  readonly markdownDescription?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly enumDescriptions?: readonly string[];
  readonly additionalProperties?: Setting;
}
interface Manifest {
  readonly engines: { readonly vscode: string };
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly dependencies?: unknown;
  readonly capabilities: { readonly untrustedWorkspaces: { readonly restrictedConfigurations: readonly string[] } };
  readonly contributes: {
    readonly commands: readonly { command: string; title: string; category?: string; enablement?: string }[];
    readonly configuration: readonly { readonly properties: Readonly<Record<string, Setting>> }[];
    readonly walkthroughs: readonly {
      readonly steps: readonly { readonly description: string; readonly completionEvents: readonly string[] }[];
    }[];
    readonly languages: readonly { readonly id: string; readonly extensions: readonly string[] }[];
    readonly grammars: readonly {
      readonly scopeName: string;
      readonly injectTo?: readonly string[];
      readonly path: string;
    }[];
  };
}

const manifest: Manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
const { commands, configuration, walkthroughs, grammars, languages } = manifest.contributes;
const settings = configuration.flatMap(({ properties }) => Object.entries(properties));

const clientSource = readdirSync(path.join(root, "client/src"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => readFileSync(path.join(root, "client/src", name), "utf8"))
  .join("\n");

test("every command has a category, a title that starts with a verb, and code that runs it", () => {
  for (const { command, title, category } of commands) {
    assert.match(command, /^tidemark\.[a-z][A-Za-z]+$/);
    assert.equal(category, "Tidemark", command);
    assert.match(title, /^(Scan|Select|Evaluate|Forget|Restart|Show|Copy) [A-Z]/, command);
    assert.ok(clientSource.includes(`"${command}":`), `${command} is registered`);
  }
  const registered = [...clientSource.matchAll(/^ {2}"(tidemark\.[A-Za-z]+)":/gm)].map(([, id]) => id);
  assert.deepEqual(registered.sort(), commands.map(({ command }) => command).sort());
});

test("what reaches out to hosts or runs code of the flake is off in an untrusted workspace", () => {
  const needTrust = commands
    .filter(({ enablement }) => enablement === "isWorkspaceTrusted")
    .map(({ command }) => command);
  assert.deepEqual(needTrust.sort(), ["tidemark.evaluateHost", "tidemark.scanHost", "tidemark.selectHost"]);
});

test("the extension asks for the VS Code that its language client needs, which does not look itself", () => {
  const client = path.join(root, "node_modules/vscode-languageclient/package.json");
  const { engines }: Manifest = JSON.parse(readFileSync(client, "utf8"));
  assert.equal(manifest.engines.vscode, engines.vscode);
});

test("every setting has a description, a scope and a default", () => {
  for (const [name, setting] of settings) {
    assert.match(name, /^tidemark\./);
    assert.ok(setting.markdownDescription?.endsWith(".") || setting.markdownDescription?.endsWith("`"), name);
    assert.ok(["machine", "machine-overridable", "window", "resource"].includes(setting.scope ?? ""), name);
    assert.notEqual(setting.default, undefined, name);
    for (const { enum: values, enumDescriptions } of [setting, setting.additionalProperties ?? setting]) {
      assert.equal(enumDescriptions?.length, values?.length, name);
    }
  }
});

test("how hosts are reached is the machine's: a workspace cannot set it, and it is not synchronised", () => {
  const machine = settings.filter(([, { scope }]) => scope === "machine");
  assert.deepEqual(machine.map(([name]) => name).sort(), [
    "tidemark.hosts",
    "tidemark.ssh.client",
    "tidemark.ssh.configFile",
  ]);
  for (const [name, { ignoreSync }] of machine) assert.equal(ignoreSync, true, name);
  assert.deepEqual(
    [...manifest.capabilities.untrustedWorkspaces.restrictedConfigurations].sort(),
    [...machine.map(([name]) => name), "tidemark.evaluation"].sort(),
  );
});

test("the defaults are the settings the server expects", () => {
  const levels = Object.fromEntries([...liveRules, ...rules].map(({ id }) => [id, "default" as const]));
  const defaults: ServerSettings = {
    hosts: {},
    scan: { limit: 10, ignore: [] },
    ssh: { configFile: "", client: "auto" },
    evaluation: "ask",
    rules: levels,
  };
  const nested: Record<string, unknown> = {};
  for (const [name, setting] of settings) {
    const parts = name.split(".").slice(1);
    if (parts[0] === "trace") continue;
    let level = nested;
    for (const part of parts.slice(0, -1)) {
      level[part] ??= {};
      level = level[part] as Record<string, unknown>;
    }
    level[parts.at(-1) ?? ""] = setting.default;
  }
  assert.deepEqual(nested, defaults);
});

test("the walkthrough links and waits for commands that exist", () => {
  const texts = walkthroughs.flatMap(({ steps }) =>
    steps.flatMap((step) => [step.description, ...step.completionEvents]),
  );
  const named = texts.flatMap((text) =>
    [...text.matchAll(/(?:command|onCommand):(tidemark\.\w+)/g)].map(([, id]) => id),
  );
  assert.ok(named.length >= 4);
  for (const id of named)
    assert.ok(
      commands.some(({ command }) => command === id),
      id,
    );
});

test("Nix is one language with the community's scope, and the injection is scoped to it", () => {
  assert.deepEqual(
    languages.map(({ id, extensions }) => [id, ...extensions]),
    [["nix", ".nix"]],
  );
  assert.deepEqual(
    grammars.map(({ scopeName, injectTo }) => [scopeName, ...(injectTo ?? [])]),
    [["source.nix"], ["tidemark.persistence.injection", "source.nix"]],
  );
});

test("the oldest editor promised is the one the types describe, and everything is bundled", () => {
  assert.equal(manifest.engines.vscode, manifest.devDependencies["@types/vscode"]);
  assert.equal(manifest.dependencies, undefined);
});
