import { createServer, type RequestListener, type Server } from "node:http";

/** An Envoy keeps its connections to upstreams for an hour; a server that closes idle ones first breaks requests. */
const KEEP_ALIVE = 3_600_000;

/** The address of a program from its environment: HOST (default: every address) and PORT. */
function listenAddress(defaultPort: number): { host: string; port: number } {
  const text = process.env["PORT"] ?? String(defaultPort);
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`PORT is "${text}": it must be a number from 0 (any free port) to 65535`);
  }
  return { host: process.env["HOST"] ?? "0.0.0.0", port };
}

/** Serves HTTP/1.1 as the environment says, tells the parent process the port, and ends on SIGTERM and SIGINT. */
export function serve(name: string, defaultPort: number, listener: RequestListener): Server {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE }, listener);
  const { host, port } = listenAddress(defaultPort);
  server.listen(port, host, () => {
    const address = server.address();
    const bound = typeof address === "object" && address !== null ? address.port : port;
    console.log(`${name} listens on ${host}:${bound}`);
    process.send?.({ port: bound });
  });
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      process.exit(0);
    });
  }
  return server;
}
