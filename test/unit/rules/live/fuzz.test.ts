import assert from "node:assert/strict";
import { test } from "node:test";
import { checkHost } from "../../../../server/src/rules/live";
import { sheetText } from "../../../../server/src/rules/live/support/commands";
import { quote } from "../../../../server/src/syntax/strings";
import { random } from "../../../support/random";
import { hostOf } from "./host";
import { contextOf, fixed } from "./support";

const names = [
  "var",
  "lib",
  "log",
  "etc",
  "home",
  "josh",
  ".config",
  "a'b",
  "$(id)",
  "\u202etxt.exe",
  "a\u0007b",
  "x".repeat(300),
  "ä",
];
const odd = [
  "/",
  "",
  "//",
  "/persist",
  "/persist/x",
  "../up",
  "/a/../b",
  "/etc/machine-id",
  "/etc/ssh/ssh_host_rsa_key",
  "/var/lib/nixos",
];
const storages = ["/persist", "/nix/persist", "/", "persist", "/persist/home/josh"];

/** A text and a host at random, both with names that mean harm. */
function made(seed: number): { readonly text: string; readonly host: string } {
  const pick = random(seed);
  const one = <T>(all: readonly T[]): T => all[pick(all.length)] ?? assert.fail("none to pick from");
  const path = () => (pick(6) === 0 ? one(odd) : `/${Array.from({ length: 1 + pick(4) }, () => one(names)).join("/")}`);
  const entry = (list: string) =>
    pick(3) > 0
      ? quote(path())
      : `{ ${list} = ${quote(path())}; mode = "0${pick(8)}${pick(8)}${pick(8)}"; user = "josh"; }`;
  const entries = (list: string) => Array.from({ length: pick(6) }, () => entry(list)).join(" ");
  const option = one(["environment.persistence", "preservation.preserveAt", "home.persistence"]);
  const lists = `directories = [ ${entries("directory")} ]; files = [ ${entries("file")} ];`;
  const users = option === "home.persistence" ? "" : `users.josh = { directories = [ ${entries("directory")} ]; };`;
  const text = `{ ${option}.${quote(one(storages))} = { ${lists} ${users} };${pick(9) === 0 ? " x = " : ""} }\n`;
  const words = [
    "",
    "/",
    " 0700 josh",
    " 0",
    " mounted",
    " -> /persist/x",
    " lost",
    "/ full",
    " 120d",
    " mounted elsewhere",
  ];
  const lines = Array.from({ length: pick(30) }, () => {
    const at = path().replace(/\s/g, "_");
    return `${pick(2) === 0 ? "/persist" : ""}${at.startsWith("/") ? at : `/${at}`}${one(words)}`;
  });
  return { text, host: [`root ${one(["btrfs", "tmpfs 95%", "ext4"])}`, ...new Set(lines)].join("\n") };
}

test("whatever a text says and a host has: no exception, nothing unseen in what is shown, no fix that breaks the text", async () => {
  let told = 0;
  for (let seed = 1; seed <= 400; seed++) {
    const { text, host } = made(seed);
    const context = await contextOf(hostOf(host), { "host.nix": text }, { whole: seed % 2 === 0 });
    const found = checkHost(context, () => ({}));
    told += found.length;
    for (const { message, fixes = [] } of found) {
      assert.doesNotMatch(message, /[\p{Cc}\u202e]/u, `seed ${seed}`);
      for (const fix of fixes) {
        assert.doesNotMatch(fix.title, /[\p{Cc}\u202e]/u, `seed ${seed}`);
        if (fix.kind === "commands") assert.doesNotMatch(sheetText(fix.sheet), /(?!\n)[\p{Cc}\u202e]/u, `seed ${seed}`);
      }
    }
    const after = fixed(context, found);
    const broken = context.files[0]?.persistence.syntaxError ?? null;
    if (after === null || broken !== null) continue;
    const again = await contextOf(hostOf(host), { "host.nix": after });
    assert.equal(again.files[0]?.persistence.syntaxError, null, `seed ${seed}: ${after}`);
  }
  assert.ok(told > 400, `${told} findings`);
});
