import assert from "node:assert/strict";
import path from "node:path";
import { before, describe, test } from "node:test";
import { nixAvailable } from "../nix/support";
import { entriesOfHosts } from "./adapter";
import { mistakes } from "./compare";
import { judged, projects, projectsFolder, unsureOf, type Worlds } from "./judge";

const withoutNix = nixAvailable ? false : "nix-instantiate is not installed";

describe("whole projects, judged by Nix", { skip: withoutNix }, () => {
  let answers: ReadonlyMap<string, Worlds>;

  before(() => {
    answers = judged(projectsFolder, projects);
  });

  test("every project has a host that keeps something, and what may be missing is there", () => {
    for (const project of projects) {
      const rows = (answers.get(project) ?? []).flatMap((hosts) =>
        [...hosts].flatMap(([host, all]) => all.map((row) => ({ host, ...row }))),
      );
      assert.ok(rows.length > 0, project);
      for (const { host, path: at } of unsureOf(project))
        assert.ok(
          rows.some((row) => row.host === host && row.path === at),
          `${project}: ${host} never has ${at}`,
        );
    }
  });

  for (const project of projects)
    test(project, async () => {
      const worlds = answers.get(project) ?? [];
      const ours = await entriesOfHosts(path.join(projectsFolder, project));
      const hosts = [...(worlds[0]?.keys() ?? [])];
      assert.deepEqual([...ours.keys()].sort(), hosts.sort());
      for (const host of hosts) {
        const said = ours.get(host);
        const real = worlds.map((world) => world.get(host) ?? []);
        const unsure = new Set(
          unsureOf(project)
            .filter((one) => one.host === host)
            .map((one) => one.path),
        );
        assert.ok(said !== undefined);
        assert.deepEqual(mistakes(said, real, unsure), [], `${project}: ${host}`);
      }
    });
});
