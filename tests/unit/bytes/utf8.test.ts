import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isUtf8, utf8Encode } from "../support/text.ts";

const strict = new TextDecoder("utf-8", { fatal: true });

function decodes(bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

describe("UTF-8", () => {
  it("is what a strict decoder takes, for all sequences of two bytes", () => {
    for (let pair = 0; pair < 0x10000; pair++) {
      const bytes = Uint8Array.of(pair >> 8, pair & 0xff);
      if (isUtf8(bytes) !== decodes(bytes)) expect.fail(`wrong about ${Buffer.from(bytes).toString("hex")}`);
    }
  });

  it("is what a strict decoder takes, at the limits of longer sequences", () => {
    const limits = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff];
    const leads = Array.from({ length: 0x20 }, (_, i) => 0xe0 + i);
    for (const lead of leads)
      for (const second of limits)
        for (const third of limits)
          for (const fourth of limits) {
            const bytes = Uint8Array.of(lead, second, third, fourth);
            if (isUtf8(bytes) !== decodes(bytes)) expect.fail(`wrong about ${Buffer.from(bytes).toString("hex")}`);
          }
  });

  it("is what a strict decoder takes, for any bytes", () => {
    const text = fc.string({ unit: "binary" }).map((value) => Buffer.from(value));
    const cutOff = text.map((bytes) => bytes.subarray(0, bytes.length - 1));
    fc.assert(
      fc.property(fc.oneof(text, cutOff, fc.uint8Array()), (bytes) => {
        expect(isUtf8(bytes)).toBe(decodes(bytes));
      }),
      { numRuns: 3000 },
    );
  });

  it("is written for every character", () => {
    for (const codePoint of [0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff]) {
      expect(Buffer.from(utf8Encode(codePoint))).toEqual(Buffer.from(String.fromCodePoint(codePoint)));
    }
  });
});
