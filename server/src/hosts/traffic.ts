import type { HostConnection } from "./port";
import type { Stdin } from "./stdin";

/** Bytes of commands' input and output; what the transport adds to them is not in it. */
export interface Traffic {
  sent: number;
  received: number;
}

/** The same connection, with its bytes counted. */
export function counted(connection: HostConnection, traffic: Traffic): HostConnection {
  return {
    description: connection.description,
    get alive() {
      return connection.alive;
    },
    exec: (command, options) =>
      connection.exec(command, {
        ...options,
        stdin: countedInput(options.stdin, traffic),
        onStdout(chunk) {
          traffic.received += chunk.length;
          return options.onStdout(chunk);
        },
      }),
    close: () => connection.close(),
  };
}

function countedInput(stdin: Stdin, traffic: Traffic): Stdin {
  if (typeof stdin === "string" || stdin instanceof Uint8Array) {
    traffic.sent += Buffer.byteLength(stdin);
    return stdin;
  }
  return (async function* () {
    for await (const piece of stdin) {
      traffic.sent += piece.length;
      yield piece;
    }
  })();
}
