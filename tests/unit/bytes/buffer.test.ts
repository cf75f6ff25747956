import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { UnitModule } from "../support/unit-module.ts";

const RUNS = 1000;
const MAX_I64 = 2n ** 63n - 1n;
const MIN_I64 = -(2n ** 63n);

const unit = new UnitModule();
const newBuffer = unit.function("newBuffer", [], "object");
const lengthOf = unit.function("bufferLength", ["object"], "i32");
const view = unit.function("bufferView", ["object"], "optionalBytes");
const clear = unit.function("bufferClear", ["object"], "void");
const truncate = unit.function("bufferTruncate", ["object", "i32"], "void");
const byte = unit.function("bufferByte", ["object", "i32"], "void");
const u32 = unit.function("bufferU32", ["object", "i32"], "void");
const bytes = unit.function("bufferBytes", ["object", "optionalBytes"], "void");
const text = unit.function("bufferText", ["object", "text"], "void");
const decimal = unit.function("bufferDecimal", ["object", "i64"], "void");
const toLowerCase = unit.function("bufferToLowerCase", ["object"], "void");
const shrink = unit.function("bufferShrink", ["object", "i32"], "void");
const dispose = unit.function("bufferDispose", ["object"], "void");
const memoryPages = unit.function("memoryPages", [], "i32");

let buffer: number;

beforeEach(() => {
  buffer = newBuffer();
});

function written(): Buffer {
  return Buffer.from(view(buffer) ?? []);
}

describe("a buffer", () => {
  it("is present but empty before anything is written", () => {
    expect([lengthOf(buffer), view(buffer)]).toEqual([0, new Uint8Array(0)]);
    toLowerCase(buffer);
    truncate(buffer, 0);
    clear(buffer);
    dispose(buffer);
    expect(view(buffer)).toEqual(new Uint8Array(0));
  });

  it("takes single bytes, of which only the lowest eight bits count", () => {
    for (const value of [0, 0x61, 0xff, 0x100, -1]) byte(buffer, value);
    expect([...written()]).toEqual([0, 0x61, 0xff, 0, 0xff]);
  });

  it("takes four bytes at a time, the least significant first", () => {
    u32(buffer, 0x04030201);
    u32(buffer, -1);
    u32(buffer, 0);
    expect([...written()]).toEqual([1, 2, 3, 4, 255, 255, 255, 255, 0, 0, 0, 0]);
  });

  it("takes nothing from what is missing or empty", () => {
    bytes(buffer, "a");
    bytes(buffer, null);
    bytes(buffer, "");
    text(buffer, "");
    expect(written().toString()).toBe("a");
  });

  it("takes texts as UTF-8", () => {
    for (const part of ["a", "é", "€", "😀"]) text(buffer, part);
    expect(written().toString()).toBe("aé€😀");
  });

  it.each([0n, 1n, -1n, 9n, 10n, 99n, 100n, -10n, 10n ** 18n, MAX_I64 - 1n, MAX_I64, MIN_I64 + 1n, MIN_I64])(
    "writes %i in decimal",
    (value) => {
      decimal(buffer, value);
      expect(written().toString()).toBe(String(value));
    },
  );

  it("writes any integer in decimal", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: MIN_I64, max: MAX_I64 }), (value) => {
        clear(buffer);
        decimal(buffer, value);
        expect(written().toString()).toBe(String(value));
      }),
      { numRuns: RUNS },
    );
  });

  it("turns ASCII capitals to lower case, and no other bytes", () => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    bytes(buffer, all);
    toLowerCase(buffer);
    expect(written()).toEqual(Buffer.from(all.map((value) => (value >= 0x41 && value <= 0x5a ? value + 0x20 : value))));
  });
});

describe("a buffer that is used again", () => {
  it("forgets everything with clear, and what follows with truncate", () => {
    text(buffer, "abcdef");
    truncate(buffer, 4);
    expect(written().toString()).toBe("abcd");
    text(buffer, "x");
    expect(written().toString()).toBe("abcdx");
    clear(buffer);
    text(buffer, "new");
    expect(written().toString()).toBe("new");
  });

  it.each([-1, -2147483648, 3, 4, 2147483647])("is not changed by truncating 3 bytes to %i", (length) => {
    text(buffer, "abc");
    truncate(buffer, length);
    expect(written().toString()).toBe("abc");
  });

  it.each([0, 299, 300, 100_000])("is empty after shrinking to %i bytes, and may be written", (most) => {
    text(buffer, "x".repeat(300));
    shrink(buffer, most);
    expect([lengthOf(buffer), view(buffer)]).toEqual([0, new Uint8Array(0)]);
    text(buffer, "abc");
    expect(written().toString()).toBe("abc");
  });

  it("may be written after its memory is given back", () => {
    text(buffer, "abc");
    dispose(buffer);
    dispose(buffer);
    text(buffer, "d");
    expect(written().toString()).toBe("d");
  });

  it("takes no more memory from then on", () => {
    const round = (): number => {
      for (let i = 0; i < 300; i++) bytes(buffer, "x".repeat(1000));
      clear(buffer);
      return memoryPages();
    };
    const pages = round();
    for (let i = 0; i < 20; i++) round();
    expect(round()).toBe(pages);
  });
});

describe("a buffer that grows", () => {
  it("keeps what was written, by whatever step it passes its capacity", () => {
    const write: [(buffer: number) => void, string][] = [
      [(buffer) => byte(buffer, 0x78), "x"],
      [(buffer) => u32(buffer, 0x61616161), "aaaa"],
      [(buffer) => bytes(buffer, "bytes"), "bytes"],
      [(buffer) => text(buffer, "text"), "text"],
      [(buffer) => decimal(buffer, MIN_I64), String(MIN_I64)],
    ];
    const steps = fc.array(fc.tuple(fc.nat({ max: write.length - 1 }), fc.constantFrom(1, 3, 60)), { maxLength: 30 });
    fc.assert(
      fc.property(steps, (steps) => {
        const grown = newBuffer();
        let expected = "";
        for (const [which, times] of steps) {
          const [append, appended] = write[which] ?? [() => undefined, ""];
          for (let i = 0; i < times; i++) append(grown);
          expected += appended.repeat(times);
        }
        expect(lengthOf(grown)).toBe(expected.length);
        expect(Buffer.from(view(grown) ?? []).toString()).toBe(expected);
        dispose(grown);
      }),
      { numRuns: RUNS / 10 },
    );
  });

  it("takes at once what is much larger than it is", () => {
    const large = Uint8Array.from({ length: 1 << 20 }, (_, i) => i % 251);
    text(buffer, "before");
    bytes(buffer, large);
    text(buffer, "after");
    expect(written()).toEqual(Buffer.concat([Buffer.from("before"), large, Buffer.from("after")]));
  });
});
