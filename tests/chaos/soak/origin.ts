import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { LOOPBACK } from "../../../envoy-local/lib/ports.ts";
import { KINDS, bodyOf, etagOf, identityText, kindOf, type Identity, type World } from "./world.ts";

/** How the origin fares. */
export type Health = "well" | "fails" | "cuts off" | "hangs";

/** What all requests end up at. It believes what the filter has set, and notes what cannot be. */
export class SoakOrigin {
  /** Requests that should never have come so. */
  readonly wrong: string[] = [];
  readonly #server: Server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    void this.#serve(request, response);
  });
  readonly #world: World;
  #health: Health = "well";
  #recovered: Promise<void> = Promise.resolve();
  #recover: () => void = () => undefined;

  constructor(world: World) {
    this.#world = world;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject).listen(0, LOOPBACK, resolve);
    });
  }

  async stop(): Promise<void> {
    this.become("well");
    await new Promise((resolve) => {
      this.#server.close(resolve);
      this.#server.closeAllConnections();
    });
  }

  become(health: Health): void {
    this.#recover();
    this.#health = health;
    if (health === "hangs") this.#recovered = new Promise((resolve) => (this.#recover = resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.resume();
    response.on("error", () => undefined);
    const identity = this.#identityOf(request);
    if (identity === undefined) {
      response.writeHead(500).end();
      return;
    }
    if (this.#health === "hangs") await this.#recovered;
    if (this.#health === "fails") {
      response.writeHead(503, { "x-origin": "fails" }).end("the origin fails");
    } else if (request.method === "POST") {
      const object = this.#world.object(identity.tenant, identity.object);
      object.advance();
      object.complete(Date.now());
      response.writeHead(200, { "x-origin": "changed" }).end("changed");
    } else {
      this.#answer(request, response, identity);
    }
  }

  #answer(request: IncomingMessage, response: ServerResponse, identity: Identity): void {
    const etag = etagOf(identity);
    const kind = kindOf(identity.object);
    const fields = {
      "cache-control": KINDS[kind].cacheControl,
      etag,
      "x-identity": identityText(identity),
      ...(kind === "languages" ? { vary: "accept-language" } : {}),
    };
    if (request.headers["if-none-match"] === etag) {
      response.writeHead(304, fields).end();
      return;
    }
    const body = bodyOf(identity);
    // Every other one comes in chunks.
    const length = identity.object % 2 === 0 ? { "content-length": body.length } : {};
    response.writeHead(200, { ...fields, ...length, "content-type": "text/plain" });
    if (request.method === "HEAD") {
      response.end();
    } else if (this.#health === "cuts off") {
      response.write(body.subarray(0, body.length / 2), () => response.destroy());
    } else {
      response.end(body);
    }
  }

  /** Whose, and what, is asked for; undefined and a note when the filter cannot have meant it so. */
  #identityOf(request: IncomingMessage): Identity | undefined {
    const [, version, tenant, object] = /^\/v(\d+)\/t(\d+)\?o=(\d+)$/.exec(request.url ?? "") ?? [];
    if (object === undefined || request.headers["x-cell"] !== `c${tenant}`) {
      this.wrong.push(`the origin was asked for ${request.url} with x-cell ${String(request.headers["x-cell"])}`);
      return undefined;
    }
    const kind = kindOf(Number(object));
    return {
      tenant: Number(tenant),
      object: Number(object),
      version: Number(version),
      revision: this.#world.object(Number(tenant), Number(object)).current,
      language: kind === "languages" ? (request.headers["accept-language"] ?? "") : "",
      user: kind === "private" ? String(request.headers["x-user"] ?? "") : "",
    };
  }
}
