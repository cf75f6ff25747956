import { beforeAll, describe, expect, it } from "vitest";
import type { HttpCallReply, Plugin, ProxyHost } from "proxy-wasm-host";
import { routeConfig } from "../fixtures/route/fixture.ts";
import { HOSTILE_CONFIGS } from "../fixtures/hostile/config.ts";
import { HOSTILE_DOCUMENTS, HOSTILE_JSON } from "../fixtures/hostile/json.ts";
import { HOSTILE_RECORDS } from "../fixtures/hostile/record.ts";
import { HOSTILE_RESP } from "../fixtures/hostile/resp.ts";
import { ask, filterWith, proxyWith } from "./support/filter.ts";
import { webdisSays } from "./support/tiers.ts";

const GOOD_RECORD = '{"path": "/svc"}';
const ON_ERROR = { status: 503, body: "try later" };

let proxy: ProxyHost;
let plugin: Plugin;
let tenants = 0;

beforeAll(async () => {
  ({ proxy, plugin } = await filterWith(routeConfig({ onError: ON_ERROR })));
});

/** Answers a fresh tenant's Webdis call, with the value of its key or a whole reply, and the service's where it is asked, and gives the debug header. */
function reportOf(webdis: HttpCallReply | Uint8Array | string | null, service: HttpCallReply): string {
  const stream = ask(plugin, `/api/tenant-${tenants++}/orders`);
  if (webdis === null || typeof webdis === "string" || webdis instanceof Uint8Array) webdisSays(proxy.calls[0], webdis);
  else proxy.calls[0]?.reply(webdis);
  proxy.calls[0]?.reply(service);
  expect(proxy.vm(0).trapped).toBeUndefined();
  if (stream.request.state === "forwarded") stream.respond({ status: 200 });
  const report = stream.response?.headers.get("x-signpost");
  expect(stream.response).toBeDefined();
  expectNextIsServed();
  return report ?? "";
}

function expectNextIsServed(): void {
  const next = ask(plugin, `/api/tenant-${tenants++}/orders`);
  webdisSays(proxy.calls[0], GOOD_RECORD);
  expect(next.request.headers.get(":path")).toBe("/svc");
  next.disconnect();
}

describe("a hostile corpus", () => {
  it.each([
    ["configurations", HOSTILE_CONFIGS],
    ["JSON documents", HOSTILE_JSON],
    ["route records", HOSTILE_RECORDS],
    ["RESP replies", HOSTILE_RESP],
  ])("of %s has at least 200 different inputs", (_, corpus) => {
    expect(new Set(corpus.map((input) => Buffer.from(input.bytes).toString("latin1"))).size).toBeGreaterThanOrEqual(
      200,
    );
  });
});

describe("a record in Redis that is no record is a failure of Redis, and the service is asked:", () => {
  it.each(HOSTILE_RECORDS)("$name", ({ bytes }) => {
    expect(reportOf(bytes, { body: GOOD_RECORD })).toBe("lookup=route; tier=service; age=0");
  });
});

describe("a document in Redis is read or refused, nothing else:", () => {
  const refused = new Set(HOSTILE_DOCUMENTS);

  it.each(HOSTILE_JSON)("$name", (input) => {
    const { bytes } = input;
    const report = reportOf(bytes, { status: 503 });
    // Well-formed JSON may still be no record; what is malformed can never be one. Webdis ends it at the first NUL.
    if (refused.has(input) && !bytes.includes(0))
      expect(report).toBe("lookup=route; tier=none; reason=unavailable: status 503");
    else expect(report).toMatch(/^lookup=route; tier=(webdis; age=0|none; reason=unavailable: status 503)/);
  });
});

describe("a reply of Webdis that does not belong to the question is a failure, and the service is asked:", () => {
  it.each(HOSTILE_RESP)("$name", ({ bytes }) => {
    expect(reportOf({ body: bytes }, { body: GOOD_RECORD })).toBe("lookup=route; tier=service; age=0");
  });
});

describe("a reply of the service that is no record is invalid, and onError speaks:", () => {
  it.each([...HOSTILE_RECORDS, ...HOSTILE_DOCUMENTS])("$name", ({ bytes }) => {
    expect(reportOf(null, { body: bytes })).toMatch(/^lookup=route; tier=none; reason=invalid: ./);
  });
});

describe("a status of the service", () => {
  it.each(Array.from({ length: 500 }, (_, index) => 100 + index))("%i has one meaning", (status) => {
    const report = reportOf(null, { status, body: GOOD_RECORD });
    if (status === 200) expect(report).toBe("lookup=route; tier=service; age=0");
    else if ([204, 404, 410].includes(status)) expect(report).toBe("lookup=route; tier=service; age=0; reason=miss");
    else if (status === 504) expect(report).toContain("reason=timeout: ");
    else if (status === 429 || status >= 500) expect(report).toContain("reason=unavailable: ");
    else expect(report).toContain("reason=invalid: ");
  });

  it.each(["", "abc", "20", "2000", "-01", "２００"])("%j that is none is as good as a reset", (status) => {
    expect(reportOf(null, { headers: { ":status": status }, body: GOOD_RECORD })).toContain("unavailable");
  });
});

describe("a hostile configuration is refused with a clear error, or is right after all:", () => {
  let candidates: ProxyHost;

  beforeAll(async () => {
    candidates = await proxyWith();
  });

  it.each(HOSTILE_CONFIGS)("$name", ({ bytes, refused }) => {
    const logged = candidates.logs.length;
    const candidate = candidates.addPlugin({ rootId: "signpost", configuration: bytes });
    expect(candidates.vm(0).trapped).toBeUndefined();
    expect(candidate.configured).toBe(!refused);
    candidate.remove();
    const errors = candidates.logs
      .slice(logged)
      .filter(({ level }) => level === "error")
      .map((entry) => entry.message);
    expect(errors.every((message) => message.startsWith("configuration refused: "))).toBe(true);
    expect(errors.length > 0).toBe(refused);
    expectNextIsServed();
  });
});
