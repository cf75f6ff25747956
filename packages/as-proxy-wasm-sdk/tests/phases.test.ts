import { ProxyHost } from "proxy-wasm-host";
import type { Plugin } from "proxy-wasm-host";
import { beforeAll, describe, expect, it } from "vitest";
import { COMPILE_TIME, compileFilter } from "./compile.ts";
import { messages } from "./host.ts";

const REQUEST = { ":method": "GET", ":scheme": "http", ":path": "/", ":authority": "example.com" };

let module: Uint8Array;

beforeAll(async () => {
  module = await compileFilter("phases");
}, COMPILE_TIME);

async function start(task: string): Promise<{ proxy: ProxyHost; plugin: Plugin }> {
  const proxy = await ProxyHost.create({ module });
  return { proxy, plugin: proxy.addPlugin({ rootId: "phases", configuration: task }) };
}

/** What Envoy is asked to do to streams. */
function streamCalls(proxy: ProxyHost): string[] {
  return proxy.hostCalls
    .map(({ name }) => name)
    .filter((name) => /^proxy_(continue_stream|close_stream|send_local_response)$/.test(name));
}

describe("what would make Envoy crash is a bad argument, and Envoy is not asked:", () => {
  it.each(["continue request", "continue its request", "close request", "close response", "answer"])(
    "%s, when the stream is over",
    async (task) => {
      const { proxy, plugin } = await start(task);
      plugin.openStream().sendRequestHeaders(REQUEST).respond({ body: "ok" });
      expect(messages(proxy)).toEqual(["log: 2", "done: 2", "delete: 2"]);
      expect(streamCalls(proxy)).toEqual([]);
    },
  );

  it.each([
    ["answer", "answer"],
    ["answer", "close response"],
    ["close response", "answer"],
    ["close request", "close response"],
  ])("%s and then %s in one callback", async (first, second) => {
    const { proxy, plugin } = await start(`${first} then ${second}`);
    const stream = plugin.openStream().sendRequestHeaders(REQUEST).respond({ body: "ok" });
    expect(messages(proxy)).toEqual([`${first}: 0`, `${second}: 2`]);
    expect(stream.reset).toBe(first !== "answer");
    expect(streamCalls(proxy)).toHaveLength(1);
  });

  it.each(["continue response", "continue its response"])("%s, before there is one and after", async (task) => {
    const { proxy, plugin } = await start(task);
    plugin.openStream().sendRequestHeaders(REQUEST).respond({ body: "ok" });
    expect(messages(proxy)).toEqual(["request: 2", "log: 2", "done: 2", "delete: 2"]);
    expect(streamCalls(proxy)).toEqual([]);
  });
});

describe("a stream for which there is no object", () => {
  it("because its root gave away one that is in use is answered 500, and the other one goes on", async () => {
    const { proxy, plugin } = await start("one object");
    const first = plugin.openStream().sendRequestHeaders(REQUEST);
    const second = plugin.openStream().sendRequestHeaders(REQUEST);
    expect(second.request.state).toBe("answered");
    expect(second.response?.status).toBe(500);
    expect(second.localReply?.details).toBe("no_stream_context");
    expect(messages(proxy)).toContain("stream 3 is refused: createStream returned stream 2");
    first.respond({ status: 200, body: "ok" });
    expect(first.response?.status).toBe(200);
    expect(proxy.violations).toEqual([]);
    // Its object is free by now.
    const third = plugin.openStream().sendRequestHeaders(REQUEST);
    expect(third.request.state).toBe("forwarded");
  });
});

it("a number that is no header map is refused, whatever its sign, and harms no reader of another", async () => {
  const { proxy, plugin } = await start("maps");
  plugin.openStream().sendRequestHeaders(REQUEST);
  expect(messages(proxy)).toEqual(Array(4).fill("0 of none, status 2"));
});

it("an access logger's root hears of requests and can read them", async () => {
  const { proxy, plugin } = await start("");
  const logger = proxy.addPlugin({ rootId: "logger", configuration: "" });
  const stream = plugin.openStream({ accessLoggers: [logger] }).sendRequestHeaders(REQUEST);
  expect(messages(proxy)).toEqual([]);
  stream.respond({ status: 404 });
  expect(messages(proxy)).toEqual(["request logged: / 404 with its code"]);
});
