import { describe, expect, it } from "vitest";
import {
  HOUR,
  MINUTE,
  SECOND,
  date,
  mayForward,
  stored,
  type Config,
  type Headers,
  type Reuse,
} from "../support/cache-policy.ts";

function response(cacheControl: string, config: Partial<Config> = {}): ReturnType<typeof stored> {
  return stored({ headers: { "cache-control": cacheControl } }, config);
}

/** What a request with these directives gets so many seconds after the response came. */
function reuse(cacheControl: string, seconds: number, request?: string): Reuse {
  return response(cacheControl).reuseAfter(seconds * SECOND, request === undefined ? {} : { "cache-control": request });
}

describe("a fresh response", () => {
  it("is served", () => {
    expect(reuse("max-age=60", 0)).toBe("serve");
    expect(reuse("max-age=60", 59.999)).toBe("serve");
  });

  it("is stale when its age is its lifetime", () => {
    expect(reuse("max-age=60", 60)).toBe("revalidate");
    expect(reuse("max-age=0", 0)).toBe("revalidate");
  });

  it.each(["max-age=60, must-revalidate", "max-age=60, proxy-revalidate", "s-maxage=60"])(
    "is served with %s",
    (cacheControl) => {
      expect(reuse(cacheControl, 59)).toBe("serve");
      expect(reuse(cacheControl, 60)).toBe("revalidate");
    },
  );

  it("is not served with no-cache", () => {
    expect(reuse("max-age=60, no-cache", 0)).toBe("revalidate");
    expect(reuse("max-age=60, no-cache", 0, "max-stale")).toBe("revalidate");
  });

  it('is served with no-cache="x", without the field', () => {
    expect(reuse('max-age=60, no-cache="x"', 0)).toBe("serve");
  });
});

describe("a client", () => {
  it.each([
    ["no-cache", 0, "revalidate"],
    ["no-store", 0, "serve"],
    ["max-age=10", 10, "serve"],
    ["max-age=10", 10.001, "revalidate"],
    ["max-age=0", 0.001, "revalidate"],
    ["max-age=x", 0.001, "revalidate"],
    ["min-fresh=10", 50, "serve"],
    ["min-fresh=10", 50.001, "revalidate"],
    ["min-fresh=2000", 0, "revalidate"],
    ["min-fresh=x", 0, "revalidate"],
    ["max-stale", 59, "serve"],
    ["foo, bar=1", 59, "serve"],
  ] as [string, number, Reuse][])(
    "that asks for %s of a response with 60 s, %f s old: %s",
    (request, seconds, expected) => {
      expect(reuse("max-age=60", seconds, request)).toBe(expected);
    },
  );

  it.each([
    ["max-stale", 10_000, "serve"],
    ["max-stale=10", 70, "serve"],
    ["max-stale=10", 70.001, "revalidate"],
    ["max-stale=x", 60, "revalidate"],
    ["max-stale=100, max-age=65", 65, "serve"],
    ["max-stale=100, max-age=65", 66, "revalidate"],
    ["max-stale, no-cache", 60, "revalidate"],
    ["max-stale, min-fresh=1", 60, "revalidate"],
  ] as [string, number, Reuse][])(
    "that says %s gets a stale response of 60 s, %f s old: %s",
    (request, seconds, expected) => {
      expect(reuse("max-age=60", seconds, request)).toBe(expected);
    },
  );

  it.each(["must-revalidate", "proxy-revalidate", "s-maxage=60", "no-cache"])(
    "gets no stale response with %s",
    (directive) => {
      expect(reuse(`max-age=60, ${directive}`, 61, "max-stale")).toBe("revalidate");
    },
  );

  it("that says Pragma: no-cache and nothing else gets a validated response", () => {
    expect(response("max-age=60").reuseAfter(0, { pragma: "no-cache" })).toBe("revalidate");
    expect(response("max-age=60").reuseAfter(0, { pragma: "no-cache", "cache-control": "max-age=10" })).toBe("serve");
  });
});

describe("only-if-cached", () => {
  it.each([
    [0, "only-if-cached", "serve"],
    [60, "only-if-cached", "gateway timeout"],
    [60, "only-if-cached, max-stale", "serve"],
    [0, "only-if-cached, no-cache", "gateway timeout"],
    [0, "only-if-cached, min-fresh=61", "gateway timeout"],
  ] as [number, string, Reuse][])("after %i s, %s: %s", (seconds, request, expected) => {
    expect(reuse("max-age=60", seconds, request)).toBe(expected);
  });

  it("is served what is stale but may be served while it is validated", () => {
    expect(reuse("max-age=60, stale-while-revalidate=10", 61, "only-if-cached")).toBe("serve while revalidating");
  });

  it("never goes upstream", () => {
    expect(mayForward({ "cache-control": "only-if-cached" })).toBe(false);
    expect(mayForward({ "cache-control": "max-age=0" })).toBe(true);
    expect(mayForward({})).toBe(true);
    expect(
      response("max-age=60, stale-if-error=60").usableOnErrorAfter(61_000, { "cache-control": "only-if-cached" }),
    ).toBe(0);
  });
});

describe("stale-while-revalidate", () => {
  it.each([
    [59.999, "serve"],
    [60, "serve while revalidating"],
    [69.999, "serve while revalidating"],
    [70, "revalidate"],
  ] as [number, Reuse][])("of 10 s after 60 s: %f s old: %s", (seconds, expected) => {
    expect(reuse("max-age=60, stale-while-revalidate=10", seconds)).toBe(expected);
  });

  it.each(["max-age=1000", "min-fresh=0", "max-stale=1", "no-cache"])(
    "is not for a client that says what it wants: %s",
    (request) => {
      expect(reuse("max-age=60, stale-while-revalidate=10", 65, request)).toBe("revalidate");
    },
  );

  it.each(["must-revalidate", "proxy-revalidate", "s-maxage=60", "no-cache"])("is forbidden by %s", (directive) => {
    expect(reuse(`max-age=60, stale-while-revalidate=10, ${directive}`, 61)).toBe("revalidate");
  });

  it("of no number is none", () => {
    expect(reuse("max-age=60, stale-while-revalidate=x", 60)).toBe("revalidate");
  });
});

describe("stale-if-error", () => {
  const headers = (cacheControl: string): Headers => ({ "cache-control": cacheControl });

  it.each([
    [60, 30],
    [89.999, 0.001],
    [90, 0],
    [1000, 0],
  ])("of 30 s after 60 s: %f s old, it is usable for %f s", (seconds, left) => {
    expect(response("max-age=60, stale-if-error=30").usableOnErrorAfter(seconds * SECOND)).toBe(left * SECOND);
  });

  it.each(["must-revalidate", "proxy-revalidate", "s-maxage=60", "no-cache"])("is forbidden by %s", (directive) => {
    const cacheControl = `max-age=60, stale-if-error=30, ${directive}`;
    expect(response(cacheControl).usableOnErrorAfter(61_000)).toBe(0);
    expect(response(cacheControl).usableOnErrorAfter(61_000, headers("stale-if-error=30"))).toBe(0);
  });

  it("may be the request's, which goes before the response's", () => {
    expect(response("max-age=60").usableOnErrorAfter(61_000, headers("stale-if-error=30"))).toBe(29_000);
    expect(response("max-age=60, stale-if-error=99").usableOnErrorAfter(61_000, headers("stale-if-error=30"))).toBe(
      29_000,
    );
    expect(response("max-age=60, stale-if-error=99").usableOnErrorAfter(61_000, headers("stale-if-error=0"))).toBe(0);
  });

  it("is not for a client that asks for validation", () => {
    expect(response("max-age=60, stale-if-error=30").usableOnErrorAfter(0, headers("no-cache"))).toBe(0);
  });

  it("lets a response be served that is fresh but too old for the client", () => {
    expect(response("max-age=60").usableOnErrorAfter(50_000, headers("max-age=1"))).toBe(10_000);
    expect(
      response("max-age=60, must-revalidate, stale-if-error=30").usableOnErrorAfter(50_000, headers("max-age=1")),
    ).toBe(10_000);
  });

  it("is no matter where the response is served anyway", () => {
    expect(response("max-age=60, stale-if-error=30").usableOnErrorAfter(0)).toBe(0);
  });
});

describe("the configured windows of staleness", () => {
  const config = { staleWhileRevalidate: MINUTE, staleIfError: HOUR };

  function windows(cacheControl: string): [number, number] {
    const { staleWhileRevalidate, staleIfError } = response(cacheControl, config);
    return [staleWhileRevalidate, staleIfError];
  }

  it.each([
    ["max-age=60", [MINUTE, HOUR]],
    ["max-age=60, stale-while-revalidate=1", [1000, HOUR]],
    ["max-age=60, stale-if-error=0", [MINUTE, 0]],
    ["max-age=60, must-revalidate", [0, 0]],
    ["max-age=60, proxy-revalidate", [0, 0]],
    ["s-maxage=60", [0, 0]],
    ["no-cache", [0, 0]],
    ["no-cache, stale-while-revalidate=5, stale-if-error=5", [0, 0]],
    ["max-age=0", [0, 0]],
    ["max-age=0, stale-if-error=5", [0, 5000]],
    ["", [0, 0]],
  ] as [string, [number, number]][])("with %j are %j", (cacheControl, expected) => {
    expect(windows(cacheControl)).toEqual(expected);
  });

  it("are for heuristic and default freshness, too", () => {
    expect(stored({ headers: { "last-modified": date(-HOUR) } }, config).staleIfError).toBe(HOUR);
    expect(stored({}, { ...config, defaultTtl: MINUTE }).staleWhileRevalidate).toBe(MINUTE);
  });
});
