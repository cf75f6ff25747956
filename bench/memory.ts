/**
 * How much memory a worker's VM has after outages, on our own host: npx tsx bench/memory.ts [requests, 2 million]
 *
 * Linear memory never shrinks: what is shown is the most that was ever needed, with what the allocator could not use of it. It
 * has to level off: no row after the first rounds of outages may have more than the one before.
 */
import { readFileSync } from "node:fs";
import { FILTER_WASM, requireFilter } from "../envoy-local/lib/project.ts";
import { CONFIGURED, OUTAGES, OutageTraffic } from "./support/outage-traffic.ts";

const MIB = 1024 * 1024;
const REQUESTS = Number(process.argv[2] ?? 2_000_000);
const ROUNDS = Math.max(3, Math.round(REQUESTS / 100_000));

const traffic = await OutageTraffic.create(readFileSync(requireFilter(FILTER_WASM)));
console.log(`stores and write queue: ${CONFIGURED / MIB} MiB`);
console.log("| requests | memory MiB | what failed last |");
console.log("| --- | --- | --- |");
for (let round = 0; round < ROUNDS; round++) {
  for (const outage of OUTAGES) {
    traffic.play(outage, Math.ceil(REQUESTS / ROUNDS / OUTAGES.length));
    console.log(`| ${traffic.requests} | ${(traffic.memoryBytes / MIB).toFixed(1)} | ${outage} |`);
  }
}
