import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isValidBuiltPath, percentDecoded } from "../support/text.ts";

describe("a built path", () => {
  it.each([
    "/",
    "//",
    "/a",
    "/a/b/",
    "/a//b",
    "/a?b=c&d",
    "/a?",
    "/a??/",
    "/.a/..b/c./d../...",
    "/.well-known/x",
    "/a;v=1/b,c",
    "/a%20b%C3%A9",
    "/a%2Fb",
    "/a?next=/../b",
    "/a?/./..",
    "/a.%2eb",
    "/...%2e",
    "/%252e%252e/",
    "/a:b@c!$&'()*+,;=-._~",
  ])("may be %s", (path) => {
    expect(isValidBuiltPath(path)).toBe(true);
  });

  it.each(["", "a", "a/b", "?a", "*", "http://host/a", " /a", "\\a", "%2Fa"])(
    "begins with a slash, unlike %j",
    (path) => {
      expect(isValidBuiltPath(path)).toBe(false);
    },
  );

  it("is there", () => {
    expect(isValidBuiltPath(null)).toBe(false);
  });

  it.each([
    "/.",
    "/..",
    "/./",
    "/../",
    "/a/.",
    "/a/..",
    "/a/./b",
    "/a/../b",
    "//..",
    "/..?a",
    "/.?a",
    "/%2e",
    "/%2E%2e/",
    "/.%2e/a",
    "/%2e./a",
    "/a/%2E%2E",
    "/a%2f..",
    "/a%2F..%2Fb",
    "/a%2f%2e%2e%2fb",
    "/a%5c..",
    "/a%5C..%5Cb",
    "/a/..%5cb",
    "/..%2f",
    "/..;/a",
    "/..%3fx",
    "/..%23",
    "/a/..%00/b",
    "/a/.;x=1/b",
    "/..%3b/a",
    "/%2e%2e%3B",
    "/a\\..\\b",
    "/..\\a",
  ])("has no dot segment, unlike %s", (path) => {
    expect(isValidBuiltPath(path)).toBe(false);
  });

  it.each([
    "/a b",
    "/a#b",
    '/a"b',
    "/a<b>",
    "/a\\b",
    "/a^b",
    "/a`b",
    "/a{b}",
    "/a|b",
    "/[a]",
    "/é",
    "/a?b c",
    "/a?é",
    "/a?#b",
  ])("has only a path's characters, unlike %s", (path) => {
    expect(isValidBuiltPath(path)).toBe(false);
  });

  it.each(["/%", "/a%", "/a%2", "/%zz", "/%2", "/%g0", "/%0g", "/%%41", "/a?%", "/a?b=%2", "/a?%zz"])(
    "has whole escapes, unlike %s",
    (path) => {
      expect(isValidBuiltPath(path)).toBe(false);
    },
  );

  it("has no control character, space, or byte beyond ASCII, in path or query", () => {
    const refused = [
      ...Array.from({ length: 0x21 }, (_, byte) => byte),
      ...Array.from({ length: 0x81 }, (_, i) => 0x7f + i),
    ];
    for (const byte of refused) {
      for (const before of ["/a", "/a?b"]) {
        const path = Buffer.concat([Buffer.from(before), Buffer.from([byte]), Buffer.from("c")]);
        if (isValidBuiltPath(path)) expect.fail(`accepted 0x${byte.toString(16)} after ${before}`);
      }
    }
  });

  it("never climbs for an upstream that decodes it", () => {
    const piece = fc.constantFrom(
      "/",
      ".",
      "..",
      "%2e",
      "%2E",
      "%2f",
      "%5c",
      "%5C",
      ";",
      "%3b",
      "a",
      "?",
      "%",
      "2e",
      "\\",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const path = `/${pieces.join("")}`;
        if (!isValidBuiltPath(path)) return;
        const decoded = percentDecoded(path.replace(/\?.*/s, "")).replaceAll("\\", "/");
        const segments = decoded.split("/").map((segment) => segment.replace(/;.*/s, ""));
        expect(segments).not.toContain(".");
        expect(segments).not.toContain("..");
      }),
      { numRuns: 5000 },
    );
  });

  it("is what RFC 3986 calls an absolute path and query, when it has no dots", () => {
    const grammar =
      /^\/([A-Za-z0-9\-_~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*(\?([A-Za-z0-9\-_~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*)?$/;
    const characters = fc.constantFrom(...Array.from({ length: 0x7f }, (_, code) => String.fromCharCode(code)), "%41");
    const text = fc.array(
      characters.filter((character) => character !== "."),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(text, (parts) => {
        const path = `/${parts.join("")}`;
        expect(isValidBuiltPath(path)).toBe(grammar.test(path));
      }),
      { numRuns: 3000 },
    );
  });
});
