import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseHttpDate, writeHttpDate } from "../support/cache-policy.ts";
import { latin1 } from "../support/text.ts";

const NOW = Date.UTC(2026, 5, 15, 12, 0, 0);
const FIRST = Date.UTC(2000, 0, 1) - 2000 * 365.2425 * 24 * 3600 * 1000;
const LAST = Date.UTC(9999, 11, 31, 23, 59, 59);
const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/** The date as ISO 8601, or `invalid`. */
function read(text: string, now = NOW): string {
  const time = parseHttpDate(Buffer.from(text, "latin1"), BigInt(now));
  return time === -(2n ** 63n) ? "invalid" : new Date(Number(time)).toISOString();
}

describe("an HTTP-date", () => {
  it.each([
    ["Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37.000Z"],
    ["Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37.000Z"],
    ["Sun Nov  6 08:49:37 1994", "1994-11-06T08:49:37.000Z"],
    ["Wed Nov 16 08:49:37 1994", "1994-11-16T08:49:37.000Z"],
    ["Thu, 29 Feb 2024 23:59:59 GMT", "2024-02-29T23:59:59.000Z"],
    ["Tue, 29 Feb 2000 00:00:00 GMT", "2000-02-29T00:00:00.000Z"],
    ["Thu, 01 Jan 1970 00:00:00 GMT", "1970-01-01T00:00:00.000Z"],
    ["Wed, 31 Dec 1969 23:59:59 GMT", "1969-12-31T23:59:59.000Z"],
    ["Fri, 31 Dec 9999 23:59:59 GMT", "9999-12-31T23:59:59.000Z"],
    ["Sat, 01 Jan 0000 00:00:00 GMT", "0000-01-01T00:00:00.000Z"],
  ])("may be %s", (text, time) => {
    expect(read(text)).toBe(time);
  });

  it.each([
    "SUN, 06 NOV 1994 08:49:37 GMT",
    "sun, 06 nov 1994 08:49:37 gmt",
    "Sun, 06 Nov 1994 08:49:37 gMT",
    "SUNDAY, 06-NOV-94 08:49:37 gmt",
    "sUN nOV  6 08:49:37 1994",
  ])("may be in any case: %s (RFC 9111 §4.2)", (text) => {
    expect(read(text)).toBe("1994-11-06T08:49:37.000Z");
  });

  it("may name a wrong day of the week", () => {
    expect(read("Mon, 06 Nov 1994 08:49:37 GMT")).toBe("1994-11-06T08:49:37.000Z");
  });

  it("with a leap second is the second before", () => {
    expect(read("Sat, 31 Dec 2016 23:59:60 GMT")).toBe("2016-12-31T23:59:59.000Z");
  });

  it.each([
    "",
    "0",
    "-1",
    "Sun",
    "Sun, 06 Nov 1994 08:49:37",
    "Sun, 06 Nov 1994 08:49:37 UTC",
    "Sun, 06 Nov 1994 08:49:37 AEST",
    "Sun, 06 Nov 1994 08:49:37 +0000",
    "Sun, 06 Nov 1994 08:49:37 GMT ",
    " Sun, 06 Nov 1994 08:49:37 GMT",
    "Sun 06 Nov 1994 08:49:37 GMT",
    "Sun, 6 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 94 08:49:37 GMT",
    "Sun, 06  Nov  1994 08:49:37 GMT",
    "Sun, 06-Nov-1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 08.49.37 GMT",
    "Sun, 06 Nov 1994 8:49:37 GMT",
    "Sun, 06 Nov 1994 24:00:00 GMT",
    "Sun, 06 Nov 1994 08:60:37 GMT",
    "Sun, 06 Nov 1994 08:49:61 GMT",
    "Sun, 00 Nov 1994 08:49:37 GMT",
    "Sun, 31 Nov 1994 08:49:37 GMT",
    "Sun, 32 Dec 1994 08:49:37 GMT",
    "Wed, 29 Feb 2023 08:49:37 GMT",
    "Thu, 29 Feb 1900 08:49:37 GMT",
    "Sun, 06 Nox 1994 08:49:37 GMT",
    "Sux, 06 Nov 1994 08:49:37 GMT",
    "Sunday, 06 Nov 1994 08:49:37 GMT",
    "Sun, 06-Nov-94 08:49:37 GMT",
    "Someday, 06-Nov-94 08:49:37 GMT",
    "Sunday, 06-Nov-94 08:49:37",
    "Sun Nov 06 08:49:37 94",
    "Sun Nov  6 08:49:37 19x4",
    "Sun, 06 Nov 1994 08:49:37 GMT,Sun, 06 Nov 1994 08:49:37 GMT",
    "1994-11-06T08:49:37Z",
    "784111777",
    "\xff\x00\x80",
    ", 06-Nov-94 08:49:37 GMT",
  ])("is not %j", (text) => {
    expect(read(text)).toBe("invalid");
  });
});

describe("a two-digit year", () => {
  it.each([
    ["Monday, 15-Jun-26 12:00:00 GMT", "2026"],
    ["Friday, 31-Dec-99 12:00:00 GMT", "1999"],
    ["Saturday, 01-Jan-00 12:00:00 GMT", "2000"],
    ["Thursday, 18-Aug-50 02:01:18 GMT", "2050"],
    ["Monday, 15-Jun-76 12:00:00 GMT", "2076"],
    ["Monday, 15-Jun-76 12:00:01 GMT", "1976"],
    ["Monday, 16-Jun-76 00:00:00 GMT", "1976"],
    ["Tuesday, 15-Jun-77 12:00:00 GMT", "1977"],
    ["Tuesday, 15-Jun-25 12:00:00 GMT", "2025"],
  ])("in %s is of %s: at most 50 years in the future", (text, year) => {
    expect(read(text).slice(0, 4)).toBe(year);
  });

  it("is of the next century where that is nearer", () => {
    expect(read("Monday, 15-Jun-05 12:00:00 GMT", Date.UTC(2095, 0, 1)).slice(0, 4)).toBe("2105");
  });
});

describe("whatever the time is, the date", () => {
  const TIME = fc.oneof(
    fc.integer({ min: FIRST / 1000, max: LAST / 1000 }),
    fc.integer({ min: -3e9, max: 5e9 }),
    fc.nat({ max: 9999 }).map((year) => new Date(0).setUTCFullYear(year, 1, 28) / 1000),
  );

  it("is written as JavaScript writes it", () => {
    fc.assert(
      fc.property(TIME, fc.nat({ max: 999 }), (seconds, milliseconds) => {
        const time = seconds * 1000 + milliseconds;
        expect(latin1(writeHttpDate(BigInt(time)))).toBe(new Date(time).toUTCString());
      }),
      { numRuns: 20_000 },
    );
  });

  it("is read in all three formats", () => {
    fc.assert(
      fc.property(TIME, (seconds) => {
        const time = new Date(seconds * 1000);
        const [short = "", day = "", month = "", year = "", clock = ""] = time.toUTCString().split(/,? /);
        const long = DAYS[time.getUTCDay()] ?? "";
        const expected = time.toISOString();
        expect(read(`${short}, ${day} ${month} ${year} ${clock} GMT`)).toBe(expected);
        expect(read(`${short} ${month} ${day.replace(/^0/, " ")} ${clock} ${year}`)).toBe(expected);
        expect(read(`${long}, ${day}-${month}-${year.slice(2)} ${clock} GMT`, time.getTime())).toBe(expected);
      }),
      { numRuns: 5000 },
    );
  });

  it("beyond four digits is the nearest one there is", () => {
    expect(latin1(writeHttpDate(BigInt(LAST + 1e12)))).toBe("Fri, 31 Dec 9999 23:59:59 GMT");
    expect(latin1(writeHttpDate(-(2n ** 63n)))).toBe("Sat, 01 Jan 0000 00:00:00 GMT");
  });
});

describe("no bytes", () => {
  it("trap or are read past their end", () => {
    const near = fc.constantFrom(
      "Sun, 06 Nov 1994 08:49:37 GMT",
      "Sunday, 06-Nov-94 08:49:37 GMT",
      "Sun Nov  6 08:49:37 1994",
    );
    const damaged = fc
      .tuple(near, fc.nat({ max: 40 }), fc.nat({ max: 40 }), fc.string({ unit: "binary-ascii", maxLength: 3 }))
      .map(([text, from, length, insert]) => text.slice(0, from) + insert + text.slice(from + length));
    fc.assert(
      fc.property(fc.oneof(damaged, fc.string({ unit: "binary-ascii", maxLength: 40 })), (text) => {
        read(text);
      }),
      { numRuns: 20_000 },
    );
  });
});
