import { describe, expect, it } from "vitest";
import { isFieldName, isFieldValue, isForbiddenName } from "../support/text.ts";

const BYTES = Array.from({ length: 256 }, (_, byte) => byte);

function wrongAbout(judge: (bytes: Uint8Array) => boolean, expected: (byte: number) => boolean): number[] {
  return BYTES.filter(
    (byte) => judge(Buffer.concat([Buffer.from("a"), Buffer.from([byte]), Buffer.from("b")])) !== expected(byte),
  );
}

describe("a field name", () => {
  it("is a token of RFC 9110 §5.6.2, in either case", () => {
    const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]$/;
    expect(wrongAbout(isFieldName, (byte) => token.test(String.fromCharCode(byte)))).toEqual([]);
  });

  it("is not empty, missing or a pseudo-header", () => {
    expect(isFieldName("")).toBe(false);
    expect(isFieldName(null)).toBe(false);
    expect(isFieldName(":path")).toBe(false);
    expect(isFieldName("x-cell")).toBe(true);
  });
});

describe("a field value", () => {
  it("has no control characters but tabs, and no byte beyond ASCII on its own", () => {
    expect(wrongAbout(isFieldValue, (byte) => byte === 0x09 || (byte >= 0x20 && byte !== 0x7f))).toEqual([]);
  });

  it.each(["", "a", "a b\tc", "Büro", "😀", "ÿ"])("may be %j", (value) => {
    expect(isFieldValue(value)).toBe(true);
  });

  it.each(["a\r\nx-evil: 1", "a\nb", "a\rb", "\0", "a\x7f", "\x1b[0m"])("is not %j", (value) => {
    expect(isFieldValue(value)).toBe(false);
  });

  it.each([" a", "a ", "\ta", "a\t", " ", "\t"])("has no space around it, unlike %j", (value) => {
    expect(isFieldValue(value)).toBe(false);
  });

  it.each(["ff", "c3", "c0af", "eda080", "61e282", "f5808080"])("may be bytes that are no UTF-8: %s", (hex) => {
    expect(isFieldValue(Buffer.from(hex, "hex"))).toBe(true);
  });

  it("is there", () => {
    expect(isFieldValue(null)).toBe(false);
  });
});

describe("a forbidden name", () => {
  it.each([
    ":path",
    ":authority",
    ":",
    "host",
    "Host",
    "content-length",
    "Content-Length",
    "transfer-encoding",
    "TRAILER",
    "connection",
    "keep-alive",
    "proxy-connection",
    "te",
    "upgrade",
    "http2-settings",
    "proxy-authenticate",
    "proxy-authorization",
  ])("is %s", (name) => {
    expect(isForbiddenName(name)).toBe(true);
  });

  it.each(["x-cell", "authorization", "cookie", "content-type", "hosts", "x-host", "t", "", "contentlength"])(
    "is not %j",
    (name) => {
      expect(isForbiddenName(name)).toBe(false);
    },
  );

  it("is there", () => {
    expect(isForbiddenName(null)).toBe(false);
  });
});
