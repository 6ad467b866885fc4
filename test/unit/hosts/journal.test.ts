import assert from "node:assert/strict";
import { test } from "node:test";
import { journalRecords, whatIsSaid } from "../../../server/src/hosts/journalRecords";

/** What programs write, and what it says. */
const messages: readonly (readonly [string, string | null])[] = [
  // systemd
  [
    "forgejo.service: Failed to set up mount namespacing: /var/lib/forgejo: No such file or directory",
    "missing /var/lib/forgejo",
  ],
  ["forgejo.service: Changing to the requested working directory failed: No such file or directory", null],
  ["x.service: Failed to load environment files: No such file or directory", null],
  [
    "Failed to open '/etc/crypttab.d/keys/data.key', ignoring: Permission denied",
    "denied /etc/crypttab.d/keys/data.key",
  ],
  // Go
  [
    "open /var/lib/headscale/noise_private.key: no such file or directory",
    "missing /var/lib/headscale/noise_private.key",
  ],
  ['level=fatal msg="stat /etc/traefik/traefik.yml: permission denied"', "denied /etc/traefik/traefik.yml"],
  ['exec: "/nix/store/abc/bin/x": stat /var/lib/x/bin: no such file or directory', "missing /var/lib/x/bin"],
  ["mkdir /var/lib/tempo/wal: read-only file system", "read-only /var/lib/tempo/wal"],
  // Python
  [
    "FileNotFoundError: [Errno 2] No such file or directory: '/var/lib/hass/configuration.yaml'",
    "missing /var/lib/hass/configuration.yaml",
  ],
  ["PermissionError: [Errno 13] Permission denied: '/var/lib/hass/my file'", "denied /var/lib/hass/my file"],
  // Node
  ["Error: ENOENT: no such file or directory, open '/home/node/.n8n/config'", "missing /home/node/.n8n/config"],
  ["Error: EACCES: permission denied, mkdir '/var/lib/n8n'", "denied /var/lib/n8n"],
  // Rust
  [
    "Error: failed to read /var/lib/garage/meta/node_key: No such file or directory (os error 2)",
    "missing /var/lib/garage/meta/node_key",
  ],
  [
    'thread main panicked: Os { code: 2, kind: NotFound, message: "No such file or directory" } /var/lib/vaultwarden',
    "missing /var/lib/vaultwarden",
  ],
  [
    "File \"/var/lib/app/main.py\", line 3, in load\nFileNotFoundError: [Errno 2] No such file or directory: '/var/lib/app/data'",
    "missing /var/lib/app/data",
  ],
  // PostgreSQL, nginx, sshd, Java, others
  [
    'FATAL:  could not open directory "/var/lib/postgresql/16/pg_wal": No such file or directory',
    "missing /var/lib/postgresql/16/pg_wal",
  ],
  [
    'nginx: [emerg] open() "/var/log/nginx/access.log" failed (2: No such file or directory)',
    "missing /var/log/nginx/access.log",
  ],
  [
    'nginx: [emerg] cannot load certificate "/var/lib/acme/a.org/fullchain.pem": BIO_new_file() failed',
    "failed /var/lib/acme/a.org/fullchain.pem",
  ],
  ["error: Could not load host key: /etc/ssh/ssh_host_rsa_key", "failed /etc/ssh/ssh_host_rsa_key"],
  [
    'Unable to load host key "/etc/ssh/ssh_host_ed25519_key": error in libcrypto',
    "failed /etc/ssh/ssh_host_ed25519_key",
  ],
  ["java.nio.file.NoSuchFileException: /var/lib/jenkins/config.xml", "missing /var/lib/jenkins/config.xml"],
  [
    "java.io.FileNotFoundException: /var/lib/unifi/system.properties (No such file or directory)",
    "missing /var/lib/unifi/system.properties",
  ],
  ["cp: cannot stat '/var/lib/secrets/a b': No such file or directory", "missing /var/lib/secrets/a b"],
  ["cat: /srv/data/./x//y: No such file or directory", "missing /srv/data/x/y"],
  ["config file /etc/frp/frps.toml not found", "missing /etc/frp/frps.toml"],
  ["Database directory /var/lib/clamav does not exist, exiting", "missing /var/lib/clamav"],
  ["/var/lib/x/run.sh:12: line 3: /var/lib/x/state: No such file or directory", "missing /var/lib/x/state"],
  // Not about a path of the root
  ["open /nix/store/abc-x/etc/y: no such file or directory", null],
  ["stat /proc/123/exe: permission denied", null],
  ["connect unix /run/foo.sock: no such file or directory", null],
  ["GET https://example.org/var/lib/x failed: 404 not found", null],
  ["open data/var/x: no such file or directory", null],
  ["open /var/lib/../../etc/shadow: no such file or directory", null],
  ["Failed to start Forgejo.", null],
  ["user /var/lib/forgejo logged in", null],
  ["file:///var/lib/x not found", null],
];

for (const [message, said] of messages) {
  test(`journal: ${message.slice(0, 90)}`, () => {
    const found = whatIsSaid(message);
    assert.equal(found === null ? null : `${found.what} ${found.path}`, said);
  });
}

const entry = (MESSAGE: unknown, more: Record<string, unknown> = {}) =>
  JSON.stringify({ MESSAGE, __REALTIME_TIMESTAMP: "1796069902123456", _SYSTEMD_UNIT: "a.service", ...more });

test("entries that say the same are counted, most often first; the unit is that of whom it is about", () => {
  const a = "open /var/lib/a: no such file or directory";
  const b = "open /var/lib/b: permission denied";
  const records = journalRecords([
    entry(b, { _SYSTEMD_UNIT: "init.scope", UNIT: "b.service" }),
    entry(a),
    entry(a),
    entry(a, { _SYSTEMD_UNIT: "bad name\n" }),
    "not json",
    "{",
    "[]",
    "null",
    entry([1, 2, 3]),
    entry(null),
    entry("nothing"),
  ]);
  assert.deepEqual(
    records.map(({ unit, path, what, count, time }) => [unit, path, what, count, time]),
    [
      ["a.service", "/var/lib/a", "missing", 2, 1_796_069_902],
      ["b.service", "/var/lib/b", "denied", 1, 1_796_069_902],
      [null, "/var/lib/a", "missing", 1, 1_796_069_902],
    ],
  );
});

test("what looks like a secret is not kept, control characters neither", () => {
  const secrets = [
    "password=hunter2",
    'token: "abc def"',
    "Authorization: Bearer abc123xyz",
    "API_KEY=Zm9vYmFy",
    "https://josh:hunter2@example.org/x",
    "key eyJhbGciOiJIUzI1NiJ9eyJzdWIiOiIxMjM0NTY3ODkwIn0",
    "secret hunter2",
  ];
  for (const secret of secrets) {
    const [record] = journalRecords([entry(`open /var/lib/a\u001b[31m: no such file or directory, ${secret}`)]);
    assert.ok(record !== undefined, secret);
    assert.doesNotMatch(record.message, /hunter2|abc def|abc123xyz|Zm9vYmFy|eyJhb|\u001b/, secret);
    assert.match(record.message, /^open \/var\/lib\/a/);
  }
  const [long] = journalRecords([entry(`open /var/lib/a: no such file ${"x ".repeat(5000)}`)]);
  assert.ok((long?.message.length ?? 0) <= 301);
});

test("at most 200 are kept, and no message takes long", () => {
  const many = Array.from({ length: 500 }, (_, index) => entry(`open /var/lib/${index}: no such file or directory`));
  assert.equal(journalRecords(many).length, 200);
  const started = performance.now();
  for (const evil of [
    "/a".repeat(40_000),
    "'/".repeat(40_000),
    `"/x ${"password ".repeat(9000)}`,
    "failed to ".repeat(9000),
    "a".repeat(90_000),
    "=".repeat(90_000),
    "1a.".repeat(40_000),
  ])
    journalRecords([
      entry(`${evil} no such file`),
      entry(`no such file ${evil}`),
      entry(`open /var/x: no such file ${evil}`),
    ]);
  assert.ok(performance.now() - started < 2000);
});
