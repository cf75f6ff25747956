import { describe, expect, it } from "vitest";
import { ProxyHost } from "../src/index.ts";
import { compileFixture } from "./compile.ts";
import { type Script, scriptText } from "./scripted.ts";

const REQUEST = {
  ":method": "GET",
  ":scheme": "http",
  ":authority": "example.com",
  ":path": "/",
};

/** Two modules in one proxy, each with a plugin that does as its script says. */
async function twoModules(one: Script, other: Script, otherVmId = "other") {
  const module = await compileFixture("scripted");
  const proxy = await ProxyHost.create({
    module,
    vmId: "one",
    workers: 2,
    clusters: ["backend"],
    logLevel: "debug",
  });
  const second = await proxy.addModule({ module, vmId: otherVmId });
  const plugins = [
    proxy.addPlugin({ rootId: "one", configuration: scriptText(one) }),
    second.addPlugin({ rootId: "other", configuration: scriptText(other) }),
  ];
  let read = proxy.logs.length;
  return {
    proxy,
    second,
    plugins,
    /** What has been logged since: the VM's id, and an operation with what came of it. */
    operations: (from = read) => {
      const lines = proxy.logs.slice(from);
      read = proxy.logs.length;
      return lines.filter(({ message }) => message.includes(" -> ")).map(({ vmId, message }) => `${vmId}: ${message}`);
    },
  };
}

describe("filters of two modules in one chain", () => {
  it("see the request in its order and the response in the opposite one, and each what the other has made of it", async () => {
    const { proxy, plugins, operations } = await twoModules(
      {
        request_headers: ["add request x a"],
        response_headers: ["get response y"],
      },
      {
        request_headers: ["get request x"],
        response_headers: ["add response y b"],
      },
    );
    const stream = proxy.openStream(plugins, { worker: 1 }).sendRequestHeaders(REQUEST);
    expect(stream.request.headers.get("x")).toBe("a");
    stream.respond();
    expect(stream.response?.headers.get("y")).toBe("b");
    expect(operations()).toEqual([
      "one: add request x a -> 0",
      "other: get request x -> 0 'a'",
      "other: add response y b -> 0",
      "one: get response y -> 0 'b'",
    ]);
    expect(proxy.violations).toEqual([]);
  });

  it("wait for each other's calls, whose replies reach the VM that made them", async () => {
    const call = (path: string): Script => ({
      request_headers: [`call backend 1000 ${path}`, "return 1"],
      http_call_response: ["effective last", "continue request"],
    });
    const { proxy, plugins } = await twoModules(call("/one"), call("/other"));
    const stream = proxy.openStream(plugins).sendRequestHeaders(REQUEST);
    expect(proxy.calls.map(({ headers, vmId }) => [vmId, headers.get(":path")])).toEqual([["one", "/one"]]);
    proxy.calls[0]?.reply();
    expect(stream.request.state).toBe("paused");
    expect(proxy.calls.map(({ headers, vmId }) => [vmId, headers.get(":path")])).toEqual([["other", "/other"]]);
    proxy.calls[0]?.reply();
    expect(stream.request.state).toBe("forwarded");
  });

  it("go on without each other: a trap is the end of one VM, whose streams are answered 503", async () => {
    const { proxy, second, plugins } = await twoModules({}, { request_headers: ["trap"] });
    const [one] = plugins;
    const stream = proxy.openStream(plugins).sendRequestHeaders(REQUEST);
    expect(stream.response?.status).toBe(503);
    expect([proxy.vm(0).trapped, second.vm(0).trapped !== undefined, second.vm(1).trapped]).toEqual([
      undefined,
      true,
      undefined,
    ]);
    expect(one?.openStream().sendRequestHeaders(REQUEST).request.state).toBe("forwarded");
    second.vm(0).reload();
    expect(second.vm(0).trapped).toBeUndefined();
  });
});

describe("what two modules share", () => {
  it("is a queue: found by the VM id of the one that has registered it, which is told of an item", async () => {
    const { proxy, plugins, operations } = await twoModules(
      { configure: ["queue q"], queue_ready: ["dequeue 1"] },
      { request_headers: ["resolve - q", "resolve one q", "enqueue 1 item"] },
    );
    operations();
    proxy.openStream(plugins).sendRequestHeaders(REQUEST);
    expect(operations()).toEqual([
      "other: resolve - q -> 1 0",
      "other: resolve one q -> 0 1",
      "other: enqueue 1 item -> 0",
      "one: dequeue 1 -> 0 'item'",
    ]);
  });

  it.each([
    { vmId: "one", same: true, found: "shared_get k -> 0 'v' 1" },
    { vmId: "other", same: false, found: "shared_get k -> 1" },
  ])("is data, if their VM ids are the same ($same)", async ({ vmId, found }) => {
    const script = { request_headers: ["shared_get k"] };
    const { proxy, plugins, operations } = await twoModules({ request_headers: ["shared_set k v 0"] }, script, vmId);
    proxy.openStream(plugins).sendRequestHeaders(REQUEST);
    expect(operations()).toEqual(["one: shared_set k v 0 -> 0", `${vmId}: ${found}`]);
  });

  it("is the log of a stream: an access logger may be of another module than the filters", async () => {
    const { plugins, operations } = await twoModules({}, { log: ["get request :path"] });
    const [filter, logger] = plugins;
    if (filter === undefined || logger === undefined) throw new Error("there are two plugins");
    filter
      .openStream({ accessLoggers: [logger] })
      .sendRequestHeaders(REQUEST)
      .respond();
    expect(operations()).toEqual(["other: get request :path -> 0 '/'"]);
  });
});

it("a module that Envoy would not load is refused, and the proxy goes on", async () => {
  const { proxy, plugins } = await twoModules({}, {});
  await expect(proxy.addModule({ module: new Uint8Array([0]) })).rejects.toThrow("Failed to load Wasm module");
  expect(proxy.openStream(plugins).sendRequestHeaders(REQUEST).request.state).toBe("forwarded");
});
