import { ProxyHost } from "proxy-wasm-host";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { COMPILE_TIME, compileFilter } from "./compile.ts";
import { messages } from "./host.ts";

let module: Uint8Array;
let proxy: ProxyHost;

beforeAll(async () => {
  module = await compileFilter("reporter");
}, COMPILE_TIME);

beforeEach(async () => {
  proxy = await ProxyHost.create({ module, environment: { PLACE: "Kyiv", PLACEBO: "no" } });
});

type Headers = [string, string][];

/** What the filter reports of the host calls it made for this task. */
function report(task: string, headers: Headers = []): string {
  const stream = proxy.addPlugin({ rootId: "reporter", configuration: "" }).openStream();
  stream.sendRequestHeaders([[":method", "GET"], [":path", "/"], ["x-do", task], ...headers], { endOfStream: true });
  return Buffer.from(stream.response?.body ?? "")
    .toString()
    .trim();
}

describe("headers", () => {
  it("that are missing are not those that are empty, and a map that is not there is a bad argument", () => {
    const seen = report("values", [
      ["x-full", "one"],
      ["x-full", "two"],
      ["x-empty", ""],
    ]);
    expect(seen).toBe("6 [one] status 0 [] status 0 missing status 1 missing status 2");
  });

  it("show all their values in the list of all", () => {
    const seen = report("pairs", [
      ["x-full", "one"],
      ["x-other", "x"],
      ["x-full", ""],
    ]);
    expect(seen).toBe("status 0 6 [one] [] missing missing");
  });

  it("can be added, replaced, emptied, removed and set as a whole, but not set to a missing value", () => {
    expect(report("change")).toBe("status 0 status 0 [2] status 2 status 0 [] status 0 missing status 0 2");
  });

  it("above the host's limits are refused instead of all being lost", () => {
    expect(report("limits")).toBe("status 0 status 2 status 2 1024");
  });
});

it("bodies are read whole, in part, not behind their end, and replaced", () => {
  const stream = proxy.addPlugin({ rootId: "reporter", configuration: "" }).openStream();
  stream.sendRequestHeaders(
    [
      [":path", "/"],
      ["x-do", "body"],
    ],
    { endOfStream: false },
  );
  stream.sendRequestBody(Buffer.from("abcde"), false);
  stream.sendRequestBody(Buffer.from("fgh"), true);
  expect(
    Buffer.from(stream.response?.body ?? "")
      .toString()
      .trim(),
  ).toBe("8 8 [abcdefgh] [cde] [] missing status 2 status 0 [replaced]");
});

it("trailers are read like headers", () => {
  const stream = proxy.addPlugin({ rootId: "reporter", configuration: "" }).openStream();
  stream.sendRequestHeaders(
    [
      [":path", "/"],
      ["x-do", "body"],
    ],
    { endOfStream: false },
  );
  stream.sendRequestTrailers([["x-checksum", "42"]]);
  expect(
    Buffer.from(stream.response?.body ?? "")
      .toString()
      .trim(),
  ).toBe("1 [42] 1 status 0");
});

it("properties are read by path, set, and read again", () => {
  expect(report("properties")).toBe("[reporter] missing status 1 status 0 [routed]");
});

it("metrics count, adding nothing to a counter is no error, and histograms cannot be read", () => {
  expect(report("metrics")).toBe("status 0 status 0 status 2 3 5 status 0 0 status 2");
});

it("shared data is not overwritten when somebody else changed it", () => {
  expect(report("shared")).toBe("missing status 1 status 0 [first] status 0 status 8 [second]");
});

it("shared queues give what was put in, once, and tell the root", () => {
  expect(report("queue")).toBe("missing status 7 status 0 [item] 1 0 status 1");
  expect(messages(proxy)).toContain("queue ready");
});

it("foreign functions clear the route cache; an unknown one is not found", () => {
  expect(report("foreign")).toBe("status 0 missing status 1");
});

it("the wall clock, the monotonic clock and the random numbers are the host's", () => {
  proxy.clock.advance(1_500);
  proxy.clock.stepWallTime(-60_000);
  const [now, monotonic, differ] = report("clocks").split(" ");
  expect(now).toBe(String(proxy.clock.wallNanoseconds));
  expect(monotonic).toBe("3601500000000");
  expect(differ).toBe("1");
});

it("environment variables are found by their whole name", () => {
  expect(report("environment")).toBe("Kyiv null");
});
