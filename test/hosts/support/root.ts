import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestContext } from "node:test";
import type { HostScan, ScanTree } from "../../../server/src/hosts/model";
import type { HostConnection } from "../../../server/src/hosts/port";
import { type ScanOptions, scanHost } from "../../../server/src/hosts/scanHost";

/** What a path of a made root is: contents of a file, or a link's target. Names ending in `/` are folders. */
export type Made = string | { readonly link: string } | { readonly text: string; readonly mode: number };

export const bootTime = 1_795_000_000;

/** A root like that of a host with subvolumes and bind mounts from the storage, as its kernel would describe it. */
export const mountinfo = `22 1 0:30 /@root / rw,relatime shared:1 - btrfs /dev/sda2 rw,subvol=/@root
23 22 0:31 / /proc rw - proc proc rw
24 22 0:30 /@nix /nix rw - btrfs /dev/sda2 rw,subvol=/@nix
25 22 0:30 /@persist /persist rw - btrfs /dev/sda2 rw,subvol=/@persist
26 22 0:30 /@snapshots /.snapshots rw - btrfs /dev/sda2 rw,subvol=/@snapshots
27 22 0:30 /@persist/var/log /var/log rw - btrfs /dev/sda2 rw,subvol=/@persist
28 22 0:30 /@persist/etc/machine-id /etc/machine-id rw - btrfs /dev/sda2 rw,subvol=/@persist
29 22 0:30 /@persist/srv/od\\040d\\134(x)*\\012y /srv/od\\040d\\134(x)*\\012y rw - btrfs /dev/sda2 rw,subvol=/@persist
`;

/** Writes `files` below `folder`. */
export function write(folder: string, files: Readonly<Record<string, Made>>): void {
  for (const [name, made] of Object.entries(files)) {
    const at = path.join(folder, name);
    mkdirSync(name.endsWith("/") ? at : path.dirname(at), { recursive: true });
    if (name.endsWith("/")) continue;
    if (typeof made === "string") writeFileSync(at, made);
    else if ("link" in made) symlinkSync(made.link, at);
    else {
      writeFileSync(at, made.text);
      chmodSync(at, made.mode);
    }
  }
}

/** A new folder, removed after the test. Other users may pass through it. */
export function temporaryFolder(context: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), "tidemark-root-"));
  chmodSync(folder, 0o755);
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A root with users and a recorded `proc`, and `files`. */
export function recordedRoot(context: TestContext, files: Readonly<Record<string, Made>> = {}): string {
  const folder = temporaryFolder(context);
  write(folder, {
    "proc/self/mountinfo": mountinfo,
    "proc/stat": `cpu  1 2 3\nbtime ${bootTime}\nprocesses 5\n`,
    "etc/passwd":
      "root:x:0:0:Admin:/root:/bin/sh\njosh:x:1000:100::/home/josh:/bin/fish\nnobody:x:65534:65534::/var/empty:\n",
    "etc/group": "root:x:0:\nusers:x:100:\n",
    ...files,
  });
  return folder;
}

export function scan(connection: HostConnection, root: string, options: Partial<ScanOptions> = {}): Promise<HostScan> {
  return scanHost(connection, {
    host: "test",
    root,
    signal: new AbortController().signal,
    log: () => {},
    onProgress: () => {},
    ...options,
  });
}

/** Every path but `/`, each with its status, in order. */
export function statuses(tree: ScanTree): Record<string, string> {
  const found: Record<string, string> = {};
  const visit = (folder: number): void => {
    for (const node of tree.children(folder)) {
      found[tree.path(node)] = tree.status(node);
      visit(node);
    }
  };
  visit(tree.root);
  return found;
}
