import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { LOOPBACK } from "../../../envoy-local/lib/ports.ts";

/** What an AuthorizationPolicy with CUSTOM asks over HTTP: it refuses paths with `denied` in them. */
export class ExternalAuthorizer {
  /** The paths it was asked about, in their order. */
  readonly seen: string[] = [];
  readonly #server: Server = createServer((request, response) => {
    const path = request.url ?? "";
    this.seen.push(path);
    response.writeHead(path.includes("denied") ? 403 : 200).end();
  });

  /** The port it serves on; only after `start`. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject).listen(0, LOOPBACK, resolve);
    });
  }

  async stop(): Promise<void> {
    await new Promise((resolve) => {
      this.#server.close(resolve);
      this.#server.closeAllConnections();
    });
  }
}
