import { describe, expect, it } from "vitest";
import { DAY, HOUR, MINUTE, NOW, SECOND, date, stored, type Headers } from "../support/cache-policy.ts";

function lifetimeOf(headers: Headers, status = 200): [string, number] {
  const response = stored({ headers, status });
  return [response.lifetimeSource, response.lifetime];
}

describe("the explicit freshness lifetime", () => {
  it.each([
    [{ "cache-control": "s-maxage=1, max-age=2", expires: date(HOUR) }, ["s-maxage", 1000]],
    [{ "cache-control": "max-age=2", expires: date(HOUR) }, ["max-age", 2000]],
    [{ "cache-control": "max-age=0", expires: date(HOUR) }, ["max-age", 0]],
    [{ "cache-control": "max-age=3600", expires: date(-HOUR) }, ["max-age", HOUR]],
    [{ "cache-control": "max-age=3600", expires: "0" }, ["max-age", HOUR]],
    [{ "cache-control": "max-age=0, s-maxage=3600" }, ["s-maxage", HOUR]],
    [{ "cache-control": "max-age=2147483648" }, ["max-age", 2 ** 31 * SECOND]],
    [{ expires: date(HOUR) }, ["expires", HOUR]],
    [{ expires: date(HOUR), date: date(MINUTE) }, ["expires", HOUR - MINUTE]],
    [{ expires: date(HOUR), date: date(-MINUTE) }, ["expires", HOUR + MINUTE]],
    [{ expires: date(HOUR), date: "foo" }, ["expires", HOUR]],
    [{ expires: date(), date: date() }, ["expires", 0]],
    [{ expires: date(300), date: date(400 * SECOND) }, ["expires", 0]],
    [{ expires: date(-HOUR) }, ["expires", 0]],
  ] as [Headers, [string, number]][])("of %j is %j", (headers, expected) => {
    expect(lifetimeOf(headers)).toEqual(expected);
  });

  it.each(["0", "-1", "", "never", "Thu, 18 Aug 2050 02:01:18 UTC", `${date(HOUR)},${date(HOUR)}`])(
    "of an Expires that is no date (%j) is over",
    (expires) => {
      expect(lifetimeOf({ expires })).toEqual(["expires", 0]);
    },
  );

  it("leaves no room for a heuristic", () => {
    expect(lifetimeOf({ expires: "0", "last-modified": date(-DAY) })).toEqual(["expires", 0]);
    expect(lifetimeOf({ "cache-control": "max-age=0", "last-modified": date(-DAY) })).toEqual(["max-age", 0]);
  });

  it("is the targeted field's, and Expires says nothing then", () => {
    const expires = date(HOUR);
    expect(lifetimeOf({ "cdn-cache-control": "max-age=1", "cache-control": "max-age=2", expires })).toEqual([
      "max-age",
      1000,
    ]);
    expect(lifetimeOf({ "cdn-cache-control": "foo", "cache-control": "max-age=2", expires })).toEqual(["none", 0]);
    expect(lifetimeOf({ "cdn-cache-control": "Foo", "cache-control": "max-age=2", expires })).toEqual([
      "max-age",
      2000,
    ]);
    expect(lifetimeOf({ "cdn-cache-control": "", expires })).toEqual(["expires", HOUR]);
  });
});

describe("the heuristic freshness lifetime", () => {
  it.each([
    [{ "last-modified": date(-HOUR), date: date() }, HOUR / 10],
    [{ "last-modified": date(-HOUR), date: date(-MINUTE) }, (HOUR - MINUTE) / 10],
    [{ "last-modified": date(-HOUR) }, HOUR / 10],
    [{ "last-modified": date(-10 * DAY), date: date() }, DAY],
    [{ "last-modified": date(-11 * DAY), date: date() }, DAY],
    [{ "last-modified": "Thu, 01 Jan 1970 00:00:00 GMT", date: date() }, DAY],
  ] as [Headers, number][])("of %j is %i ms", (headers, lifetime) => {
    expect(lifetimeOf(headers)).toEqual(["heuristic", lifetime]);
  });

  it.each([{}, { "last-modified": date() }, { "last-modified": date(HOUR) }, { "last-modified": "yesterday" }])(
    "of %j is none",
    (headers) => {
      expect(lifetimeOf({ date: date(), ...headers })).toEqual(["none", 0]);
    },
  );

  it.each([200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 451, 501])("is for status %i", (status) => {
    expect(lifetimeOf({ "last-modified": date(-DAY) }, status)[0]).toBe("heuristic");
  });

  it.each([201, 302, 403, 500, 503, 599])("is not for status %i unless it is public", (status) => {
    const headers = { "last-modified": date(-DAY), "cache-control": "public" };
    expect(lifetimeOf(headers, status)[0]).toBe("heuristic");
    expect(() => lifetimeOf({ "last-modified": date(-DAY) }, status)).toThrow("nothing-allows");
  });

  it("is of the configured percentage", () => {
    const exchange = { headers: { "last-modified": date(-HOUR), date: date() } };
    expect(stored(exchange, { heuristic: 2.5 }).lifetime).toBe(HOUR / 40);
    expect(stored(exchange, { heuristic: 100 }).lifetime).toBe(HOUR);
    expect(stored(exchange, { heuristic: 0 }).lifetimeSource).toBe("none");
  });
});

describe("the configured default of freshness", () => {
  const config = { defaultTtl: MINUTE };

  it("is for responses that nothing else gives freshness", () => {
    const response = stored({}, config);
    expect([response.lifetimeSource, response.lifetime]).toEqual(["default", MINUTE]);
  });

  it.each([{ "cache-control": "max-age=0" }, { expires: "0" }, { "last-modified": date(-DAY) }] as Headers[])(
    "is not for %j",
    (headers) => {
      expect(stored({ headers }, config).lifetimeSource).not.toBe("default");
    },
  );

  it("is not for requests with a cookie, not even an empty one", () => {
    expect(stored({ request: { headers: { cookie: "a=b" } } }, config).lifetimeSource).toBe("none");
    expect(stored({ request: { headers: { cookie: "" } } }, config).lifetimeSource).toBe("none");
  });

  it("makes nothing storable that is not", () => {
    expect(() => stored({ status: 500 }, config)).toThrow("nothing-allows");
  });
});

describe("the age of a response when it comes", () => {
  const AGE_TESTS: [Headers, number][] = [
    [{}, 0],
    [{ date: date() }, 0],
    [{ date: date(-MINUTE) }, MINUTE],
    [{ date: date(MINUTE) }, 0],
    [{ date: "foo" }, 0],
    [{ age: "30" }, 30 * SECOND],
    [{ age: "30", date: date(-MINUTE) }, MINUTE],
    [{ age: "90", date: date(-MINUTE) }, 90 * SECOND],
    [{ age: "7200,0" }, 7200 * SECOND],
    [{ age: "0, 7200" }, 0],
    [{ age: "3600 , 3600" }, 3600 * SECOND],
    [{ age: "99999999999" }, 2 ** 31 * SECOND],
  ];

  it.each(AGE_TESTS)("is by %j %i ms", (headers, age) => {
    expect(stored({ headers }).ageAfter()).toBe(age);
  });

  it.each(["abc", "-7200", "7200.0", "7200;foo=bar", "", ",7200", "7200 0"])("ignores an Age of %j", (age) => {
    expect(stored({ headers: { age } }).ageAfter()).toBe(0);
  });

  it("counts how long the response took, on top of its Age", () => {
    expect(stored({ requestTime: NOW - 1500 }).ageAfter()).toBe(1500);
    expect(stored({ requestTime: NOW - 1500, headers: { age: "30" } }).ageAfter()).toBe(31_500);
    expect(stored({ requestTime: NOW - 1500, headers: { date: date(-MINUTE) } }).ageAfter()).toBe(MINUTE);
  });

  it("is not less for a clock that was set back", () => {
    expect(stored({ requestTime: NOW + 1500, headers: { age: "30" } }).ageAfter()).toBe(30_000);
  });
});

describe("the age of a stored response", () => {
  it("grows with the time it is stored", () => {
    const response = stored({ headers: { age: "30", "cache-control": "max-age=60" } });
    expect([0, 1, 29_999, 30_000].map((after) => response.ageAfter(after))).toEqual([30_000, 30_001, 59_999, 60_000]);
    expect([0, 1, 29_999, 30_000].map((after) => response.reuseAfter(after))).toEqual([
      "serve",
      "serve",
      "serve",
      "revalidate",
    ]);
  });

  it("does not fall below what it came with when the clock is set back", () => {
    expect(stored({ headers: { age: "30" } }).ageAfter(-DAY)).toBe(30_000);
  });
});

describe("how long a response is of use", () => {
  it.each([
    [{}, 0],
    [{ "cache-control": "max-age=60" }, MINUTE],
    [{ "cache-control": "max-age=60", age: "20" }, 40 * SECOND],
    [{ "cache-control": "max-age=60", age: "80" }, 0],
    [{ "cache-control": "max-age=60, stale-while-revalidate=10, stale-if-error=30", age: "80" }, 10 * SECOND],
    [{ "cache-control": "max-age=60, stale-while-revalidate=30, stale-if-error=10" }, 90 * SECOND],
    [{ "cache-control": "max-age=60, no-cache, stale-if-error=10" }, 0],
  ] as [Headers, number][])("with %j is %i ms", (headers, usableFor) => {
    expect(stored({ headers }).usableFor).toBe(usableFor);
  });
});
