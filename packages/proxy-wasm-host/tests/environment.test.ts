import { describe, expect, it } from "vitest";
import { Scripted } from "./scripted.ts";

describe("the log", () => {
  it("has the lines at its level and above; a level that does not exist is a bad argument", async () => {
    const filter = await Scripted.create(
      { configure: ["log_level", "log_at 2 info", "log_at 3 warn", "log_at 6 none"] },
      { logLevel: "warn" },
    );
    expect(filter.proxy.logs).toEqual([{ level: "warn", message: "warn", vm: 0, vmId: "", contextId: 1 }]);
    const statuses = filter.proxy.hostCalls.filter(({ name }) => name === "proxy_log").map(({ status }) => status);
    expect(statuses).toContain(2);
  });

  it("tells its level", async () => {
    const filter = await Scripted.create({ request_headers: ["log_level"] });
    filter.proxy.logLevel = "info";
    filter.get();
    expect(filter.operations()).toEqual(["log_level -> 0 2"]);
  });

  it("has what the module prints: stdout as info, stderr as error, without the line's end", async () => {
    const filter = await Scripted.create({ configure: ["print 1 out", "print 2 err", "print 3 none"] });
    const printed = filter.proxy.logs.filter(({ message }) => message === "out" || message === "err");
    expect(printed.map(({ level, message }) => [level, message])).toEqual([
      ["info", "out"],
      ["error", "err"],
    ]);
    expect(filter.operations()).toEqual(["print 1 out -> 0 4", "print 2 err -> 0 4", "print 3 none -> 8 0"]);
  });
});

it("the environment has the variables it was given", async () => {
  const environment = { PASSWORD: "secret", EMPTY: "" };
  const filter = await Scripted.create({ configure: ["environment"] }, { environment });
  expect(filter.operations()).toEqual(["environment -> 0 PASSWORD=secret;EMPTY=;"]);
});

describe("a foreign function", () => {
  it("clear_route_cache counts on the stream, also when that is only the effective context", async () => {
    const filter = await Scripted.create({
      request_headers: ["foreign clear_route_cache", "call backend 0 /x", "return 1"],
      http_call_response: [
        "foreign clear_route_cache",
        "effective last",
        "foreign clear_route_cache",
        "continue request",
      ],
    });
    const stream = filter.get();
    expect(stream.routeCacheCleared).toBe(1);
    filter.proxy.calls[0]?.reply();
    // For the root it succeeds and clears nothing.
    expect(stream.routeCacheCleared).toBe(2);
    expect(filter.operations().filter((line) => line.startsWith("foreign"))).toHaveLength(3);
  });

  it("of the test's own is called, and one that nobody has is not found", async () => {
    const result = new TextEncoder().encode("answer");
    const foreignFunctions = { ask: (argument: Uint8Array) => ({ status: argument.length, result }) };
    const filter = await Scripted.create({ configure: ["foreign ask four", "foreign none"] }, { foreignFunctions });
    expect(filter.operations()).toEqual(["foreign ask four -> 4 answer", "foreign none -> 1"]);
  });
});

describe("the effective context", () => {
  it("is any that exists, until the callback is over", async () => {
    const filter = await Scripted.create({
      request_headers: [
        "effective 1",
        "set request x-root 1",
        "effective 99",
        "effective last",
        "set request x-stream 1",
      ],
      request_body_end: ["effective 1"],
      response_headers: ["set response x-own 1"],
    });
    const stream = filter.post().sendRequestBody("x").respond();
    expect(filter.operations()).toEqual([
      "effective 1 -> 0",
      "set request x-root 1 -> 2",
      "effective 99 -> 2",
      "effective last -> 0",
      "set request x-stream 1 -> 0",
      "effective 1 -> 0",
      "set response x-own 1 -> 0",
    ]);
    expect(stream.response?.headers.get("x-own")).toBe("1");
  });

  it("set to 0 is the callback's own again", async () => {
    const filter = await Scripted.create({ request_headers: ["effective 1", "effective 0", "get request :path"] });
    filter.get();
    expect(filter.operations().at(-1)).toBe("get request :path -> 0 '/'");
  });
});

describe("the journal", () => {
  it("has every host call and callback, decoded, in the order they began", async () => {
    const filter = await Scripted.create({ request_headers: ["get request x-a", "call backend 50 /x body"] });
    filter.proxy.logLevel = "warn";
    filter.proxy.takeJournal();
    filter.get("/", { "x-a": "1" });
    const logging = new Set(["proxy_log"]);
    const journal = filter.proxy.takeJournal().filter(({ name }) => !logging.has(name));
    expect(journal.map(({ kind, name, contextId }) => [kind, name, contextId])).toEqual([
      ["callback", "proxy_on_context_create", 2],
      ["callback", "proxy_on_request_headers", 2],
      ["host call", "proxy_get_header_map_value", 2],
      ["callback", "proxy_on_memory_allocate", 0],
      ["host call", "proxy_http_call", 2],
    ]);
    expect(journal[1]).toMatchObject({ arguments: [5, 1], result: 0 });
    expect(journal[2]).toMatchObject({ arguments: { map: "RequestHeaders", name: "x-a", value: "1" }, status: 0 });
    expect(journal[4]).toMatchObject({
      arguments: {
        cluster: "backend",
        headers: [
          [":method", "GET"],
          [":authority", "backend"],
          [":path", "/x"],
        ],
        body: "body",
        timeoutMs: 50,
        token: 4,
      },
    });
  });

  it("begins anew when taken, and stays empty when switched off", async () => {
    const filter = await Scripted.create({});
    filter.get();
    expect(filter.proxy.takeHostCalls()).not.toEqual([]);
    expect(filter.proxy.journal).toEqual([]);
    filter.proxy.recording = false;
    filter.get();
    expect(filter.proxy.journal).toEqual([]);
  });
});
