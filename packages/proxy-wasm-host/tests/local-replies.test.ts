import { describe, expect, it } from "vitest";
import { Scripted, scriptText } from "./scripted.ts";

describe("a local reply to a request", () => {
  it("passes the filter's own response callbacks", async () => {
    const filter = await Scripted.create({
      request_headers: ["reply 404 nope", "return 1"],
      response_headers: ["pairs response", "set response x-mine 1"],
    });
    const stream = filter.get();
    expect(filter.log()).toEqual([
      "create 2 of 1",
      "request_headers 2 4 1",
      "reply 404 nope -> 0",
      "response_headers 2 3 0",
      "pairs response -> 0 :status=404 content-length=4 content-type=text/plain",
      "set response x-mine 1 -> 0",
      "response_body 2 4 1",
      "log 2",
      "done 2",
      "delete 2",
    ]);
    expect(stream.request.state).toBe("answered");
    expect(stream.response).toMatchObject({ status: 404, text: "nope", complete: true });
    expect(stream.response?.headers.get("x-mine")).toBe("1");
    expect(stream.localReply).toMatchObject({ status: 404, details: "scripted_reply" });
  });

  it("stops the request whatever the callback returns", async () => {
    const filter = await Scripted.create({ request_headers: ["reply 404 nope", "return 0"] });
    expect(filter.get().request.state).toBe("answered");
  });

  it("keeps its own content-type and gets the right content-length", async () => {
    const filter = await Scripted.create({
      request_headers: ["reply 200 body content-type=a/b content-length=999 :status=500 x-a=1 x-a=2"],
    });
    expect(filter.get().response?.headers.toObject()).toEqual({
      ":status": "200",
      "content-type": "a/b",
      "content-length": "4",
      "x-a": ["1", "2"],
    });
  });

  it("without a body loses content-type and content-length", async () => {
    const filter = await Scripted.create({
      request_headers: ["reply 404 - content-type=text/html x-a=1 content-length=5"],
    });
    const stream = filter.get();
    expect(stream.response?.headers.toObject()).toEqual({ ":status": "404", "x-a": "1" });
    expect(filter.callbacks()).toContain("response_headers 2 2 1");
  });

  it("to a HEAD request is headers alone, with the length of the body it would have", async () => {
    const filter = await Scripted.create({ request_headers: ["reply 200 hello"] });
    const stream = filter.get("/", { ":method": "HEAD" });
    expect(stream.response).toMatchObject({ text: "", complete: true });
    expect(stream.response?.headers.get("content-length")).toBe("5");
  });

  it("to a gRPC request is a status in headers alone", async () => {
    const filter = await Scripted.create({ request_headers: ["reply 503 50%"] });
    const stream = filter.get("/", { "content-type": "application/grpc" });
    expect(stream.response?.headers.toObject()).toEqual({
      ":status": "200",
      "content-type": "application/grpc",
      "grpc-status": "14",
      "grpc-message": "50%25",
    });
  });

  it("drops what the client still sends", async () => {
    const filter = await Scripted.create({ request_body: ["reply 413 large", "return 1"] });
    const stream = filter.post().sendRequestBody("one", false).sendRequestBody("two", true);
    expect(stream.response?.status).toBe(413);
    expect(filter.callbacks().filter((line) => line.startsWith("request_body"))).toHaveLength(1);
  });

  it("can come from a call's callback, for a paused request", async () => {
    const filter = await Scripted.create({
      request_headers: ["call backend 0 /x", "return 1"],
      http_call_response: ["effective last", "reply 200 found"],
    });
    const stream = filter.get();
    filter.proxy.calls[0]?.reply();
    expect(stream.response).toMatchObject({ status: 200, text: "found", complete: true });
    expect(filter.callbacks()).toContain("response_headers 2 3 0");
  });
});

describe("a local reply instead of the upstream's response", () => {
  it("goes past the filter's callbacks when the response's headers have not gone out", async () => {
    const filter = await Scripted.create({ response_headers: ["reply 200 stored content-type=text/x", "return 1"] });
    const stream = filter.get().respond({ status: 304, body: "ignored" });
    expect(stream.response).toMatchObject({ status: 200, text: "stored", complete: true });
    expect(filter.callbacks()).toEqual([
      "create 2 of 1",
      "request_headers 2 4 1",
      "response_headers 2 1 0",
      "log 2",
      "done 2",
      "delete 2",
    ]);
  });

  it("can come while the response is paused", async () => {
    const filter = await Scripted.create({
      response_headers: ["call backend 0 /x", "return 1"],
      http_call_response: ["effective last", "reply 200 later x-z=1"],
    });
    const stream = filter.get().respond({ body: "early" });
    filter.proxy.calls[0]?.reply();
    expect(stream.response).toMatchObject({ text: "later", complete: true });
  });

  it("may be the answer to the router's own 503, which no upstream sent", async () => {
    const filter = await Scripted.create({ response_headers: ["reply 200 stored", "return 1"] });
    const stream = filter.get().breakUpstream();
    expect(stream.response).toMatchObject({ status: 200, text: "stored", complete: true });
    expect(filter.proxy.violations).toEqual([]);
  });

  it("may be the answer to another filter's", async () => {
    const filter = await Scripted.create({ response_headers: ["reply 200 stored", "return 1"] });
    const refusing = filter.proxy.addPlugin({
      rootId: "refusing",
      configuration: scriptText({ request_headers: ["reply 403 no", "return 1"] }),
    });
    const stream = filter.proxy.openStream([filter.plugin, refusing]).sendRequestHeaders({ ":method": "GET" });
    expect(stream.response).toMatchObject({ status: 200, text: "stored" });
    expect(filter.proxy.violations).toEqual([]);
  });

  it("breaks the stream when the headers have gone out", async () => {
    const filter = await Scripted.create({ response_body_end: ["reply 500 late", "return 3"] });
    const stream = filter.get().respond({ body: "partial" });
    expect(stream).toMatchObject({ reset: true, ended: true });
    expect(stream.response).toMatchObject({ status: 200, complete: false });
  });
});

describe("what Envoy does not define", () => {
  it("is a second reply: the first one's own callback sends it, past the filters", async () => {
    const filter = await Scripted.create({
      request_headers: ["call backend 0 /x", "return 1"],
      http_call_response: ["effective last", "reply 200 one", "reply 201 two"],
    });
    const stream = filter.get();
    filter.proxy.calls[0]?.reply();
    expect(stream.response).toMatchObject({ status: 201, text: "two" });
    expect(filter.proxy.violations).toEqual(["stream 2 was answered twice"]);
  });

  it("is a body with status 304", async () => {
    const filter = await Scripted.create({ request_headers: ["reply 304 body"] });
    expect(filter.get().response?.headers.get("content-length")).toBe("4");
    expect(filter.proxy.violations).toHaveLength(1);
  });
});
