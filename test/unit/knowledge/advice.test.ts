import assert from "node:assert/strict";
import { test } from "node:test";
import { adviceBelow, coveringAdvice, lookup } from "../../../server/src/knowledge/advice";
import { catalog } from "../../../server/src/knowledge/catalog";
import { nearestAdvice } from "../../../server/src/knowledge/nearest";

const home = "/home/josh";

test("every path of the catalog is found under its own name", () => {
  for (const entry of catalog) {
    for (const path of entry.paths) {
      const filled = path.path.replace(/<[^>]*>/g, "main");
      const advice = lookup(entry.kind === "user-app" ? `${home}/${filled}` : filled, home);
      assert.equal(advice?.id, entry.id, filled);
      assert.equal(advice?.exact, true, filled);
      assert.equal(advice?.path, path.path, filled);
    }
  }
});

test("a home is taken by convention where none is given", () => {
  assert.equal(lookup("/home/josh/.ssh", null)?.id, "ssh");
  assert.equal(lookup("/root/.ssh", null)?.id, "ssh");
  assert.equal(lookup("/root/.cache/borg", null)?.id, "borgbackup-jobs");
  assert.equal(lookup("/data/josh/.ssh", null), null);
  assert.equal(lookup("/data/josh/.ssh", "/data/josh")?.id, "ssh");
  assert.equal(lookup("/home/joshua/.ssh", "/home/josh"), null);
});

test("placeholders match one part of a path", () => {
  const advice = lookup("/var/lib/authelia-main", null);
  assert.equal(advice?.match, "placeholder");
  assert.equal(lookup("/var/lib/authelia-main/db", null), null);
});

test("the public name of a service with a dynamic user leads to its private folder", () => {
  const advice = lookup("/var/lib/AdGuardHome", null);
  assert.equal(advice?.match, "public-name");
  assert.equal(advice?.path, "/var/lib/private/AdGuardHome");
  assert.equal(advice?.exact, false);
  assert.equal(lookup("/var/lib/nomad", null)?.exact, true);
});

test("folders of the home are known in any case", () => {
  assert.equal(lookup(`${home}/projects`, home)?.match, "same-name");
  assert.equal(lookup(`${home}/Projects`, home)?.match, "path");
});

test("unknown paths follow the pattern of their place", () => {
  const table: [string, string | undefined, string | undefined][] = [
    ["/var/lib/thingd", "var-lib-svc", "required"],
    ["/var/lib/private/thingd", "var-lib-private-svc", "required"],
    ["/var/cache/thingd", "var-cache-svc", "optional"],
    ["/var/cache/private/thingd", "var-cache-private", "never"],
    ["/var/log/thingd", "var-log", "recommended"],
    ["/etc/thingd", "etc", "never"],
    ["/etc/ssh/ssh_host_ecdsa", "etc-known", "required"],
    ["/stuff", "top-level", "optional"],
    ["/opt/a", "opt", "optional"],
    ["/home/josh", "home-whole", "recommended"],
    ["/home/josh/.cache/x", "xdg-cache", "never"],
    ["/home/josh/.config/x", "xdg-config", "optional"],
    ["/home/josh/.local/share/x", "xdg-data", "recommended"],
    ["/home/josh/.local/state/x", "xdg-state", "recommended"],
    ["/home/josh/.local/bin", "local-bin", "optional"],
    ["/home/josh/.foo", "home-dot", "recommended"],
    ["/home/josh/stuff", "home-plain", "recommended"],
    ["/var/lib/thingd/db", undefined, undefined],
    ["/data/x", undefined, undefined],
    ["/", undefined, undefined],
  ];
  for (const [path, id, persist] of table) {
    const advice = lookup(path, null);
    assert.equal(advice?.id, id, path);
    assert.equal(advice?.persist, persist, path);
    if (advice !== null) assert.deepEqual([advice.kind, advice.exact, advice.type], ["pattern", false, null], path);
  }
});

test("names from a host cannot confuse the look-up", () => {
  assert.equal(lookup("/var/lib/__proto__", null)?.id, "var-lib-svc");
  assert.equal(lookup("/var/lib/a\nb", null)?.id, "var-lib-svc");
  assert.equal(lookup("/var/lib/.*", null)?.id, undefined);
  assert.equal(lookup("/home/josh/constructor", home)?.id, "home-plain");
});

test("coveringAdvice is the nearest catalog path at or above", () => {
  assert.equal(coveringAdvice("/var/lib/forgejo/repositories/a", null)?.path, "/var/lib/forgejo");
  assert.equal(coveringAdvice("/var/lib/forgejo/custom/conf/app.ini", null)?.path, "/var/lib/forgejo/custom/conf");
  assert.equal(coveringAdvice(`${home}/.ssh/id_ed25519`, home)?.path, ".ssh");
  assert.equal(coveringAdvice("/var/lib/thingd/x", null), null);
});

test("adviceBelow tells where to look inside", () => {
  for (const path of ["/", "/var", "/etc/ssh", home, `${home}/.mozilla`]) assert.ok(adviceBelow(path, home), path);
  for (const path of ["/var/lib/headscale", "/srv", `${home}/.mozilla/firefox`, "/home/other/.ssh"])
    assert.ok(!adviceBelow(path, home), path);
});

test("nearestAdvice does not take a broad folder for a program's own", () => {
  assert.deepEqual([nearestAdvice(`${home}/.ssh/config`, home)].map((n) => [n.basis, n.advice?.id])[0], [
    "above",
    "ssh",
  ]);
  assert.equal(nearestAdvice("/var/log/foo", null).advice?.kind, "pattern");
  assert.equal(nearestAdvice("/var/lib/private/foo", null).advice?.kind, "pattern");
});

test("what an entry says of a loss is not said of its caches and logs", () => {
  assert.equal(lookup(`${home}/.cache/mozilla`, home)?.impactIfLost, null);
  assert.match(lookup(`${home}/.mozilla/firefox`, home)?.impactIfLost ?? "", /bookmarks/i);
});

test("single files are known as files, so that they are not written as directories", () => {
  const files = [
    "/boot/keyfile_nvme0n1p1",
    "/boot/data.key",
    "/boot/data.keyfile",
    "/boot/crypto_keyfile.bin",
    "/etc/machine-id",
    "/var/lib/dbus/machine-id",
    "/etc/adjtime",
    "/etc/ssh/ssh_host_ecdsa_key",
    "/etc/ssh/ssh_host_ecdsa_key.pub",
    "/etc/NetworkManager/system-connections/Wi-Fi at home.nmconnection",
    ...[".bash_history", ".zsh_history", ".bashrc", ".zshrc", ".profile", ".gitconfig", ".ssh/known_hosts"].map(
      (name) => `${home}/${name}`,
    ),
  ];
  for (const path of files) {
    const advice = lookup(path, null);
    assert.deepEqual([advice?.exact, advice?.type], [true, "file"], path);
  }
  const key = lookup("/boot/keyfile_nvme0n1p1", null);
  assert.deepEqual([key?.role, key?.persist], ["secret", "required"]);
  for (const path of ["/boot/keyring/x", "/boot/loader", "/etc/NetworkManager/system-connections"])
    assert.notEqual(lookup(path, null)?.type, "file", path);
});
