import type { Writer } from "../hosts/model";
import { isUnknown } from "../knowledge/nearest";
import type { Find } from "./find";

/** Where services keep what is theirs. */
const ofServices = /^\/(?:var\/(?:lib|cache|spool|www)|srv|opt)\//;
/** Units of the system itself. */
const ofSystem = /^(?:systemd|dbus|nscd|logrotate|nix)[-.@]/;

/** What a find belongs to: `services`, `system`, or `user:NAME` for what lies in a home. */
export function sectionOf(find: Find, by: Writer | null): string {
  if (find.home !== null) return `user:${by?.user ?? find.home.user?.name ?? "root"}`;
  const { advice } = find;
  if (advice !== null && !isUnknown(advice)) return advice.kind === "service" ? "services" : "system";
  if (by?.unit) return ofSystem.test(by.unit) ? "system" : "services";
  return ofServices.test(find.path) || by?.source === "owner" ? "services" : "system";
}
