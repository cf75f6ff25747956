import { createServer, type Server, type Socket } from "node:net";
import { LOOPBACK } from "../../../envoy-local/lib/ports.ts";

/** A request's head as it came over the wire; all text is bytes as Latin-1. */
export interface RawHead {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/**
 * An upstream that keeps the heads of all requests, in their order, and answers 200 to each. It reads bytes where an
 * HTTP library would refuse some requests or put them right. Requests with a body are not for it.
 */
export class RawUpstream {
  readonly heads: RawHead[] = [];
  readonly #server: Server = createServer((socket) => {
    this.#serve(socket);
  });
  readonly #sockets = new Set<Socket>();

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the upstream is not started");
    return address.port;
  }

  async start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(0, LOOPBACK, resolve);
    });
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    socket.on("error", () => undefined);
    let text = "";
    socket.on("data", (data) => {
      text += data.toString("latin1");
      for (let end = text.indexOf(END); end >= 0; end = text.indexOf(END)) {
        this.heads.push(headOf(text.slice(0, end)));
        text = text.slice(end + END.length);
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
      }
    });
  }
}

const END = "\r\n\r\n";

function headOf(text: string): RawHead {
  const [line = "", ...fields] = text.split("\r\n");
  const [, method = "", path = ""] = /^([^ ]*) (.*) HTTP\/1\.1$/s.exec(line) ?? [];
  return {
    method,
    path,
    headers: fields.map((field) => {
      const colon = field.indexOf(":");
      return [field.slice(0, colon), field.slice(colon + 1).replace(/^ /, "")];
    }),
  };
}
