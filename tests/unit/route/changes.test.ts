import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readChanges, writeChanges, type Change } from "../support/route.ts";

const RUNS = 3000;
const HEAD = 12;

const TEXT = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString("latin1"));

const CHANGE: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ what: fc.constantFrom("path" as const, "host" as const), value: TEXT }),
  fc.record({ what: fc.constant("set" as const), name: TEXT, value: TEXT }),
  fc.record({ what: fc.constant("remove" as const), name: TEXT }),
  fc.record({
    what: fc.constant("answer" as const),
    status: fc.integer({ min: 0, max: 999 }),
    location: TEXT,
    body: TEXT,
  }),
);

const CHANGES = fc.array(CHANGE, { maxLength: 6 });

/** The lengths of the changes' encodings, one after the other: where the bytes may be cut without loss. */
function ends(changes: Change[]): number[] {
  return changes.map((_, i) => writeChanges(changes.slice(0, i + 1)).length);
}

/** A head that says anything, and perhaps some of what it promises. */
const HEAD_OF_ANYTHING = fc
  .tuple(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.oneof(fc.integer(), fc.constantFrom(0, 1, 2147483647, -2147483648, -1, -12), fc.nat({ max: 30 })),
    fc.oneof(fc.integer(), fc.constantFrom(0, 1, 2147483647, -2147483648, -1, -12), fc.nat({ max: 30 })),
    fc.uint8Array({ maxLength: 60 }),
  )
  .map(([what, nameLength, valueLength, rest]) => {
    const head = Buffer.alloc(HEAD);
    head.set(what);
    head.writeInt32LE(nameLength, 4);
    head.writeInt32LE(valueLength, 8);
    return Buffer.concat([head, rest]);
  });

function bytesIn(change: Change): number {
  return Object.values(change).reduce(
    (sum: number, field, i) => sum + (i > 0 && typeof field === "string" ? field.length : 0),
    0,
  );
}

describe("changes", () => {
  it("are read back as they were written, in their order", () => {
    fc.assert(
      fc.property(CHANGES, (changes) => {
        expect(readChanges(writeChanges(changes))).toEqual(changes);
      }),
      { numRuns: RUNS },
    );
  });

  it("may be written one after the other, as the lookups of a chain do", () => {
    fc.assert(
      fc.property(CHANGES, CHANGES, (first, second) => {
        const bytes = Buffer.concat([writeChanges(first), writeChanges(second)]);
        expect(readChanges(bytes)).toEqual([...first, ...second]);
      }),
      { numRuns: RUNS / 4 },
    );
  });

  it("are none where there are no bytes", () => {
    expect(readChanges(new Uint8Array(0))).toEqual([]);
  });

  it("that are cut off end with the last whole one", () => {
    fc.assert(
      fc.property(CHANGES, fc.nat(), (changes, position) => {
        const bytes = writeChanges(changes);
        const cut = position % (bytes.length + 1);
        const whole = ends(changes).filter((end) => end <= cut).length;
        expect(readChanges(bytes.subarray(0, cut))).toEqual(changes.slice(0, whole));
      }),
      { numRuns: RUNS },
    );
  });
});

describe("bytes that are no changes", () => {
  // They are the last bytes of memory: reading one too many traps.
  it("are read to their end and never beyond", () => {
    fc.assert(
      fc.property(fc.array(HEAD_OF_ANYTHING, { maxLength: 4 }), (parts) => {
        const bytes = Buffer.concat(parts);
        const changes = readChanges(bytes);
        const read = changes.reduce((sum, change) => sum + HEAD + bytesIn(change), 0);
        expect(read).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: RUNS },
    );
  });

  it("end where a length leads out of them", () => {
    const path = writeChanges([{ what: "path", value: "/a" }]);
    for (const length of [3, 12, 0x7fffffff, -1, -12, -0x80000000]) {
      const broken = Buffer.from(path);
      broken.writeInt32LE(length, 8);
      expect(readChanges(broken)).toEqual([]);
      broken.set(path);
      broken.writeInt32LE(length, 4);
      expect(readChanges(broken)).toEqual([]);
    }
  });

  it("end where two lengths overflow together", () => {
    const bytes = Buffer.alloc(HEAD + 2);
    bytes.writeInt32LE(2, 4);
    bytes.writeInt32LE(0x7fffffff, 8);
    expect(readChanges(bytes)).toEqual([]);
  });

  it("may be of an unknown kind, which readers pass over", () => {
    const bytes = Buffer.from(
      writeChanges([
        { what: "path", value: "/a" },
        { what: "host", value: "h" },
      ]),
    );
    bytes[0] = 200;
    expect(readChanges(bytes)).toEqual([
      { what: "unknown", kind: 200 },
      { what: "host", value: "h" },
    ]);
  });
});
