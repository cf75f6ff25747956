import fc from "fast-check";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { COMPILE_TIME } from "./compile.ts";
import { Parts } from "./parts.ts";

const text = (s: string): Uint8Array => new TextEncoder().encode(s);

let parts: Parts;

beforeAll(async () => {
  parts = await Parts.load();
}, COMPILE_TIME);

beforeEach(() => {
  parts.wasm.resetArena();
});

describe("a serialised list of headers", () => {
  const bytes = fc.uint8Array({ maxLength: 40 });
  const list = fc.array(fc.tuple(bytes, bytes), { maxLength: 20 });

  it("reads back as it was built, whatever bytes names and values hold", () => {
    fc.assert(
      fc.property(list, (pairs) => {
        parts.wasm.resetArena();
        const serialised = parts.serialise(pairs);
        expect(serialised && parts.read(serialised)).toEqual(pairs);
      }),
    );
  });

  it("has the layout of the specification", () => {
    const serialised = parts.serialise([
      [text("a"), text("1")],
      [text("b"), text("22")],
    ]);
    const lengths = [2, 1, 1, 1, 2].flatMap((n) => [n, 0, 0, 0]);
    expect(serialised).toEqual(new Uint8Array([...lengths, ...text(["a", "1", "b", "22", ""].join("\0"))]));
  });

  it("is an empty list when it is cut anywhere, and nothing of it is read", () => {
    const whole = parts.serialise([
      [text(":path"), text("/x")],
      [text("x-empty"), text("")],
    ]);
    for (let length = 5; length < (whole?.length ?? 0); length++) {
      expect(parts.read(whole?.subarray(0, length) ?? text("")), `${length} bytes`).toBeUndefined();
      expect(parts.wasm.count()).toBe(0);
    }
  });

  it("is never read outside its bytes, whichever of them are wrong", () => {
    const damage = fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(list, damage, (pairs, changes) => {
        parts.wasm.resetArena();
        const serialised = parts.serialise(pairs) ?? text("");
        for (const [at, byte] of changes) if (at < serialised.length) serialised[at] = byte;
        const read = parts.read(serialised);
        parts.wasm.sum();
        const size = (read ?? []).reduce((sum, [n, v]) => sum + (n?.length ?? 0) + (v?.length ?? 0) + 10, 0);
        expect(size).toBeLessThanOrEqual(serialised.length);
      }),
      { numRuns: 1_000 },
    );
  });

  it("may claim as many headers as a number can say, and is an empty list", () => {
    for (const count of [0x7fffffff, 0x80000000, 0xffffffff, 0x20000000]) {
      const bytes = new Uint8Array(64);
      new DataView(bytes.buffer).setUint32(0, count, true);
      expect(parts.read(bytes)).toBeUndefined();
    }
  });

  it("may be nothing or a single zero byte when it is empty", () => {
    expect(parts.read(text(""))).toEqual([]);
    expect(parts.read(text("\0"))).toEqual([]);
    expect(parts.read(text("x"))).toBeUndefined();
  });

  it("is empty to its reader once the callback has returned", () => {
    const serialised = parts.serialise([[text("a"), text("1")]]) ?? text("");
    expect(parts.read(serialised)).toHaveLength(1);
    parts.wasm.resetArena();
    expect(parts.wasm.count()).toBe(0);
    expect(parts.bytes(parts.wasm.name(0))).toBeUndefined();
  });

  it("has no name or value outside of it", () => {
    parts.read(parts.serialise([[text("a"), text("1")]]) ?? text(""));
    for (const index of [-1, 1, 0x7fffffff, -0x80000000]) {
      expect(parts.bytes(parts.wasm.name(index))).toBeUndefined();
      expect(parts.bytes(parts.wasm.value(index))).toBeUndefined();
    }
  });
});

describe("the builder of header lists", () => {
  it("takes 1,024 headers, which is all a host reads, and refuses the next", () => {
    const header = [text("x"), text("y")] as const;
    expect(parts.serialise(Array.from({ length: 1_024 }, () => header))).toHaveLength(4 + 1_024 * 12);
    expect(parts.serialise(Array.from({ length: 1_025 }, () => header))).toBeUndefined();
  });

  it("takes 1 MiB, which is all a host reads, and refuses one byte more", () => {
    const room = 1024 * 1024 - 4 - 8 - 2 - 1;
    expect(parts.serialise([[text("x"), new Uint8Array(room)]])).toHaveLength(1024 * 1024);
    expect(parts.serialise([[text("x"), new Uint8Array(room + 1)]])).toBeUndefined();
  });

  it("serialises the same list again when asked again, and nothing after it was cleared", () => {
    parts.serialise([[text("a"), text("1")]]);
    const first = parts.bytes(parts.wasm.serialised());
    expect(parts.bytes(parts.wasm.serialised())).toEqual(first);
    parts.wasm.clear();
    expect(parts.bytes(parts.wasm.serialised())).toEqual(text(""));
  });
});
