import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { chmodSync, mkdirSync, statSync } from "node:fs";
import path from "node:path";
import { after, test } from "node:test";
import {
  fingerprint,
  judgeHostKey,
  type KnownHost,
  keyTypeOf,
  knownKeyTypes,
  lookupName,
  namesHost,
  parseKnownHosts,
} from "../../server/src/hosts/knownHosts";
import { canRecord, ownKnownHosts, readKnownHosts, recordHostKey } from "../../server/src/hosts/knownHostsFiles";
import { HostError } from "../../server/src/hosts/port";
import { matchesPattern } from "../../server/src/hosts/sshConfigPattern";
import { knownHost, newPlace } from "./support/place";
import { type KeyPair, newKey } from "./support/server";

const mine = newKey();
const other = newKey();
const rsa = newKey("rsa");
const place = newPlace();
after(() => place.remove());

const blob = (key: KeyPair) => Buffer.from(key.public.split(" ")[1] ?? "", "base64");
const read = (text: string): readonly KnownHost[] => parseKnownHosts(text, "known_hosts");
const hashed = (name: string, salt = "0123456789abcdefghij") =>
  `|1|${Buffer.from(salt).toString("base64")}|${createHmac("sha1", salt).update(name).digest("base64")}`;
const verdict = (text: string, names: readonly string[] = ["juni"]) => judgeHostKey(read(text), names, blob(mine)).kind;

const table: readonly (readonly [string, string, string, (readonly string[])?])[] = [
  ["nothing known", "", "unknown"],
  ["plain", knownHost("juni", mine), "match"],
  ["several names", knownHost("10.0.0.4,juni", mine), "match"],
  ["upper case in the file", knownHost("JUNI", mine), "match"],
  ["another host", knownHost("juno", mine), "unknown"],
  ["another key", knownHost("juni", other), "mismatch"],
  ["another key and ours", knownHost("juni", other) + knownHost("juni", mine), "match"],
  ["another type", knownHost("juni", rsa), "other-key-type"],
  ["another type and a changed key", knownHost("juni", rsa) + knownHost("juni", other), "mismatch"],
  ["hashed", knownHost(hashed("juni"), mine), "match"],
  ["hashed, changed", knownHost(hashed("juni"), other), "mismatch"],
  ["hashed, another host", knownHost(hashed("juno"), mine), "unknown"],
  ["a hash that is no hash", knownHost("|1|x", mine) + knownHost("|2|eA==|eA==", mine), "unknown"],
  ["wildcard", knownHost("jun?", mine), "match"],
  ["wildcard domain", knownHost("*.example.org", mine), "match", ["a.b.example.org"]],
  ["negation vetoes", knownHost("*,!juni", mine), "unknown"],
  ["negation of another", knownHost("!juno,*", mine), "match"],
  ["negation alone", knownHost("!juno", mine), "unknown"],
  ["port form", knownHost("[juni]:2222", mine), "match", ["[juni]:2222"]],
  ["port form with wildcard", knownHost("[*]:2222", mine), "match", ["[juni]:2222"]],
  ["port form, changed", knownHost("[juni]:2222", other), "mismatch", ["[juni]:2222"]],
  ["name without port confirms", knownHost("juni", mine), "match", ["[juni]:2222", "juni"]],
  ["name without port does not contradict", knownHost("juni", other), "unknown", ["[juni]:2222", "juni"]],
  ["revoked", `@revoked ${knownHost("*", mine)}`, "revoked"],
  ["revoked after a match", `${knownHost("juni", mine)}@revoked ${knownHost("*", mine)}`, "revoked"],
  ["revoked under the name without port", `@revoked ${knownHost("juni", mine)}`, "revoked", ["[juni]:2222", "juni"]],
  ["another key revoked", `@revoked ${knownHost("*", other)}`, "unknown"],
  ["authority", `@cert-authority ${knownHost("*", other)}`, "ca-only"],
  ["authority is not the host", `@cert-authority ${knownHost("*", mine)}`, "ca-only"],
  ["authority and the key itself", `@cert-authority ${knownHost("*", other)}${knownHost("juni", mine)}`, "match"],
  ["unknown marker", `@trusted ${knownHost("juni", mine)}`, "unknown"],
  ["comment", `# ${knownHost("juni", mine)}`, "unknown"],
  ["tabs, comment, CRLF", knownHost("juni", mine).replaceAll(" ", "\t").replace("\n", "\tjosh@here\r\n"), "match"],
  ["type differs from the key", knownHost("juni", mine).replace("ssh-ed25519", "ssh-rsa"), "unknown"],
  [
    "malformed line before",
    `juni\njuni ssh-ed25519\njuni ssh-ed25519 !!!!\n1024 35 12345\n${knownHost("juni", mine)}`,
    "match",
  ],
];
for (const [title, text, expected, names] of table) {
  test(`verdict: ${title}`, () => assert.equal(verdict(text, names), expected));
}

test("the verdict names the line, and the types known", () => {
  const changed = judgeHostKey(read(`# first\n\n${knownHost("juni", other)}`), ["juni"], blob(mine));
  assert.ok(changed.kind === "mismatch" && changed.entry.line === 3 && changed.entry.file === "known_hosts");
  const entries = read(knownHost("juni", rsa) + knownHost("juni", newKey("ecdsa")));
  const another = judgeHostKey(entries, ["juni"], blob(mine));
  assert.ok(another.kind === "other-key-type");
  assert.deepEqual(another.knownTypes, ["ssh-rsa", "ecdsa-sha2-nistp256"]);
  assert.deepEqual(knownKeyTypes(entries, ["juni"]), another.knownTypes);
});

test("the name a host is filed under", () => {
  assert.equal(lookupName("Juni", 22, null), "juni");
  assert.equal(lookupName("juni", 2222, null), "[juni]:2222");
  assert.equal(lookupName("::1", 2222, null), "[::1]:2222");
  assert.equal(lookupName("juni", 2222, "MyAlias"), "myalias");
});

test("patterns", () => {
  assert.ok(matchesPattern("", "*"));
  assert.ok(matchesPattern("abc", "a*c"));
  assert.ok(matchesPattern("a*c", "a*c"));
  assert.ok(!matchesPattern("abd", "a*c"));
  assert.ok(!matchesPattern("", "?"));
  assert.ok(!matchesPattern("a".repeat(5000), `${"*a".repeat(500)}b`));
  assert.ok(namesHost("[2001:db8::1]:22", "[2001:db8::1]:22"));
});

test("bytes that are no key have no type", () => {
  for (const bytes of [[], [0, 0, 0, 9], [0xff, 0xff, 0xff, 0xff, 1], [0, 0, 0, 1, 7, 0]]) {
    assert.equal(keyTypeOf(Uint8Array.from(bytes)), null);
  }
});

const keygen = spawnSync("ssh-keygen", ["-?"]).error === undefined;
const skip = keygen ? false : "ssh-keygen is not installed";

test("fingerprints are what ssh-keygen -lf prints", { skip }, () => {
  for (const type of ["ed25519", "rsa", "ecdsa"] as const) {
    const key = newKey(type);
    const printed = execFileSync("ssh-keygen", ["-lf", place.write("key.pub", key.public)], { encoding: "utf8" });
    assert.equal(fingerprint(blob(key)), printed.split(" ")[1]);
  }
});

test("lines are found where ssh-keygen -F finds them", { skip }, () => {
  const text = [
    knownHost("juni,10.0.0.4", mine),
    knownHost("*.lan,!bad.lan", other),
    knownHost("[juni]:2222", rsa),
    knownHost(hashed("secret.lan"), other),
    knownHost(hashed("[secret.lan]:2222"), rsa),
    knownHost("[::1]:2222", mine),
    `@revoked ${knownHost("old.lan", mine)}`,
  ].join("");
  const file = place.write("compared", text);
  const names = [
    "juni",
    "10.0.0.4",
    "a.lan",
    "bad.lan",
    "[juni]:2222",
    "secret.lan",
    "[secret.lan]:2222",
    "[::1]:2222",
  ];
  for (const name of [...names, "old.lan", "unknown", "[a.lan]:2222"]) {
    const { stdout } = spawnSync("ssh-keygen", ["-F", name, "-f", file], { encoding: "utf8" });
    const theirs = [...stdout.matchAll(/found: line (\d+)/g)].map(([, line]) => Number(line));
    const ours = read(text).filter((entry) => namesHost(entry.hosts, name));
    assert.deepEqual(
      ours.map(({ line }) => line),
      theirs,
      name,
    );
  }
});

test("a hash written by ssh-keygen -H is understood", { skip }, () => {
  const file = place.write("to-hash", knownHost("juni", mine) + knownHost("[juni]:2222", rsa));
  execFileSync("ssh-keygen", ["-H", "-f", file], { stdio: "ignore" });
  const entries = read(place.read("to-hash"));
  assert.equal(entries.filter(({ hosts }) => hosts.startsWith("|1|")).length, 2);
  assert.equal(judgeHostKey(entries, ["juni"], blob(mine)).kind, "match");
  assert.equal(judgeHostKey(entries, ["[juni]:2222"], blob(rsa)).kind, "match");
});

test("a missing file is empty, an unreadable one fails closed", async () => {
  assert.deepEqual(
    await readKnownHosts([path.join(place.folder, "none"), path.join(place.config, "none")], "juni"),
    [],
  );
  const folder = path.join(place.folder, "a-folder");
  mkdirSync(folder);
  await assert.rejects(
    readKnownHosts([folder], "juni"),
    (error) => error instanceof HostError && error.kind === "host-key-unknown" && error.message.includes(folder),
  );
});

test("keys are recorded in a private file of our own", async () => {
  const state = path.join(place.folder, "deep", "state");
  await recordHostKey(state, "[juni]:2222", "ssh-ed25519", blob(mine));
  await recordHostKey(state, "alias", "ssh-rsa", blob(rsa));
  const entries = await readKnownHosts([ownKnownHosts(state)], "juni");
  assert.equal(judgeHostKey(entries, ["[juni]:2222"], blob(mine)).kind, "match");
  assert.equal(judgeHostKey(entries, ["alias"], blob(rsa)).kind, "match");
  assert.equal(statSync(state).mode & 0o777, 0o700);
  assert.equal(statSync(ownKnownHosts(state)).mode & 0o777, 0o600);
});

test("a file that ends in the middle of a line is not spoiled", async () => {
  const state = path.join(place.folder, "half");
  mkdirSync(state);
  place.write("half/known_hosts", knownHost("first", other).trimEnd());
  chmodSync(ownKnownHosts(state), 0o600);
  await recordHostKey(state, "juni", "ssh-ed25519", blob(mine));
  const entries = await readKnownHosts([ownKnownHosts(state)], "juni");
  assert.deepEqual(
    entries.map(({ hosts }) => hosts),
    ["first", "juni"],
  );
});

test("names that would read back as something else are not recorded", () => {
  for (const name of ["", "a b", "a,b", "*", "a?", "!a", "#a", "@revoked", "|1|x|y"])
    assert.equal(canRecord(name), false, name);
  for (const name of ["juni", "[juni]:2222", "[::1]:22"]) assert.equal(canRecord(name), true, name);
});
