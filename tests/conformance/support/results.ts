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

/**
 * Runs the whole suite, and once more the tests that came out otherwise than they are kept: for them the second run
 * counts. The suite is about seconds of real time, and a machine that stops for one makes a fresh response stale.
 */
export async function measure(origin: CachedOrigin, kept: Results): Promise<Results> {
  const first = await origin.run();
  const changed = [...lostPasses(kept, first), ...newPasses(kept, first)];
  const second = changed.length > 0 ? await origin.run(changed) : {};
  const results = Object.entries({ ...first, ...second }).map(([id, result]) => [id, withoutChance(result)] as const);
  return Object.fromEntries(results.sort(([a], [b]) => (a < b ? -1 : 1)));
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
