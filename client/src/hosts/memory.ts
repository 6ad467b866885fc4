import type { Memento } from "vscode";

const KEY = "tidemark.host";

/** The host selected for this workspace. It is a name only; how to reach it stays with the machine. */
export interface HostMemory {
  get(): string | null;
  set(host: string): Promise<void>;
}

export function createHostMemory(workspaceState: Memento, onChange: () => void): HostMemory {
  return {
    get: () => {
      const host = workspaceState.get<unknown>(KEY);
      return typeof host === "string" && host !== "" ? host : null;
    },
    set: async (host) => {
      await workspaceState.update(KEY, host);
      onChange();
    },
  };
}
