import { closeSync, mkdirSync, openSync, rmSync, symlinkSync, writeFileSync, writeSync } from "node:fs";
import path from "node:path";

/**
 * A root like that of a host in use: container layers, homes with projects and caches, many services, databases, flat folders of many
 * files. `entries` is about how many paths it gets; the shape stays the same. The same for the same number.
 */
export function writeRoot(root: string, entries: number): void {
  const share = (part: number): number => Math.max(1, Math.floor((entries * part) / 100));
  const write = new Writer(root);
  write.proc();
  for (let layer = 0, left = share(30); left > 0; layer += 1) {
    left -= write.layer(`var/lib/containers/storage/overlay/${hex(layer, 16)}/diff`, layer, Math.min(left, 4000));
  }
  for (let service = 0; service < 40; service += 1) write.service(service, share(0.4));
  write.database("var/lib/postgresql/16/base", share(6));
  for (const [user, part] of [
    ["josh", 30],
    ["mia", 8],
  ] as const)
    write.home(`home/${user}`, share(part));
  write.flat("srv/photos", share(6), 5000);
  write.flat("var/cache/build", share(3), 1000);
  write.flat("var/log/journal", share(1), 300);
  for (let index = 0; index < Math.min(300, share(0.5)); index += 1)
    write.link(`etc/conf-${index}.d/unit.conf`, `/etc/static/conf-${index}.d/unit.conf`);
}

/** Makes about `share` of the paths of a root that `writeRoot` made another: changed, removed, added, replaced. */
export function changeRoot(root: string, entries: number): void {
  const write = new Writer(root);
  const base = path.join(root, "var/lib/postgresql/16/base");
  const files = Math.max(1, Math.floor((entries * 6) / 100));
  // Written in place, as databases do: what is written has the size of what was there.
  for (let index = 0; index < files; index += 4) {
    const at = openSync(path.join(base, `${index % 12}`, `${16_384 + index}`), "r+");
    writeSync(at, `${index % 7}`);
    closeSync(at);
  }
  const photos = Math.max(1, Math.floor((entries * 6) / 100));
  for (let index = 0; index < photos; index += 3) rmSync(path.join(root, flatFile("srv/photos", index, 5000)));
  write.flat("srv/scans", Math.floor((entries * 2) / 100), 5000);
}

const hex = (value: number, digits: number): string =>
  (Math.imul(value + 1, 2_654_435_761) >>> 0).toString(16).padStart(8, "0").repeat(2).slice(0, digits);

const flatFile = (folder: string, index: number, each: number): string =>
  `${folder}/batch-${Math.floor(index / each)}/IMG_2026${String(index).padStart(7, "0")}.jpg`;

const words = [
  "alpha",
  "config",
  "data",
  "index",
  "main",
  "module",
  "node",
  "state",
  "store",
  "types",
  "util",
  "worker",
];

class Writer {
  private readonly made = new Set<string>();

  constructor(private readonly root: string) {}

  proc(): void {
    this.file("etc/passwd", passwd);
    this.file("etc/group", "root:x:0:\nusers:x:100:\npostgres:x:71:\n");
    this.file("etc/machine-id", "0123456789abcdef0123456789abcdef\n");
    this.file("var/lib/nixos/uid-map", "{}");
  }

  folder(name: string): number {
    if (this.made.has(name)) return 0;
    this.made.add(name);
    mkdirSync(path.join(this.root, name), { recursive: true });
    return 1;
  }

  file(name: string, text = ""): number {
    const folders = this.folder(path.dirname(name));
    if (text !== "") writeFileSync(path.join(this.root, name), text);
    else closeSync(openSync(path.join(this.root, name), "w"));
    return folders + 1;
  }

  link(name: string, target: string): void {
    this.folder(path.dirname(name));
    symlinkSync(target, path.join(this.root, name));
  }

  /** A container layer: a distribution's files. Returns how many paths it made. */
  layer(folder: string, seed: number, count: number): number {
    let made = this.folder(folder);
    for (let index = 0; made < count; index += 1) {
      const group = Math.floor(index / 9);
      const place = `usr/${["lib", "share", "include"][group % 3]}/${words[group % 12]}-${group % 60}/${words[(group + seed) % 12]}${group}`;
      made += this.file(`${folder}/${place}/${words[index % 12]}_${index}.so.${index % 4}`);
    }
    return made;
  }

  service(index: number, count: number): void {
    const known = ["forgejo", "grafana", "jellyfin", "vaultwarden", "prometheus2", "bluetooth", "NetworkManager"];
    const folder = `var/lib/${known[index] ?? `service-${index}`}`;
    for (let made = 0, at = 0; made < count; at += 1)
      made += this.file(
        `${folder}/${words[at % 5]}/part-${at % 40}/${words[at % 12]}-${at}.db`,
        at % 9 === 0 ? "x".repeat(64) : "",
      );
  }

  database(folder: string, count: number): void {
    for (let index = 0; index < count; index += 1)
      this.file(`${folder}/${index % 12}/${16_384 + index}`, "8192 bytes of a page");
  }

  home(folder: string, count: number): void {
    for (let at = 0, made = 0; made < count * 0.65; at += 1) {
      const group = Math.floor(at / 8);
      const project = `${folder}/Projects/project-${group % 30}/node_modules`;
      made += this.file(
        `${project}/@scope-${group % 7}/package-${group % 300}/dist/${words[group % 12]}-${group}/${words[at % 12]}${at}.js`,
      );
    }
    for (let at = 0, made = 0; made < count * 0.2; at += 1)
      made += this.file(
        `${folder}/.cache/app-${at % 25}/${["Cache", "objects", "entries"][at % 3]}/${hex(at, 2)}/${hex(at, 16)}${at}`,
      );
    for (let at = 0, made = 0; made < count * 0.1; at += 1)
      made += this.file(`${folder}/.local/share/app-${at % 60}/${words[at % 12]}/${words[at % 7]}-${at}.bin`);
    for (let at = 0, made = 0; made < count * 0.05; at += 1)
      made += this.file(`${folder}/.config/app-${at % 50}/${words[at % 12]}-${at}.json`, at % 5 === 0 ? "{}" : "");
  }

  flat(folder: string, count: number, each: number): void {
    for (let index = 0; index < count; index += 1) this.file(flatFile(folder, index, each));
  }
}

const passwd = `root:x:0:0::/root:/bin/sh
josh:x:1000:100::/home/josh:/bin/sh
mia:x:1001:100::/home/mia:/bin/sh
postgres:x:71:71::/var/lib/postgresql:/bin/sh
`;
