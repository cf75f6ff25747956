import { ProxyHost } from "proxy-wasm-host";
import { beforeAll, describe, expect, it } from "vitest";
import { COMPILE_TIME, compileFilter } from "./compile.ts";
import { messages } from "./host.ts";

let module: Uint8Array;

beforeAll(async () => {
  module = await compileFilter("reporter");
}, COMPILE_TIME);

/** Has the filter log what it logs, and tells how many debug messages it has built so far. */
function messagesBuilt(proxy: ProxyHost): number {
  const stream = proxy.addPlugin({ rootId: "reporter", configuration: "" }).openStream();
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
