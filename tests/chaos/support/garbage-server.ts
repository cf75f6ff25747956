import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { LOOPBACK } from "../../../envoy-local/lib/ports.ts";

/** What it answers a request with, and what it does then; a kind without `closes` keeps the connection. */
interface Garbage {
  readonly name: string;
  /** Or what they are for a request with that mark; see `MarkedReplyReader`. */
  readonly bytes: string | Buffer | ((mark: string) => string);
  readonly closes?: "end" | "reset";
}

const HUGE = 1024 * 1024;

function ok(body: string, contentType = "text/plain"): string {
  return `HTTP/1.1 200 OK\r\nContent-Type: ${contentType}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

function empty(status: string): string {
  return `HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`;
}

const HTML = "<!doctype html><html><body><h1>It works!</h1></body></html>";

const GARBAGE: readonly Garbage[] = [
  // Not HTTP.
  { name: "bytes", bytes: Buffer.from(Array.from({ length: 512 }, (_, index) => (index * 167) % 256)), closes: "end" },
  { name: "RESP without HTTP", bytes: "$2\r\n{}\r\n", closes: "end" },
  { name: "a greeting of another protocol", bytes: "220 mail.example.com ESMTP\r\n", closes: "end" },
  // Hardly HTTP.
  { name: "nothing, and a reset", bytes: "", closes: "reset" },
  { name: "nothing, and the end", bytes: "", closes: "end" },
  { name: "half a status line, and a reset", bytes: "HTTP/1.1 20", closes: "reset" },
  { name: "half a head, and silence", bytes: "HTTP/1.1 200 OK\r\nContent-Le" },
  { name: "half a body, and silence", bytes: "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n$5\r\n" },
  { name: "half a body, and the end", bytes: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n$5", closes: "end" },
  { name: "more body than length", bytes: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n$5\r\nhello\r\n" },
  { name: "a length that is none", bytes: "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n$-1\r\n" },
  { name: "a chunk without end", bytes: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n$" },
  { name: "a huge header", bytes: `HTTP/1.1 200 OK\r\nX-Huge: ${"x".repeat(HUGE)}\r\n\r\n`, closes: "end" },
  // HTTP, but not Webdis.
  { name: "HTML", bytes: ok(HTML, "text/html") },
  { name: "nothing at all", bytes: empty("200 OK") },
  { name: "no content", bytes: "HTTP/1.1 204 No Content\r\n\r\n" },
  { name: "a redirect", bytes: empty("302 Found") },
  { name: "not found", bytes: empty("404 Not Found") },
  { name: "an error", bytes: empty("500 Internal Server Error") },
  { name: "a huge body", bytes: ok("$".repeat(HUGE)) },
  // Webdis, but not a reply to the question.
  { name: "JSON without a mark", bytes: ok('{"GET":null}', "application/json") },
  { name: "RESP", bytes: ok('$15\r\n{"path":"/svc"}\r\n') },
  { name: "RESP for no such key", bytes: ok("$-1\r\n") },
  { name: "another one's record", bytes: ok(`t${"0".repeat(16)}_${"0".repeat(16)}({"GET":"{}"});\n`) },
  { name: "the mark of the next question", bytes: (mark) => ok(`${mark.slice(0, -1)}z({"GET":"{}"});\n`) },
  { name: "half a mark", bytes: (mark) => ok(mark.slice(0, 20)) },
  // A reply that makes no sense.
  { name: "a mark alone", bytes: (mark) => ok(`${mark}();\n`) },
  { name: "half a string", bytes: (mark) => ok(`${mark}({"GET":"{`) },
  { name: "half a string, ended", bytes: (mark) => ok(`${mark}({"GET":"{);\n`) },
  { name: "a reply, and more", bytes: (mark) => ok(`${mark}({"GET":null});\n${mark}({"GET":null});\n`) },
  { name: "a list", bytes: (mark) => ok(`${mark}([null]);\n`) },
  { name: "a number", bytes: (mark) => ok(`${mark}({"GET":42});\n`) },
  { name: "a reply to another command", bytes: (mark) => ok(`${mark}({"SET":[true,"OK"]});\n`) },
  // A value, but not a record.
  { name: "half a record", bytes: (mark) => ok(`${mark}({"GET":"{\\"path\\":"});\n`) },
  { name: "a record with a number for a path", bytes: (mark) => ok(`${mark}({"GET":"{\\"path\\":5}"});\n`) },
  { name: "text in place of a record", bytes: (mark) => ok(`${mark}({"GET":"hello"});\n`) },
];

/**
 * An error about one key shows that Redis works: it is no failure to the breaker. Every other answer is one, so that the
 * breaker stays closed and all kinds of garbage come by, again and again.
 */
const KEY_ERROR: Garbage = {
  name: "an error of Redis about the key",
  bytes: (mark) => ok(`${mark}({"GET":[false,"WRONGTYPE Operation against a key"]});\n`),
};

/**
 * A fake: takes the port of Webdis and answers each request with the next kind of garbage. Nothing it says is a record
 * or a miss; whatever it changed of a request would be a defect of the filter.
 */
export class GarbageServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #answered = 0;

  constructor() {
    this.#server = createServer((socket) => {
      this.#serve(socket);
    });
  }

  /** How often it has answered with every kind of garbage. */
  get rounds(): number {
    return Math.floor(this.#answered / (2 * GARBAGE.length));
  }

  async start(port: number): Promise<void> {
    this.#server.listen(port, LOOPBACK);
    await once(this.#server, "listening");
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    // The other side gives up on garbage in its own ways.
    socket.on("error", () => undefined);
    // A lookup's request is small: it comes in one piece.
    socket.on("data", (data) => {
      const garbage = this.#next();
      const mark = /jsonp=(\w+) /.exec(data.toString("latin1"))?.[1] ?? "";
      socket.write(typeof garbage.bytes === "function" ? garbage.bytes(mark) : garbage.bytes, () => {
        if (garbage.closes === "end") socket.end();
        if (garbage.closes === "reset") socket.resetAndDestroy();
      });
    });
  }

  #next(): Garbage {
    const turn = this.#answered++;
    return turn % 2 === 0 ? KEY_ERROR : (GARBAGE[((turn - 1) / 2) % GARBAGE.length] ?? KEY_ERROR);
  }
}
