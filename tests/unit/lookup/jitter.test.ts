import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UnitModule } from "../support/unit-module.ts";

const YEAR = 365 * 24 * 3600 * 1000;

const unit = new UnitModule();
const newJitter = unit.function("newJitter", ["u64", "u64"], "object");
const shortenOnce = unit.function("jitterShorten", ["object", "i64", "f64"], "i64");

const PERCENT = fc.oneof(fc.constantFrom(0, 1, 10, 50, 100), fc.double({ min: 0, max: 100, noNaN: true }));
const TTL = fc.oneof(fc.nat({ max: 100 }), fc.nat({ max: YEAR }), fc.constant(YEAR));

function shorten(jitter: number, ttl: number, percent: number): number {
  return Number(shortenOnce(jitter, BigInt(ttl), percent));
}

function draws(seed0: bigint, seed1: bigint, count: number, ttl: number, percent: number): number[] {
  const jitter = newJitter(seed0, seed1);
  return Array.from({ length: count }, () => shorten(jitter, ttl, percent));
}

describe("a jittered ttl", () => {
  it("is never longer than the ttl, nor shorter by more than the percentage", () => {
    const jitter = newJitter(1n, 2n);
    fc.assert(
      fc.property(TTL, PERCENT, (ttl, percent) => {
        const shortened = shorten(jitter, ttl, percent);
        expect(shortened).toBeLessThanOrEqual(ttl);
        expect(shortened).toBeGreaterThanOrEqual(ttl - (ttl * percent) / 100 - 1e-3);
      }),
      { numRuns: 5000 },
    );
  });

  it("is the ttl where nothing is to be taken off", () => {
    expect(new Set(draws(1n, 2n, 1000, YEAR, 0))).toEqual(new Set([YEAR]));
    expect(new Set(draws(1n, 2n, 1000, 0, 100))).toEqual(new Set([0]));
  });

  it("does not take all of a ttl off: what was to be stored is", () => {
    expect(Math.min(...draws(1n, 2n, 5000, 1, 100), ...draws(3n, 4n, 5000, 10, 100))).toBe(1);
  });

  it("is spread evenly over the percentage", () => {
    const tenths = Array.from({ length: 10 }, () => 0);
    for (const ttl of draws(5n, 6n, 10_000, 1_000_000, 10)) {
      const tenth = Math.min(9, Math.floor((1_000_000 - ttl) / 10_000));
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    // A thousand are due to each; six standard deviations are 180.
    for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(180);
  });
});

describe("the seeds", () => {
  it("make one worker's times differ from another's", () => {
    const workers = [draws(1n, 2n, 5, YEAR, 50), draws(9n, 2n, 5, YEAR, 50), draws(1n, 9n, 5, YEAR, 50)];
    expect(new Set(workers.map(String)).size).toBe(3);
  });

  it.each([
    [0n, 0n],
    [2n ** 64n - 1n, 2n ** 64n - 1n],
    [2n, 1n],
  ])("may be %i and %i", (seed0, seed1) => {
    expect(new Set(draws(seed0, seed1, 100, YEAR, 100)).size).toBe(100);
  });
});
