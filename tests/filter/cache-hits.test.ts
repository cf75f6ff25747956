import { beforeEach, describe, expect, it } from "vitest";
import type { Plugin, ProxyHost } from "proxy-wasm-host";
import {
  answer,
  cacheStatus,
  cacheWith,
  counted,
  fieldsOf,
  fill,
  get,
  header,
  hitOf,
  SECOND,
} from "./support/cache.ts";

const FRESH = { "cache-control": "max-age=60", "content-type": "text/plain" };

let proxy: ProxyHost;
let plugin: Plugin;

beforeEach(async () => {
  ({ proxy, plugin } = await cacheWith());
});

describe("a response that may be stored", () => {
  it("goes to its own client as the upstream sent it, and says that it is stored", () => {
    const first = fill(plugin, "/a", answer({ ...FRESH, "x-a": "1" }));
    expect(first.response?.text).toBe("hello");
    expect(fieldsOf(first)).toEqual([
      ["cache-control", "max-age=60"],
      ["content-type", "text/plain"],
      ["x-a", "1"],
      ["cache-status", "signpost; fwd=uri-miss; stored"],
    ]);
  });

  it("answers the next request with its status, headers and body, its age and how long it is fresh", () => {
    fill(plugin, "/a", answer({ ...FRESH, "x-a": "1" }));
    proxy.clock.advance(7 * SECOND);
    const second = get(plugin, "/a");
    expect(hitOf(second)).toBe("hello");
    expect(second.response?.status).toBe(200);
    expect(Object.fromEntries(fieldsOf(second))).toEqual({
      ...FRESH,
      "x-a": "1",
      "content-length": "5",
      age: "7",
      "cache-status": "signpost; hit; ttl=53",
    });
  });

  it("is as old as the upstream's caches say, and keeps what they said", () => {
    const status = "origin-cache; hit";
    const first = fill(plugin, "/a", answer({ ...FRESH, age: "20", "cache-status": status }));
    expect(cacheStatus(first)).toBe(`${status}, signpost; fwd=uri-miss; stored`);
    proxy.clock.advance(5 * SECOND);
    const second = get(plugin, "/a");
    expect(header(second, "age")).toBe("25");
    expect(second.response?.headers.getAll("cache-status")).toEqual([`${status}, signpost; hit; ttl=35`]);
  });

  it("keeps headers that repeat, in their order and their number", () => {
    const link = ["</a.css>; rel=preload", "</b.js>; rel=preload"];
    fill(plugin, "/a", answer({ ...FRESH, link, warning: ["199 a", "", "199 b"] }));
    const second = get(plugin, "/a");
    expect(second.response?.headers.getAll("link")).toEqual(link);
    expect(second.response?.headers.getAll("warning")).toEqual(["199 a", "", "199 b"]);
  });

  it("is not another URL's", () => {
    fill(plugin, "/a?x=1", answer(FRESH));
    for (const path of ["/a", "/a?x=2", "/a?x=1&", "/A?x=1", "/a/?x=1"]) {
      expect(hitOf(get(plugin, path)), path).toBe("forwarded");
    }
    expect(hitOf(get(plugin, "/a?x=1"))).toBe("hello");
  });

  it("is not another origin's, as Origin is in the key", () => {
    fill(plugin, "/a", answer({ ...FRESH, "access-control-allow-origin": "https://a" }), { origin: "https://a" });
    expect(hitOf(get(plugin, "/a", { origin: "https://b" }))).toBe("forwarded");
    expect(hitOf(get(plugin, "/a"))).toBe("forwarded");
    expect(hitOf(get(plugin, "/a", { origin: "https://a" }))).toBe("hello");
  });

  it("goes upstream again when its time is over", () => {
    fill(plugin, "/a", answer(FRESH));
    proxy.clock.advance(60 * SECOND);
    const third = get(plugin, "/a");
    expect(hitOf(third)).toBe("forwarded");
    third.respond(answer(FRESH, "newer"));
    expect(cacheStatus(third)).toBe("signpost; fwd=stale; stored");
    expect(hitOf(get(plugin, "/a"))).toBe("newer");
  });

  it("is not one of the fields of a connection, nor the tags for purging", () => {
    const sent = { ...FRESH, connection: "x-hop", "x-hop": "1", "keep-alive": "timeout=5", "surrogate-key": "a b" };
    const first = fill(plugin, "/a", answer(sent));
    expect(header(first, "surrogate-key")).toBeUndefined();
    const names = fieldsOf(get(plugin, "/a")).map(([name]) => name);
    expect(names.sort()).toEqual(["age", "cache-control", "cache-status", "content-length", "content-type"]);
  });
});

describe("a status other than 200", () => {
  it.each([204, 301, 404, 410])("%i is answered from the store as it came, also without a body", (status) => {
    fill(plugin, "/a", answer({ "cache-control": "max-age=60", location: "/b" }, "", status));
    const second = get(plugin, "/a");
    expect(second.request.state).toBe("answered");
    expect(second.response?.status).toBe(status);
    expect(header(second, "location")).toBe("/b");
    expect(second.response?.body).toHaveLength(0);
    expect(proxy.violations).toEqual([]);
  });

  it.each([500, 502, 503, 206, 304])("%i is not stored without being asked for", (status) => {
    fill(plugin, "/a", answer({ etag: '"a"' }, status === 304 ? "" : "oops", status));
    expect(hitOf(get(plugin, "/a"))).toBe("forwarded");
  });
});

describe("the content type", () => {
  it("is kept where the body is empty, which the proxy would drop", () => {
    fill(plugin, "/a", answer({ ...FRESH, "content-type": "text/css" }, ""));
    const second = get(plugin, "/a");
    expect(second.request.state).toBe("answered");
    expect(header(second, "content-type")).toBe("text/css");
  });

  it("is missing where it was, which the proxy would invent", () => {
    fill(plugin, "/a", answer({ "cache-control": "max-age=60" }));
    const second = get(plugin, "/a");
    expect(hitOf(second)).toBe("hello");
    expect(header(second, "content-type")).toBeUndefined();
  });
});

/** What a whole request with a hit costs in crossings. A change that adds one has to change this list. */
describe("a hit", () => {
  function crossings(): string[] {
    return proxy
      .takeJournal()
      .filter((entry) => entry.name !== "proxy_on_memory_allocate")
      .map((entry) => (entry.kind === "callback" ? `> ${entry.name}` : entry.name));
  }

  it("reads the headers, an earlier plugin's lookups, the time and the invalidations, and answers: five host calls", () => {
    fill(plugin, "/a", answer(FRESH));
    proxy.takeJournal();
    get(plugin, "/a");
    expect(crossings()).toEqual([
      "> proxy_on_context_create",
      "> proxy_on_request_headers",
      "proxy_get_property",
      "proxy_get_header_map_pairs",
      "clock_time_get",
      "proxy_get_shared_data",
      "proxy_send_local_response",
      "> proxy_on_response_headers",
      "> proxy_on_response_body",
      "> proxy_on_delete",
    ]);
  });

  it("costs one call more where the content type has to be put right", () => {
    fill(plugin, "/a", answer({ "cache-control": "max-age=60" }));
    proxy.takeJournal();
    get(plugin, "/a");
    expect(crossings().filter((name) => /response_headers|header_map_value/.test(name))).toEqual([
      "> proxy_on_response_headers",
      "proxy_remove_header_map_value",
    ]);
  });

  it("leaves memory as it was, 20,000 times", { timeout: 120_000 }, () => {
    fill(plugin, "/a", answer(FRESH));
    proxy.recording = false;
    for (let i = 0; i < 1000; i++) get(plugin, "/a");
    const before = proxy.vm(0).memoryBytes;
    for (let i = 0; i < 20_000; i++) get(plugin, "/a");
    expect(proxy.vm(0).memoryBytes).toBe(before);
    expect(counted(proxy)).toMatchObject({ hits: 21_000, misses: 1, stored: 1 });
    expect(proxy.violations).toEqual([]);
  });
});
