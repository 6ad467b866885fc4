// What a keystroke costs: reparse, read, and all findings, against one whole parse of the same file.

import { readPersistence } from "../../server/src/persistence/read";
import { checkFile } from "../../server/src/rules";
import { SyntaxDocument } from "../../server/src/syntax/document";
import { grammar } from "../support/grammar";

const module = `  services.example = {
    enable = true;
    settings = { port = 8080; hosts = [ "a" "b" ]; };
  };
  # Kept by hand.
  environment.etc."example.conf".text = ''
    key = value
  '';
`;

async function measure(lines: number): Promise<void> {
  const parsed = await grammar();
  const block = `  environment.persistence."/persist" = {\n    directories = [\n${Array.from({ length: 40 }, (_, index) => `      "/var/lib/service-${index}"\n`).join("")}    ];\n  };\n`;
  const body = module.repeat(Math.ceil(lines / 8));
  const text = `{ config, lib, ... }:\n{\n${block}${body}}\n`;
  const at = text.indexOf("service-20");
  const floor: number[] = [];
  const steps: number[] = [];
  const document = new SyntaxDocument(parsed, text);
  for (let round = 0; round < 30; round++) {
    let started = performance.now();
    new SyntaxDocument(parsed, text).dispose();
    floor.push(performance.now() - started);
    started = performance.now();
    const typed = `${text.slice(0, at)}x${round}${text.slice(at)}`;
    document.update(typed);
    if (document.root === null) throw new Error("the parser gave up on an ordinary file");
    const file = { name: "/x.nix", text: typed, persistence: readPersistence(document.root, typed) };
    checkFile({
      file,
      host: [file],
      hostIsWhole: false,
      evaluated: [],
      standsAlone: () => false,
      mentionedElsewhere: () => false,
      oldImpermanence: () => false,
      oldNixpkgs: () => false,
    });
    steps.push(performance.now() - started);
  }
  document.dispose();
  const [parse, keystroke] = [percentile(floor, 0.5), percentile(steps, 0.95)];
  console.log(
    `  ${lines} lines (${Math.round(text.length / 1024)} kB): one parse ${parse.toFixed(1)} ms, a keystroke ${keystroke.toFixed(1)} ms at p95, ratio ${(keystroke / parse).toFixed(2)}`,
  );
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

async function main(): Promise<void> {
  for (const lines of [200, 1000, 4000]) await measure(lines);
}

void main();
