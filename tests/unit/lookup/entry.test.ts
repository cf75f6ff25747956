import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  entryLength,
  entryOpens,
  entryOpensMissing,
  entryWriteShort,
  putOff,
  readEntry,
  writeEntry,
} from "../support/entry.ts";

const TIME = fc.oneof(fc.nat(), fc.maxSafeInteger());

describe("a stored entry", () => {
  it("is read back as it was written, over whatever was there before", () => {
    const changes = fc.option(fc.uint8Array({ maxLength: 60 }));
    fc.assert(
      fc.property(
        TIME,
        TIME,
        changes,
        fc.string({ unit: "binary-ascii", maxLength: 60 }),
        (now, ttl, changes, values) => {
          writeEntry(now, ttl, changes, values);
          expect(readEntry()).toEqual({
            storedAt: now,
            ttl,
            retryAt: 0,
            isNegative: changes === null,
            changes: Buffer.from(changes ?? []).toString("latin1"),
            values,
          });
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("without changes is a record that changes nothing, and no negative entry", () => {
    writeEntry(1, 2, "");
    expect(readEntry()).toMatchObject({ isNegative: false, changes: "" });
    writeEntry(1, 2, null);
    expect(readEntry()).toMatchObject({ isNegative: true, changes: "" });
  });

  it("may be put off, and nothing else of it changes", () => {
    writeEntry(5, 6, "changes");
    putOff(7);
    expect(readEntry()).toEqual({ storedAt: 5, ttl: 6, retryAt: 7, isNegative: false, changes: "changes", values: "" });
  });
});

describe("what is no entry", () => {
  it("is what is missing, or shorter than the head of one", () => {
    writeEntry(1, 2, null);
    const head = entryLength();
    expect(entryOpensMissing()).toBe(false);
    for (let length = 0; length < head; length++) expect(entryOpens(length)).toBe(false);
    expect(entryOpens(head)).toBe(true);
  });

  it("comes of no write into less room than is needed", () => {
    writeEntry(1, 2, "changes");
    const size = entryLength();
    const room = new Uint8Array(size - 1).fill(0x61);
    expect(entryWriteShort(room, "changes")).toEqual(room);
    expect(entryWriteShort(new Uint8Array(0), null)).toHaveLength(0);
    expect(entryWriteShort(new Uint8Array(size).fill(0x61), "changes")).not.toEqual(new Uint8Array(size).fill(0x61));
  });
});
