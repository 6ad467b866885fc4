import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { randomness } from "../nix/random";
import { nixAvailable } from "../nix/support";
import { entriesOfHosts } from "./adapter";
import { mistakes } from "./compare";
import { judged } from "./judge";
import { randomProject } from "./randomProject";

const rounds = 80;
const skip = nixAvailable ? false : "nix-instantiate is not installed";

for (const share of [0, 20])
  test(`what is said of random projects is so, with ${share} % of their conditions unknown`, { skip }, async () => {
    const random = randomness(20_260_101 + share);
    const folder = mkdtempSync(path.join(tmpdir(), "projects-"));
    try {
      const names = Array.from({ length: rounds }, (_, index) => `p${index}`);
      const projects = new Map(names.map((name) => [name, randomProject(random, share)]));
      for (const [name, files] of projects)
        for (const [file, text] of files) {
          mkdirSync(path.dirname(path.join(folder, name, file)), { recursive: true });
          writeFileSync(path.join(folder, name, file), text);
        }
      let [hosts, exact] = [0, 0];
      for (const [name, worlds] of judged(folder, names)) {
        const ours = await entriesOfHosts(path.join(folder, name));
        for (const host of worlds[0]?.keys() ?? []) {
          const said = ours.get(host) ?? { rows: [], unknown: [{ reason: "the host is not found" }] };
          const real = worlds.map((world) => world.get(host) ?? []);
          const all = new Set(real.flat().map((row) => row.path));
          const text = [...(projects.get(name) ?? [])].map(([file, content]) => `--- ${file}\n${content}`).join("");
          assert.deepEqual(mistakes(said, real, all), [], `${name}, ${host}:\n${text}`);
          hosts++;
          if (mistakes(said, real, new Set()).length === 0) exact++;
        }
      }
      assert.ok(exact > hosts * 0.9, `only ${exact} of ${hosts} hosts are wholly known`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
