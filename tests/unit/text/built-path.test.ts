import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { asReceived, hasDotSegment, isValidBuiltPath, latin1, percentDecoded } from "../support/text.ts";
import { PATH_PIECES } from "../../fixtures/hostile/path-pieces.ts";

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

/** What is nasty in a path, and any other byte. */
const PIECE = fc.oneof(
  fc.constantFrom(...PATH_PIECES, "%00", "#"),
  fc.integer({ min: 1, max: 255 }).map((byte) => String.fromCharCode(byte)),
);
const SENT = fc.array(PIECE, { maxLength: 10 }).map((pieces) => Buffer.from(`/${pieces.join("")}`, "latin1"));

describe("a client's path, made one that a path may be,", () => {
  it.each([
    ["/a|b", "/a%7Cb"],
    ["/[slug].js", "/%5Bslug%5D.js"],
    ["/100%.png", "/100%25.png"],
    ["/%41%%42%4", "/%41%25%42%254"],
    ["/%", "/%25"],
    ["/%e2%9C", "/%e2%9C"],
    ["/a b\u0000\t", "/a%20b%00%09"],
    ['/^"<>`{}\\#?', "/%5E%22%3C%3E%60%7B%7D%5C%23%3F"],
    ["/~!$&'()*+,;=:@-._", "/~!$&'()*+,;=:@-._"],
    ["", ""],
  ])("%j is %j", (sent, built) => {
    expect(asReceived(sent, false)).toBe(built);
  });

  it("keeps its bytes beyond ASCII as escapes, whatever they encode", () => {
    expect(asReceived(Buffer.from([0x2f, 0xff, 0xc3, 0xa9]), false)).toBe("/%FF%C3%A9");
  });

  it("is valid, or has a dot segment, whatever it is", () => {
    let valid = 0;
    fc.assert(
      fc.property(SENT, (sent) => {
        const isValid = isValidBuiltPath(asReceived(sent, false));
        if (isValid) valid++;
        expect(isValid).toBe(!hasDotSegment(sent));
      }),
      { numRuns: 10_000 },
    );
    expect(valid).toBeGreaterThan(3000);
  });

  it("means what it meant: decoded, it is the same", () => {
    fc.assert(
      fc.property(SENT, (sent) => {
        expect(percentDecoded(asReceived(sent, false))).toBe(percentDecoded(latin1(sent)));
      }),
    );
  });
});

describe("a client's query, made one that a query may be,", () => {
  it.each([
    ["f[a]=1|2&q=50%&p=?/", "f%5Ba%5D=1%7C2&q=50%25&p=?/"],
    ["a=%zz#x", "a=%25zz%23x"],
    ["../x", "../x"],
  ])("%j is %j", (sent, built) => {
    expect(asReceived(sent, true)).toBe(built);
  });

  it("is always valid", () => {
    fc.assert(
      fc.property(SENT, (sent) => {
        expect(isValidBuiltPath(`/a?${asReceived(sent, true)}`)).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });
});

describe("a dot segment", () => {
  it.each(["/a/..", "/./a", "/a/%2e%2E/b", "/a%2f../b", "/a\\..\\b", "/a/..;v=1", "/..%00", "..", ".", "/a/.%3bx"])(
    "is in %s",
    (path) => {
      expect(hasDotSegment(path)).toBe(true);
    },
  );

  it.each(["", "/", "/a", "/.well-known/a", "/a..b", "/...", "/a.", "/%252e%252e/", "/a%2eb", "*"])(
    "is not in %s",
    (path) => {
      expect(hasDotSegment(path)).toBe(false);
    },
  );
});
