import { describe, expect, it } from "vitest";
import { KINDS, sequences, walkOrders, type Bounds, type Kind } from "./support/orders.ts";

/** What leaves Redis with something that has to be validated, with nothing, and without an answer: an error is as nothing. */
const REPLIES = ["stale", "miss", "never"] as const;

const HOLDING: readonly Kind[] = ["GET", "only-if-cached", "no-store"];

/** Far more than it takes: a busy machine is no reason to fail. */
const PATIENCE = 600_000;

/**
 * Every order there is within the bounds, none of them sampled: which request of which kind arrives, leaves, gets which reply of
 * Redis' (something fresh, something stale, nothing, an error, no reply ever) or which response of the upstream's (for all,
 * private, 503, 304 where it was asked about a stored one), whether the time to lead waiting requests on comes before the next
 * event, and, where it says so, whether everything takes longer than anyone waits. `actions` are all steps, or those after the
 * last arrival where all arrive first. What is out at the end of a way comes back then.
 */
const WALKS: readonly [string, number, readonly Kind[], Bounds, number][] = [
  ["two of any kinds, arriving at any time", 2, KINDS, { actions: 5, resets: 1 }, 12_000],
  ["two of any kinds, for longer than they wait", 2, KINDS, { actions: 4, resets: 1, overdue: true }, 4_000],
  ["three of any kinds", 3, KINDS, { actions: 3, resets: 2, arriveFirst: true, replies: REPLIES }, 23_000],
  [
    "three, for longer than they wait",
    3,
    ["GET", "only-if-cached"],
    { actions: 4, resets: 2, arriveFirst: true, overdue: true, replies: REPLIES },
    7_000,
  ],
  ["four", 4, HOLDING, { actions: 3, resets: 2, arriveFirst: true, replies: REPLIES }, 15_000],
];

describe("requests for one URL in every order of events", () => {
  it.each(WALKS)(
    "are all answered, sent upstream or gone, and none waits for nothing or too long: %s",
    { timeout: PATIENCE },
    async (_, count, kinds, bounds, least) => {
      let walked = 0;
      for (const sequence of sequences(kinds, count)) walked += await walkOrders(sequence, bounds);
      expect(walked).toBeGreaterThan(least);
    },
  );
});
