import { type AddressInfo, type Socket, connect, createServer } from "node:net";
import { onTestFinished } from "vitest";
import { LOOPBACK } from "../../../envoy-local/lib/ports.ts";

/** What stands between a client and a server, and passes on a bounded number of the server's bytes in each connection. */
export interface StallingProxy {
  readonly host: string;
  /** Settles when a connection has come to the end of what is passed on. */
  readonly stalled: Promise<void>;
}

/**
 * A proxy in front of a server on loopback, for one test.
 *
 * @param limit bytes of the server's that are passed on in each connection
 * @param atLimit `stall`: nothing more comes; `reset`: the connection ends
 */
export async function stallingProxy(port: number, limit: number, atLimit: "stall" | "reset"): Promise<StallingProxy> {
  const sockets = new Set<Socket>();
  let resolve: () => void = () => undefined;
  const stalled = new Promise<void>((settle) => {
    resolve = settle;
  });
  const server = createServer((client) => {
    const upstream = connect(port, LOOPBACK);
    let passed = 0;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => sockets.delete(socket));
    }
    client.pipe(upstream);
    upstream.on("data", (chunk: Buffer) => {
      client.write(chunk.subarray(0, Math.max(0, limit - passed)));
      passed += chunk.length;
      if (passed < limit) return;
      resolve();
      if (atLimit === "reset") client.destroy();
    });
    client.on("close", () => upstream.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, LOOPBACK, listening));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { host: `${LOOPBACK}:${(server.address() as AddressInfo).port}`, stalled };
}
