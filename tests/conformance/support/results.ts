import { readFileSync, writeFileSync } from "node:fs";
import prettier from "prettier";
import { PROJECT_ROOT } from "../../../envoy-local/lib/project.ts";
import type { CachedOrigin } from "./cached-origin.ts";
import type { Result, Results } from "./model.ts";

const KEPT = `${PROJECT_ROOT}tests/conformance/results.json`;

/** The results under version control, in the suite's own format and the order of their ids. */
export function keptResults(): Results {
  return JSON.parse(readFileSync(KEPT, "utf8")) as Results;
}

export async function keepResults(results: Results): Promise<void> {
  const options = await prettier.resolveConfig(KEPT);
  writeFileSync(KEPT, await prettier.format(JSON.stringify(results), { ...options, parser: "json" }));
}

export function passes(results: Results, id: string): boolean {
  return results[id] === true;
}

/** The tests that passed in `kept` and do not in `now`. */
export function lostPasses(kept: Results, now: Results): readonly string[] {
  return Object.keys(kept).filter((id) => passes(kept, id) && !passes(now, id));
}

/** The tests that pass in `now` and did not in `kept`. */
export function newPasses(kept: Results, now: Results): readonly string[] {
  return lostPasses(now, kept);
}

/** How often a test is run that comes out otherwise than it is kept, and how many of them at once. */
const AGAIN = { rounds: 6, together: 10 };

/**
 * Runs the whole suite, and then, a few at once, the tests that came out otherwise than they are kept, until they come out as
 * they are kept or have come out otherwise every time. The suite is about seconds of real time: a machine that stops for one
 * makes a fresh response stale. What the cache does otherwise it does every time.
 */
export async function measure(origin: CachedOrigin, kept: Results): Promise<Results> {
  const results: Record<string, Result> = { ...(await origin.run()) };
  for (let round = 1; round < AGAIN.rounds; round++) {
    const changed = [...lostPasses(kept, results), ...newPasses(kept, results)];
    if (changed.length === 0) break;
    Object.assign(results, await origin.run(changed, { together: AGAIN.together }));
  }
  const inOrder = Object.entries(results).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(inOrder.map(([id, result]) => [id, withoutChance(result)] as const));
}

/** The same reason in every run: without the ids, dates and ports that differ from run to run. */
function withoutChance(result: Result): Result {
  if (result === true) return result;
  const [name, reason] = result;
  const text = reason
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "<uuid>")
    .replace(/\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/g, "<date>")
    .replace(/127\.0\.0\.1:\d+/g, "<proxy>");
  return [name, text];
}
