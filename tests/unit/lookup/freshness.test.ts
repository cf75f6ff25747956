import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { freshnessOf, type Entry, type Freshness, type Windows } from "../support/entry.ts";

const RUNS = 5000;
const YEAR = 365 * 24 * 3600 * 1000;
const STORED_AT = 1_000_000;

const WINDOWS: Windows = { refreshAhead: 100, staleWhileRevalidate: 500, staleIfError: 2000 };

function at(age: number, entry: Partial<Entry> = {}, windows: Partial<Windows> = {}): Freshness {
  const whole = { storedAt: STORED_AT, ttl: 1000, ...entry };
  return freshnessOf(whole, STORED_AT + age, { ...WINDOWS, ...windows });
}

describe("an entry with a ttl of 1000 ms", () => {
  it.each([
    [0, "fresh"],
    [899, "fresh"],
    [900, "refresh"],
    [999, "refresh"],
    [1000, "refresh"],
    [1499, "refresh"],
    [1500, "if error"],
    [2999, "if error"],
    [3000, "gone"],
    [YEAR, "gone"],
    [-1, "fresh"],
  ])("is, %i ms old: %s", (age, freshness) => {
    expect(at(age)).toBe(freshness);
  });
});

describe("refresh-ahead", () => {
  it.each([
    [1000, 3000, 750],
    [1000, 251, 750],
    [1000, 250, 750],
    [1000, 249, 751],
    [1000, 1, 999],
    [4, 3000, 3],
    [YEAR, YEAR, YEAR - YEAR / 4],
  ])("of a ttl of %i ms and %i ms begins at the age of %i ms", (ttl, refreshAhead, age) => {
    expect([at(age - 1, { ttl }, { refreshAhead }), at(age, { ttl }, { refreshAhead })]).toEqual(["fresh", "refresh"]);
  });

  it("begins never where it is 0, or a quarter of the ttl is less than a millisecond", () => {
    expect(at(999, {}, { refreshAhead: 0 })).toBe("fresh");
    expect(at(2, { ttl: 3 }, { refreshAhead: 3000 })).toBe("fresh");
  });
});

describe("past its ttl an entry", () => {
  it.each([
    [
      { staleWhileRevalidate: 0 },
      [
        [1000, "if error"],
        [2999, "if error"],
        [3000, "gone"],
      ],
    ],
    [
      { staleIfError: 0 },
      [
        [1000, "refresh"],
        [1499, "refresh"],
        [1500, "gone"],
      ],
    ],
    [
      { staleWhileRevalidate: 0, staleIfError: 0 },
      [
        [999, "refresh"],
        [1000, "gone"],
      ],
    ],
    [
      { staleIfError: 500 },
      [
        [1499, "refresh"],
        [1500, "gone"],
      ],
    ],
    [
      { staleWhileRevalidate: 3000, staleIfError: 2000 },
      [
        [3999, "refresh"],
        [4000, "gone"],
      ],
    ],
  ] as [Partial<Windows>, [number, Freshness][]][])("has the windows %j", (windows, expected) => {
    expect(expected.map(([age]) => [age, at(age, {}, windows)])).toEqual(expected);
  });
});

describe("an entry whose last refresh failed", () => {
  it.each([
    [950, "refresh"],
    [1200, "refresh"],
    [2000, "if error"],
  ])("is left alone until it may be tried again: at %i ms", (age, later) => {
    const retryAt = STORED_AT + age + 1;
    expect([at(age, { retryAt }), at(age + 1, { retryAt })]).toEqual(["fresh", later]);
  });

  it("is gone all the same when its time is over", () => {
    expect(at(3000, { retryAt: STORED_AT + YEAR })).toBe("gone");
  });
});

describe("a negative entry", () => {
  it.each([
    [0, "fresh"],
    [999, "fresh"],
    [1000, "gone"],
    [1400, "gone"],
  ])("is, %i ms old: %s", (age, freshness) => {
    expect(at(age, { isNegative: true })).toBe(freshness);
    expect(at(age, { isNegative: true, retryAt: STORED_AT + YEAR })).toBe(freshness);
  });
});

const TIME = fc.oneof(fc.nat({ max: 5000 }), fc.constantFrom(0, 1, YEAR), fc.nat({ max: YEAR }));
const ENTRY = fc.record({ storedAt: TIME, ttl: TIME, isNegative: fc.boolean() });
const WINDOW = fc.record({ refreshAhead: TIME, staleWhileRevalidate: TIME, staleIfError: TIME });
/** A moment around one at which something changes. */
const MOMENT = fc.tuple(fc.nat({ max: 6 }), fc.integer({ min: -3, max: 3 }), TIME);

type Moment = [which: number, off: number, any: number];

function momentOf(entry: Entry, windows: Windows, [which, off, any]: Moment): number {
  const expiresAt = entry.storedAt + entry.ttl;
  const edges = [
    entry.storedAt,
    expiresAt,
    expiresAt - windows.refreshAhead,
    expiresAt - Math.floor(entry.ttl / 4),
    expiresAt + windows.staleWhileRevalidate,
    expiresAt + windows.staleIfError,
    entry.storedAt + any,
  ];
  return (edges[which] ?? 0) + off;
}

describe("whatever the times are, an entry", () => {
  it("is good for nothing past its longest window, and for something before", () => {
    fc.assert(
      fc.property(ENTRY, WINDOW, MOMENT, TIME, (entry, windows, moment, retryAt) => {
        const now = momentOf(entry, windows, moment);
        const longest = entry.isNegative ? 0 : Math.max(windows.staleWhileRevalidate, windows.staleIfError);
        const isGone = freshnessOf({ ...entry, retryAt }, now, windows) === "gone";
        expect(isGone).toBe(now >= entry.storedAt + entry.ttl + longest);
      }),
      { numRuns: RUNS },
    );
  });

  it("never gets better with age", () => {
    const order = ["fresh", "refresh", "if error", "gone"];
    fc.assert(
      fc.property(ENTRY, WINDOW, MOMENT, MOMENT, (entry, windows, one, other) => {
        const moments = [momentOf(entry, windows, one), momentOf(entry, windows, other)].sort((a, b) => a - b);
        const ranks = moments.map((now) => order.indexOf(freshnessOf(entry, now, windows)));
        expect(ranks[0]).toBeLessThanOrEqual(ranks[1] ?? -1);
      }),
      { numRuns: RUNS },
    );
  });

  it("brings up no question before it may be tried again, nor in the first three quarters of its ttl", () => {
    fc.assert(
      fc.property(ENTRY, WINDOW, MOMENT, TIME, (entry, windows, moment, retryAt) => {
        const now = momentOf(entry, windows, moment);
        const freshness = freshnessOf({ ...entry, retryAt }, now, windows);
        const isEarly = now < retryAt || now < entry.storedAt + entry.ttl - Math.floor(entry.ttl / 4);
        if (isEarly) expect(["fresh", "gone"]).toContain(freshness);
        if (entry.isNegative) expect(["fresh", "gone"]).toContain(freshness);
      }),
      { numRuns: RUNS },
    );
  });
});

describe("under a configuration that has become shorter, an entry", () => {
  it.each<[string, number, Partial<Entry>, Partial<Windows>, Freshness]>([
    ["is fresh no longer than its new ttl", 299, {}, { ttl: 300, refreshAhead: 0 }, "fresh"],
    ["is stale then", 300, {}, { ttl: 300 }, "refresh"],
    ["is stale for no longer than the new limits", 801, {}, { ttl: 300, staleIfError: 500 }, "gone"],
    ["is refreshed ahead of the new end", 250, {}, { ttl: 300, refreshAhead: 60 }, "refresh"],
    ["is not kept at all with a ttl of 0", 0, {}, { ttl: 0, staleWhileRevalidate: 0, staleIfError: 0 }, "gone"],
    ["keeps the ttl that its record gives it", 899, { isOwnTtl: true }, { ttl: 300 }, "fresh"],
    ["that says there is none heeds the limit of misses", 100, { isNegative: true }, { negativeTtl: 100 }, "gone"],
    ["that says there is none does not heed that of records", 999, { isNegative: true }, { ttl: 100 }, "fresh"],
    ["is not fresh for longer under a longer one", 1000, {}, { ttl: 5000 }, "refresh"],
  ])("%s", (_, age, entry, windows, freshness) => {
    expect(at(age, entry, windows)).toBe(freshness);
  });
});
