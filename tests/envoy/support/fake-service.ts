import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { LOOPBACK } from "../../../envoy-local/lib/ports.ts";
import { fakeReply } from "../../fixtures/route/fake-replies.ts";

/** A service that replies what no real part says on demand; see `fake-replies.ts`. */
export class FakeService {
  readonly #server: Server = createServer(respond);

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
      // Some replies never end.
      this.#server.closeAllConnections();
    });
  }
}

function respond(request: IncomingMessage, response: ServerResponse): void {
  const { method = "", url: path = "", headersDistinct } = request;
  // Node reads header bytes as Latin-1; they are UTF-8.
  const utf8 = (values: string[]): string => Buffer.from(values.join(","), "latin1").toString("utf8");
  const headers = Object.entries(headersDistinct).map(([name, values = []]) => [name, utf8(values)] as const);
  const reply = fakeReply({ method, path, headers: Object.fromEntries(headers) });
  if (reply === "hangs") return;
  if (reply === "breaks") {
    response.writeHead(200, { "content-length": "1000" });
    response.write("{", () => response.destroy());
    return;
  }
  if (reply === "stalls") {
    response.writeHead(200, { "content-length": "1000" }).flushHeaders();
    return;
  }
  response.writeHead(reply.status, reply.headers);
  response.end(reply.body);
}
