import assert from "node:assert/strict";
import { test } from "node:test";
import { buildTree } from "../../../server/src/hosts/tree";
import { knownState, mayHoldState } from "../../../server/src/scan/outline";

test("what the catalog knows is named while folders have no contents yet, at the level it would be persisted", () => {
  const folder = (path: string) => ({ path, type: "directory" as const });
  const tree = buildTree([
    folder("/var/lib/forgejo"),
    folder("/var/lib/forgejo/data"),
    folder("/var/lib/nobody-knows"),
    folder("/home/josh/.ssh"),
    folder("/home/josh/.cache"),
    { path: "/var/lib/bluetooth", type: "symlink", target: "/persist/var/lib/bluetooth" },
    { path: "/var/lib/grafana", type: "directory", status: "lost" },
    { path: "/etc/machine-id" },
    { path: "/etc/passwd" },
  ]);
  const users = [{ name: "josh", uid: 1000, gid: 100, home: "/home/josh" }];
  assert.deepEqual(knownState({ tree, users }), ["/etc/machine-id", "/home/josh/.ssh", "/var/lib/forgejo"]);
});

test("a first look waits for folders with homes and for those of the catalog", () => {
  const users = [
    { name: "mia", uid: 1000, gid: 100, home: "/users/staff/mia" },
    { name: "gitolite", uid: 990, gid: 990, home: "/srv/gitolite" },
  ];
  const folders = ["/etc", "/home", "/media", "/root", "/srv", "/user", "/users", "/usr", "/var"];
  assert.deepEqual(
    folders.filter((folder) => mayHoldState(folder, users)),
    ["/etc", "/home", "/root", "/users", "/var"],
  );
});
