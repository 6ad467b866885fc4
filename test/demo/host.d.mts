export interface DemoHost {
  /** The folder to scan as if it were `/`. */
  readonly root: string;
  readonly port: number;
  /** Seconds since the epoch. */
  readonly bootTime: number;
  readonly fsType: string;
  /** As the host names it: `/.snapshots/old_roots/2026-11-21_09-30-00`. */
  readonly oldRoot: string | null;
}
export interface DemoHosts {
  readonly sshConfig: string;
  readonly knownHosts: string;
  readonly identity: string;
  readonly hosts: Readonly<Record<string, DemoHost>>;
  stop(): Promise<void>;
}
export const hostNames: readonly string[];
export const tools: readonly string[];
export function startDemoHosts(folder: string, names?: readonly string[]): Promise<DemoHosts>;
