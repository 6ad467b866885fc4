import assert from "node:assert/strict";
import { test } from "node:test";
import type { Evaluation } from "../../../server/src/evaluation/evaluate";
import { EvaluationError } from "../../../server/src/evaluation/model";
import type { FileAccess } from "../../../server/src/service/fileStore";
import { Tidemark } from "../../../server/src/service/tidemark";
import { grammar } from "../../support/grammar";
import { scanOf } from "../scan/roots";
import { evaluated } from "./support";

const name = "/fleet/hosts/juni/default.nix";
const text = `# Ünïcode comes before
{ environment.persistence."/persist".directories = [ "/var/log" ] ++ import ./more.nix; /* ä */ foo = bar.baz; }
`;
const target = { kind: "flake", folder: "/fleet", host: "juni" } as const;

/** A service over files that are only here. */
async function service(files: Readonly<Record<string, string>> = { [name]: text, "/fleet/flake.nix": "{ }" }) {
  const disk: FileAccess = {
    stamp: (file) => files[file] ?? null,
    read: (file) => files[file] ?? null,
    kind: (file) => (files[file] === undefined ? null : "file"),
    list: () => [],
    real: (file) => file,
    nixFiles: (folder) => Object.keys(files).filter((file) => file.startsWith(folder)),
  };
  const tidemark = new Tidemark(await grammar(), disk);
  tidemark.folders = ["/fleet"];
  return tidemark;
}

function evaluationOf(paths: readonly string[], problem: EvaluationError | null = null): Evaluation {
  const entries = paths.map((path) => evaluated(path));
  const storages = [{ module: "impermanence", name: "/persist", path: "/persist", enabled: true }] as const;
  return {
    host: { storages, entries, fileSystems: [], users: [], services: [], failed: [] },
    answer: null,
    problem,
  };
}

const codes = (tidemark: Tidemark, file = name) =>
  tidemark.findings(file).flatMap(({ code }) => (code.startsWith("evaluation-") ? [code] : []));

test("paths only Nix knows count as persisted, until the evaluation is forgotten", async () => {
  const tidemark = await service();
  const scan = { ...scanOf("new /var/lib/grafana/db 90\nnew /var/lib/forgejo/db 90"), host: "juni" };
  tidemark.hosts.setScan("juni", scan, name, 0);
  const lost = () => tidemark.hosts.report("juni")?.candidates.map(({ path }) => path);
  assert.deepEqual(lost(), ["/var/lib/forgejo", "/var/lib/grafana"]);
  tidemark.evaluations.set("juni", target, evaluationOf(["/var/log", "/var/lib/grafana"]), (homes) =>
    tidemark.hosts.textOf("juni", null, homes),
  );
  assert.deepEqual(lost(), ["/var/lib/forgejo"]);
  assert.equal(tidemark.hosts.report("juni"), tidemark.hosts.report("juni"), "made once");
  assert.deepEqual(codes(tidemark), ["evaluation-differs"]);
  tidemark.evaluations.forget("juni");
  assert.deepEqual(lost(), ["/var/lib/forgejo", "/var/lib/grafana"]);
  assert.deepEqual(codes(tidemark), []);
  tidemark.dispose();
});

test("a text the editor has and the disk has not gets no findings of an evaluation", async () => {
  const tidemark = await service();
  tidemark.setText(name, text.replace("/var/log", "/srv"));
  tidemark.evaluations.set("juni", target, evaluationOf(["/var/log"]), (homes) =>
    tidemark.hosts.textOf("juni", name, homes),
  );
  assert.deepEqual(codes(tidemark), []);
  tidemark.setText(name, text);
  assert.deepEqual(codes(tidemark), [], "what was compared was another text");
  tidemark.evaluations.set("juni", target, evaluationOf(["/srv"]), (homes) =>
    tidemark.hosts.textOf("juni", name, homes),
  );
  assert.equal(codes(tidemark).length, 2);
  tidemark.dispose();
});

test("an error is shown where Nix points, whose columns are bytes; without a place on the flake", async () => {
  const tidemark = await service();
  const line = text.split("\n")[1] ?? "";
  const column = Buffer.byteLength(line.slice(0, line.indexOf("bar.baz"))) + 1;
  const error = (place: EvaluationError["place"]) => new EvaluationError("nix-error", "It fails.", "Look.", place);
  tidemark.evaluations.setFailed("juni", target, error({ file: name, line: 2, column }));
  const [shown] = tidemark.findings(name).filter(({ code }) => code === "evaluation-failed");
  assert.equal(text.slice(shown?.span.start, shown?.span.end), "bar.baz");
  assert.equal(shown?.message, "It fails. Look.");
  tidemark.evaluations.setFailed("juni", target, error(null));
  assert.deepEqual(codes(tidemark), []);
  assert.deepEqual(codes(tidemark, "/fleet/flake.nix"), ["evaluation-failed"]);
  tidemark.evaluations.setFailed("juni", target, error({ file: name, line: 999, column: 999 }));
  assert.deepEqual(codes(tidemark), ["evaluation-failed"], "a place outside the text is no reason to fail");
  tidemark.dispose();
});
