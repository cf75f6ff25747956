/**
 * Mixed traffic through real parts of which one after the other fails, every response checked, for as long as wanted:
 *
 *     npx tsx bench/soak.ts [--seconds 3600] [--seed 1]
 *
 * A minute of it is in the gate (tests/chaos/soak). Prints what fails, and at the end what was answered and everything that was
 * wrong; ends with 1 when anything was.
 */
import { parseArgs } from "node:util";
import { counted, soak } from "../tests/chaos/soak/soak.ts";

const { values } = parseArgs({
  options: { seconds: { type: "string", default: "3600" }, seed: { type: "string", default: "1" } },
});
const report = (line: string): void => console.log(`${new Date().toISOString()} ${line}`);
const result = await soak({ seconds: Number(values.seconds), seed: Number(values.seed), report });
const outcomes = [...result.outcomes].sort(([, a], [, b]) => b - a);
for (const [outcome, count] of outcomes) console.log(`${String(count).padStart(9)}  ${outcome}`);
const { lookup, cache } = counted(result.counts);
console.log(`${result.requests} requests, ${result.received} received by Envoy; lookup ${lookup}, cache ${cache}`);
console.log(`memory of all VMs: ${result.counts["vm.memory_bytes"] ?? "not counted"}`);
for (const wrong of result.wrong) console.log(`wrong: ${wrong}`);
for (const trap of result.traps) console.log(trap);
process.exitCode = result.wrong.length + result.traps.length === 0 ? 0 : 1;
