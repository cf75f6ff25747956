import { ProxyHost, Status } from "proxy-wasm-host";
import type { Stream } from "proxy-wasm-host";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { COMPILE_TIME, compileFilter } from "./compile.ts";

let module: Uint8Array;
let proxy: ProxyHost;

beforeAll(async () => {
  module = await compileFilter("reporter");
}, COMPILE_TIME);

beforeEach(async () => {
  proxy = await ProxyHost.create({ module, environment: { PLACE: "Kyiv" } });
});

afterEach(() => {
  expect(proxy.vm(0).trapped).toBeUndefined();
});

/** A request that has the filter do this task; without an end it goes on. */
function request(task: string, endOfStream = true): Stream {
  const plugin = proxy.addPlugin({ rootId: "reporter", configuration: "" });
  const headers: [string, string][] = [
    [":path", "/"],
    ["x-do", task],
  ];
  return plugin.openStream().sendRequestHeaders(headers, { endOfStream });
}

function reportOf(stream: Stream): string | undefined {
  return stream.response?.text.trim();
}

describe("when the module has no memory for a value", () => {
  it("a body is missing, and read when there is memory again", () => {
    const stream = request("body", false);
    proxy.faults.failAllocations(1);
    stream.sendRequestBody("abcdefgh");
    expect(reportOf(stream)).toBe("8 8 missing [cde] [] missing status 2 status 0 [replaced]");
  });

  it("a header is missing and the list of headers is empty, with a status that says why", () => {
    const stream = request("body", false);
    proxy.faults.failAllocations(2);
    stream.sendRequestTrailers([["x-checksum", "42"]]);
    expect(reportOf(stream)).toBe(`1 missing 0 status ${Status.InvalidMemoryAccess}`);
  });
});

describe("when a host function fails", () => {
  it("what it would have returned is missing", () => {
    const stream = request("body", false);
    proxy.faults.failHostFunction("proxy_get_buffer_bytes", Status.InternalFailure);
    stream.sendRequestBody("abcdefgh");
    expect(reportOf(stream)).toBe("8 8 missing missing missing missing status 2 status 0 missing");
  });

  it("a metric that could not be defined says so and takes no values", () => {
    proxy.faults.failHostFunction("proxy_define_metric", Status.BadArgument);
    const stream = request("metrics");
    expect(reportOf(stream)).toBe("status 2 status 2 status 2 0 0 status 2 0 status 2");
    expect(proxy.hostCalls.filter(({ name }) => /_(increment|record|get)_metric$/.test(name))).toEqual([]);
  });

  it("the time is 0, and a host without a monotonic clock has the wall clock", () => {
    proxy.faults.failHostFunction("clock_time_get", 58);
    expect(reportOf(request("clocks"))).toBe("0 0 1");
    proxy.faults.failHostFunction("clock_time_get", 58, 2);
    expect(reportOf(request("clocks"))).toMatch(/^0 [1-9]\d+ 1$/);
  });

  it("no environment variable is set", () => {
    proxy.faults.failHostFunction("environ_get", 21);
    expect(reportOf(request("environment"))).toBe("null null");
  });

  it("the log level stays as it was", () => {
    request("log");
    proxy.faults.failHostFunction("proxy_get_log_level", Status.InternalFailure);
    proxy.logLevel = "debug";
    expect(reportOf(request("log"))).toBe("0");
  });
});
