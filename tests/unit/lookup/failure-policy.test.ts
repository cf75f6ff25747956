import { beforeEach, describe, expect, it } from "vitest";
import { FAILURES, TestChain, actionStatusOf, lookupOf, resortOf, type Failure } from "../support/lookup.ts";

const RESORTS = ["stale", "continue", "answer"] as const;
const CLASSES = FAILURES.filter((failure) => failure !== "none");

/** Lookups by their actions. */
const CONTINUES = 0;
const ANSWERS = 1;
const ANSWERS_MISSES = 2;
const ANSWERS_ERRORS = 3;
const BY_CLASS = 4;

function resort(lookup: number, failure: Failure, hasStale: boolean): string | undefined {
  return RESORTS[resortOf(lookup, FAILURES.indexOf(failure), hasStale)];
}

beforeEach(() => {
  new TestChain([
    lookupOf({ name: "continues", onMiss: "continue", onError: "continue" }),
    lookupOf({ name: "answers", onMiss: { status: 404 }, onError: { status: 503 } }),
    lookupOf({ name: "answers-misses", onMiss: { status: 404 } }),
    lookupOf({ name: "answers-errors", onError: { status: 503 } }),
    lookupOf({
      name: "by-class",
      onError: { timeout: { status: 504 }, invalid: "continue", otherwise: { status: 502 } },
    }),
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

describe("actions by class", () => {
  it.each([
    ["timeout", 504],
    ["unavailable", 502],
    ["invalid", 0],
    ["overload", 502],
  ] as const)("are each for its own class, and otherwise for the rest (%s: %i)", (failure, status) => {
    expect(actionStatusOf(BY_CLASS, FAILURES.indexOf(failure))).toBe(status);
    expect(resort(BY_CLASS, failure, false)).toBe(status === 0 ? "continue" : "answer");
    expect(resort(BY_CLASS, failure, true)).toBe("stale");
  });
});
