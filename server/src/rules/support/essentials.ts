import type { EntryKind } from "../../persistence/model";
import type { Level } from "../rule";

/** A path of the system that nearly every host with an ephemeral root needs. */
export interface Essential {
  readonly path: string;
  readonly kind: EntryKind;
  /** Read so early at boot that preservation must be told. */
  readonly early: boolean;
  readonly level: Level;
  readonly message: string;
  /** Judged only where one of these is persisted. */
  readonly onlyWith?: readonly string[];
}

export const essentials: readonly Essential[] = [
  {
    path: "/var/lib/nixos",
    kind: "directory",
    early: true,
    level: "warning",
    message:
      '"/var/lib/nixos" is not persisted on this host. Without it, ids of users and groups can change at a reboot and files get the wrong owner. Add it to `directories`.',
  },
  {
    path: "/etc/machine-id",
    kind: "file",
    early: true,
    level: "hint",
    message:
      '"/var/log" is persisted, but "/etc/machine-id" is not. The host gets a new id at each boot, and journalctl no longer shows earlier boots. Add it to `files`.',
    onlyWith: ["/var/log", "/var/log/journal"],
  },
  {
    path: "/var/log",
    kind: "directory",
    early: false,
    level: "hint",
    message:
      '"/var/log" is not persisted on this host, so its logs are lost at each reboot. Add it to `directories` to keep them.',
  },
];
