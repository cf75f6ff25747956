import { createConnection, type Socket } from "node:net";
import { once } from "node:events";
import { LOOPBACK } from "../../../envoy-local/lib/ports.ts";

/** How a client leaves: with a TCP reset, or with a FIN. */
export type Leave = "reset" | "end";

/** A client that speaks HTTP/1.1 over a socket of its own, and may leave at any time. */
export class LeavingClient {
  readonly #socket: Socket;
  #received = "";

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding("latin1");
    socket.on("data", (chunk: string) => {
      this.#received += chunk;
    });
    // What a client that leaves does not want to know.
    socket.on("error", () => undefined);
  }

  /** Connects as many clients. */
  static async connect(port: number, count: number): Promise<LeavingClient[]> {
    return Promise.all(
      Array.from({ length: count }, async () => {
        const socket = createConnection({ port, host: LOOPBACK, noDelay: true });
        await once(socket, "connect");
        return new LeavingClient(socket);
      }),
    );
  }

  /** Sends the head of a request, and of its body so much as given. */
  send(method: string, path: string, headers: Readonly<Record<string, string>>, body = ""): void {
    const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    this.#socket.write(`${method} ${path} HTTP/1.1\r\n${fields.join("")}\r\n${body}`);
  }

  /** What has come so far, as text. */
  get received(): string {
    return this.#received;
  }

  /** Settles with what has come as soon as anything has; fails when the connection ends first. */
  async something(): Promise<string> {
    if (this.#received === "") await once(this.#socket, "data");
    return this.#received;
  }

  /** Settles with what has come when the server has closed the connection. */
  async everything(): Promise<string> {
    if (!this.#socket.readableEnded) await once(this.#socket, "end");
    return this.#received;
  }

  /** Reads no more, so that what the server sends piles up. */
  stopReading(): void {
    this.#socket.pause();
  }

  leave(how: Leave): void {
    if (how === "reset") this.#socket.resetAndDestroy();
    else this.#socket.end();
  }
}
