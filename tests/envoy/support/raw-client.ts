import { connect as connectHttp2, type ClientHttp2Session } from "node:http2";
import { connect, type Socket } from "node:net";
import { once } from "node:events";
import { LOOPBACK } from "../../../envoy-local/lib/ports.ts";
import type { ModelRequest } from "../../fixtures/keys/model.ts";

/** How long an answer may take, in milliseconds. */
const LIMIT = 180_000;

/** Sends requests one after the other, and gives each one's status. */
export interface RawClient {
  send(request: ModelRequest): Promise<number>;
  close(): void;
}

/** Writes requests as they are, valid or not. One connection for all of them, until the other side has had enough. */
export class RawHttp1Client implements RawClient {
  #socket: Socket | undefined;

  constructor(private readonly port: number) {}

  async send({ method, authority, path, headers }: ModelRequest): Promise<number> {
    const fields = headers.map(([name, value]) => `${name}: ${value}\r\n`);
    const text = `${method} ${path} HTTP/1.1\r\nhost: ${authority}\r\n${fields.join("")}\r\n`;
    const socket = this.#socket ?? (await this.#open());
    socket.write(text, "latin1");
    const head = await headOfAnswer(socket, method);
    const status = Number(/^HTTP\/1\.1 ([0-9]{3}) /.exec(head)?.[1]);
    // What is left of a request that was cut by a line break of its own is not to be taken for the next one.
    const wasCut = /[\r\n]/.test([authority, path, ...headers.flat()].join(""));
    if (status !== 200 || wasCut || /\r\nconnection: close/i.test(head)) this.close();
    return status;
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  async #open(): Promise<Socket> {
    const socket = connect(this.port, LOOPBACK);
    await once(socket, "connect");
    socket.setNoDelay(true);
    this.#socket = socket;
    return socket;
  }
}

/** For what HTTP/1 cannot carry: spaces in paths, cookies in fields of their own. */
export class RawHttp2Client implements RawClient {
  #session: ClientHttp2Session | undefined;

  constructor(private readonly port: number) {}

  /** 0 where the stream is reset instead of answered. Rejects what Node does not want to send. */
  async send({ method, scheme, authority, path, headers }: ModelRequest): Promise<number> {
    const session = this.#session ?? this.#open();
    const fields: Record<string, string[]> = {};
    for (const [name, value] of headers) (fields[name.toLowerCase()] ??= []).push(value);
    const pseudo = { ":method": method, ":scheme": scheme, ":authority": authority, ":path": path };
    const stream = session.request({ ...fields, ...pseudo });
    return new Promise((resolve, reject) => {
      let status = 0;
      const timer = setTimeout(reject, LIMIT, new Error("no answer in time"));
      stream.on("response", (answer) => {
        status = answer[":status"] ?? 0;
        stream.resume();
      });
      // A reset is an error first.
      stream.on("error", () => undefined);
      stream.once("close", () => {
        clearTimeout(timer);
        resolve(status);
      });
    });
  }

  close(): void {
    this.#session?.destroy();
    this.#session = undefined;
  }

  #open(): ClientHttp2Session {
    const session = connectHttp2(`http://${LOOPBACK}:${this.port}`);
    session.on("error", () => undefined);
    session.once("close", () => {
      if (this.#session === session) this.#session = undefined;
    });
    this.#session = session;
    return session;
  }
}

/** The head of the next answer, whose body is read too. */
async function headOfAnswer(socket: Socket, method: string): Promise<string> {
  let text = "";
  return new Promise((resolve, reject) => {
    const timer = setTimeout(reject, LIMIT, new Error("no answer in time"));
    const take = (data: Buffer): void => {
      text += data.toString("latin1");
      const head = headOfWhole(text, method);
      if (head === undefined) return;
      clearTimeout(timer);
      socket.off("data", take).off("close", fail).off("error", fail);
      resolve(head);
    };
    const fail = (): void => {
      clearTimeout(timer);
      reject(new Error(`the connection was closed after ${JSON.stringify(text)}`));
    };
    socket.on("data", take).once("close", fail).once("error", fail);
  });
}

/** The head of an answer that is complete. */
function headOfWhole(text: string, method: string): string | undefined {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const head = text.slice(0, end);
  const length = Number(/\r\ncontent-length: ([0-9]+)/i.exec(head)?.[1] ?? 0);
  // An answer to HEAD has the length of what it leaves out.
  return method === "HEAD" || text.length >= end + 4 + length ? head : undefined;
}
