import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { diskFiles } from "../../../server/src/service/diskFiles";
import { Tidemark } from "../../../server/src/service/tidemark";
import { grammar } from "../../support/grammar";
import { random } from "../../support/random";

const flake = `{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  outputs = { nixpkgs, ... }: {
    nixosConfigurations.a = nixpkgs.lib.nixosSystem { modules = [ ./a.nix ]; specialArgs = { me = "a"; }; };
    nixosConfigurations.b = nixpkgs.lib.nixosSystem { modules = [ ./b.nix ./shared.nix ]; specialArgs = { me = "b"; }; };
  };
}
`;

/** The files there may be, and what each may say. */
const texts: Readonly<Record<string, readonly string[]>> = {
  "flake.nix": [
    flake,
    flake.replace("[ ./a.nix ]", "[ ./a.nix ./b.nix ]"),
    flake.replace(/.*nixosConfigurations.b.*\n/, ""),
  ],
  "a.nix": [
    `{ imports = [ ./shared.nix ./folder/x.nix ]; }`,
    `{ lib, ... }: { imports = lib.filesystem.listFilesRecursive ./folder; environment.persistence."/p".directories = [ "/a" ]; }`,
    `{ lib, ... }: { imports = lib.optional (builtins.pathExists ./folder/y.nix) ./shared.nix; }`,
    `{ imports = [ (import ./function.nix { at = "/of-a"; }) ]; environment.persistence."/p".files = [ (builtins.readFile ./name.txt) ]; }`,
    `{ lib, ... }: { environment.persistence = lib.mkIf ((import ./function.nix { at = "/cond"; }) != { }) { "/p".directories = [ "/b" ]; }; }`,
    `{ this does not parse`,
  ],
  "b.nix": [
    `{ config, ... }: { environment.persistence."/p".directories = config.dirs ++ [ "/b" ]; }`,
    `{ lib, ... }: { imports = [ ./folder (import ./function.nix { at = "/of-b"; }) ]; environment.persistence."/p".directories = map (x: "/\${x}") (lib.importJSON ./names.json); }`,
  ],
  "shared.nix": [
    `{ lib, me, ... }: { options.dirs = lib.mkOption { default = [ "/\${me}" ]; }; config.environment.persistence."/p".directories = [ "/shared/\${me}" ]; }`,
    `{ lib, me, ... }: { options.dirs = lib.mkOption { default = [ ]; }; config = lib.mkIf (me == "a") { dirs = [ "/only-a" ]; }; }`,
    `{ lib, ... }: { options.dirs = lib.mkOption { default = [ ]; }; }`,
  ],
  "function.nix": [
    `{ at }: { environment.persistence."/p".directories = [ at "/fn" ]; }`,
    `{ at }: let dirs = [ "\${at}/deep" ]; in { environment.persistence."/q".directories = dirs; }`,
  ],
  "folder/x.nix": [`{ environment.persistence."/p".directories = [ "/x" ]; }`, `{ }`],
  "folder/y.nix": [`{ environment.persistence."/p".directories = [ "/y" ]; }`, `{ dirs = [ "/y" ]; }`],
  "folder/default.nix": [
    `{ imports = [ ./x.nix ]; }`,
    `{ environment.persistence."/p".directories = [ "/default" ]; }`,
  ],
  "name.txt": ["/name", "/other-name"],
  "names.json": [`[ "json" ]`, `[ "json", "more" ]`],
};
const names = Object.keys(texts);
const rounds = 12;
const steps = 40;

/** All that a service says of the files: hosts, blocks and findings, as data. */
function view(service: Tidemark, root: string): unknown {
  for (const name of names) service.findings(path.join(root, name));
  const hosts = service.projects.modelOf(path.join(root, "flake.nix"))?.hosts ?? [];
  const files = names.map((name) => {
    const file = path.join(root, name);
    return [name, service.files.get(file)?.persistence.blocks ?? null, service.findings(file)];
  });
  return JSON.parse(
    JSON.stringify(
      [hosts.map(({ name, files: used, storages, unknown }) => [name, used, storages, unknown]), files],
      (_, value: unknown) => {
        // How much of a broken text is called what does not parse depends on what was parsed before.
        if (typeof value === "string" && value.includes("does not pars")) return "it does not parse";
        return value instanceof Map ? [...value] : value;
      },
    ),
  );
}

test("after any edits, what is said after a refresh is what a service says that starts anew", async () => {
  const parser = await grammar();
  for (let seed = 0; seed < rounds; seed++) {
    const next = random(seed);
    const pick = <T>(from: readonly T[]): T | undefined => from[next(from.length)];
    const folders = ["one", "two"].map((name) => path.join(mkdtempSync(path.join(tmpdir(), "refresh-")), name));
    const service = new Tidemark(parser, diskFiles);
    service.folders = folders;
    const open = new Map<string, string>();
    const log: string[] = [];
    const write = (file: string, text: string) => {
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text);
    };
    try {
      for (const folder of folders)
        for (const [name, choices] of Object.entries(texts))
          if (name !== "folder/y.nix") write(path.join(folder, name), choices[0] ?? "");
      for (let step = 0; step < steps; step++) {
        const folder = pick(folders) ?? "";
        const name = pick(names) ?? "";
        const file = path.join(folder, name);
        const text = pick(texts[name] ?? []) ?? "";
        const what = next(10);
        log.push(`${what} ${file} ${text}`);
        if (what < 4) {
          // Typed in two steps.
          service.setText(file, text.slice(0, next(text.length)));
          if (next(2) === 0) service.findings(path.join(folder, pick(names) ?? ""));
          service.setText(file, text);
          open.set(file, text);
        } else if (what < 6) {
          const [some] = [...open.keys()].slice(next(open.size + 1));
          if (some !== undefined) {
            service.close(some);
            open.delete(some);
          }
        } else if (what < 7) {
          write(file, text);
          service.filesChanged();
        } else if (what < 8) {
          if (name !== "flake.nix") rmSync(file, { force: true });
          service.filesChanged();
        } else {
          // What is said before a refresh may be old, but it has to be said.
          view(service, folder);
        }
        if (next(3) > 0) continue;
        // A refresh that a change comes in between of, or that is given up, leaves what was there.
        const given = service.projects.refresh();
        for (let turn = next(6); turn > 0 && given.next().done !== true; turn--)
          if (next(3) === 0) view(service, folder);
        if (next(3) === 0) {
          given.return(false);
          view(service, folder);
          for (const _ of service.projects.refresh());
        } else for (const _ of given);
        const fresh = new Tidemark(parser, diskFiles);
        fresh.folders = folders;
        for (const [at, content] of open) {
          // A file that does not parse counts as it last did.
          fresh.setText(at, service.files.soundText(at) ?? content);
          fresh.setText(at, content);
        }
        for (const one of folders)
          assert.deepEqual(view(service, one), view(fresh, one), `seed ${seed}:\n${log.join("\n")}`);
        fresh.projects.dispose();
        fresh.files.dispose();
      }
    } finally {
      service.projects.dispose();
      service.files.dispose();
      for (const folder of folders) rmSync(path.dirname(folder), { recursive: true });
    }
  }
});
