import { printable } from "./failures";
import { forgetSecret, rememberedSecret, rememberSecret } from "./identitiesSecrets";
import type { HostConnection, Prompter } from "./port";
import type { Elevation } from "./probeScript";
import type { Facts } from "./recordsFacts";

/** Becoming root on a host by sudo, for reading what only root may. */

/** `never` leaves sudo alone; a prompter is asked for the password where sudo wants one. Without either it is used where it asks nothing. */
export type SudoChoice = "never" | Pick<Prompter, "secret">;

/** As many as sudo itself allows. */
const tries = 3;

/**
 * Reads the facts of a host with the rights that can be had, by `read`, and says how to have them again. The password is asked for
 * once for each login and kept in memory; where none is given or it stays wrong the facts are those of the plain user.
 */
export async function readElevated(
  connection: HostConnection,
  choice: SudoChoice | undefined,
  signal: AbortSignal,
  read: (elevate: Elevation) => Promise<Facts>,
): Promise<{ readonly facts: Facts; readonly elevate: Elevation }> {
  if (choice === "never") return { facts: await read("no"), elevate: "no" };
  const plain = await read("ask");
  if (plain.sudo === "sudo") return { facts: plain, elevate: "sudo" };
  if (plain.sudo !== "refused" || choice === undefined) return { facts: plain, elevate: "no" };
  const who = `${printable(plain.login) || "this user"} on ${connection.description}`;
  for (let round = 0; round < tries; round++) {
    const prompt = `${round === 0 ? "" : "That was not accepted. "}sudo password of ${who}`;
    const remembered = rememberedSecret("password", `sudo ${who}`);
    const password = remembered ?? (await choice.secret({ kind: "password", prompt, echo: false }, signal));
    if (password === null) break;
    const facts = await read({ password });
    if (facts.sudo === "sudo") {
      rememberSecret("password", `sudo ${who}`, password);
      return { facts, elevate: { password } };
    }
    forgetSecret("password", `sudo ${who}`);
  }
  return { facts: plain, elevate: "no" };
}
