import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { invalidatedTarget, invalidates } from "../support/cache-messages.ts";

describe("what is stored for a URI is invalid", () => {
  it.each(["POST", "PUT", "DELETE", "PATCH", "M-SEARCH", "post", "get", "X-OWN"])(
    "after a %s that did not fail",
    (method) => {
      for (const status of [200, 201, 204, 301, 303, 399]) expect(invalidates(method, status)).toBe(true);
    },
  );

  it.each([100, 400, 404, 409, 500, 503])("but not after one that failed with %i", (status) => {
    expect(invalidates("POST", status)).toBe(false);
  });

  it.each(["GET", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "CONNECT"])("but not after %s", (method) => {
    expect(invalidates(method, 200)).toBe(false);
  });
});

describe("a response's Location or Content-Location invalidates", () => {
  /** References to `https://a.test/b/c/d?q`; the relative ones are RFC 3986's own examples (§5.4). */
  it.each([
    ["https://a.test/x?y=1", "/x?y=1"],
    ["HTTPS://A.TEST/x", "/x"],
    ["https://a.test:443/x", "/x"],
    ["https://a.test", "/"],
    ["https://a.test?y", "/?y"],
    ["https://a.test/x#fragment", "/x"],
    ["//a.test/x", "/x"],
    ["/x", "/x"],
    ["g", "/b/c/g"],
    ["./g", "/b/c/g"],
    ["g/", "/b/c/g/"],
    ["?y", "/b/c/d?y"],
    ["g?y", "/b/c/g?y"],
    ["#s", "/b/c/d?q"],
    ["g#s", "/b/c/g"],
    [";x", "/b/c/;x"],
    [".", "/b/c/"],
    ["./", "/b/c/"],
    ["..", "/b/"],
    ["../", "/b/"],
    ["../g", "/b/g"],
    ["../..", "/"],
    ["../../g", "/g"],
    ["../../../g", "/g"],
    ["../../../../g", "/g"],
    ["/./g", "/g"],
    ["/../g", "/g"],
    ["g.", "/b/c/g."],
    [".g", "/b/c/.g"],
    ["..g", "/b/c/..g"],
    ["./../g", "/b/g"],
    ["./g/.", "/b/c/g/"],
    ["g/./h", "/b/c/g/h"],
    ["g/../h", "/b/c/h"],
    ["g?y/../x", "/b/c/g?y/../x"],
    ["/x//y", "/x//y"],
    [" /x ", "/x"],
  ])("%s: %s", (reference, target) => {
    expect(invalidatedTarget(reference)).toBe(target);
  });

  it("relative to the root of a target without a path", () => {
    expect(invalidatedTarget("g", "")).toBe("/g");
    expect(invalidatedTarget("g", "/")).toBe("/g");
  });

  it("with a port where the target has it", () => {
    expect(invalidatedTarget("https://a.test:8443/x", "/", "a.test:8443")).toBe("/x");
    expect(invalidatedTarget("https://a.test/x", "/", "a.test:443")).toBe("/x");
  });

  it.each([
    "https://b.test/x",
    "http://a.test/x",
    "https://a.test:8443/x",
    "https://a.test.evil/x",
    "https://user@a.test/x",
    "//b.test/x",
    "///x",
    "https:/x",
    "https:x",
    "mailto:a@a.test",
    "javascript:alert(1)",
    "",
    " ",
    null,
  ])("nothing of another origin, and nothing it cannot name: %s", (reference) => {
    expect(invalidatedTarget(reference)).toBeNull();
  });

  it("nothing that is longer than any URL that is stored", () => {
    expect(invalidatedTarget("/".padEnd(8192, "a"))).toHaveLength(8192);
    expect(invalidatedTarget("/".padEnd(8193, "a"))).toBeNull();
  });

  it("what the URL standard says, for any path", () => {
    const segment = fc.constantFrom("a", "b", ".", "..", "", "...", "c.d");
    const path = fc.array(segment, { minLength: 1, maxLength: 7 }).map((parts) => parts.join("/"));
    fc.assert(
      fc.property(path, fc.constantFrom("", "/"), (relative, root) => {
        const reference = root + relative;
        if (reference === "" || reference.startsWith("//")) return;
        expect(invalidatedTarget(reference)).toBe(new URL(reference, "https://a.test/b/c/d?q").pathname);
      }),
      { numRuns: 2000 },
    );
  });
});
