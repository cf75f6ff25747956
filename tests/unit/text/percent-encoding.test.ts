import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  equalDecoded,
  latin1,
  percentDecode,
  percentDecoded,
  percentEncode,
  percentEncodeWithDots,
} from "../support/text.ts";

const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => byte);

const ENCODED = fc.stringMatching(/^(%[0-9a-fA-F]{2}|%[0-9a-fA-F]?|[a-z+%&=/]){0,12}$/);

describe("percent-encoding", () => {
  it("leaves RFC 3986's unreserved characters and escapes all other bytes in upper case", () => {
    const expected = Array.from(EVERY_BYTE, (byte) => {
      const character = String.fromCharCode(byte);
      if (/[A-Za-z0-9._~-]/.test(character)) return character;
      return `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    });
    expect(latin1(percentEncode(EVERY_BYTE))).toBe(expected.join(""));
  });

  it("escapes dots too where asked to", () => {
    expect(latin1(percentEncodeWithDots("a.b/../é~_-"))).toBe("a%2Eb%2F%2E%2E%2F%C3%A9~_-");
    const others = EVERY_BYTE.filter((byte) => byte !== 0x2e);
    expect(latin1(percentEncodeWithDots(others))).toBe(latin1(percentEncode(others)));
  });

  it("comes back as it was", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(percentDecode(percentEncode(bytes))).toEqual(bytes);
        expect(percentDecode(percentEncodeWithDots(bytes))).toEqual(bytes);
      }),
    );
  });
});

describe("percent-decoding", () => {
  it.each([
    ["a%2fb%2Fc", "a/b/c"],
    ["a+b", "a+b"],
    ["%2B", "+"],
    ["%252e", "%2e"],
    ["%", "%"],
    ["%2", "%2"],
    ["%zz", "%zz"],
    ["%2g%41", "%2gA"],
    ["%%41", "%A"],
    ["%4%31", "%41"],
    ["%00", "\0"],
    ["%C3%A9", "\xc3\xa9"],
  ])("of %j is %j", (encoded, plain) => {
    expect(latin1(percentDecode(encoded))).toBe(plain);
  });

  it("is done once and leaves what is no escape", () => {
    fc.assert(
      fc.property(ENCODED, (text) => {
        expect(latin1(percentDecode(text))).toBe(percentDecoded(text));
      }),
    );
  });
});

describe("comparing with an encoded text", () => {
  it.each([
    ["a%2Fb", "a/b", true],
    ["a/b", "a/b", true],
    ["", "", true],
    ["%41", "A", true],
    ["%41", "a", false],
    ["a", "", false],
    ["", "a", false],
    ["a%2", "a%2", true],
    ["ab", "abc", false],
    ["abc", "ab", false],
  ])("%j and %j: %s", (encoded, plain, equal) => {
    expect(equalDecoded(encoded, plain)).toBe(equal);
  });

  it("is comparing with what it decodes to", () => {
    fc.assert(
      fc.property(ENCODED, ENCODED, (left, right) => {
        const plain = Buffer.from(percentDecoded(right), "latin1");
        expect(equalDecoded(right, plain)).toBe(true);
        expect(equalDecoded(left, plain)).toBe(percentDecoded(left) === percentDecoded(right));
      }),
    );
  });
});
