import { beforeAll, describe, expect, it } from "vitest";
import { lookedUp, soak, type SoakResult } from "./soak.ts";

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

  it("leaves nothing under way, and each request counted", () => {
    const { least, most } = lookedUp(result.counts);
    expect(least).toBeLessThanOrEqual(result.received);
    expect(most).toBeGreaterThanOrEqual(result.received);
  });

  it("traps in no VM", () => {
    expect(result.traps).toEqual([]);
  });
});
