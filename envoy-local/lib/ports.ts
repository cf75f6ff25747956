import { createServer } from "node:net";

/** The only address anything of the harness listens on. */
export const LOOPBACK = "127.0.0.1";

/**
 * A TCP port of the loopback address nobody listens on right now.
 *
 * Another process can take it before its user does: whoever starts a program on it must try again with another one when
 * the program says so. Programs that can listen on port 0 and tell which one they got are started that way instead.
 */
export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, LOOPBACK, () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === "string") {
          reject(new Error(`no port in ${JSON.stringify(address)}`));
        } else {
          resolve(address.port);
        }
      });
    });
  });
}
