import { describe, expect, it } from "vitest";
import type { HttpCall } from "../src/index.ts";
import { Scripted } from "./scripted.ts";

/** A filter that holds each request until its call to `backend` is over, and tells how that went. */
function caller(call = "call backend 100 /lookup", ...onReply: string[]): Promise<Scripted> {
  const tell = ["status", "pairs call", "body call", ...onReply, "effective last", "continue request"];
  return Scripted.create({ request_headers: [call, "return 1"], http_call_response: tell });
}

function onlyCall(filter: Scripted): HttpCall {
  const [call, ...others] = filter.proxy.calls;
  if (call === undefined || others.length > 0) throw new Error(`${filter.proxy.calls.length} calls in flight, not 1`);
  return call;
}

describe("an HTTP call", () => {
  it("shows what was sent", async () => {
    const filter = await caller("call backend 100 /lookup payload");
    filter.get();
    const call = onlyCall(filter);
    expect(call).toMatchObject({ cluster: "backend", path: "/lookup", bodyText: "payload", timeoutMs: 100, worker: 0 });
    expect(call.headers.get(":authority")).toBe("backend");
    expect(call.headers.get("content-length")).toBe("7");
  });

  it("brings its reply to the root, also when a stream has made it", async () => {
    const filter = await caller();
    const stream = filter.get();
    const call = onlyCall(filter);
    expect(call).toMatchObject({ contextId: 1, callerContextId: 2 });
    filter.log();
    call.reply({ status: 200, headers: { "x-b": "1" }, body: "found", trailers: { "x-t": "1" } });
    expect(filter.log().slice(0, 4)).toEqual([
      `http_call_response 1 token ${call.token} 2 5 1`,
      "status -> 0 0 ''",
      "pairs call -> 0 :status=200 x-b=1",
      "body call -> 0 'found'",
    ]);
    expect(stream.request.state).toBe("forwarded");
    expect(filter.proxy.calls).toEqual([]);
  });

  it("shows its reply under the stream, too, until the callback is over", async () => {
    const filter = await Scripted.create({
      request_headers: ["call backend 0 /x", "return 1"],
      http_call_response: ["effective last", "get call :status", "body call", "continue request"],
      response_headers: ["get call :status", "body call"],
    });
    const stream = filter.get();
    onlyCall(filter).reply({ status: 204, body: "b" });
    stream.respond();
    expect(filter.operations().filter((line) => line.includes("call") && !line.includes("backend"))).toEqual([
      "get call :status -> 0 '204'",
      "body call -> 0 'b'",
      "get call :status -> 2",
      "body call -> 1",
    ]);
  });

  it("outlives the stream that made it", async () => {
    const filter = await caller();
    filter.get().disconnect();
    filter.log();
    onlyCall(filter).reply();
    const said = filter.log();
    expect(said[0]).toMatch(/^http_call_response 1 /);
    expect(said.slice(-2)).toEqual(["effective last -> 2", "continue request -> 0"]);
    expect(filter.proxy.violations).toEqual([]);
  });

  it("is answered with 504 when its time is up, neither before nor after", async () => {
    const filter = await caller();
    filter.get();
    filter.proxy.clock.advance(99);
    expect(filter.proxy.calls).toHaveLength(1);
    filter.log();
    filter.proxy.clock.advance(1);
    expect(filter.operations().slice(0, 3)).toEqual([
      "status -> 0 0 ''",
      "pairs call -> 0 :status=504 content-length=24 content-type=text/plain",
      "body call -> 0 'upstream request timeout'",
    ]);
    filter.proxy.clock.advance(1000);
    expect(filter.operations()).toEqual([]);
  });

  it("is answered with 503 when nobody listens", async () => {
    const filter = await caller();
    filter.get();
    filter.log();
    onlyCall(filter).refuse();
    expect(filter.operations()[1]).toBe("pairs call -> 0 :status=503 content-length=98 content-type=text/plain");
  });

  it("never calls back when it is lost, not even when its time is up", async () => {
    const filter = await caller();
    filter.get();
    const call = onlyCall(filter);
    filter.log();
    call.lose();
    filter.proxy.clock.advance(60_000);
    expect(filter.operations()).toEqual([]);
    expect([call.state, filter.proxy.calls]).toEqual(["lost", []]);
    expect(() => {
      call.reply();
    }).toThrow("already lost");
  });

  it("has no headers at all when it is reset", async () => {
    const filter = await caller();
    filter.get();
    const call = onlyCall(filter);
    filter.log();
    call.reset();
    expect(filter.log().slice(0, 4)).toEqual([
      `http_call_response 1 token ${call.token} 0 0 0`,
      "status -> 0 11 'reset'",
      "pairs call -> 0 none",
      "body call -> 1",
    ]);
  });

  it.each([
    ["to an unknown cluster", "call nowhere 100 /x"],
    ["without a path", "call backend 100 -"],
    ["with a time limit that is negative as an i32", "call backend 4294967295 /x"],
  ])("%s is a bad argument at once", async (_what, call) => {
    const filter = await Scripted.create({ request_headers: [call] });
    filter.get();
    expect(filter.operations()).toEqual([`${call} -> 2`]);
    expect(filter.proxy.calls).toEqual([]);
  });

  it("without a time limit waits for ever", async () => {
    const filter = await caller("call backend 0 /x");
    filter.get();
    filter.proxy.clock.advance(3_600_000);
    expect(filter.proxy.calls).toHaveLength(1);
  });

  it("can be made while the plugin is configured, and on a tick", async () => {
    const filter = await Scripted.create({
      configure: ["tick 1000", "call backend 100 /configured"],
      tick: ["call backend 100 /ticked"],
    });
    filter.proxy.clock.advance(1000);
    expect(filter.proxy.calls.map(({ path }) => path)).toEqual(["/ticked"]);
    expect(filter.log().filter((line) => line.startsWith("http_call_response"))).toHaveLength(1);
  });

  it("has a token of its own", async () => {
    const filter = await caller();
    filter.get();
    filter.get();
    const tokens = filter.proxy.calls.map(({ token }) => token);
    expect(new Set(tokens).size).toBe(2);
  });

  it("answered twice is a mistake of the test, and says so", async () => {
    const filter = await caller();
    filter.get();
    const call = onlyCall(filter);
    call.reply();
    expect(() => {
      call.reply();
    }).toThrow("HTTP call 4 to backend (/lookup) is already answered");
  });
});

it("replies in any order resume their own streams", async () => {
  const filter = await Scripted.create({
    request_headers: ["call backend 0 /x", "return 1"],
    http_call_response: ["effective 3", "continue request"],
  });
  const streams = [filter.get(), filter.get()];
  filter.proxy.calls[1]?.reply();
  expect(streams.map(({ request }) => request.state)).toEqual(["paused", "forwarded"]);
});

it("gRPC calls link and are refused", async () => {
  const filter = await Scripted.create({ configure: ["grpc unknown", "grpc backend"] });
  expect(filter.operations()).toEqual(["grpc unknown -> 4", "grpc backend -> 10"]);
});
