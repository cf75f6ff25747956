import { beforeEach, describe, expect, it } from "vitest";
import { FAILURES, TestChain, actionStatusOf, lookupOf, resortOf, type Failure } from "../support/lookup.ts";

const RESORTS = ["stale", "continue", "answer"] as const;
const CLASSES = FAILURES.filter((failure) => failure !== "none");

/** Lookups by their actions. */
const CONTINUES = 0;
const ANSWERS = 1;
const ANSWERS_MISSES = 2;
const ANSWERS_ERRORS = 3;

function resort(lookup: number, failure: Failure, hasStale: boolean): string | undefined {
  return RESORTS[resortOf(lookup, FAILURES.indexOf(failure), hasStale)];
}

beforeEach(() => {
  new TestChain([
    lookupOf({ onMiss: "continue", onError: "continue" }),
    lookupOf({ onMiss: { status: 404 }, onError: { status: 503 } }),
    lookupOf({ onMiss: { status: 404 } }),
    lookupOf({ onError: { status: 503 } }),
  ]);
});

describe("a miss", () => {
  it.each([
    [CONTINUES, "continue"],
    [ANSWERS, "answer"],
    [ANSWERS_MISSES, "answer"],
    [ANSWERS_ERRORS, "continue"],
  ])("is for onMiss, whether something stale is there or not (lookup %i: %s)", (lookup, expected) => {
    expect([resort(lookup, "none", false), resort(lookup, "none", true)]).toEqual([expected, expected]);
  });
});

describe.each(CLASSES)("the failure %s", (failure) => {
  it.each([CONTINUES, ANSWERS, ANSWERS_MISSES, ANSWERS_ERRORS])(
    "is hidden by a stale record, whatever the actions are (lookup %i)",
    (lookup) => {
      expect(resort(lookup, failure, true)).toBe("stale");
    },
  );

  it.each([
    [CONTINUES, "continue"],
    [ANSWERS, "answer"],
    [ANSWERS_MISSES, "continue"],
    [ANSWERS_ERRORS, "answer"],
  ])("is for onError without one (lookup %i: %s)", (lookup, expected) => {
    expect(resort(lookup, failure, false)).toBe(expected);
  });
});

describe("the action", () => {
  it("is onMiss' for a miss and onError's for any failure", () => {
    expect(FAILURES.map((_, failure) => actionStatusOf(ANSWERS, failure))).toEqual([404, 503, 503, 503, 503]);
    expect(FAILURES.map((_, failure) => actionStatusOf(CONTINUES, failure))).toEqual([0, 0, 0, 0, 0]);
  });
});
