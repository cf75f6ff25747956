import { ProxyHost } from "proxy-wasm-host";
import type { Plugin } from "proxy-wasm-host";
import { beforeAll, beforeEach, expect, it } from "vitest";
import { COMPILE_TIME, compileFilter } from "./compile.ts";
import { only } from "./host.ts";

const LIVE = 5_000;
const STREAMS = 50_000;

let module: Uint8Array;
let proxy: ProxyHost;
let plugin: Plugin;

beforeAll(async () => {
  module = await compileFilter("caller");
}, COMPILE_TIME);

beforeEach(async () => {
  proxy = await ProxyHost.create({ module, clusters: ["backend"] });
  plugin = proxy.addPlugin({ rootId: "caller", configuration: "" });
});

/** A whole request, with the call it makes. */
function request(): void {
  const stream = plugin.openStream();
  stream.sendRequestHeaders(
    [
      [":path", "/"],
      ["x-call", "root"],
    ],
    { endOfStream: true },
  );
  only(proxy.calls.slice(-1)).reply({ status: 200, body: "found" });
  stream.respond({ status: 200 });
  stream.end();
}

it("5,000 live streams make no host call more per request than none", () => {
  request();
  proxy.takeHostCalls();
  request();
  const alone = proxy.takeHostCalls().map(({ name }) => name);
  for (let i = 0; i < LIVE; i++) {
    plugin.openStream().sendRequestHeaders(
      [
        [":path", "/"],
        ["x-call", "stream"],
      ],
      { endOfStream: true },
    );
  }
  proxy.takeHostCalls();
  request();
  expect(proxy.takeHostCalls().map(({ name }) => name)).toEqual(alone);
});

it("50,000 streams, each with a call, leave the memory as it was after the first twenty thousand", () => {
  proxy.recording = false;
  // Until their garbage is worth a collection.
  for (let i = 0; i < 20_000; i++) request();
  const bytes = proxy.vm(0).memoryBytes;
  for (let i = 20_000; i < STREAMS; i++) request();
  expect(proxy.vm(0).memoryBytes).toBe(bytes);
  expect(proxy.vm(0).trapped).toBeUndefined();
});
