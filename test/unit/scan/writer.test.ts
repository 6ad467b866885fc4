/** Who keeps a path: what the host's units, tmpfiles rules and accounts tell, and what follows for level and verdict. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Candidate, Deployed, HostUnit, TmpfilesRule } from "../../../server/src/hosts/model";
import { buildReport } from "../../../server/src/scan/report";
import { boot, coverage, outline, scanOf } from "./roots";

function unit(name: string, more: Partial<HostUnit> = {}): HostUnit {
  return {
    name,
    description: "",
    state: "active",
    dynamicUser: false,
    user: null,
    group: null,
    stateDirectories: [],
    cacheDirectories: [],
    logsDirectories: [],
    configurationDirectories: [],
    program: null,
    ...more,
  };
}

function rule(path: string, file: string, type = "d"): TmpfilesRule {
  return { type, path, mode: null, user: null, group: null, file };
}

function reportOn(lines: string, units: readonly HostUnit[], tmpfiles: readonly TmpfilesRule[] = []) {
  const deployed: Deployed = { units, tmpfiles, storages: [], live: new Map(), space: null, notes: [] };
  return buildReport(scanOf(lines, { deployed }), coverage(), { now: boot + 200 });
}

function only(report: { readonly candidates: readonly Candidate[] }): Candidate {
  const [candidate, ...others] = report.candidates;
  assert.deepEqual(others, []);
  assert.ok(candidate);
  return candidate;
}

test("a unit's StateDirectory: named in the reason, and state even where nothing else is known", () => {
  const forgejo = unit("forgejo.service", {
    user: "forgejo",
    program: "forgejo-11.0.3/bin/gitea",
    stateDirectories: ["/var/lib/forgejo"],
  });
  const known = only(reportOn("/var/lib/forgejo/x 1200000000 @forgejo\n/var/lib/forgejo/ @forgejo", [forgejo]));
  assert.deepEqual(known.by, {
    source: "StateDirectory",
    unit: "forgejo.service",
    user: "forgejo",
    program: "Forgejo",
    text: "StateDirectory of forgejo.service",
  });
  assert.match(known.reason, /^State of Forgejo \(StateDirectory of forgejo\.service\)\. If lost: /);
  assert.match(known.reason, / On the host: 1 file, 1\.2 GB, owned by forgejo, changed today\.$/);

  const timetable = unit("timetable.service", {
    stateDirectories: ["/var/lib/timetable"],
    program: "timetable-1/bin/tt",
  });
  const unknown = only(reportOn("/var/lib/timetable/app.db", [timetable]));
  assert.deepEqual([unknown.verdict, unknown.section], ["persist", "services"]);
  assert.equal(unknown.by?.program, "timetable-1/bin/tt");
  assert.equal(unknown.about, "State of timetable.service (its StateDirectory).");
});

test("nested state directories: the unit's folder is proposed, whatever is known inside", () => {
  const nested = unit("house.service", { stateDirectories: ["/var/lib/house/custom", "/var/lib/house"] });
  assert.deepEqual(outline(reportOn("/var/lib/house/custom/a\n/var/lib/house/data/b", [nested])), [
    "persist /var/lib/house/",
  ]);
  const arr = ["radarr", "sonarr"].map((name) =>
    unit(`${name}.service`, { user: name, stateDirectories: [`/var/lib/arrs/${name}`] }),
  );
  const both = only(reportOn("/var/lib/arrs/radarr/a\n/var/lib/arrs/sonarr/b", arr));
  assert.equal(both.path, "/var/lib/arrs");
  assert.equal(both.by?.text, "StateDirectory of radarr.service and 1 more");
  const shared = unit("systemd-thing.service", { stateDirectories: ["/var/lib/systemd/thing"] });
  assert.equal(only(reportOn("/var/lib/systemd/thing/a", [shared])).path, "/var/lib/systemd/thing");
});

test("DynamicUser: the folder behind the link, and that its parent must be closed", () => {
  const hook = unit("webhookd.service", { dynamicUser: true, stateDirectories: ["/var/lib/webhookd"] });
  const lines = "/var/lib/webhookd -> private/webhookd\n/var/lib/private/webhookd/queue.db @64110";
  const candidate = only(reportOn(lines, [hook]));
  assert.deepEqual([candidate.path, candidate.verdict], ["/var/lib/private/webhookd", "persist"]);
  assert.equal(candidate.by?.unit, "webhookd.service");
  assert.match(candidate.about, /Keep \/var\/lib\/private itself at 0700, or systemd refuses to start the service\.$/);

  const { by } = only(buildReport(scanOf("/var/lib/private/odd/x @64111"), coverage()));
  assert.deepEqual([by?.source, by?.text], ["owner", "made by systemd for a service with DynamicUser"]);
});

test("caches, logs and configuration of units weigh less than state", () => {
  const thing = unit("thing.service", {
    cacheDirectories: ["/var/cache/thing"],
    logsDirectories: ["/var/log/thing"],
    configurationDirectories: ["/etc/thing"],
  });
  const report = buildReport(
    scanOf("/var/cache/thing/x 20000000\n/var/log/thing/y\n/etc/thing/z", {
      deployed: { units: [thing], tmpfiles: [], storages: [], live: new Map(), space: null, notes: [] },
    }),
    coverage(["/var/log/journal"]),
  );
  assert.deepEqual(
    report.candidates.map(({ path, verdict, by }) => `${verdict} ${path}: ${by?.text}`),
    [
      "probably /var/log/thing: LogsDirectory of thing.service",
      "probably /etc/thing: ConfigurationDirectory of thing.service",
      "ignore /var/cache/thing: CacheDirectory of thing.service",
    ],
  );
  assert.match(report.candidates[0]?.about ?? "", /^Logs of thing\.service\.$/);
  assert.match(report.candidates[2]?.about ?? "", /^Cache of thing\.service: /);
});

test("without a StateDirectory: the rule that makes it, the account it belongs to, the home it lies in", () => {
  const tmpfiles = [rule("/var/lib/odd", "odd.conf"), rule("/var/lib/gone", "gone.conf", "r")];
  const made = only(reportOn("/var/lib/odd/x", [], tmpfiles));
  assert.deepEqual([made.by?.source, made.by?.text], ["tmpfiles", "made by tmpfiles rule odd.conf"]);
  assert.equal(made.about, "By its place: state of a service (made by tmpfiles rule odd.conf).");
  assert.equal(only(reportOn("/var/lib/gone/x", [], tmpfiles)).by, null);

  const postgres = unit("postgresql.service", { user: "postgres" });
  const owned = only(reportOn("/var/lib/elsewhere/x\n/var/lib/elsewhere/ @postgres", [postgres]));
  assert.deepEqual([owned.verdict, owned.by?.unit], ["probably", "postgresql.service"]);
  assert.equal(owned.about, "Probably state of postgresql.service, which runs as postgres.");
  const ruled = only(
    reportOn(
      "/var/lib/elsewhere/x\n/var/lib/elsewhere/ @postgres",
      [postgres],
      [rule("/var/lib/elsewhere", "00-nixos.conf")],
    ),
  );
  assert.equal(ruled.by?.text, "made by tmpfiles rule 00-nixos.conf for postgresql.service");
  assert.equal(ruled.about, "Probably state of postgresql.service, which runs as postgres.");
  const bracketed = unit("bluetooth.service", { stateDirectories: ["/var/lib/bluetooth"] });
  assert.match(
    only(reportOn("/var/lib/bluetooth/x", [bracketed])).about,
    /^Bluetooth \(BlueZ\), StateDirectory of bluetooth\.service\. /,
  );
  const several = only(
    reportOn("/var/lib/elsewhere/ @postgres\n/var/lib/elsewhere/x", [
      postgres,
      unit("b.service", { user: "postgres" }),
    ]),
  );
  assert.equal(several.about, "Probably state of the service that runs as postgres.");

  const home = only(reportOn("/home/josh/.config/zettel/notes.db @josh", [postgres]));
  assert.deepEqual([home.by?.text, home.section], ["in the home of josh", "user:josh"]);
  const catalogued = only(reportOn("/home/josh/.config/Signal/config.json @josh", []));
  assert.deepEqual(
    [catalogued.by?.program, catalogued.by?.text, catalogued.by?.user],
    ["Signal Desktop", "known from the catalog", "josh"],
  );
});

test("keys at the top of the root come first among what is only probable, and are called keys", () => {
  const report = reportOn("/luks-secondary-unlock.key 4096 0400\n/srv/www/x 90000000\n/notes", []);
  assert.deepEqual(outline(report), ["probably /luks-secondary-unlock.key", "probably /srv/www/", "probably /notes"]);
  assert.match(report.candidates[0]?.about ?? "", /^A key, going by its name: /);
});
