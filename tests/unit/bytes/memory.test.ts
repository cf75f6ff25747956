import { beforeEach, describe, expect, it } from "vitest";
import { UnitModule } from "../support/unit-module.ts";

const PAGE = 65_536;
const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

let take: (pages: number) => boolean;
let pages: () => number;
let isLeftFor: (size: number, headroom?: number) => boolean;

beforeEach(() => {
  const unit = new UnitModule();
  const memoryLeftFor = unit.function("memoryLeftFor", ["u64", "u64"], "bool");
  take = unit.function("memoryTake", ["i32"], "bool");
  pages = unit.function("memoryPages", [], "i32");
  isLeftFor = (size, headroom = 0) => memoryLeftFor(BigInt(size), BigInt(headroom));
});

describe("memory is left", () => {
  it("for little and for much while little is taken", () => {
    expect([isLeftFor(0), isLeftFor(1), isLeftFor(256 * MIB), isLeftFor(800 * MIB)]).toEqual([true, true, true, true]);
  });

  it("never for more than Envoy gives", () => {
    expect([isLeftFor(GIB), isLeftFor(4 * GIB), isLeftFor(0, GIB)]).toEqual([false, false, false]);
  });

  it("for what really can be had then", () => {
    const largest = (): number => {
      let size = GIB;
      while (!isLeftFor(size)) size -= PAGE;
      return size;
    };
    // The allocator rounds up by at most a sixteenth, and to pages.
    expect(pages() * PAGE + (largest() * 17) / 16 + PAGE).toBeLessThanOrEqual(GIB);
  });

  it("the less, the more is taken, and in the end for nothing", () => {
    expect(isLeftFor(512 * MIB)).toBe(true);
    expect(take((600 * MIB) / PAGE)).toBe(true);
    expect([isLeftFor(512 * MIB), isLeftFor(256 * MIB)]).toEqual([false, true]);
    expect(take(GIB / PAGE - pages())).toBe(true);
    expect(isLeftFor(0)).toBe(false);
  });

  it("with what others need on top", () => {
    expect(take((600 * MIB) / PAGE)).toBe(true);
    expect([isLeftFor(128 * MIB, 192 * MIB), isLeftFor(256 * MIB, 192 * MIB)]).toEqual([true, false]);
  });
});

describe("what is kept for long", () => {
  it("has memory grow to its limit, and past that only what is free", () => {
    const unit = new UnitModule();
    const limit = unit.function("memoryLimitKept", ["u64"], "void");
    const mayBeKept = unit.function("memoryMayBeKept", ["u64"], "bool");
    expect(mayBeKept(BigInt(64 * MIB))).toBe(true);
    limit(BigInt(8 * MIB));
    expect([mayBeKept(BigInt(4 * MIB)), mayBeKept(BigInt(64 * MIB))]).toEqual([true, false]);
    // A value that is large leaves a piece to others.
    limit(0n);
    expect([mayBeKept(100n), mayBeKept(BigInt(64 * MIB))]).toEqual([true, false]);
  });
});
