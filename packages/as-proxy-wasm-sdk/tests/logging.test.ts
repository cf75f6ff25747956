import { ProxyHost } from "proxy-wasm-host";
import type { Plugin } from "proxy-wasm-host";
import { beforeAll, describe, expect, it } from "vitest";
import { COMPILE_TIME, compileFilter } from "./compile.ts";
import { messages } from "./host.ts";

let module: Uint8Array;

beforeAll(async () => {
  module = await compileFilter("reporter");
}, COMPILE_TIME);

function addReporter(proxy: ProxyHost): Plugin {
  return proxy.addPlugin({ rootId: "reporter", configuration: "" });
}

/** Has the filter log what it logs, and tells how many debug messages it has built so far. */
function messagesBuilt(proxy: ProxyHost, plugin = addReporter(proxy)): number {
  const stream = plugin.openStream();
  stream.sendRequestHeaders(
    [
      [":path", "/"],
      ["x-do", "log"],
    ],
    { endOfStream: true },
  );
  return Number.parseInt(stream.response?.text ?? "", 10);
}

describe("a log message", () => {
  it("below the active level is neither built nor sent", async () => {
    const proxy = await ProxyHost.create({ module, logLevel: "info" });
    expect(messagesBuilt(proxy)).toBe(0);
    expect(messages(proxy)).toEqual(["always seen"]);
  });

  it("at the active level is built and sent", async () => {
    const proxy = await ProxyHost.create({ module, logLevel: "debug" });
    expect(messagesBuilt(proxy)).toBe(1);
    expect(messages(proxy)).toEqual(["details no. 1", "always seen"]);
  });
});

describe("a level that is changed at run time", () => {
  it("is seen within 64 callbacks, for which the host is asked once", async () => {
    const proxy = await ProxyHost.create({ module, logLevel: "info" });
    const plugin = addReporter(proxy);
    messagesBuilt(proxy, plugin);
    proxy.takeHostCalls();
    proxy.logLevel = "debug";
    for (let i = 0; i < 64; i++) messagesBuilt(proxy, plugin);
    expect(messagesBuilt(proxy, plugin)).toBeGreaterThan(1);
    const callbacks = proxy.callbacks.filter(({ name }) => name !== "proxy_on_memory_allocate").length;
    const questions = proxy.hostCalls.filter(({ name }) => name === "proxy_get_log_level").length;
    expect(questions).toBe(Math.floor(callbacks / 64));
  });

  it("is seen a second later by a filter that asks for the time, whatever its load", async () => {
    const proxy = await ProxyHost.create({ module, logLevel: "info" });
    const plugin = addReporter(proxy);
    const request = (what: string): void => {
      plugin.openStream().sendRequestHeaders({ ":path": "/", "x-do": what });
    };
    request("clocks");
    proxy.logLevel = "debug";
    proxy.clock.advance(999);
    request("clocks");
    expect(messagesBuilt(proxy, plugin)).toBe(0);
    proxy.clock.advance(1);
    request("clocks");
    expect(messagesBuilt(proxy, plugin)).toBe(1);
  });
});

describe("an abort", () => {
  it("says what and where in the log, and traps", async () => {
    const proxy = await ProxyHost.create({ module });
    const stream = proxy.addPlugin({ rootId: "reporter", configuration: "" }).openStream();
    stream.sendRequestHeaders(
      [
        [":path", "/"],
        ["x-do", "trap"],
      ],
      { endOfStream: true },
    );
    expect(messages(proxy)).toContainEqual(
      expect.stringMatching(/^abort: Index out of range at ~lib\/array\.ts:\d+:\d+$/),
    );
    expect(proxy.vm(0).trapped).toBeDefined();
  });
});
