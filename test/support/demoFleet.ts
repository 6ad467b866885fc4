import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { type DemoHosts, startDemoHosts } from "../demo/host.mjs";

/** The demo fleet's configuration and hosts, in a folder of a test's own. */
export interface DemoFleet {
  readonly folder: string;
  readonly demo: DemoHosts;
  /** Environment in which nothing of the user's is read or written. */
  readonly environment: NodeJS.ProcessEnv;
  /** A host's persistence file: its path, URI and text. */
  file(host: string): { readonly name: string; readonly uri: string; readonly text: string };
  stop(): Promise<void>;
}

export async function startDemoFleet(hosts: readonly string[]): Promise<DemoFleet> {
  const home = mkdtempSync(path.join(tmpdir(), "tidemark-fleet-"));
  const folder = path.join(home, "fleet");
  cpSync(path.join(__dirname, "..", "demo", "fleet"), folder, { recursive: true });
  const demo = await startDemoHosts(path.join(home, "hosts"), hosts);
  return {
    folder,
    demo,
    environment: { HOME: home, XDG_STATE_HOME: path.join(home, "state"), SSH_AUTH_SOCK: "", NO_COLOR: "1" },
    file(host) {
      const name = path.join(folder, "hosts", host, "impermanence.nix");
      return { name, uri: pathToFileURL(name).toString(), text: readFileSync(name, "utf8") };
    },
    async stop() {
      await demo.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
