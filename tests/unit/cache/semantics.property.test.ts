import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Oracle } from "../support/cache-oracle.ts";
import { PAIR, requestHeaders, responseHeaders, useHeaders, type Pair, type Use } from "../support/cache-pairs.ts";
import { NOW, Stored, type Reuse } from "../support/cache-policy.ts";
import { EXPLANATIONS, explanationOf, type Answer, type Difference } from "./semantics.explanations.ts";
import { MISREADINGS } from "./semantics.misreadings.ts";

const SEEDS = [9111, 5861, 9213, 8246];
const PAIRS_PER_SEED = 25_000;

/** How often each correction and each explanation was needed. */
const needed = new Map<string, number>([...MISREADINGS, ...EXPLANATIONS].map(({ name }) => [name, 0]));

/** How often the two were of one mind, by what they said: tells that the pairs are about something. */
const agreed = new Map<string, number>();

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** What a pair comes to on our side, for explanations. */
type Context = Omit<Difference, "answer" | "ours" | "theirs">;

/** Holds what we say against what the oracle says; a difference that nothing explains fails the test. */
function compare<T>(context: Context, answer: Answer, ours: T, theirs: T): void {
  if (ours === theirs) {
    count(agreed, typeof ours === "number" ? answer : `${answer}: ${String(ours)}`);
    return;
  }
  const difference: Difference = { ...context, answer, ours, theirs };
  const explanation = explanationOf(difference);
  if (!explanation) throw new Error(`nothing explains ${JSON.stringify(difference)}`);
  count(needed, explanation.name);
}

function compareUse(context: Context, ours: Stored, theirs: Oracle, use: Use): void {
  const headers = useHeaders(use);
  const reuse: Reuse = ours.reuseAfter(use.after, headers);
  compare({ ...context, use }, "reuse", reuse, theirs.reuse(use));
  if (reuse !== "revalidate") return;
  const isUsable = ours.usableOnErrorAfter(use.after, headers) > 0;
  compare({ ...context, use }, "usable on error", isUsable, theirs.isUsableOnError(use));
}

/** The pair in words that the oracle reads as the RFC says. */
function correctedOf(sent: Pair): Pair {
  return MISREADINGS.reduce((pair, { name, corrected }) => {
    const next = corrected(pair);
    if (next !== pair && Oracle.of(next).answersTo(next.uses) !== Oracle.of(pair).answersTo(pair.uses))
      count(needed, name);
    return next;
  }, sent);
}

function comparePair(sent: Pair): void {
  const exchange = {
    request: { method: sent.method, headers: requestHeaders(sent) },
    status: sent.status,
    headers: responseHeaders(sent),
    requestTime: NOW - sent.delay,
  };
  const ours = new Stored(exchange, { heuristic: sent.heuristic });
  const pair = correctedOf(sent);
  const theirs = Oracle.of(pair);
  const isStorable = ours.storability === "storable";
  const context: Context = { pair, reason: ours.storability, lifetime: 0, age: 0 };
  compare(context, "storable", isStorable, theirs.storable());
  if (!isStorable) return;

  context.lifetime = ours.lifetime;
  context.age = ours.ageAfter();
  if (theirs.storable()) {
    compare(context, "lifetime", context.lifetime, Math.round(theirs.maxAge() * 1000));
    compare(context, "age", context.age, Math.round(theirs.age() * 1000));
  }
  theirs.adopt(context.lifetime, context.age);
  for (const use of pair.uses) compareUse(context, ours, theirs, use);
}

describe("policy and http-cache-semantics", () => {
  it.each(SEEDS)("are of one mind, or RFC text says why not (seed %i)", (seed) => {
    fc.assert(fc.property(PAIR, comparePair), { seed, numRuns: PAIRS_PER_SEED });
  });

  it("needed every explanation", () => {
    expect([...needed].filter(([, times]) => times === 0)).toEqual([]);
  });

  it("agreed on every kind of answer, far more often than not", () => {
    const differences = [...needed.values()].reduce((sum, times) => sum + times, 0);
    const agreements = [...agreed.values()].reduce((sum, times) => sum + times, 0);
    expect(differences).toBeLessThan(agreements / 5);
    for (const answer of ["lifetime", "age", "reuse: serve", "reuse: serve while revalidating", "reuse: revalidate"]) {
      expect(agreed.get(answer), answer).toBeGreaterThan(1000);
    }
    for (const usable of [true, false]) expect(agreed.get(`usable on error: ${String(usable)}`)).toBeGreaterThan(1000);
  });
});
