// Writes the file systems of the demo hosts as plain folders, from the tables in roots/*.txt.
//
// A table has, one per line:
//   boot AGE · old AGE                         when this root was booted and, where an old root is kept, the boot before
//   system FSTYPE DEVICE [@root @nix @persist [@snapshots]]   what is mounted at /, /nix, /persist and /.snapshots
//   other MOUNTPOINT ROOT FSTYPE DEVICE        any other mount
//   user NAME UID GROUP HOME · group NAME GID  accounts; a user's group not named so has the user's number
//   bind PATH                                  a path mounted from /persist
//   now · was                                  what follows lies on this root, or on the old one
//   MODE OWNER[:GROUP] SIZE AGE PATH           a file, or a folder where PATH ends in "/"; AGE is counted from that root's boot
//   link OWNER - AGE PATH -> TARGET            a symbolic link
// PATH may hold one {a,b} or {1..9} for several. Folders above a path need no line of their own.
import { readFileSync } from "node:fs";
import { chmod, lutimes, mkdir, symlink, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const tables = fileURLToPath(new URL("roots", import.meta.url));
const seconds = { s: 1, m: 60, h: 3600, d: 86400 };

/** The number of seconds of `90s`, `4m`, `3h`, `2d`. */
function age(text) {
  const unit = seconds[text.slice(-1)];
  if (unit === undefined) throw new Error(`not a time: ${text}`);
  return Number(text.slice(0, -1)) * unit;
}

/** The number of bytes of `312`, `12k`. */
const bytes = (text) => (text.endsWith("k") ? Number(text.slice(0, -1)) * 1024 : Number(text));

function expand(text) {
  const found = /\{(?:(\d+)\.\.(\d+)|([^}]+))\}/.exec(text);
  if (!found) return [text];
  const [whole, from, to, list] = found;
  const names = list?.split(",") ?? Array.from({ length: Number(to) - Number(from) + 1 }, (_, at) => Number(from) + at);
  return names.map((name) => text.replace(whole, String(name)));
}

/** Reads the table of a host, after what all hosts have. */
function readTable(name) {
  const table = { boot: 0, old: null, system: [], others: [], users: [], groups: new Map(), binds: [], lines: [] };
  let section = "both";
  for (const file of ["common", name]) {
    for (const line of readFileSync(path.join(tables, `${file}.txt`), "utf8").split("\n")) {
      const words = line.trim().split(/\s+/);
      const [word = "", ...rest] = words;
      if (word === "" || word.startsWith("#")) continue;
      if (word === "boot" || word === "old") table[word] = age(rest[0]);
      else if (word === "system") table.system = rest;
      else if (word === "other") table.others.push(rest);
      else if (word === "user")
        table.users.push({ name: rest[0], uid: Number(rest[1]), group: rest[2], home: rest[3] });
      else if (word === "group") table.groups.set(rest[0], Number(rest[1]));
      else if (word === "bind") table.binds.push(rest[0]);
      else if (word === "now" || word === "was") section = file === "common" ? "both" : word;
      else
        table.lines.push({
          section,
          mode: word,
          owner: rest[0],
          size: rest[1],
          age: age(rest[2]),
          path: rest[3],
          target: rest[5],
        });
    }
  }
  for (const user of table.users) if (!table.groups.has(user.group)) table.groups.set(user.group, user.uid);
  return table;
}

const passwd = (users) =>
  users
    .map(({ name, uid, gid, home }) => `${name}:x:${uid}:${gid}::${home}:/run/current-system/sw/bin/bash\n`)
    .join("");

/** The mounts of a table as /proc/self/mountinfo tells them. */
function mountinfo({ system: [fsType, device, root = "/", nix, persist, snapshots], others, binds }) {
  const kept = fsType === "tmpfs" ? ["ext4", device, ""] : [fsType, device, persist];
  const mounts = [
    fsType === "tmpfs" ? ["/", "/", "tmpfs", "none"] : ["/", `/${root}`, fsType, device],
    ["/nix", nix ? `/${nix}` : "/nix", kept[0], kept[1]],
    ["/persist", kept[2] ? `/${kept[2]}` : "/persist", kept[0], kept[1]],
    ...(snapshots ? [["/.snapshots", `/${snapshots}`, fsType, device]] : []),
    ...others,
    ...binds.map((bind) => [bind, `${kept[2] ? `/${kept[2]}` : "/persist"}${bind}`, kept[0], kept[1]]),
  ];
  const devices = [...new Set(mounts.map((mount) => mount[3]))];
  return mounts
    .map(([point, from, type, source], at) => {
      const parent = at === 0 ? 1 : 20;
      return `${20 + at} ${parent} 0:${30 + devices.indexOf(source)} ${from} ${point} rw,relatime shared:${1 + at} - ${type} ${source} rw\n`;
    })
    .join("");
}

/** Writes paths below one folder, and remembers who would own them. */
class Writer {
  /** @type {Map<string, [number, number]>} path on disk → owner and group */
  owners = new Map();
  #times = new Map();

  async folder(at, { mode = 0o755, owner, time, top }) {
    if (!this.owners.has(at) && at !== top) {
      const parent = path.dirname(at);
      if (!this.owners.has(parent)) await this.folder(parent, { time, top });
      this.owners.set(at, owner ?? this.owners.get(parent) ?? [0, 0]);
      await mkdir(at, { recursive: true });
    } else if (owner) this.owners.set(at, owner);
    if (owner || !this.#times.has(at)) {
      // Without the owner's bits nobody but root could fill or remove the folder.
      await chmod(at, mode | 0o700);
      this.#times.set(at, time);
    }
  }

  async file(at, { mode, owner, size, time, text, top }) {
    await this.folder(path.dirname(at), { time, top });
    // What is not given is made from name and size: the same file in two roots is then the same to the byte.
    const content =
      text ?? `${path.relative(top, at)} ${size}\n`.repeat(1 + Math.ceil(4096 / path.basename(at).length));
    const length = size ?? content.length;
    await writeFile(at, content.slice(0, length));
    await truncate(at, length);
    await chmod(at, mode);
    this.#times.set(at, time);
    this.owners.set(at, owner);
  }

  async link(at, { owner, time, target, top }) {
    await this.folder(path.dirname(at), { time, top });
    await symlink(target, at);
    this.#times.set(at, time);
    this.owners.set(at, owner);
  }

  /** Sets the times, last of all: filling a folder changes its own. */
  async finish() {
    for (const [at, time] of this.#times) await lutimes(at, time, time);
  }
}

/**
 * Writes the root of `host` to `folder`/root, and to `folder`/owners.json who owns which path there, as `{ path: [uid, gid] }` with
 * paths relative to that root: only root may give files away, and the demo runs as anyone.
 * Gives `{ bootTime, fsType, oldRoot }`: seconds since the epoch, the type of the root, and the old root's path on the host or null.
 */
export async function writeRoot(host, folder, now = Math.floor(Date.now() / 1000)) {
  const table = readTable(host);
  const users = table.users.map((user) => ({ ...user, gid: table.groups.get(user.group) }));
  const ids = (owner) => {
    const [user, group] = owner.split(":");
    const known = users.find(({ name }) => name === user) ?? { uid: Number(user), gid: Number(user) };
    const gid = group === undefined ? known.gid : table.groups.get(group);
    if (!Number.isInteger(known.uid) || gid === undefined) throw new Error(`${host}: no such owner: ${owner}`);
    return [known.uid, gid];
  };
  const bootTime = now - table.boot;
  const root = path.join(folder, "root");
  const stamp = new Date(bootTime * 1000).toISOString().slice(0, 19).replace("T", "_").replaceAll(":", "-");
  const oldRoot = table.old === null ? null : `/.snapshots/old_roots/${stamp}`;
  const writer = new Writer();
  const tops = [{ top: root, boot: bootTime, section: "now" }];
  if (oldRoot) tops.push({ top: path.join(root, oldRoot), boot: now - table.old, section: "was" });

  const passwords = passwd(users);
  const groups = [...table.groups].map(([name, gid]) => `${name}:x:${gid}:\n`).join("");
  for (const { top, boot, section } of tops) {
    await mkdir(top, { recursive: true });
    await writer.folder(top, { owner: [0, 0], time: boot, top });
    const common = { mode: 0o644, owner: [0, 0], time: boot, top };
    await writer.file(path.join(top, "etc/passwd"), { ...common, text: passwords });
    await writer.file(path.join(top, "etc/group"), { ...common, text: groups });
    for (const line of table.lines.filter((line) => line.section === "both" || line.section === section)) {
      const entry = { owner: ids(line.owner), time: boot + line.age, top, target: line.target };
      for (const name of expand(line.path)) {
        const kept = section === "now" && table.binds.some((bind) => name === bind || name.startsWith(`${bind}/`));
        // What is mounted from /persist lies there too.
        for (const at of [path.join(top, name), ...(kept ? [path.join(top, "persist", name)] : [])]) {
          if (line.mode === "link") await writer.link(at, entry);
          else if (name.endsWith("/"))
            await writer.folder(at.slice(0, -1), { ...entry, mode: Number.parseInt(line.mode, 8) });
          else await writer.file(at, { ...entry, mode: Number.parseInt(line.mode, 8), size: bytes(line.size) });
        }
      }
    }
  }
  const here = { owner: [0, 0], time: bootTime, top: root };
  const mounts = mountinfo(table);
  for (const line of mounts.split("\n")) {
    const point = line.split(" ")[4];
    // The mount point of a file is a file: those are all in the table.
    if (point && point !== "/" && !writer.owners.has(path.join(root, point)))
      await writer.folder(path.join(root, point), here);
  }
  await writer.file(path.join(root, "proc/self/mountinfo"), { ...here, mode: 0o444, text: mounts });
  await writer.file(path.join(root, "proc/stat"), {
    ...here,
    mode: 0o444,
    text: `cpu 0 0 0 0 0 0 0 0 0 0\nbtime ${bootTime}\n`,
  });
  // Its root was made at this boot.
  const births = `${bootTime + 2} ${bootTime + 2} .\n`;
  await writer.file(path.join(root, "proc/births"), { ...here, mode: 0o444, text: births });
  await writer.finish();
  const owners = Object.fromEntries([...writer.owners].map(([at, ids]) => [path.relative(root, at), ids]));
  await writeFile(path.join(folder, "owners.json"), JSON.stringify(owners));
  return { bootTime, fsType: table.system[0], oldRoot };
}
