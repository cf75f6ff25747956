import { createServer, type AddressInfo, type Server } from "node:net";

/** The only address anything of the harness listens on. */
export const LOOPBACK = "127.0.0.1";

/**
 * A TCP port of the loopback address nobody listens on right now.
 *
 * Another process can take it before its user does: whoever starts a program on it must try again with another one when
 * the program says so. Programs that can listen on port 0 and tell which one they got are started that way instead.
 */
export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}

/** As many different ones. */
export async function freePorts(count: number): Promise<number[]> {
  // All are taken before the first is given back.
  const servers = await Promise.all(Array.from({ length: count }, listenAnywhere));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

async function listenAnywhere(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, LOOPBACK, () => {
      resolve(server);
    });
  });
}
