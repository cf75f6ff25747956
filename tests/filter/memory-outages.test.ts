import { describe, expect, it } from "vitest";
import { CONFIGURED, IN_FLIGHT, OUTAGES, OutageTraffic } from "../../bench/support/outage-traffic.ts";
import { filterModule } from "./support/filter.ts";

const MIB = 1024 * 1024;
/** So many requests while one thing fails; more, and for longer: bench/memory.ts. */
const REQUESTS = 2000;
const ROUNDS = 4;

/** What docs/metrics.md promises: what is kept twice, and 16 MiB and 8 KiB for each request on its way. */
const BOUND = 2 * CONFIGURED + 16 * MIB + IN_FLIGHT * 8 * 1024;

describe("the memory of a VM", () => {
  it("levels off, whatever has failed meanwhile, and its gauge says what it is", { timeout: 600_000 }, async () => {
    const traffic = await OutageTraffic.create(filterModule());
    for (let round = 0; round < ROUNDS; round++) {
      for (const outage of OUTAGES) traffic.play(outage, REQUESTS);
    }
    expect(traffic.memoryBytes).toBeLessThanOrEqual(BOUND);
    traffic.proxy.clock.advance(2000);
    expect(traffic.proxy.metrics.value("signpost.vm.memory_bytes")).toBe(traffic.memoryBytes);
    expect(traffic.proxy.vm(0).trapped).toBeUndefined();
  });
});
