/**
 * Runs the public suite http-cache-tests through Envoy with the filter, and compares with the kept results:
 *
 *     npx tsx tests/conformance/run.ts             shows what changed; fails when a pass is lost
 *     npx tsx tests/conformance/run.ts --update    keeps the results and writes them into docs/conformance.md; passes are
 *                                                  given up only where expected-failures.ts says why
 *     npx tsx tests/conformance/run.ts ID…         these tests only, with their requests and responses
 */
import { parseArgs } from "node:util";
import { EXPECTED_FAILURES } from "./expected-failures.ts";
import { PLUGIN_CONFIG } from "./plugin-config.ts";
import { CachedOrigin } from "./support/cached-origin.ts";
import { explainedIds } from "./support/explanations.ts";
import type { Results } from "./support/model.ts";
import { summaryOf, writeReport } from "./support/report.ts";
import { keepResults, keptResults, lostPasses, measure, newPasses } from "./support/results.ts";
import { loadGroups, loadOtherCaches, testsOf } from "./support/suite.ts";

async function withOrigin<T>(use: (origin: CachedOrigin) => Promise<T>): Promise<T> {
  const origin = new CachedOrigin(PLUGIN_CONFIG);
  try {
    await origin.start();
    return await use(origin);
  } finally {
    await origin.stop();
  }
}

async function show(ids: readonly string[]): Promise<boolean> {
  const known = new Set(testsOf(await loadGroups()).map(({ id }) => id));
  const unknown = ids.filter((id) => !known.has(id));
  if (unknown.length > 0) throw new Error(`no such test: ${unknown.join(", ")}`);
  return withOrigin(async (origin) => {
    const results = await origin.run(ids, { dump: true });
    console.log(origin.transcript);
    console.log(JSON.stringify(results, null, 2));
    return true;
  });
}

function list(title: string, ids: readonly string[], results: Results): void {
  if (ids.length === 0) return;
  console.log(`\n${title}:`);
  for (const id of ids) console.log(`  ${id}: ${JSON.stringify(results[id])}`);
}

/** Whether all is well: no pass is lost, or an update may give it up. */
async function runAll(update: boolean): Promise<boolean> {
  const kept = keptResults();
  const groups = await loadGroups();
  const results = await withOrigin((origin) => measure(origin, kept));
  console.log(summaryOf(groups, results));
  const explained = new Set(explainedIds(EXPECTED_FAILURES));
  const lost = lostPasses(kept, results).filter((id) => !(update && explained.has(id)));
  list("passed before, and does not now", lost, results);
  list("passes now, and did not before", newPasses(kept, results), results);
  if (lost.length > 0) return false;
  if (update) {
    await keepResults(results);
    await writeReport({ groups, results, others: await loadOtherCaches() });
  }
  return true;
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { update: { type: "boolean" } } });
const isWell = positionals.length > 0 ? await show(positionals) : await runAll(values.update ?? false);
process.exitCode = isWell ? 0 : 1;
