import { beforeEach, describe, expect, it } from "vitest";
import { configureKey, isOverridden, primaryKey, type KeyRequest } from "../support/cache-keys.ts";

/** Heeded by frameworks, and never by the URI. */
const UNCONFIRMED = [
  "forwarded",
  "x-forwarded-path",
  "x-forwarded-prefix",
  "x-forwarded-server",
  "x-forwarded-uri",
  "x-http-method",
  "x-http-method-override",
  "x-method-override",
  "x-original-uri",
  "x-original-url",
  "x-rewrite-url",
];

/** What says the same as `https://a.test/` does. */
const CONFIRMED: readonly [string, string][] = [
  ["front-end-https", "on"],
  ["x-forwarded-host", "a.test"],
  ["x-forwarded-port", "443"],
  ["x-forwarded-protocol", "https"],
  ["x-forwarded-scheme", "https"],
  ["x-forwarded-ssl", "on"],
  ["x-host", "a.test"],
  ["x-original-host", "a.test"],
  ["x-scheme", "https"],
  ["x-url-scheme", "https"],
];

/** What Envoy and Istio add to requests, where they are configured to. */
const OF_ENVOY: readonly [string, string][] = [
  ["x-forwarded-for", "10.0.0.1"],
  ["x-forwarded-proto", "https"],
  ["x-forwarded-client-cert", "Hash=0"],
  ["x-request-id", "6e3ea2ef"],
  ["x-envoy-external-address", "10.0.0.1"],
  ["x-envoy-internal", "true"],
  ["x-envoy-original-path", "/before"],
  ["x-envoy-original-host", "before.test"],
  ["x-envoy-attempt-count", "1"],
  ["x-envoy-decorator-operation", "shop:80/*"],
  ["x-envoy-peer-metadata", "Cg=="],
  ["x-b3-traceid", "80f198ee56343ba864fe8b2a57d3eff7"],
  ["traceparent", "00-80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-01"],
  ["via", "1.1 envoy"],
];

beforeEach(() => {
  configureKey();
});

function having(name: string, value: string, more: KeyRequest = {}): KeyRequest {
  return { ...more, fields: [[name, value]] };
}

describe("a field that frameworks heed past the URL", () => {
  it.each([...UNCONFIRMED, ...CONFIRMED.map(([name]) => name)])("overrides the URI: %s", (name) => {
    expect(isOverridden(having(name, ""))).toBe(true);
    expect(isOverridden(having(name, "other"))).toBe(true);
  });

  it.each([...UNCONFIRMED, ...CONFIRMED.map(([name]) => name)])("does not where it is in the key: %s", (name) => {
    configureKey([], ["origin", name]);
    expect(isOverridden(having(name, "other"))).toBe(false);
  });

  it.each(CONFIRMED)("does not where it says what the URI says: %s: %s", (name, value) => {
    expect(isOverridden(having(name, value))).toBe(false);
    // An upstream may answer with it, so that those without it share nothing.
    expect(primaryKey(having(name, value))).not.toBe(primaryKey({}));
  });

  it("counts beside others that say nothing new", () => {
    const fields: [string, string][] = [...CONFIRMED, ["x-forwarded-prefix", "/evil"]];
    expect([isOverridden({ fields: CONFIRMED }), isOverridden({ fields })]).toEqual([false, true]);
  });
});

describe("X-Forwarded-Port", () => {
  it.each<[string, KeyRequest, string, boolean]>([
    ["the scheme's own", { scheme: "http" }, "80", false],
    ["the other scheme's", { scheme: "http" }, "443", true],
    ["the host's", { authority: "a.test:8080" }, "8080", false],
    ["the scheme's where the host has another one", { authority: "a.test:8080" }, "443", true],
    ["that of the connection, as Envoy adds it", {}, "8443", false],
    ["written otherwise", {}, "0443", true],
  ])("of %s", (_, request, port, expected) => {
    expect(isOverridden(having("x-forwarded-port", port, request))).toBe(expected);
  });
});

describe("what says that the client came by TLS", () => {
  it.each(["x-forwarded-ssl", "front-end-https"])("is on with https and off with http: %s", (name) => {
    const outcomes = ["https", "http"].map((scheme) => ["on", "off"].map((on) => isOverridden(having(name, on, { scheme })))); // prettier-ignore
    expect(outcomes).toEqual([[false, true], [true, false]]); // prettier-ignore
  });
});

describe("what Envoy adds itself", () => {
  it.each(OF_ENVOY)("overrides nothing: %s", (name, value) => {
    expect(isOverridden(having(name, value))).toBe(false);
    if (name !== "x-forwarded-proto") expect(primaryKey(having(name, value))).toBe(primaryKey({}));
  });
});
