import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { base64, latin1 } from "../support/text.ts";

describe("base64", () => {
  it.each([
    ["", ""],
    ["f", "Zg=="],
    ["fo", "Zm8="],
    ["foo", "Zm9v"],
    ["foob", "Zm9vYg=="],
    ["fooba", "Zm9vYmE="],
    ["foobar", "Zm9vYmFy"],
    ["Aladdin:open sesame", "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="],
  ])("of %j is %j (RFC 4648 §10, RFC 7617 §2)", (plain, encoded) => {
    expect(latin1(base64(plain))).toBe(encoded);
  });

  it("is what Node writes, for any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(latin1(base64(bytes))).toBe(Buffer.from(bytes).toString("base64"));
      }),
    );
  });
});
