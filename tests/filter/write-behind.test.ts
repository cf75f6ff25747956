import { beforeEach, describe, expect, it } from "vitest";
import type { HttpCall, Plugin, ProxyHost } from "proxy-wasm-host";
import { routeConfig } from "../fixtures/route/fixture.ts";
import { ask, filterWith } from "./support/filter.ts";
import { webdisSays } from "./support/tiers.ts";

const SECOND = 1000;
const SERVICE = {
  cluster: "routing-service",
  path: "/routes?tenant={path[1]}",
  fill: true,
  fillTtl: "5m",
  timeout: "2s",
};
const RECORD = '{"path": "/svc",  "x": "ünï"}';

let proxy: ProxyHost;
let plugin: Plugin;

function theCall(): HttpCall {
  const [call, ...others] = proxy.calls;
  if (call === undefined || others.length > 0) throw new Error(`${proxy.calls.length} calls are out`);
  return call;
}

/** A request for a tenant that only the service knows; its answer is `document`. */
function serve(tenant: string, document = RECORD, status = 200): void {
  const stream = ask(plugin, `/api/${tenant}/orders`);
  webdisSays(theCall(), null);
  theCall().reply({ status, body: document });
  expect(stream.request.state).toBe("forwarded");
}

function metric(name: string): number | undefined {
  proxy.clock.advance(SECOND);
  return proxy.metrics.value(`signpost.writes.${name}`);
}

beforeEach(async () => {
  const config = routeConfig({ service: SERVICE, local: false });
  ({ proxy, plugin } = await filterWith({ ...config, webdis: { cluster: "webdis", database: 2 } }));
});

describe("with fill, the service's answer goes to Redis", () => {
  it("as it is, under the lookup's key, after the request has gone on", () => {
    proxy.takeJournal();
    serve("acme");
    const call = theCall();
    expect([call.cluster, call.headers.get(":method"), call.path]).toEqual([
      "webdis",
      "PUT",
      "/2/PSETEX/signpost%3Aroute%3Ashop%2Eexample%2Ecom%3Aacme/300000.raw",
    ]);
    expect(Buffer.from(call.body).toString()).toBe(RECORD);
    expect(call.timeoutMs).toBe(2000);
    const order = proxy.takeHostCalls().map(({ name }) => name);
    expect(order.lastIndexOf("proxy_continue_stream")).toBeLessThan(order.lastIndexOf("proxy_http_call"));
    call.reply({ body: "+OK\r\n" });
    expect([metric("stored"), metric("queued"), metric("dropped.failed")]).toEqual([1, 0, 0]);
  });

  it("for as long as the record says itself", () => {
    serve("acme", '{"path": "/svc", "ttl": 1.5}');
    expect(theCall().path).toMatch(/\/1500\.raw$/);
  });

  it("unless that is for no time at all", () => {
    serve("acme", '{"path": "/svc", "ttl": 0}');
    expect(proxy.calls).toEqual([]);
  });

  it.each([
    ["a miss", "{}", 404],
    ["a record that says there is none", '{"status": 404}', 200],
    ["a bad record", '{"path": 5}', 200],
    ["an error", "oops", 500],
  ])("unless it is %s", (_, document, status) => {
    serve("acme", document, status);
    expect(proxy.calls).toEqual([]);
  });

  it("once more when it fails, and then it is dropped and counted", () => {
    serve("acme");
    theCall().reply({ body: "-OOM command not allowed\r\n" });
    expect(proxy.calls).toEqual([]);
    proxy.clock.advance(SECOND);
    theCall().reply({ status: 503 });
    proxy.clock.advance(5 * SECOND);
    expect(proxy.calls).toEqual([]);
    expect([metric("retried"), metric("dropped.failed"), metric("stored")]).toEqual([1, 1, 0]);
  });

  it("one write of a key at a time, the newest winning", () => {
    for (const cell of ["1", "2", "3"]) {
      ask(plugin, "/api/acme/orders");
      const read = proxy.calls.find((call) => call.headers.get(":method") === "GET" && call.cluster === "webdis");
      webdisSays(read, null);
      proxy.calls.find((call) => call.cluster === "routing-service")?.reply({ body: `{"path": "/${cell}"}` });
    }
    expect(Buffer.from(theCall().body).toString()).toBe('{"path": "/1"}');
    theCall().reply({ body: "+OK\r\n" });
    expect(Buffer.from(theCall().body).toString()).toBe('{"path": "/3"}');
  });

  it("in the order of the answers, sixteen at a time", () => {
    for (let i = 0; i < 20; i++) {
      ask(plugin, `/api/t${i}/orders`);
      webdisSays(
        proxy.calls.find((call) => call.headers.get(":method") === "GET" && call.cluster === "webdis"),
        null,
      );
      proxy.calls.find((call) => call.cluster === "routing-service")?.reply({ body: RECORD });
    }
    expect(proxy.calls).toHaveLength(16);
    for (const call of [...proxy.calls]) call.reply({ body: "+OK\r\n" });
    expect(proxy.calls.map((call) => /t\d+/.exec(call.path)?.[0])).toEqual(["t16", "t17", "t18", "t19"]);
  });

  it("only when the breaker's time is over, while it is open; then one write tries whether Redis is back", () => {
    for (let i = 0; i < 5; i++) {
      ask(plugin, `/api/down${i}/orders`);
      theCall().refuse();
      theCall().reply({ status: 404 });
    }
    ask(plugin, "/api/acme/orders");
    expect(theCall().cluster).toBe("routing-service");
    theCall().reply({ body: RECORD });
    expect(proxy.calls).toEqual([]);
    proxy.clock.advance(900);
    expect(proxy.calls).toEqual([]);
    proxy.clock.advance(200);
    expect(theCall().headers.get(":method")).toBe("PUT");
  });

  it("without taking a place from reads, which requests wait for", async () => {
    const config = routeConfig({ service: SERVICE, local: false });
    ({ proxy, plugin } = await filterWith({ ...config, webdis: { cluster: "webdis", maxInFlight: 2 } }));
    for (let i = 0; i < 4; i++) {
      ask(plugin, `/api/t${i}/orders`);
      const read = proxy.calls.find((call) => call.headers.get(":method") === "GET" && call.cluster === "webdis");
      webdisSays(read, null);
      proxy.calls.find((call) => call.cluster === "routing-service")?.reply({ body: RECORD });
    }
    expect(proxy.calls.map((call) => call.headers.get(":method"))).toEqual(["PUT", "PUT", "PUT", "PUT"]);
  });

  it("and without fill it does not", async () => {
    const config = routeConfig({ service: { ...SERVICE, fill: false } });
    ({ proxy, plugin } = await filterWith(config));
    serve("acme");
    expect(proxy.calls).toEqual([]);
  });
});
