import { describe, expect, it } from "vitest";
import { Scripted } from "./scripted.ts";

describe("headers", () => {
  it("are read, added, replaced and removed", async () => {
    const reads = ["get request x-a", "get request X-NONE", "get request x-empty"];
    const writes = ["add request x-a 3", "set request x-b new", "remove request x-c"];
    const filter = await Scripted.create({ request_headers: [...reads, ...writes] });
    const stream = filter.plugin.openStream().sendRequestHeaders([
      ["x-a", "1"],
      ["x-a", "2"],
      ["x-b", "old"],
      ["x-b", "older"],
      ["x-c", "gone"],
      ["x-empty", ""],
    ]);
    expect(filter.operations().slice(0, 3)).toEqual([
      "get request x-a -> 0 '1'",
      "get request X-NONE -> 1",
      "get request x-empty -> 0 ''",
    ]);
    expect(stream.request.headers.toObject()).toEqual({ "x-a": ["1", "2", "3"], "x-b": "new", "x-empty": "" });
  });

  it("are read and written as pairs", async () => {
    const filter = await Scripted.create({ request_headers: ["pairs request", "set_pairs request :path=/new x-b=2"] });
    const stream = filter.plugin.openStream().sendRequestHeaders({ ":path": "/old", "x-a": "1" });
    expect(filter.operations()[0]).toBe("pairs request -> 0 :path=/old x-a=1");
    expect(stream.request.headers.toObject()).toEqual({ ":path": "/new", "x-b": "2" });
  });

  it("have a size in bytes", async () => {
    const filter = await Scripted.create({ request_headers: ["size request"] });
    filter.plugin.openStream().sendRequestHeaders({ "x-a": "12345" });
    expect(filter.operations()).toEqual(["size request -> 0 8"]);
  });

  it("can be read only in their own phase, as long as the filter holds them back", async () => {
    const filter = await Scripted.create({
      request_headers: ["get request :path", "get response :status", "pairs response"],
      request_body_end: ["get request :path"],
      response_headers: ["get request :path", "set request x-a 1", "get response :status", "size request"],
    });
    filter.post().sendRequestBody("x").respond();
    expect(filter.operations()).toEqual([
      "get request :path -> 0 '/'",
      "get response :status -> 2",
      "pairs response -> 0 none",
      "get request :path -> 2",
      "get request :path -> 2",
      "set request x-a 1 -> 2",
      "get response :status -> 0 '200'",
      "size request -> 2 0",
    ]);
  });

  it("can all be read once more when the access log is written, where a missing map is no error", async () => {
    const present = ["get request :path", "get response :status"];
    const missing = ["get response_trailers a", "get request_trailers a", "pairs request_trailers"];
    const filter = await Scripted.create({ log: [...present, ...missing] });
    filter.get("/logged").respond();
    expect(filter.operations()).toEqual([
      "get request :path -> 0 '/logged'",
      "get response :status -> 0 '200'",
      "get response_trailers a -> 1",
      "get request_trailers a -> 1",
      "pairs request_trailers -> 0 none",
    ]);
  });

  it("outside any stream are a bad argument, as is a map that does not exist", async () => {
    const filter = await Scripted.create({ configure: ["get request a", "set request a b", "get 8 a"] });
    expect(filter.operations()).toEqual(["get request a -> 2", "set request a b -> 2", "get 8 a -> 2"]);
  });
});

describe("a pointer outside the memory", () => {
  it("is an invalid memory access, for what is read as for what is returned", async () => {
    const filter = await Scripted.create({ request_headers: ["get_wild request", "get_into_wild request :path"] });
    filter.get();
    expect(filter.operations()).toEqual(["get_wild request -> 6", "get_into_wild request :path -> 6"]);
    expect(filter.proxy.vm(0).trapped).toBeUndefined();
  });
});

describe("a request that nobody could forward", () => {
  it.each([
    ["a line break in a value", "set_crlf request x-c", 503, "invalid header value for: x-c"],
    ["no method", "remove request :method", 503, "missing required header: :method"],
    ["no path", "remove request :path", 404, ""],
  ])("for %s is answered by the proxy", async (_why, operation, status, text) => {
    const filter = await Scripted.create({ request_headers: [operation] });
    const stream = filter.get();
    expect(stream.request.state).toBe("answered");
    expect(stream.response).toMatchObject({ status, text, complete: true });
    expect(filter.proxy.violations).toHaveLength(1);
  });
});

describe("a response", () => {
  it("without :status is replaced by a 502, which the filter does not see", async () => {
    const filter = await Scripted.create({ response_headers: ["remove response :status"] });
    const stream = filter.get().respond({ body: "lost" });
    expect(stream.response).toMatchObject({ status: 502, text: "missing required header: :status" });
    expect(filter.callbacks().filter((line) => line.startsWith("response"))).toHaveLength(1);
  });

  it("with a line break in a header goes out, as Envoy lets it, and is a violation", async () => {
    const filter = await Scripted.create({ response_headers: ["set_crlf response x-c"] });
    expect(filter.get().respond().response?.headers.get("x-c")).toBe("a\r\nb");
    expect(filter.proxy.violations).toEqual(["stream 2 was answered with CR, LF or NUL in x-c"]);
  });
});
