import { describe, expect, it } from "vitest";
import { CONFIGURED, OUTAGES, OutageTraffic } from "../../bench/support/outage-traffic.ts";
import { filterModule } from "./support/filter.ts";

/** So many requests while one thing fails; more, and for longer: bench/memory.ts. */
const REQUESTS = 2000;
const ROUNDS = 4;

describe("the memory of a VM", () => {
  it("levels off, whatever has failed meanwhile, and its gauge says what it is", { timeout: 600_000 }, async () => {
    const traffic = await OutageTraffic.create(filterModule());
    for (let round = 0; round < ROUNDS; round++) {
      for (const outage of OUTAGES) traffic.play(outage, REQUESTS);
    }
    // What docs/metrics.md promises: three times of what the configuration bounds.
    expect(traffic.memoryBytes).toBeLessThanOrEqual(3 * CONFIGURED);
    traffic.proxy.clock.advance(2000);
    expect(traffic.proxy.metrics.value("signpost.vm.memory_bytes")).toBe(traffic.memoryBytes);
    expect(traffic.proxy.vm(0).trapped).toBeUndefined();
  });
});
