import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { LOOPBACK } from "../../../envoy-local/lib/ports.ts";

/** A module as a WasmPlugin fetches it over HTTP. */
export interface ServedModule {
  readonly url: string;
  /** The SHA-256 of the file, in hexadecimal: a WasmPlugin's `sha256` for `http://`. */
  readonly digest: string;
}

/** A web server that has Wasm modules. */
export class ModuleServer {
  readonly #modules = new Map<string, Buffer>();
  readonly #server: Server = createServer((request, response) => {
    const module = this.#modules.get(request.url ?? "");
    response.writeHead(module ? 200 : 404, { "content-type": "application/wasm" }).end(module);
  });

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

  /** Serves a file from now on, as it is now. */
  serve(file: string): ServedModule {
    const module = readFileSync(file);
    const digest = createHash("sha256").update(module).digest("hex");
    const path = `/${digest}.wasm`;
    this.#modules.set(path, module);
    return { url: `http://${LOOPBACK}:${(this.#server.address() as AddressInfo).port}${path}`, digest };
  }
}
