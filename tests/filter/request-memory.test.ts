import { describe, expect, it } from "vitest";
import type { Stream } from "proxy-wasm-host";
import { bodyOf, cacheWith, get, store, type Fields } from "./support/review-cache.ts";

const MIB = 1024 * 1024;
/** What proxies let a VM have. */
const LIMIT = 1024 * MIB;
const BIG = "x".repeat(28_000);

describe("requests with large headers", () => {
  it("stay within the VM's memory, however many are on their way", async () => {
    const { proxy, plugin } = await cacheWith();
    proxy.recording = false;
    const streams: Stream[] = [];
    const headers: Fields = Array.from({ length: 8 }, (_, index) => [`x-${index}`, BIG] as const);
    for (let i = 0; i < 5000; i++) streams.push(get(plugin, `/page/${i}`, headers));
    expect(proxy.vm(0).trapped).toBeUndefined();
    expect(proxy.vm(0).memoryBytes).toBeLessThanOrEqual(LIMIT);
    expect(streams[streams.length - 1]?.request.state).toBe("forwarded");
    for (const stream of streams) stream.disconnect();
    proxy.clock.advance(1000);
    // When they are gone there is room again.
    const found = Array.from({ length: 400 }, (_, index) => {
      store(plugin, `/stored/${index}`, [["cache-control", "max-age=60"]]);
      const stream = get(plugin, `/stored/${index}`);
      if (stream.request.state === "forwarded") stream.respond();
      return bodyOf(stream);
    });
    expect(found.at(-1)).toBe("stored");
  }, 120_000);

  it("leave nothing behind, whatever they repeat", async () => {
    const { proxy, plugin } = await cacheWith();
    proxy.recording = false;
    const wave = (name: string, index: number): void => {
      const twice: Fields = [[name, BIG], [name, BIG]]; // prettier-ignore
      const streams = Array.from({ length: 1024 }, (_, page) => get(plugin, `/${name}/${index}/${page}`, twice));
      for (const stream of streams) stream.disconnect();
    };
    // Until garbage is as much as it gets before it is collected, but for a step of an eighth.
    for (let i = 0; i < 12; i++) wave("range", i);
    const before = proxy.vm(0).memoryBytes;
    // Others, of the same objects, each of which would have what it once needed: 56 MiB more for each name.
    const others = ["if-none-match", "if-modified-since", "if-range", "cache-control", "pragma"];
    for (const name of others) for (let i = 0; i < 2; i++) wave(name, i);
    expect(proxy.vm(0).memoryBytes).toBeLessThanOrEqual(before * 1.25);
  }, 120_000);
});
