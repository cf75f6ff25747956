import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { headerList, readHeaderList, writeHeaderList } from "../support/header-list.ts";

const FIELDS = fc.array(fc.tuple(fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ maxLength: 60 })), {
  maxLength: 12,
});

function text(fields: readonly (readonly [Uint8Array, Uint8Array])[]): [string, string][] {
  return fields.map(([name, value]) => [Buffer.from(name).toString("latin1"), Buffer.from(value).toString("latin1")]);
}

describe("a header list", () => {
  it("gives the fields back in their order, repeated ones as often as they came", () => {
    const fields: [string, string][] = [
      ["set-cookie", "a=1"],
      ["etag", '"x"'],
      ["set-cookie", "b=2"],
      ["x-empty", ""],
    ];
    expect(readHeaderList(writeHeaderList(fields))).toEqual({ fields, isWhole: true });
  });

  it("is two lengths and two texts for each field", () => {
    const fields: [string, string][] = [
      ["a", "1"],
      ["content-type", "text/plain"],
    ];
    expect(Buffer.from(writeHeaderList(fields))).toEqual(headerList(fields));
  });

  it("has no field without a value", () => {
    expect(writeHeaderList([["a", null]])).toHaveLength(0);
  });

  it("without fields is empty and whole", () => {
    expect(readHeaderList(new Uint8Array(0))).toEqual({ fields: [], isWhole: true });
  });

  it("gives any bytes back as they were", () => {
    fc.assert(
      fc.property(FIELDS, (fields) => {
        expect(readHeaderList(headerList(fields))).toEqual({ fields: text(fields), isWhole: true });
      }),
      { numRuns: 1000 },
    );
  });
});

describe("a header list that is cut off", () => {
  it("has the fields that are whole, and says that there was more, at every length", () => {
    const fields: [string, string][] = [
      ["content-type", "text/plain"],
      ["x-empty", ""],
      ["etag", '"abc"'],
    ];
    const bytes = headerList(fields);
    const ends = fields.map((_, i) => headerList(fields.slice(0, i + 1)).length);
    for (let length = 0; length <= bytes.length; length++) {
      const whole = ends.filter((end) => end <= length).length;
      expect(readHeaderList(bytes.subarray(0, length))).toEqual({
        fields: fields.slice(0, whole),
        isWhole: length === 0 || ends.includes(length),
      });
    }
  });
});

describe("bytes that are no header list", () => {
  it("are read without leaving them, whatever they are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const { fields } = readHeaderList(bytes);
        const read = fields.reduce((sum, [name, value]) => sum + 8 + name.length + value.length, 0);
        expect(read).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ["the largest length of a name", [0xffff_ffff, 0]],
    ["the largest length of a value", [0, 0xffff_ffff]],
    ["two lengths whose sum overflows to a small one", [0xffff_fffe, 4]],
    ["two lengths that are negative as signed numbers", [0x8000_0000, 0x8000_0000]],
    ["a length one larger than what is there", [1, 2]],
  ])("are no field with %s", (_, [nameLength = 0, valueLength = 0]) => {
    const bytes = Buffer.alloc(10);
    bytes.writeUInt32LE(nameLength, 0);
    bytes.writeUInt32LE(valueLength, 4);
    expect(readHeaderList(bytes)).toEqual({ fields: [], isWhole: false });
  });
});
