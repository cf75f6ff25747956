/**
 * What collecting garbage costs requests: how long they take on our own host while others wait for an answer, and how long the
 * slowest of them take, in which the garbage of many is collected: npx tsx bench/collection.ts [requests]
 *
 * What waits is what a collection visits. The times are of the module and of the host, which collects its own garbage, too: the
 * row without collections (the same requests, answered from the local store) shows how much that is.
 */
import { readFileSync } from "node:fs";
import { ProxyHost, type Plugin } from "proxy-wasm-host";
import { FILTER_WASM, requireFilter } from "../envoy-local/lib/project.ts";

const REQUESTS = Number(process.argv[2] ?? 100_000);
const WAITING = [0, 1_000, 10_000];
const RECORD = '{"path": "/svc", "headers": {"x-cell": "7"}}';

const CONFIGURATION = {
  lookups: [
    {
      name: "route",
      match: { paths: ["/api/*"] },
      key: "route:{path[1]}",
      service: { cluster: "service", path: "/{path[1]}" },
      local: { ttl: "1h", jitter: "0%", maxEntries: 1000 },
    },
  ],
};

function open(plugin: Plugin, path: string): ReturnType<Plugin["openStream"]> {
  const headers = { ":method": "GET", ":scheme": "http", ":authority": "shop.example.com", ":path": path };
  return plugin.openStream().sendRequestHeaders(Object.entries(headers), { endOfStream: true });
}

async function measure(waiting: number, isCold: boolean): Promise<Float64Array> {
  const module = readFileSync(requireFilter(FILTER_WASM));
  const proxy = await ProxyHost.create({ module, clusters: ["service"], recording: false });
  const plugin = proxy.addPlugin({ rootId: "signpost", configuration: JSON.stringify(CONFIGURATION) });
  if (!plugin.configured) throw new Error(proxy.logs.map(({ message }) => message).join("\n"));
  for (let i = 0; i < waiting; i++) open(plugin, "/api/waits/orders");
  const microseconds = new Float64Array(REQUESTS);
  for (let i = 0; i < REQUESTS; i++) {
    const before = performance.now();
    const stream = open(plugin, `/api/t${isCold ? i : 0}/orders`);
    const call = proxy.calls[proxy.calls.length - 1];
    if (stream.request.state !== "forwarded") call?.reply({ body: RECORD });
    stream.disconnect();
    microseconds[i] = (performance.now() - before) * 1000;
  }
  return microseconds.sort();
}

// Node compiles what it has seen a while.
await measure(0, true);
console.log(`| ${REQUESTS} requests | p50 µs | p99 µs | p99.99 µs | slowest µs |`);
console.log("| --- | --- | --- | --- | --- |");
for (const isCold of [false, true]) {
  for (const waiting of WAITING) {
    const sorted = await measure(waiting, isCold);
    const at = (share: number): string => (sorted[Math.floor((REQUESTS - 1) * share)] ?? NaN).toFixed(0);
    const name = `${isCold ? "asked for each" : "from the local store"}, ${waiting} wait`;
    console.log(`| ${name} | ${at(0.5)} | ${at(0.99)} | ${at(0.9999)} | ${at(1)} |`);
  }
}
