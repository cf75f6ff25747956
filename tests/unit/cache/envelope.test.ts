import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  kindOf,
  putOff,
  readEnvelope,
  retryAt,
  seal,
  sizeFor,
  writeEnvelope,
  writeInto,
  type Stored,
} from "../support/envelope.ts";
import { headerList } from "../support/header-list.ts";

/** Where the only number of the head lies that no checksum covers: `retryAt`. */
const RETRY_AT = { from: 16, to: 24 };

const TIME = fc.oneof(fc.nat(), fc.nat({ max: 2 ** 53 - 1 }));
const BYTES = fc.uint8Array({ maxLength: 100 });

const STORED: fc.Arbitrary<Stored> = fc.record({
  status: fc.integer({ min: 200, max: 599 }),
  sequence: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  receivedAt: TIME,
  requestTime: TIME,
  generatedAt: TIME,
  isDated: fc.boolean(),
  initialAge: TIME,
  lifetime: TIME,
  staleWhileRevalidate: TIME,
  staleIfError: TIME,
  noCache: fc.boolean(),
  mustRevalidate: fc.boolean(),
  key: BYTES,
  secondaryKey: fc.constant(new Uint8Array(0)),
  tags: BYTES,
  fields: fc.array(fc.tuple(BYTES, BYTES), { maxLength: 6 }).map((fields) => new Uint8Array(headerList(fields))),
  body: fc.oneof(BYTES, fc.uint8Array({ minLength: 1000, maxLength: 70_000 })),
});

const EXAMPLE: Stored = {
  status: 200,
  sequence: 7n,
  receivedAt: 1_700_000_000_000,
  requestTime: 1_699_999_999_000,
  generatedAt: 1_699_999_998_000,
  isDated: true,
  initialAge: 5000,
  lifetime: 60_000,
  staleWhileRevalidate: 1000,
  staleIfError: 2000,
  noCache: false,
  mustRevalidate: true,
  key: Buffer.from("pGET https://a.test/x"),
  secondaryKey: secondaryKey("accept,origin", ["*/*", null]),
  tags: Buffer.from("one two"),
  fields: new Uint8Array(
    headerList([
      ["etag", '"a"'],
      ["content-type", "text/plain"],
    ]),
  ),
  body: Buffer.from("hello, world"),
};

/** A secondary key written down a second time. */
function secondaryKey(names: string, values: (string | null)[]): Uint8Array {
  const u32 = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    return bytes;
  };
  const parts = values.flatMap((value) =>
    value === null ? [u32(0xffff_ffff)] : [u32(value.length), Buffer.from(value)],
  );
  return new Uint8Array(Buffer.concat([u32(names.length), Buffer.from(names), ...parts]));
}

/** As `toEqual` sees them: whatever kind of array the bytes are in. */
function plain(stored: Stored): object {
  const { key, secondaryKey: secondary, tags, fields, body, ...numbers } = stored;
  return { ...numbers, parts: [key, secondary, tags, fields, body].map((bytes) => Buffer.from(bytes).toString("hex")) };
}

describe("a stored response", () => {
  it("comes back as it went in, from the local store and from elsewhere", () => {
    fc.assert(
      fc.property(STORED, fc.boolean(), (stored, trusted) => {
        expect(kindOf(writeEnvelope(stored, !trusted), trusted)).toBe("response");
        expect(plain(readEnvelope())).toEqual(plain(stored));
      }),
      { numRuns: 500 },
    );
  });

  it("keeps its key, what it varies on, its tags and its fields apart", () => {
    expect(kindOf(writeEnvelope(EXAMPLE))).toBe("response");
    expect(plain(readEnvelope())).toEqual(plain(EXAMPLE));
  });

  it("takes exactly the bytes that its size says", () => {
    const bytes = writeEnvelope(EXAMPLE);
    expect(sizeFor(EXAMPLE.body.length)).toBe(bytes.length);
    expect(writeInto(new Uint8Array(bytes.length), EXAMPLE.body.length)).toBe(true);
    for (const size of [0, bytes.length - 1, bytes.length + 1]) {
      const room = new Uint8Array(size);
      expect(writeInto(room, EXAMPLE.body.length)).toBe(false);
      expect(room.every((byte) => byte === 0)).toBe(true);
    }
  });

  it("has no size when it would be more than any store holds", () => {
    writeEnvelope(EXAMPLE);
    expect(sizeFor(1 << 28)).toBe(-1);
    expect(sizeFor(-1)).toBe(-1);
    expect(sizeFor(0x7fff_ffff)).toBe(-1);
  });

  it("may be put off in the local store, and nothing else of it changes", () => {
    expect(kindOf(writeEnvelope(EXAMPLE, false), true)).toBe("response");
    putOff(12_345n);
    expect(retryAt()).toBe(12_345);
    expect(plain(readEnvelope())).toEqual(plain(EXAMPLE));
  });
});

describe("what another filter wrote", () => {
  const bytes = writeEnvelope(EXAMPLE);

  it("is a response", () => {
    expect(kindOf(bytes)).toBe("response");
  });

  it("is none without its seal", () => {
    expect(kindOf(writeEnvelope(EXAMPLE, false))).toBe("damaged");
  });

  it("is none with one bit changed, wherever it is", () => {
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Uint8Array.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(kindOf(changed), `bit ${bit}`).not.toBe("response");
    }
  });

  it("is none at any other length", () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(kindOf(bytes.subarray(0, length)), `length ${length}`).not.toBe("response");
    }
    expect(kindOf(Buffer.concat([bytes, new Uint8Array(1)]))).toBe("damaged");
  });

  it("is told apart by its version", () => {
    const other = Uint8Array.from(bytes);
    other[4] = 3;
    expect(kindOf(other)).toBe("other version");
  });

  it.each([
    ["a status that is none", { status: 199 }],
    ["a status past all", { status: 600 }],
    ["a time before 1970", { receivedAt: -1 }],
    ["a request before 1970", { requestTime: -1 }],
    ["a Date before 1970", { generatedAt: -1 }],
    ["a time that sums overflow with", { initialAge: 2 ** 60 }],
    ["a secondary key that is none", { secondaryKey: Buffer.from("accept") }],
    ["a secondary key without its values", { secondaryKey: secondaryKey("accept,origin", ["*/*"]) }],
    ["a secondary key with more values than names", { secondaryKey: secondaryKey("accept", ["*/*", null]) }],
    ["fields that are cut off", { fields: EXAMPLE.fields.subarray(0, -1) }],
  ])("is none with %s, whatever its checksum says", (_, change) => {
    expect(kindOf(writeEnvelope({ ...EXAMPLE, ...change }))).toBe("damaged");
  });

  it("is none with a time of its last failed validation", () => {
    const changed = Uint8Array.from(bytes);
    changed.fill(1, RETRY_AT.from, RETRY_AT.to);
    expect(kindOf(changed)).toBe("damaged");
    expect(kindOf(changed, true)).toBe("response");
  });
});

describe("what is no stored response", () => {
  it("is what is missing, empty, or something else", () => {
    expect(kindOf(null)).toBe("other");
    expect(kindOf(new Uint8Array(0))).toBe("other");
    expect(kindOf(Buffer.from('{"path": "/v2"}'))).toBe("other");
    expect(kindOf(Buffer.alloc(500))).toBe("other");
  });

  it("is told without reading outside the bytes, whatever they are", () => {
    const head = Buffer.from(writeEnvelope(EXAMPLE).subarray(0, 8));
    const parts = fc.array(fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 0xffff_ffff })), {
      minLength: 32,
      maxLength: 64,
    });
    fc.assert(
      fc.property(parts, fc.boolean(), (numbers, trusted) => {
        const rest = Buffer.alloc(numbers.length * 4);
        numbers.forEach((number, i) => rest.writeUInt32LE(number, i * 4));
        const bytes = Buffer.concat([head, rest]);
        if (kindOf(bytes, trusted) === "response") readEnvelope();
      }),
      { numRuns: 3000 },
    );
  });

  it("is not sealed", () => {
    for (const bytes of [new Uint8Array(0), new Uint8Array(50), new Uint8Array(200)]) {
      expect(seal(bytes).every((byte) => byte === 0)).toBe(true);
    }
  });

  it("is never read past its end when it says that it is a response of its size", () => {
    // Lengths whose sum is right as 32 bits only.
    const bytes = Buffer.alloc(128);
    writeEnvelope(EXAMPLE)
      .subarray(0, 8)
      .forEach((byte, i) => (bytes[i] = byte));
    bytes.writeUInt32LE(0x8000_0000, 104);
    bytes.writeUInt32LE(0x8000_0000, 108);
    expect(kindOf(bytes, true)).toBe("damaged");
  });
});
