import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { COMPILE_TIME } from "./compile.ts";
import { Parts } from "./parts.ts";

/** Stands for the live streams of a busy worker. */
const LIVE = 5_000;

let parts: Parts;

beforeAll(async () => {
  parts = await Parts.load();
}, COMPILE_TIME);

describe("the table from ids to contexts", () => {
  it("finds what a map would find, whatever is put and taken", () => {
    const key = fc.oneof(fc.bigInt(0n, 40n), fc.bigInt(0n, 2n ** 64n - 1n));
    const step = fc.record({ put: fc.boolean(), key });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const model = new Set<bigint>();
        for (const { put, key } of steps) {
          if (put) expect(parts.wasm.put(key)).toBe(model.has(key) ? 0 : 1);
          else expect(parts.wasm.take(key)).toBe(model.has(key) ? 1 : 0);
          if (put) model.add(key);
          else model.delete(key);
          expect(parts.wasm.size()).toBe(model.size);
        }
        for (const { key } of steps) expect(parts.wasm.has(key)).toBe(model.has(key) ? 1 : 0);
        for (const key of model) parts.wasm.take(key);
      }),
    );
  });

  it("looks as few slots up with 5,000 live streams, after a million have gone, as with one", () => {
    const table = parts.wasm;
    let newest = 0n;
    for (; newest < LIVE; newest++) table.put(newest);
    // Streams end in an order of their own: the one that goes is any of the live ones.
    const live = Array.from({ length: LIVE }, (_, i) => BigInt(i));
    let random = 1;
    for (let gone = 0; gone < 1_000_000; gone++) {
      random = (Math.imul(random, 1_103_515_245) + 12_345) & 0x7fffffff;
      const index = random % LIVE;
      expectTaken(table.take(live[index] ?? -1n));
      live[index] = newest;
      table.put(newest++);
    }
    const probes = live.map((id) => table.probeLength(id));
    expect(table.size()).toBe(LIVE);
    expect(probes.reduce((sum, probe) => sum + probe) / LIVE).toBeLessThan(1.6);
    expect(Math.max(...probes)).toBeLessThan(32);
    for (const id of live) table.take(id);
    table.put(newest);
    expect(table.probeLength(newest)).toBe(1);
    table.take(newest);
  });
});

/** `expect` a million times would be most of the test's time. */
function expectTaken(taken: number): void {
  if (taken !== 1) throw new Error("a live stream was not found");
}
