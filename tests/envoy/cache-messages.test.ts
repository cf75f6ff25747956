import { once } from "node:events";
import { connect as connectHttp2, createServer as createHttp2Server } from "node:http2";
import { createServer, connect, type AddressInfo, type Server, type Socket } from "node:net";
import { request as httpRequest } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { explicitHttp } from "../../envoy-local/lib/envoy-config.ts";
import { LOOPBACK } from "../../envoy-local/lib/ports.ts";
import { HOST, PROTOCOLS, cacheClient, cacheStatus, essence, isHit } from "./support/cache-client.ts";
import { CacheGateway, TO_UPSTREAM, cacheFilter } from "./support/cache-gateway.ts";
import { answer, inTurn, type Script } from "./support/scripted-upstream.ts";

const FRESH = ["cache-control", "max-age=600"] as const;
const TEXT = ["content-type", "text/plain"] as const;

/** HTTP/1.1 trailers pass, protocols may change, and CONNECT opens a connection to the upstream. */
const SETTINGS = {
  http_protocol_options: { enable_trailers: true },
  http2_protocol_options: { allow_connect: true },
  upgrade_configs: [{ upgrade_type: "websocket" }, { upgrade_type: "CONNECT" }],
};

const ROUTES = [
  {
    match: { connect_matcher: {} },
    route: { cluster: "tcp", upgrade_configs: [{ upgrade_type: "CONNECT", connect_config: {} }] },
  },
  { match: { prefix: "/grpc" }, route: { cluster: "grpc" } },
  { match: { prefix: "/" }, ...TO_UPSTREAM },
];

const gateway = new CacheGateway();
const { upstream } = gateway;
const grpc = createHttp2Server();
const tcp = createServer((socket) => socket.pipe(socket).on("error", () => undefined));
const envoy = gateway.envoy("envoy", {
  listeners: { cached: [cacheFilter()] },
  settings: SETTINGS,
  routes: ROUTES,
  clusters: () => ({
    upstream: explicitHttp(upstream.port, { http_protocol_options: { enable_trailers: true } }),
    grpc: explicitHttp(portOf(grpc), { http2_protocol_options: {} }),
    tcp: portOf(tcp),
  }),
});

beforeAll(async () => {
  for (const server of [grpc, tcp]) await once(server.listen(0, LOOPBACK), "listening");
  await gateway.start(envoy);
});

afterAll(async () => {
  await gateway.stop();
  for (const server of [grpc, tcp]) server.close();
});

function portOf(server: Pick<Server, "address">): number {
  return (server.address() as AddressInfo).port;
}

describe.each(PROTOCOLS)("a response asked for by %s", (protocol) => {
  it("with trailers passes with them, and is not stored", async () => {
    const path = `/${protocol}/trailers`;
    const withTrailers: Script = (_, response) => {
      response.writeHead(200, ["cache-control", "max-age=600", "trailer", "x-sum"]);
      response.write("body");
      response.addTrailers({ "x-sum": "1" });
      response.end();
    };
    upstream.on(path, withTrailers);
    const client = cacheClient(protocol, envoy.at());
    for (const asked of [1, 2]) {
      const reply = await client.send(path, { headers: [["te", "trailers"]] });
      expect([reply.status, reply.body.toString(), reply.trailers]).toEqual([200, "body", { "x-sum": ["1"] }]);
      expect(upstream.count(path)).toBe(asked);
    }
    client.close();
  });

  it("with early hints is stored as what came after them", async () => {
    const path = `/${protocol}/hints`;
    const hinted: Script = (request, response, call) => {
      response.writeEarlyHints({ link: "</style.css>; rel=preload; as=style", "x-hint": "1" });
      response.writeProcessing();
      return answer(200, [FRESH, TEXT], "body")(request, response, call);
    };
    upstream.on(path, hinted);
    const client = cacheClient(protocol, envoy.at());
    const stored = await client.send(path);
    const hit = await client.send(path);
    expect([stored.status, stored.body.toString()]).toEqual([200, "body"]);
    expect(stored.headers).not.toHaveProperty("x-hint");
    expect(isHit(hit)).toBe(true);
    expect(essence(hit)).toEqual(essence(stored));
    client.close();
  });

  it("with 50 kB of fields is stored with all of them", async () => {
    const path = `/${protocol}/large`;
    const many = Array.from({ length: 48 }, (_, i) => [`x-field-${i}`, `${i}`.padEnd(1_000, "x")] as const);
    const fields = [FRESH, ...many, ["x-large", "y".repeat(2_000)]] as const;
    upstream.on(path, answer(200, fields, "body"));
    const client = cacheClient(protocol, envoy.at());
    const large = [["x-client", "z".repeat(50_000)]] as const;
    const stored = await client.send(path, { headers: large });
    const hit = await client.send(path, { headers: large });
    expect(stored.headers["x-large"]).toEqual(["y".repeat(2_000)]);
    expect(Object.keys(stored.headers).filter((name) => name.startsWith("x-field-"))).toHaveLength(many.length);
    expect(isHit(hit)).toBe(true);
    expect(essence(hit)).toEqual(essence(stored));
    client.close();
  });

  it("that is a stream of events passes event by event, whatever it says of itself", async () => {
    const path = `/${protocol}/events`;
    let next: () => void = () => undefined;
    const events: Script = async (_, response) => {
      response.writeHead(200, ["content-type", "text/event-stream", "cache-control", "max-age=600"]);
      for (const event of [1, 2, 3]) {
        response.write(`data: ${event}\n\n`);
        await new Promise<void>((resolve) => (next = resolve));
      }
      response.end();
    };
    upstream.on(path, events);
    // Each event is sent when the one before has arrived: a proxy that held them would wait for ever.
    for (const asked of [1, 2]) {
      const seen: string[] = [];
      for await (const chunk of chunksOf(protocol, envoy.at(), path)) {
        seen.push(chunk);
        next();
      }
      expect(seen).toEqual(["data: 1\n\n", "data: 2\n\n", "data: 3\n\n"]);
      expect(upstream.count(path)).toBe(asked);
    }
  });

  it("that is recorded passes part by part, too", async () => {
    const path = `/${protocol}/parts`;
    let next: () => void = () => undefined;
    const parts: Script = async (_, response) => {
      response.writeHead(200, FRESH.flat());
      for (const part of ["a", "b", "c"]) {
        response.write(part);
        await new Promise<void>((resolve) => (next = resolve));
      }
      response.end();
    };
    upstream.on(path, parts);
    const seen: string[] = [];
    for await (const chunk of chunksOf(protocol, envoy.at(), path)) {
      seen.push(chunk);
      next();
    }
    expect(seen).toEqual(["a", "b", "c"]);
    const client = cacheClient(protocol, envoy.at());
    expect((await client.send(path)).body.toString()).toBe("abc");
    expect(upstream.count(path)).toBe(1);
    client.close();
  });

  it("to a POST passes and is not stored", async () => {
    const path = `/${protocol}/post`;
    upstream.on(path, inTurn(answer(200, [FRESH], "one"), answer(200, [FRESH], "two")));
    const client = cacheClient(protocol, envoy.at());
    for (const body of ["one", "two"]) {
      const reply = await client.send(path, { method: "POST", body: "data" });
      expect([reply.body.toString(), cacheStatus(reply)]).toEqual([body, "signpost; fwd=method"]);
    }
    client.close();
  });

  it("to a GET with a body passes and is not stored", async () => {
    const path = `/${protocol}/get-with-body`;
    upstream.on(path, answer(200, [FRESH], "answer"));
    const client = cacheClient(protocol, envoy.at());
    for (const asked of [1, 2]) {
      const reply = await client.send(path, { body: "data" });
      expect([reply.body.toString(), cacheStatus(reply)]).toEqual(["answer", "signpost; fwd=bypass"]);
      expect(upstream.count(path)).toBe(asked);
    }
    client.close();
  });
});

describe("what is no plain HTTP passes", () => {
  it("gRPC: messages in both directions, and the status in the trailers", async () => {
    grpc.on("stream", (stream) => {
      stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0", "grpc-message": "fine" }));
      stream.pipe(stream);
    });
    const session = connectHttp2(`http://${LOOPBACK}:${envoy.at()}`);
    for (const message of ["first", "second"]) {
      const stream = session.request({
        ":method": "POST",
        ":path": "/grpc/shop.Orders/Place",
        "content-type": "application/grpc",
        te: "trailers",
      });
      let trailers = {};
      stream.on("trailers", (fields: object) => (trailers = fields));
      // The second half is sent when the first one has come back: both directions are open at once.
      stream.write(message);
      const [echo] = (await once(stream, "data")) as [Buffer];
      stream.end("!");
      const [rest] = (await once(stream, "data")) as [Buffer];
      await once(stream, "close");
      expect(echo.toString() + rest.toString()).toBe(`${message}!`);
      expect(trailers).toMatchObject({ "grpc-status": "0", "grpc-message": "fine" });
    }
    session.destroy();
  });

  it("a websocket: the connection is the two sides' own after the upgrade", async () => {
    upstream.onTakeover("upgrade", (request, socket) => {
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n${request.url}`,
      );
      socket.pipe(socket).on("error", () => undefined);
    });
    for (const frame of ["one", "two"]) {
      const outgoing = httpRequest({
        host: LOOPBACK,
        port: envoy.at(),
        path: "/socket",
        headers: {
          connection: "upgrade",
          upgrade: "websocket",
          "sec-websocket-key": "x",
          "sec-websocket-version": "13",
        },
      });
      outgoing.end();
      const [response, socket, head] = (await once(outgoing, "upgrade")) as [{ statusCode: number }, Socket, Buffer];
      expect(response.statusCode).toBe(101);
      socket.write(frame);
      expect(await reads(socket, `/socket${frame}`, head)).toBe(`/socket${frame}`);
      socket.destroy();
    }
  });

  it("CONNECT: a connection to the upstream", async () => {
    for (const text of ["one", "two"]) {
      const socket = connect(envoy.at(), LOOPBACK);
      socket.write("CONNECT shop.example.com:443 HTTP/1.1\r\nhost: shop.example.com:443\r\n\r\n");
      const [head] = (await once(socket, "data")) as [Buffer];
      expect(head.toString()).toMatch(/^HTTP\/1.1 200 OK\r\n/);
      socket.write(text);
      expect(await reads(socket, text)).toBe(text);
      socket.destroy();
    }
  });
});

/** What has come when it is as long as `expected`. */
async function reads(socket: Socket, expected: string, head: Buffer = Buffer.alloc(0)): Promise<string> {
  let text = head.toString();
  while (text.length < expected.length) text += ((await once(socket, "data")) as [Buffer])[0].toString();
  return text;
}

/** The parts of a body, as they come. */
async function* chunksOf(protocol: string, port: number, path: string): AsyncGenerator<string> {
  if (protocol === "HTTP/2") {
    const session = connectHttp2(`http://${LOOPBACK}:${port}`);
    for await (const chunk of session.request({ ":authority": HOST, ":path": path }))
      yield (chunk as Buffer).toString();
    session.close();
    return;
  }
  const outgoing = httpRequest({ host: LOOPBACK, port, path, headers: { host: HOST } }).end();
  const [response] = (await once(outgoing, "response")) as [AsyncIterable<Buffer>];
  for await (const chunk of response) yield chunk.toString();
}
