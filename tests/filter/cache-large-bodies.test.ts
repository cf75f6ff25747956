import { beforeEach, describe, expect, it } from "vitest";
import type { Plugin, ProxyHost, Stream } from "proxy-wasm-host";
import { answer, cacheWith, fill, fieldsOf, get, header, hitOf, send } from "./support/cache.ts";

const MIB = 1024 * 1024;
const LARGE = 64 * 1024;
const FRESH = { "cache-control": "max-age=60", "content-type": "text/plain" };

let proxy: ProxyHost;
let plugin: Plugin;

beforeEach(async () => {
  ({ proxy, plugin } = await cacheWith());
});

function bytesOf(length: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, index) => (index * 7) % 251));
}

function bodyOf(stream: Stream): Buffer {
  return Buffer.from(stream.response?.body ?? []);
}

describe("a large body from the store", () => {
  it.each([LARGE, 200_000, MIB])("comes as it was stored: %i bytes", (length) => {
    const body = bytesOf(length);
    fill(plugin, "/a", answer({ ...FRESH, "x-a": "1" }, body));
    const stream = get(plugin, "/a");
    expect(stream.request.state).toBe("answered");
    expect(bodyOf(stream).equals(body)).toBe(true);
    expect(stream.response?.complete).toBe(true);
    expect(Object.fromEntries(fieldsOf(stream))).toEqual({
      ...FRESH,
      "x-a": "1",
      "content-length": String(length),
      age: "0",
      "cache-status": "signpost; hit; ttl=60",
    });
  });

  it("may be a range of what is stored", () => {
    const body = bytesOf(3 * LARGE);
    fill(plugin, "/a", answer(FRESH, body));
    const stream = get(plugin, "/a", { range: `bytes=${LARGE}-${3 * LARGE - 2}` });
    expect(stream.response?.status).toBe(206);
    expect(header(stream, "content-length")).toBe(String(2 * LARGE - 1));
    expect(bodyOf(stream).equals(body.subarray(LARGE, 3 * LARGE - 1))).toBe(true);
  });

  it("keeps a content type that it has, and gets none that it has not", () => {
    fill(plugin, "/a", answer({ "cache-control": "max-age=60" }, bytesOf(LARGE)));
    const stream = get(plugin, "/a");
    expect(hitOf(stream)).not.toBe("forwarded");
    expect(header(stream, "content-type")).toBeUndefined();
    expect(bodyOf(stream).length).toBe(LARGE);
  });

  it("does not come with an answer to HEAD", () => {
    fill(plugin, "/a", answer(FRESH, bytesOf(LARGE)));
    const stream = send(plugin, "HEAD", "/a");
    expect(stream.response?.status).toBe(200);
    expect(header(stream, "content-length")).toBe(String(LARGE));
    expect(bodyOf(stream).length).toBe(0);
  });

  it("leaves nothing behind, 2000 times, whether its client stays or leaves, and whatever becomes of what is stored", () => {
    proxy.recording = false;
    const round = (turn: number): void => {
      fill(plugin, "/a", answer(FRESH, bytesOf(LARGE)));
      for (let i = 0; i < 10; i++) {
        const stream = get(plugin, "/a");
        if (i % 2 === 0) stream.disconnect();
        else stream.end();
      }
      if (turn % 2 === 0) send(plugin, "DELETE", "/a").respond({ status: 204 });
    };
    for (let turn = 0; turn < 20; turn++) round(turn);
    const before = proxy.vm(0).memoryBytes;
    for (let turn = 0; turn < 180; turn++) round(turn);
    expect(proxy.vm(0).memoryBytes).toBeLessThanOrEqual(before);
    expect(proxy.vm(0).trapped).toBeUndefined();
  });
});
