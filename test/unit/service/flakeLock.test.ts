import assert from "node:assert/strict";
import { test } from "node:test";
import { locksOldImpermanence, locksOldNixpkgs } from "../../../server/src/service/flakeLock";

type Input = Readonly<Record<string, unknown>>;
const lock = (inputs: Readonly<Record<string, unknown>>, nodes: Readonly<Record<string, Input>>): string =>
  JSON.stringify({ nodes: { root: { inputs }, ...nodes }, root: "root", version: 7 });
const at = (repo: string, date: string, ref?: string): Input => ({
  locked: { type: "github", repo, lastModified: Date.parse(date) / 1000 },
  original: { type: "github", repo, ...(ref === undefined ? {} : { ref }) },
});

const own = { nixpkgs: "nixpkgs_2", impermanence: "impermanence" };
const cases: readonly (readonly [string, string, { impermanence: boolean; nixpkgs: boolean }])[] = [
  [
    "both before",
    lock(own, { nixpkgs_2: at("nixpkgs", "2024-07-01"), impermanence: at("impermanence", "2025-09-19") }),
    { impermanence: true, nixpkgs: true },
  ],
  [
    "both after",
    lock(own, { nixpkgs_2: at("nixpkgs", "2025-01-01"), impermanence: at("impermanence", "2025-10-01") }),
    { impermanence: false, nixpkgs: false },
  ],
  [
    "an older release with later changes, and a nixpkgs that only an input has",
    lock(own, { nixpkgs_2: at("nixpkgs", "2025-02-01", "nixos-24.05"), nixpkgs: at("nixpkgs", "2026-01-01") }),
    { impermanence: false, nixpkgs: true },
  ],
  [
    "a newer release, beside an old nixpkgs of an input",
    lock(own, { nixpkgs_2: at("nixpkgs", "2024-11-20", "nixos-24.11-small"), nixpkgs: at("nixpkgs", "2020-01-01") }),
    { impermanence: false, nixpkgs: false },
  ],
  [
    "impermanence as a folder of the repository",
    lock(own, { impermanence: { locked: { type: "path", path: "./m", lastModified: 1 } } }),
    { impermanence: true, nixpkgs: false },
  ],
  [
    "inputs that follow others",
    lock({ nixpkgs: ["x", "nixpkgs"], impermanence: ["x", "impermanence"] }, { nixpkgs: at("nixpkgs", "2020-01-01") }),
    { impermanence: false, nixpkgs: false },
  ],
  ["no lock", "", { impermanence: false, nixpkgs: false }],
  ["another text", '{ "nodes": [null, 1, { "locked": 2 }], "root": 3 }', { impermanence: false, nixpkgs: false }],
];

for (const [title, text, expected] of cases)
  test(`what a flake.lock says: ${title}`, () => {
    assert.deepEqual({ impermanence: locksOldImpermanence(text), nixpkgs: locksOldNixpkgs(text) }, expected);
  });
