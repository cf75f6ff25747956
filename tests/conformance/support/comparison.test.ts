import { describe, expect, it } from "vitest";
import { hasCache, needlesslyExplained, unexplained, type ExpectedFailures } from "./explanations.ts";
import type { Kind, Results, TestDefinition } from "./model.ts";
import { lostPasses, newPasses } from "./results.ts";

const FAILURE = ["Assertion", "Response 2 does not come from cache"] as const;

function definition(id: string, kind?: Kind): TestDefinition {
  return { id, name: id, requests: [], ...(kind === undefined ? {} : { kind }) };
}

describe("kept results against those of now", () => {
  const kept: Results = { same: true, lost: true, gone: true, gained: FAILURE, failing: FAILURE };
  const now: Results = { same: true, lost: FAILURE, gained: true, failing: FAILURE, added: true };

  it("a pass is lost by a failure and by a test that has no result any more", () => {
    expect(lostPasses(kept, now)).toEqual(["lost", "gone"]);
  });

  it("a pass is new for a test that failed and for one that is new itself", () => {
    expect(newPasses(kept, now)).toEqual(["gained", "added"]);
  });
});

describe("expected failures", () => {
  const tests = [definition("default"), definition("optimal", "optimal"), definition("check", "check")];
  const results: Results = { default: FAILURE, optimal: FAILURE, check: FAILURE };
  const explaining = (...ids: string[]): ExpectedFailures[] => [{ because: "rfc", reason: "…", tests: ids }];

  it("are called for where a required or optimal test fails, and where a check does not", () => {
    expect(unexplained(tests, results, explaining())).toEqual(["default", "optimal"]);
    expect(unexplained(tests, results, explaining("default", "optimal"))).toEqual([]);
  });

  it("are needless where the test passes", () => {
    expect(needlesslyExplained({ ...results, optimal: true }, explaining("default", "optimal"))).toEqual(["optimal"]);
  });

  it("are called for once the configuration has a cache", () => {
    expect([hasCache({}), hasCache({ responseCache: {} })]).toEqual([false, true]);
  });
});
