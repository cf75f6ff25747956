import { describe, expect, it } from "vitest";
import { Scripted, scriptText } from "./scripted.ts";

const PAUSE = "return 1";

// The sequences here are those that Envoy 1.40 logged for the same filter and scripts.
describe("a stream", () => {
  it("is created, sees request and response, and is logged, done and deleted", async () => {
    const filter = await Scripted.create({});
    filter.get().respond({ body: "hello" });
    expect(filter.callbacks()).toEqual([
      "create 2 of 1",
      "request_headers 2 4 1",
      "response_headers 2 1 0",
      "response_body 2 5 0",
      "response_body 2 0 1",
      "log 2",
      "done 2",
      "delete 2",
    ]);
    expect(filter.proxy.vm(0).liveContexts).toBe(1);
    expect(filter.proxy.violations).toEqual([]);
  });

  it("gives both sides what they sent", async () => {
    const filter = await Scripted.create({});
    const stream = filter.post().sendRequestBody("ping", false).sendRequestTrailers({ "x-t": "1" });
    expect(stream.request).toMatchObject({ state: "forwarded", body: new TextEncoder().encode("ping") });
    expect(stream.request.trailers?.get("x-t")).toBe("1");
    stream.respond({ status: 201, headers: { "x-a": "b" }, chunks: ["po", "ng"], trailers: { "x-u": "2" } });
    expect(stream.response).toMatchObject({ status: 201, text: "pong", complete: true });
    expect(stream.response?.trailers?.get("x-u")).toBe("2");
  });

  it("never ends in the body when it has trailers", async () => {
    const filter = await Scripted.create({});
    filter.get().respond({ chunks: ["a", "b"], trailers: { "x-t": "1" } });
    const bodies = filter.callbacks().filter((line) => line.startsWith("response_"));
    expect(bodies).toEqual([
      "response_headers 2 1 0",
      "response_body 2 1 0",
      "response_body 2 1 0",
      "response_trailers 2 1",
    ]);
  });

  it("whose client leaves is logged, done and deleted at once", async () => {
    const filter = await Scripted.create({ request_headers: [PAUSE] });
    const stream = filter.get();
    stream.disconnect();
    stream.disconnect();
    expect(filter.callbacks()).toEqual(["create 2 of 1", "request_headers 2 4 1", "log 2", "done 2", "delete 2"]);
    expect(stream).toMatchObject({ ended: true, response: undefined });
  });

  it("whose client leaves before its headers has no context", async () => {
    const filter = await Scripted.create({});
    filter.plugin.openStream().disconnect();
    expect(filter.callbacks()).toEqual([]);
  });

  it("can be closed by the filter: the client sees it break", async () => {
    const filter = await Scripted.create({ request_headers: ["close request", PAUSE] });
    const stream = filter.get();
    expect(stream).toMatchObject({ reset: true, ended: true, response: undefined });
    expect(stream.request.state).toBe("reset");
  });

  it("whose upstream breaks is answered 503 before the response, and reset in the middle of it", async () => {
    const filter = await Scripted.create({});
    expect(filter.get().breakUpstream().response?.status).toBe(503);
    const midway = filter.get().respondHeaders({ ":status": "200" }).respondBody("half").breakUpstream();
    expect(midway).toMatchObject({ reset: true, ended: true });
    expect(midway.response).toMatchObject({ text: "half", complete: false });
  });
});

describe("a paused request", () => {
  it("holds back everything: headers, body and trailers", async () => {
    const filter = await Scripted.create({ request_headers: [PAUSE] });
    const stream = filter.post().sendRequestBody("body", false).sendRequestTrailers({ "x-t": "1" });
    expect(stream.request.state).toBe("paused");
    expect(filter.callbacks()).toEqual(["create 2 of 1", "request_headers 2 4 0"]);
  });

  it("goes on where it stopped, with the body in one piece", async () => {
    const filter = await Scripted.create({
      request_headers: ["call backend 0 /x", PAUSE],
      http_call_response: ["effective last", "set request x-a 1", "continue request"],
    });
    const stream = filter.post().sendRequestBody("one", false).sendRequestBody("two", true);
    filter.log();
    filter.proxy.calls[0]?.reply();
    expect(filter.callbacks().slice(1)).toEqual(["request_body 2 6 1"]);
    expect(stream.request).toMatchObject({ state: "forwarded", body: new TextEncoder().encode("onetwo") });
    expect(stream.request.headers.get("x-a")).toBe("1");
  });

  it("is a request of headers alone when it goes on, if it was one before", async () => {
    const filter = await Scripted.create({
      request_headers: ["call backend 0 /x", PAUSE],
      http_call_response: ["effective last", "continue request", "get request :path"],
    });
    const stream = filter.get();
    filter.proxy.calls[0]?.reply();
    expect(stream.request.state).toBe("forwarded");
    // What has been continued cannot be read any more.
    expect(filter.operations().at(-1)).toBe("get request :path -> 2");
  });

  it("stays paused for a status that does not exist, and goes on for ContinueAndEndStream", async () => {
    const unknown = await Scripted.create({ request_headers: ["return 9"] });
    expect(unknown.get().request.state).toBe("paused");
    const ending = await Scripted.create({ request_headers: ["return 2"] });
    expect(ending.get().request.state).toBe("forwarded");
  });
});

describe("continuing what is not paused", () => {
  it("is a violation within the callback: Envoy forwards such a request twice", async () => {
    const filter = await Scripted.create({ request_headers: ["continue request"] });
    expect(filter.get().request.state).toBe("forwarded");
    expect(filter.proxy.violations).toEqual(["stream 2 continued although it was not paused"]);
  });

  it("forwards the headers and never the body when the callback then pauses", async () => {
    const filter = await Scripted.create({ request_headers: ["continue request", PAUSE] });
    const stream = filter.post().sendRequestBody("lost");
    expect(stream.request).toMatchObject({ state: "forwarded", body: new Uint8Array(0) });
  });

  it("does nothing later", async () => {
    const filter = await Scripted.create({
      request_headers: ["call backend 0 /x"],
      http_call_response: ["effective last", "continue request"],
    });
    const stream = filter.get();
    filter.proxy.calls[0]?.reply();
    stream.respond({ body: "once" });
    expect(stream.response?.text).toBe("once");
    expect(filter.proxy.violations).toHaveLength(1);
  });
});

describe("a paused response", () => {
  it("reaches the client when it goes on", async () => {
    const filter = await Scripted.create({
      response_headers: ["call backend 0 /x", PAUSE],
      http_call_response: ["effective last", "set response x-r 1", "continue response"],
    });
    const stream = filter.get().respond({ body: "late" });
    expect(stream).toMatchObject({ response: undefined, responsePaused: true, ended: false });
    filter.log();
    filter.proxy.calls[0]?.reply();
    expect(filter.callbacks().slice(1)).toEqual(["response_body 2 4 1", "log 2", "done 2", "delete 2"]);
    expect(stream.response).toMatchObject({ text: "late", complete: true });
    expect(stream.response?.headers.get("x-r")).toBe("1");
  });
});

describe("two filters", () => {
  it("see the request in order and the response the other way round; each ends in the order of the request", async () => {
    const first = await Scripted.create({});
    const second = first.proxy.addPlugin({ rootId: "second", configuration: scriptText({}) });
    first.log();
    first.proxy.openStream([first.plugin, second]).sendRequestHeaders({ ":path": "/" }).respond();
    expect(first.callbacks()).toEqual([
      "create 3 of 1",
      "request_headers 3 1 1",
      "create 4 of 2",
      "request_headers 4 1 1",
      "response_headers 4 1 1",
      "response_headers 3 1 1",
      "log 3",
      "log 4",
      "done 3",
      "delete 3",
      "done 4",
      "delete 4",
    ]);
  });

  it("can each hold the request back", async () => {
    const pausing = {
      request_headers: ["call backend 0 /x", PAUSE],
      http_call_response: ["effective last", "continue request"],
    };
    const first = await Scripted.create(pausing);
    const second = first.proxy.addPlugin({ rootId: "second", configuration: scriptText(pausing) });
    const stream = first.proxy.openStream([first.plugin, second]).sendRequestHeaders({ ":path": "/" });
    first.proxy.calls[0]?.reply();
    expect(stream.request.state).toBe("paused");
    first.proxy.calls[0]?.reply();
    expect(stream.request.state).toBe("forwarded");
  });
});
