import assert from "node:assert/strict";
import { test } from "node:test";
import type { Deployed, HostUnit, JournalRecord } from "../../../server/src/hosts/model";
import { missedPaths } from "../../../server/src/scan/missed";
import { coverage, mount, scanOf } from "./roots";

const record = (
  path: string,
  what: JournalRecord["what"] = "missing",
  unit: string | null = "a.service",
  count = 1,
): JournalRecord => ({
  unit,
  path,
  what,
  message: `about ${path}`,
  time: 1,
  count,
});
const unit = (name: string, stateDirectories: readonly string[]): HostUnit => ({
  name,
  description: "",
  state: "active",
  dynamicUser: false,
  user: null,
  group: null,
  stateDirectories,
  cacheDirectories: [],
  logsDirectories: [],
  configurationDirectories: [],
  program: null,
});
const deployed = (units: readonly HostUnit[]): Deployed => ({
  units,
  tmpfiles: [],
  storages: [],
  live: new Map(),
  space: null,
  notes: [],
});

const root = scanOf(
  `
/etc/ssh/ssh_host_rsa_key
/var/lib/there/data 10
lost /var/lib/bluetooth/a/info 5
/home/josh/.config/app/x @josh
`,
  {
    mounts: [mount("/"), mount("/persist"), mount("/var/lib/mounted")],
    deployed: deployed([unit("deep.service", ["/var/lib/nested/deep"])]),
  },
);
const outline = (records: readonly JournalRecord[]) =>
  missedPaths(records, root, coverage(["/var/lib/kept"], ["/etc/machine-id"])).map(
    ({ path, state, units }) => `${state} ${path} ${units.join(",")}`,
  );

test("what nothing keeps and something missed, at the level a person would write", () => {
  assert.deepEqual(
    outline([
      record("/var/lib/there/data", "failed", "there.service", 9),
      record("/var/lib/new/conf/app.ini", "missing", "new.service", 2),
      record("/var/lib/new/conf", "denied", "other.service"),
      record("/var/lib/bluetooth/a/info"),
      record("/var/lib/nested/deep/x", "missing", "deep.service"),
      record("/home/josh/.config/app/y", "missing", null),
      record("/etc/ssh/ssh_host_ed25519_key", "failed", "sshd.service"),
    ]),
    [
      "lost /var/lib/bluetooth a.service",
      "absent /var/lib/new new.service,other.service",
      "absent /etc/ssh/ssh_host_ed25519_key sshd.service",
      "absent /home/josh/.config/app ",
      "absent /var/lib/nested/deep deep.service",
      "there /var/lib/there there.service",
    ],
  );
});

test("what is kept, mounted, a matter of rights alone, or of folders that many share is none", () => {
  assert.deepEqual(
    outline([
      record("/var/lib/kept/x"),
      record("/etc/machine-id"),
      record("/var/lib/mounted/x"),
      record("/persist/y/z"),
      record("/var/lib/denied/x", "denied"),
      record("/var/lib"),
      record("/var/cache/x/y"),
      record("/home/josh/.cache/x"),
    ]),
    [],
  );
});
