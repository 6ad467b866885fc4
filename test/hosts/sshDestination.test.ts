import assert from "node:assert/strict";
import test from "node:test";
import { hostAndPort, parseDestination } from "../../server/src/hosts/destination";
import { HostError } from "../../server/src/hosts/port";

const good: readonly (readonly [string, object])[] = [
  ["juni", { host: "juni" }],
  ["josh@juni", { user: "josh", host: "juni" }],
  ["josh@10.0.0.4:2222", { user: "josh", host: "10.0.0.4", port: 2222 }],
  ["juni:22", { host: "juni", port: 22 }],
  ["ssh://josh@juni.example.org:22/", { user: "josh", host: "juni.example.org", port: 22 }],
  ["ssh://juni", { host: "juni" }],
  ["::1", { host: "::1" }],
  ["josh@[fe80::1%eth0]:22", { user: "josh", host: "fe80::1%eth0", port: 22 }],
  ["[2001:db8::1]", { host: "2001:db8::1" }],
  ["josh@corp.example@bastion", { user: "josh@corp.example", host: "bastion" }],
  ["büro_pc-1", { host: "büro_pc-1" }],
];
for (const [text, expected] of good) {
  test(`reads ${text}`, () => assert.deepEqual(parseDestination(text), expected));
}

const bad = [
  "",
  "-oProxyCommand=x",
  "a b",
  "$(x)",
  "`x`",
  "juni;reboot",
  "juni|x",
  "a&b",
  "a\nb",
  "a\u0000b",
  "a\u00a0b",
  "josh@",
  "@juni",
  "josh@-oProxyCommand=x",
  "-l@juni",
  "jo$sh@juni",
  "juni:",
  "juni:0",
  "juni:65536",
  "juni:22x",
  "juni:-1",
  "[juni]:22",
  "[::1",
  "::1%$(x)",
  "ssh://juni/path",
  "ssh://-x",
  "web*",
  "!juni",
  "a,b",
  "../x",
  "x".repeat(600),
];
for (const text of bad) {
  test(`refuses ${JSON.stringify(text.slice(0, 40))}`, () => {
    assert.throws(
      () => parseDestination(text),
      (error) => error instanceof HostError && error.kind === "bad-destination" && !/\p{Cc}/u.test(error.message),
    );
  });
}

test("an IPv6 address is bracketed before a port", () => {
  assert.equal(hostAndPort("::1", 22), "[::1]:22");
  assert.equal(hostAndPort("juni", 22), "juni:22");
});
