import { describe, expect, it } from "vitest";
import { Scripted, scriptText } from "./scripted.ts";

describe("a trap", () => {
  it("ends the VM: its stream and all later ones get 503", async () => {
    const filter = await Scripted.create({ request_headers: ["trap"] });
    const stream = filter.get();
    expect(stream.response).toMatchObject({ status: 503, text: "", complete: true });
    expect(filter.proxy.vm(0).trapped).toBe(
      "Function: proxy_on_request_headers failed: Uncaught RuntimeError: unreachable",
    );
    const logged = filter.proxy.logs.at(-1);
    expect(logged).toMatchObject({ level: "error", contextId: undefined });
    expect(logged?.message).toContain("proxy_on_request_headers failed");
    filter.proxy.takeCallbacks();
    expect(filter.get().response?.status).toBe(503);
    expect(filter.proxy.takeCallbacks()).toEqual([]);
  });

  it("leaves the other workers alone", async () => {
    const filter = await Scripted.create({ request_headers: ["trap"] }, { workers: 2 });
    filter.get();
    expect(filter.proxy.vm(0).trapped).toBeDefined();
    expect(filter.proxy.vm(1).trapped).toBeUndefined();
  });

  it("in a call's callback leaves the paused stream hanging until its client leaves", async () => {
    const filter = await Scripted.create({
      request_headers: ["call backend 0 /x", "return 1"],
      http_call_response: ["trap"],
    });
    const stream = filter.get();
    filter.proxy.calls[0]?.reply();
    expect(stream).toMatchObject({ response: undefined, ended: false });
    filter.log();
    stream.disconnect();
    expect(filter.callbacks()).toEqual([]);
  });

  it("fails a stream in flight at its next callback", async () => {
    const filter = await Scripted.create({ response_headers: ["trap"] });
    const [first, second] = [filter.get(), filter.get()];
    first.respond();
    second.respond({ status: 200, body: "lost" });
    expect(second.response).toMatchObject({ status: 503, text: "" });
  });

  it("while the plugin is configured leaves it unconfigured", async () => {
    const filter = await Scripted.create({ configure: ["trap"] });
    expect(filter.plugin.configured).toBe(false);
  });
});

describe("a reload", () => {
  it("brings a new VM with all plugins", async () => {
    const filter = await Scripted.create({ request_headers: ["trap"] });
    const healthy = filter.proxy.addPlugin({ rootId: "healthy", configuration: scriptText({}) });
    filter.get();
    expect(healthy.openStream().sendRequestHeaders({}).response?.status).toBe(503);
    filter.log();
    filter.proxy.vm(0).reload();
    expect(filter.proxy.vm(0).trapped).toBeUndefined();
    expect(filter.callbacks().filter((line) => line.startsWith("configure"))).toEqual(["configure 1", "configure 2"]);
    expect(healthy.openStream().sendRequestHeaders({ ":path": "/" }).request.state).toBe("forwarded");
  });

  it("ends the calls of the old VM and fails its streams", async () => {
    const filter = await Scripted.create({ request_headers: ["call backend 100 /x"] });
    const stream = filter.get();
    filter.proxy.vm(0).reload();
    expect(filter.proxy.calls).toEqual([]);
    expect(stream.respond().response?.status).toBe(503);
  });

  it("comes with an update of a plugin", async () => {
    const filter = await Scripted.create({ request_headers: ["trap"] });
    filter.get();
    expect(filter.plugin.update(scriptText({}))).toBe(true);
    expect(filter.get().request.state).toBe("forwarded");
  });
});

describe("faults that a test asks for", () => {
  it("fail the allocations the host needs: an invalid memory access", async () => {
    const reads = ["get request x-a", "pairs request", "get request x-empty", "get request x-a"];
    const filter = await Scripted.create({ request_headers: reads });
    filter.proxy.faults.failAllocations(2);
    filter.get("/", { "x-a": "1", "x-empty": "" });
    expect(filter.operations()).toEqual([
      "get request x-a -> 6",
      "pairs request -> 6",
      // An empty value needs no memory.
      "get request x-empty -> 0 ''",
      "get request x-a -> 0 '1'",
    ]);
  });

  it("give a host function a status, as often as asked", async () => {
    const filter = await Scripted.create({ request_headers: ["call backend 100 /x"] });
    filter.proxy.faults.failHostFunction("proxy_http_call", 10, 1);
    filter.get();
    filter.get();
    expect(filter.operations()).toEqual(["call backend 100 /x -> 10", "call backend 100 /x -> 0 4"]);
    filter.proxy.faults.failHostFunction("proxy_http_call", 10);
    filter.get();
    filter.proxy.faults.clear();
    filter.get();
    expect(filter.operations()).toEqual(["call backend 100 /x -> 10", "call backend 100 /x -> 0 8"]);
  });

  it("leave as many calls and allocations alone as asked before they begin", async () => {
    const filter = await Scripted.create({
      request_headers: ["get request x-a", "get request x-a", "get request x-a"],
    });
    const nth = (result: string): string => `get request x-a -> ${result}`;
    filter.proxy.faults.failHostFunction("proxy_get_header_map_value", 10, 1, 1);
    filter.get("/", { "x-a": "1" });
    expect(filter.operations()).toEqual(["0 '1'", "10", "0 '1'"].map(nth));
    filter.proxy.faults.failAllocations(1, 2);
    filter.get("/", { "x-a": "1" });
    expect(filter.operations()).toEqual(["0 '1'", "0 '1'", "6"].map(nth));
  });
});
