import { ProxyHost } from "proxy-wasm-host";
import type { Plugin, Stream } from "proxy-wasm-host";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { COMPILE_TIME, compileFilter } from "./compile.ts";
import { messages, only } from "./host.ts";

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

/** Sends a request whose call is made as `x-call` says. */
function request(call: string): Stream {
  const stream = plugin.openStream();
  stream.sendRequestHeaders(
    [
      [":path", "/"],
      ["x-call", call],
    ],
    { endOfStream: true },
  );
  return stream;
}

describe.each(["stream", "root"])("a call made for a %s", (context) => {
  it("holds its stream until the reply is there, and its reply reaches that stream", () => {
    const stream = request(context);
    expect(stream.request.state).toBe("paused");
    only(proxy.calls).reply({ status: 200, body: "found" });
    expect(stream.request.state).toBe("forwarded");
    expect(stream.request.headers.get("x-status")).toBe("200");
    expect(stream.request.headers.get("x-reply")).toBe("found");
  });

  it("is sent as it was built", () => {
    request(context);
    const { cluster, headers, timeoutMs } = only(proxy.calls);
    expect({ cluster, timeoutMs }).toEqual({ cluster: "backend", timeoutMs: 50 });
    expect([...headers].map(([name, value]) => `${name} ${value}`)).toEqual([
      ":method GET",
      ":path /lookup",
      ":authority backend",
    ]);
  });

  it("ends in a reply with status 504 when nobody answers in time", () => {
    const stream = request(context);
    proxy.clock.advance(50);
    expect(stream.request.headers.get("x-status")).toBe("504");
  });

  it("ends in a reply with neither headers nor body when it is reset", () => {
    const stream = request(context);
    only(proxy.calls).reset();
    expect(stream.request.headers.get("x-status")).toBe("reset");
    expect(stream.request.headers.get("x-reply")).toBeUndefined();
  });

  it("reaches the right one of many streams, in whatever order replies come", () => {
    const streams = Array.from({ length: 20 }, () => request(context));
    const calls = [...proxy.calls];
    calls
      .map((call, i) => ({ call, i }))
      .reverse()
      .forEach(({ call, i }) => {
        call.reply({ status: 200, body: `reply ${i}` });
      });
    expect(streams.map((stream) => stream.request.headers.get("x-reply"))).toEqual(streams.map((_, i) => `reply ${i}`));
  });
});

describe("when the stream goes while its call is out", () => {
  it("a stream's call is dropped, and a late reply reaches nobody", () => {
    const stream = request("stream");
    const late = only(proxy.calls);
    stream.disconnect();
    expect(messages(proxy)).toContain("call dropped; in flight: 0");
    late.reply({ status: 200, body: "late" });
    expect(messages(proxy).filter((message) => message.startsWith("reply"))).toEqual([]);
  });

  it("a root's call is still delivered", () => {
    const stream = request("root");
    stream.disconnect();
    only(proxy.calls).reply({ status: 200, body: "late" });
    expect(messages(proxy)).toContain("reply for a stream that is gone");
  });

  it("the next stream, which has the same object, does not get the late reply", () => {
    const gone = request("stream");
    const late = only(proxy.calls);
    gone.disconnect();
    const next = request("stream");
    late.reply({ status: 200, body: "late" });
    expect(next.request.state).toBe("paused");
  });
});

describe("a call", () => {
  it("that is cancelled is forgotten, and its reply is dropped", () => {
    const stream = request("cancelled");
    expect(stream.request.state).toBe("forwarded");
    expect(messages(proxy)).toContain("calls in flight: 0");
    only(proxy.calls).reply({ status: 200, body: "late" });
    expect(messages(proxy).filter((message) => message.startsWith("reply"))).toEqual([]);
  });

  it("to an unknown cluster fails at once", () => {
    const stream = request("nowhere");
    expect(stream.request.state).toBe("forwarded");
    expect(proxy.calls).toHaveLength(0);
  });

  it("made for the root leaves the stream the effective context", () => {
    const stream = request("both");
    expect(stream.request.state).toBe("paused");
    expect(proxy.calls).toHaveLength(2);
  });
});
