import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { COMPILE_TIME } from "./compile.ts";
import { Parts } from "./parts.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

let parts: Parts;

beforeAll(async () => {
  parts = await Parts.load();
}, COMPILE_TIME);

beforeEach(() => {
  parts.wasm.resetArena();
});

describe("the memory the host asks for", () => {
  it("is the same memory again after every callback", () => {
    const first = parts.wasm.arenaAllocate(100);
    parts.wasm.resetArena();
    expect(parts.wasm.arenaAllocate(100)).toBe(first);
  });

  it("never overlaps, small or large, within one callback", () => {
    const sizes = [1, 0, 7, 8, 9, 16 * KIB - 1, 16 * KIB, 60 * KIB, 3, 64 * KIB, 200 * KIB, 12, 40 * KIB, 40 * KIB, 5];
    const blocks = sizes.map((size) => ({ size, start: parts.wasm.arenaAllocate(size) }));
    blocks.sort((a, b) => a.start - b.start);
    blocks.forEach(({ start }, i) => {
      const before = blocks[i - 1];
      expect(start).toBeGreaterThanOrEqual(before ? before.start + Math.max(before.size, 1) : 1);
      expect(start % 8).toBe(0);
    });
  });

  it("is refused, not a trap, when the size is absurd or memory runs out", () => {
    expect(parts.wasm.arenaAllocate(-1)).toBe(0);
    expect(parts.wasm.arenaAllocate(257 * MIB)).toBe(0);
    const blocks = Array.from({ length: 10 }, () => parts.wasm.arenaAllocate(200 * MIB));
    expect(blocks.filter((block) => block === 0).length).toBeGreaterThan(4);
    expect(blocks[0]).not.toBe(0);
    expect(parts.wasm.memory.buffer.byteLength).toBeLessThanOrEqual(KIB * MIB);
    // What was handed out is free again afterwards, and small values found room all the time.
    expect(parts.wasm.arenaAllocate(10)).not.toBe(0);
    parts.wasm.resetArena();
    expect(parts.wasm.arenaAllocate(10)).not.toBe(0);
  });

  it("does not grow over callbacks, whatever they held", () => {
    const use = (): void => {
      for (const size of [10, 2 * MIB, 30 * KIB, 63 * KIB, 100]) parts.wasm.arenaAllocate(size);
      parts.wasm.resetArena();
    };
    use();
    const bytes = parts.wasm.memory.buffer.byteLength;
    for (let callback = 0; callback < 10_000; callback++) use();
    expect(parts.wasm.memory.buffer.byteLength).toBe(bytes);
  });
});
