import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXPECTED_FAILURES } from "./expected-failures.ts";
import { PLUGIN_CONFIG } from "./plugin-config.ts";
import { CachedOrigin } from "./support/cached-origin.ts";
import { explainedIds, hasCache, needlesslyExplained, unexplained } from "./support/explanations.ts";
import type { Results } from "./support/model.ts";
import { readReport, reportOf } from "./support/report.ts";
import { keptResults, lostPasses, measure, newPasses } from "./support/results.ts";
import { loadGroups, loadOtherCaches, testsOf } from "./support/suite.ts";

const UPDATE = "keep them with: npx tsx tests/conformance/run.ts --update";

const groups = await loadGroups();
const tests = testsOf(groups);
const kept = keptResults();

describe("http-cache-tests through Envoy with the filter", () => {
  const origin = new CachedOrigin(PLUGIN_CONFIG);
  let results: Results;

  /** With the reasons, so that the failure tells them. */
  const withResults = (ids: readonly string[]): object => Object.fromEntries(ids.map((id) => [id, results[id]]));

  beforeAll(async () => {
    await origin.start();
    results = await measure(origin, kept);
  });

  afterAll(async () => {
    await origin.stop();
  });

  it("has a result for every test", () => {
    expect(Object.keys(results).sort()).toEqual(tests.map(({ id }) => id).sort());
  });

  it("passes what it passed before", () => {
    expect(withResults(lostPasses(kept, results))).toEqual({});
  });

  it("has its new passes kept", () => {
    expect(withResults(newPasses(kept, results)), UPDATE).toEqual({});
  });
});

describe("the expected failures", () => {
  it("are tests of the suite, each named once", () => {
    const explained = explainedIds(EXPECTED_FAILURES);
    expect(explained.filter((id) => !tests.some((test) => test.id === id))).toEqual([]);
    expect(explained.filter((id, index) => explained.indexOf(id) !== index)).toEqual([]);
  });

  if (hasCache(PLUGIN_CONFIG)) {
    it("are all required and optimal tests that fail, and no others", () => {
      expect(unexplained(tests, kept, EXPECTED_FAILURES)).toEqual([]);
      expect(needlesslyExplained(kept, EXPECTED_FAILURES)).toEqual([]);
    });
  }
});

describe("docs/conformance.md", () => {
  it("shows the kept results", async () => {
    const report = await reportOf({ groups, results: kept, others: await loadOtherCaches() });
    expect(readReport() === report, UPDATE).toBe(true);
  });
});
