import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { kindOf, readEnvelope } from "../support/envelope.ts";
import { headerList, readHeaderList } from "../support/header-list.ts";
import {
  addField,
  append,
  beginRecording,
  bodyLength,
  bodyOf,
  drop,
  fieldList,
  heldBytes,
  isActive,
  memoryPages,
  recordedEnvelope,
  select,
  sibling,
  takePages,
  useBudget,
} from "../support/recording.ts";

const MIB = 1024 * 1024;
const PAGE = 64 * 1024;

const body = Uint8Array.from({ length: MIB }, (_, i) => (i * 31 + (i >> 8)) & 0xff);

/** Records the first bytes of `body`, cut at these places. */
function record(length: number, cuts: number[]): boolean {
  const ends = [...new Set(cuts.map((cut) => Math.min(cut, length)))].sort((a, b) => a - b).concat(length);
  let start = 0;
  for (const end of ends) {
    if (!append(body, start, end)) return false;
    start = end;
  }
  return true;
}

beforeEach(() => {
  useBudget(8 * MIB);
});

describe("a recording", () => {
  it("has the body's bytes, however they were cut and whatever length was announced", () => {
    const length = fc.oneof(fc.nat({ max: 20_000 }), fc.nat({ max: MIB }));
    fc.assert(
      fc.property(
        length,
        fc.array(fc.nat({ max: MIB }), { maxLength: 40 }),
        fc.option(length),
        (size, cuts, announced) => {
          beginRecording(MIB, announced ?? -1);
          expect(record(size, cuts)).toBe(true);
          expect(bodyLength()).toBe(size);
          expect(Buffer.compare(bodyOf(size) ?? Buffer.alloc(0), body.subarray(0, size))).toBe(0);
          drop();
          expect(heldBytes()).toBe(0);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("of single bytes takes little more than the bytes", () => {
    beginRecording(MIB);
    for (let i = 0; i < 50_000; i++) append(body.subarray(i, i + 1), 0, 1);
    expect(Buffer.compare(bodyOf(50_000) ?? Buffer.alloc(0), body.subarray(0, 50_000))).toBe(0);
    expect(heldBytes()).toBeLessThan(110_000);
  });

  it("of an announced length takes that length", () => {
    beginRecording(MIB, 100_000);
    record(100_000, [1, 70_000]);
    expect(heldBytes()).toBeLessThan(100_100);
  });

  it("has the fields in their order", () => {
    beginRecording(MIB);
    addField("set-cookie", "a=1");
    addField("set-cookie", "b=2");
    expect(readHeaderList(fieldList()).fields).toEqual([
      ["set-cookie", "a=1"],
      ["set-cookie", "b=2"],
    ]);
  });

  it("copies its body into room of its size only", () => {
    beginRecording(MIB);
    append(body, 0, 10);
    expect(bodyOf(9)).toBeNull();
    expect(bodyOf(11)).toBeNull();
    expect(bodyOf(10)).toEqual(body.subarray(0, 10));
  });

  it("forgets what was there when another one begins", () => {
    beginRecording(MIB);
    addField("a", "1");
    append(body, 0, 10_000);
    beginRecording(MIB);
    expect(bodyLength()).toBe(0);
    expect(fieldList()).toHaveLength(0);
    expect(heldBytes()).toBe(0);
  });
});

describe("a recorded response", () => {
  it("is stored with its fields and its body, byte for byte, however it was cut", () => {
    const field = fc.tuple(fc.string({ minLength: 1, maxLength: 10 }), fc.string({ maxLength: 30 }));
    const cuts = fc.array(fc.nat({ max: 70_000 }), { maxLength: 20 });
    fc.assert(
      fc.property(fc.nat({ max: 70_000 }), cuts, fc.array(field, { maxLength: 8 }), (size, ends, fields) => {
        beginRecording(MIB);
        for (const [name, value] of fields) addField(name, value);
        record(size, ends);
        expect(kindOf(recordedEnvelope(203))).toBe("response");
        const stored = readEnvelope();
        expect(stored.status).toBe(203);
        expect(Buffer.compare(stored.fields, headerList(fields))).toBe(0);
        expect(Buffer.compare(stored.body, body.subarray(0, size))).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});

describe("a body that is too large", () => {
  it("is given up at its first byte too many, and everything is freed", () => {
    beginRecording(10_000);
    expect(append(body, 0, 10_000)).toBe(true);
    expect(append(body, 0, 1)).toBe(false);
    expect([isActive(), heldBytes(), bodyLength(), bodyOf(0)]).toEqual([false, 0, 0, null]);
  });

  it("is given up for good: what comes after is not recorded", () => {
    beginRecording(10);
    expect(append(body, 0, 11)).toBe(false);
    expect(append(body, 0, 1)).toBe(false);
    expect(bodyOf(1)).toBeNull();
  });

  it("is not recorded at all when it says so", () => {
    beginRecording(10_000, 10_001);
    expect(isActive()).toBe(false);
    expect(append(body, 0, 1)).toBe(false);
  });

  it("may be as large as is allowed", () => {
    beginRecording(10_000, 10_000);
    expect(record(10_000, [1, 2, 3])).toBe(true);
  });
});

describe("the recordings of all streams", () => {
  it("hold no more together than their budget", () => {
    useBudget(100_000);
    const [first, second] = [sibling(), sibling()];
    select(first);
    beginRecording(MIB, 60_000);
    expect(append(body, 0, 60_000)).toBe(true);
    select(second);
    beginRecording(MIB, 60_000);
    expect(append(body, 0, 1)).toBe(false);
    expect(isActive()).toBe(false);
    select(first);
    drop();
    select(second);
    beginRecording(MIB, 60_000);
    expect(append(body, 0, 60_000)).toBe(true);
    drop();
    expect(heldBytes()).toBe(0);
  });
});

describe("memory that is nearly full", () => {
  it("is left to others: the recording is given up", () => {
    const left = (1 << 30) / PAGE - memoryPages();
    expect(takePages(left - (32 * MIB) / PAGE)).toBe(true);
    beginRecording(8 * MIB);
    expect(append(body, 0, 1)).toBe(false);
    expect(heldBytes()).toBe(0);
  });
});
