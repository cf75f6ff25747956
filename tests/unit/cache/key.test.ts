import { createHash } from "node:crypto";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import {
  configureKey,
  hasUnkeyedOverride,
  primaryKey,
  redisKey,
  uriKey,
  uriOfKey,
  type KeyRequest,
} from "../support/cache-keys.ts";
import { latin1 } from "../support/text.ts";

beforeEach(() => {
  configureKey();
});

function areSame(one: KeyRequest, other: KeyRequest): boolean {
  return primaryKey(one) === primaryKey(other);
}

describe("requests share what is stored", () => {
  it.each<[string, KeyRequest, KeyRequest]>([
    ["whatever the case of scheme and host", { scheme: "HTTPS", authority: "A.Test" }, {}],
    ["with the scheme's own port or without", { authority: "a.test:443" }, {}],
    ["with plain HTTP's port or without", { scheme: "http", authority: "a.test:80" }, { scheme: "http" }],
    ["with an empty port or without", { authority: "a.test:" }, {}],
    ["with the port of an IPv6 literal or without", { authority: "[2001:DB8::1]:443" }, { authority: "[2001:db8::1]" }],
    ["whatever other fields they have", { fields: [["cookie", "a=1"]] }, { fields: [["x", "2"]] }],
    ["whatever their method", { fields: [[":method", "HEAD"]] }, { fields: [[":method", "GET"]] }],
  ])("%s", (_, one, other) => {
    expect(areSame(one, other)).toBe(true);
  });
});

describe("requests share nothing", () => {
  it.each<[string, KeyRequest, KeyRequest]>([
    ["with other schemes", { scheme: "http" }, { scheme: "https" }],
    ["with other hosts", { authority: "a.test" }, { authority: "b.test" }],
    ["with other ports", { authority: "a.test:8443" }, { authority: "a.test" }],
    ["with the other scheme's port", { authority: "a.test:80" }, { authority: "a.test" }],
    ["with other parts of an IPv6 literal", { authority: "[::1:443]" }, { authority: "[::1]" }],
    ["with numbers without brackets, of which none is a port", { authority: "1::443" }, { authority: "1::" }],
    ["with paths in another case", { path: "/A" }, { path: "/a" }],
    ["with paths escaped otherwise", { path: "/%61" }, { path: "/a" }],
    ["with a trailing slash or without", { path: "/a/" }, { path: "/a" }],
    ["with another query", { path: "/a?b=1" }, { path: "/a?b=2" }],
    ["with an empty query or none", { path: "/a?" }, { path: "/a" }],
    ["with parameters in another order", { path: "/a?b&c" }, { path: "/a?c&b" }],
    ["with a host that is the other's host and path", { authority: "a.test/x", path: "/" }, { path: "/x/" }],
    ["with lookups that did something else", { outcome: "cell 1" }, { outcome: "cell 2" }],
    ["with lookups that did nothing or no lookups", { outcome: "" }, { outcome: null }],
  ])("%s", (_, one, other) => {
    expect(areSame(one, other)).toBe(false);
  });

  it("where any part differs, whatever the parts are", () => {
    const part = fc.string({ unit: fc.constantFrom("a", "b", "/", "?", "&", "\0"), maxLength: 4 });
    const parts = fc.record({ authority: part, path: part, outcome: fc.option(part), fields: fc.constant([]) });
    const same = (a: KeyRequest, b: KeyRequest): boolean => JSON.stringify(a) === JSON.stringify(b);
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        expect(areSame(one, other)).toBe(same(one, other));
      }),
      { numRuns: 2000 },
    );
  });
});

describe("parameters that make no difference", () => {
  beforeEach(() => {
    configureKey(["utm_*", "fbclid", "*all*"]);
  });

  it.each([
    ["/a?utm_source=x", "/a"],
    ["/a?utm_source=x&b=1", "/a?b=1"],
    ["/a?b=1&utm_source=x", "/a?b=1"],
    ["/a?b=1&utm_=&c=2&fbclid&d", "/a?b=1&c=2&d"],
    ["/a?%75tm_source=x&b=1", "/a?b=1"],
    ["/a?fbcl%69d=1", "/a"],
  ])("are left out of the key: %s is %s", (one, other) => {
    expect(areSame({ path: one }, { path: other })).toBe(true);
  });

  it.each([
    ["/a?utm=x", "/a"],
    ["/a?fbclid2=x", "/a"],
    ["/a?UTM_source=x", "/a"],
    ["/a?b=utm_source", "/a?b="],
    ["/a?b&c&utm_x", "/a?c&b"],
    ["/a?utm_x=1&b", "/a?b="],
    ["/a?", "/a"],
    ["/a?&", "/a?"],
    ["/utm_x", "/"],
  ])("are only those that are named: %s is not %s", (one, other) => {
    expect(areSame({ path: one }, { path: other })).toBe(false);
  });
});

describe("a query of which nothing counts", () => {
  it("is as if there were none", () => {
    configureKey(["*"]);
    expect(areSame({ path: "/a?b=1&c" }, { path: "/a" })).toBe(true);
    expect(areSame({ path: "/a?" }, { path: "/a" })).toBe(true);
  });
});

describe("fields of the key", () => {
  beforeEach(() => {
    configureKey([], ["origin", "x-tenant"]);
  });

  it("tell requests apart", () => {
    const origin = (value: string): KeyRequest => ({ fields: [["origin", value]] });
    expect(areSame(origin("https://a.test"), origin("https://a.test"))).toBe(true);
    expect(areSame(origin("https://a.test"), origin("https://b.test"))).toBe(false);
    expect(areSame(origin(""), {})).toBe(false);
    expect(areSame({ fields: [["origin", "x"]] }, { fields: [["x-tenant", "x"]] })).toBe(false);
  });

  it("are all lines of a repeated one", () => {
    const one: KeyRequest = { fields: [["origin", "a"]] };
    expect(areSame(one, { fields: [["origin", "a"], ["origin", "b"]] })).toBe(false); // prettier-ignore
  });

  it("tell configurations apart that name others", () => {
    const request: KeyRequest = { fields: [["origin", "a"]] };
    const key = primaryKey(request);
    configureKey([], ["origin", "x-cell"]);
    expect(primaryKey(request)).not.toBe(key);
  });
});

describe("fields that change the target behind the cache", () => {
  it.each(["x-forwarded-host", "x-original-url", "x-rewrite-url", "x-http-method-override"])(
    "keep a request with %s out of it, unless the key has them",
    (name) => {
      expect(hasUnkeyedOverride([])).toBe(false);
      expect(hasUnkeyedOverride([[name, ""]])).toBe(true);
      configureKey([], ["origin", name]);
      expect(hasUnkeyedOverride([[name, "x"]])).toBe(false);
    },
  );
});

describe("the scheme", () => {
  it("is the one that a proxy in front says that the client used, where there is one", () => {
    const plain: KeyRequest = { scheme: "https", fields: [["x-forwarded-proto", "http"]] };
    expect(areSame(plain, { scheme: "http" })).toBe(true);
    expect(areSame(plain, { scheme: "https" })).toBe(false);
  });
});

describe("a URI's part of the key", () => {
  it("is what all keys of the URI begin with, and no key of another", () => {
    configureKey(["utm_*"], ["origin"]);
    const uri = latin1(uriKey("https", "a.test:443", "/x?b=1&utm_a"));
    expect(uriOfKey({ path: "/x?b=1" })).toBe(uri);
    expect(uriOfKey({ path: "/x?b=1", fields: [["origin", "o"]], outcome: "c" })).toBe(uri);
    expect(primaryKey({ path: "/x?b=1", fields: [["origin", "o"]], outcome: "c" }).startsWith(uri)).toBe(true);
    expect(uriOfKey({ path: "/x?b=12" })).not.toBe(uri);
    expect(uriOfKey({ path: "/x" })).not.toBe(uri);
    expect(uriOfKey({ path: "/x?b=1", scheme: "http" })).not.toBe(uri);
  });
});

describe("the key in Redis", () => {
  it("is the prefix, a word that no lookup may use, and the SHA-256 of the key", () => {
    const digest = createHash("sha256").update("key").digest("hex");
    expect(latin1(redisKey("signpost:", "key"))).toBe(`signpost:cache:${digest}`);
  });
});
