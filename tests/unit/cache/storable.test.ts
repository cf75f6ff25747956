import { describe, expect, it } from "vitest";
import { HOUR, date, storability, stored, type Flag, type Headers } from "../support/cache-policy.ts";

const FRESH = { "cache-control": "max-age=60" };

function byCacheControl(...fields: string[]): string {
  return storability({ headers: { "cache-control": fields } });
}

describe("a response to a request", () => {
  it("is storable with GET", () => {
    expect(storability({ headers: FRESH })).toBe("storable");
  });

  it.each(["HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PURGE", "get", ""])("is not storable with %j", (method) => {
    expect(storability({ request: { method }, headers: FRESH })).toBe("method");
  });

  it.each([
    ["request body", "request-body"],
    ["verified JWT", "verified-jwt"],
    ["trailers", "trailers"],
    ["too large", "too-large"],
    ["incomplete", "incomplete"],
  ] as [Flag, string][])("is not storable with: %s", (flag, reason) => {
    expect(storability({ headers: { "cache-control": "public, max-age=60" }, flags: [flag] })).toBe(reason);
  });

  it("is not storable with no-store in the request", () => {
    expect(storability({ request: { headers: { "cache-control": "no-store" } }, headers: FRESH })).toBe(
      "request-no-store",
    );
  });

  it("is storable with other directives in the request", () => {
    const request = { headers: { "cache-control": "no-cache, max-age=0, only-if-cached, private" } };
    expect(storability({ request, headers: FRESH })).toBe("storable");
  });
});

describe("the status", () => {
  it.each([200, 203, 204, 299, 301, 302, 303, 307, 308, 400, 401, 404, 410, 499, 500, 502, 503, 504, 599])(
    "%i is storable where freshness is explicit",
    (status) => {
      expect(storability({ status, headers: FRESH })).toBe("storable");
      expect(storability({ status, headers: { "cache-control": "s-maxage=60" } })).toBe("storable");
      expect(storability({ status, headers: { expires: date(HOUR) } })).toBe("storable");
      expect(storability({ status, headers: { "cache-control": "public" } })).toBe("storable");
    },
  );

  it.each([100, 101, 103, 199, 600, 0, 206, 226, 304, 412, 416, 428, 429, 431, 511])("%i is never", (status) => {
    expect(storability({ status, headers: { "cache-control": "public, max-age=60" } })).toBe("status");
  });

  it.each([200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 451, 501])(
    "%i is storable where nothing is said",
    (status) => {
      expect(storability({ status })).toBe("storable");
    },
  );

  it.each([201, 202, 302, 303, 307, 400, 401, 403, 500, 502, 503, 504, 599])(
    "%i is not storable where nothing allows it",
    (status) => {
      expect(storability({ status })).toBe("nothing-allows");
      expect(storability({ status, headers: { "last-modified": date(-HOUR) } })).toBe("nothing-allows");
      expect(storability({ status, headers: { "cdn-cache-control": "foo", ...FRESH, expires: date() } })).toBe(
        "nothing-allows",
      );
    },
  );
});

describe("must-understand", () => {
  it("lets an understood status be stored in spite of no-store", () => {
    expect(byCacheControl("must-understand, no-store, max-age=60")).toBe("storable");
  });

  it.each([299, 402, 418, 499, 599])("keeps status %i from being stored", (status) => {
    const headers = { "cache-control": "must-understand, max-age=60" };
    expect(storability({ status, headers })).toBe("not-understood");
  });

  it.each([201, 301, 302, 404, 421, 451, 505])("does not keep status %i", (status) => {
    expect(storability({ status, headers: { "cache-control": "must-understand, max-age=60" } })).toBe("storable");
  });
});

describe("a directive of the response", () => {
  it.each([
    ["no-store", "no-store"],
    ["max-age=60, No-Store", "no-store"],
    ["private", "private"],
    ["private, max-age=60", "private"],
    ["public, private", "private"],
    ["private, s-maxage=60", "private"],
    ['private="x", private', "private"],
    ["no-cache", "storable"],
    ["max-age=0", "storable"],
    ['private="x", max-age=60', "storable"],
    ['x="no-store, private", max-age=60', "storable"],
  ])("%s: %s", (field, expected) => {
    expect(byCacheControl(field)).toBe(expected);
  });

  it("counts in the targeted field alone where there is one", () => {
    expect(storability({ headers: { "cache-control": "no-store", "cdn-cache-control": "max-age=60" } })).toBe(
      "storable",
    );
    expect(storability({ headers: { "cache-control": "private", "cdn-cache-control": "max-age=60" } })).toBe(
      "storable",
    );
    expect(storability({ headers: { ...FRESH, "cdn-cache-control": "no-store" } })).toBe("no-store");
    expect(storability({ headers: { ...FRESH, "cdn-cache-control": "private" } })).toBe("private");
    expect(storability({ headers: { "cache-control": "no-store", "cdn-cache-control": "MAX-AGE=60" } })).toBe(
      "no-store",
    );
  });
});

describe("a response to a request with Authorization", () => {
  function authorized(headers: Headers): string {
    return storability({ request: { headers: { authorization: "Basic YTpi" } }, headers });
  }

  it.each([
    FRESH,
    { expires: date(HOUR) },
    {},
    { "cache-control": "max-age=60, proxy-revalidate, immutable" },
  ] as Headers[])("is not storable with %j", (headers) => {
    expect(authorized(headers)).toBe("authorization");
  });

  it.each(["public", "must-revalidate", "s-maxage=60"])("is storable with %s", (directive) => {
    expect(authorized({ "cache-control": `${directive}, max-age=60` })).toBe("storable");
    expect(authorized({ ...FRESH, "cdn-cache-control": directive })).toBe("storable");
    // What a targeted field replaces gives no leave.
    expect(authorized({ "cache-control": directive, "cdn-cache-control": "max-age=60" })).toBe("authorization");
  });

  it("is not storable with an empty one either", () => {
    expect(storability({ request: { headers: { authorization: "" } }, headers: FRESH })).toBe("authorization");
  });

  it("is storable never where a JWT was verified", () => {
    const headers = { "cache-control": "public, s-maxage=60, must-revalidate" };
    expect(storability({ headers, flags: ["verified JWT"] })).toBe("verified-jwt");
  });
});

describe("a response with Set-Cookie", () => {
  it.each(["max-age=60", "public, max-age=60", "s-maxage=60", 'no-cache="x", max-age=60'])(
    "is not storable with %s",
    (cacheControl) => {
      expect(storability({ headers: { "cache-control": cacheControl, "set-cookie": "a=b" } })).toBe("set-cookie");
      expect(storability({ headers: { "cache-control": cacheControl, "set-cookie": "" } })).toBe("set-cookie");
    },
  );

  it.each(['no-cache="set-cookie"', 'private="Set-Cookie"'])("is storable without it with %s", (directive) => {
    const response = stored({ headers: { "cache-control": `${directive}, max-age=60`, "set-cookie": "a=b" } });
    expect(response.withholds("set-cookie")).toBe(true);
  });
});

describe("Vary", () => {
  it.each(["*", " * ", "accept, *", "*,accept", "accept ,\t* , cookie"])("%j makes a response not storable", (vary) => {
    expect(storability({ headers: { ...FRESH, vary } })).toBe("vary-any");
  });

  it.each(["", "accept", "accept, cookie", "a*", "**"])("%j does not", (vary) => {
    expect(storability({ headers: { ...FRESH, vary } })).toBe("storable");
  });
});

describe("a stored response", () => {
  it.each(["connection", "keep-alive", "transfer-encoding", "proxy-authenticate", "upgrade", "set-cookie"])(
    "never has the field %s",
    (name) => {
      expect(stored({ headers: FRESH }).withholds(name)).toBe(true);
    },
  );

  it.each(["content-type", "etag", "cache-control", "date", "x-private", "set-cookies", ""])("has %j", (name) => {
    expect(stored({ headers: FRESH }).withholds(name)).toBe(false);
  });

  it("has no field that Connection names", () => {
    const response = stored({ headers: { ...FRESH, connection: ["close, X-Hop", "x-other"] } });
    expect(["x-hop", "x-other", "x-hop2"].map((name) => response.withholds(name))).toEqual([true, true, false]);
  });

  it("forgets what the response before withheld", () => {
    stored({ headers: { "cache-control": 'private="x", max-age=1', connection: "y" } });
    const response = stored({ headers: FRESH });
    expect(["x", "y"].map((name) => response.withholds(name))).toEqual([false, false]);
  });
});
