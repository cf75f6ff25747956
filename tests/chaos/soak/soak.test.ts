import { beforeAll, describe, expect, it } from "vitest";
import { counted, soak, type SoakResult } from "./soak.ts";

/** Longer, and with other seeds: bench/soak.ts. */
const SECONDS = 60;
const SEED = 1;

describe(`${SECONDS} s of mixed traffic while parts fail in turn`, () => {
  let result: SoakResult;

  beforeAll(async () => {
    result = await soak({ seconds: SECONDS, seed: SEED });
  });

  it("has only right answers: its own tenant's, whole, and no staler than they may be", () => {
    expect(result.wrong).toEqual([]);
  });

  it("has seen faults, hits, misses and clients that leave", () => {
    expect(result.faults.length).toBeGreaterThan(1);
    const outcomes = [...result.outcomes.keys()];
    expect(outcomes).toEqual(expect.arrayContaining(["left", expect.stringMatching(/^200 signpost; hit/)]));
  });

  it("leaves nothing under way, and each request counted once", () => {
    const { lookup, cache } = counted(result.counts);
    expect(lookup).toBe(result.received);
    // But for those that the lookup has answered, or that have left while it asked.
    const answered = result.counts["lookup.route.answers"] ?? 0;
    const left = result.outcomes.get("left") ?? 0;
    expect(cache).toBeLessThanOrEqual(result.received - answered);
    expect(cache).toBeGreaterThanOrEqual(result.received - answered - left);
  });

  it("traps in no VM", () => {
    expect(result.traps).toEqual([]);
  });
});
