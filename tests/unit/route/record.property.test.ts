import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isHeaderValue, isHost, isSafePath, isSettableName } from "../support/http-reference.ts";
import { DOCUMENT, RECORD } from "../support/record-arbitraries.ts";
import { readRecord, type Change } from "../support/route.ts";

const RUNS = 4000;

/** Whether the change may be made to a request, or sent, as an independent reading of the RFCs has it. */
function isAllowed(change: Change): boolean {
  switch (change.what) {
    case "path":
      return isSafePath(change.value);
    case "host":
      return isHost(change.value);
    case "set":
      return isSettableName(change.name) && isHeaderValue(change.value);
    case "remove":
      return isSettableName(change.name);
    case "answer":
      return change.status >= 300 && change.status <= 599 && isHeaderValue(change.location);
    case "unknown":
      return false;
  }
}

describe("whatever the bytes are, a record", () => {
  it("is of one of three kinds, and holds only changes that may be made", () => {
    const seen = { changes: 0, negative: 0, invalid: 0 };
    fc.assert(
      fc.property(DOCUMENT, (document) => {
        const record = readRecord(document);
        seen[record.kind]++;
        if (record.kind === "invalid") expect(record.problem).not.toBe("");
        if (record.kind !== "changes") return;
        expect(record.changes.filter((change) => !isAllowed(change))).toEqual([]);
        expect(record.ttl).toBeGreaterThanOrEqual(-1);
        const answers = record.changes.filter((change) => change.what === "answer");
        expect(answers.length).toBeLessThanOrEqual(record.changes.length === 1 ? 1 : 0);
      }),
      { numRuns: RUNS },
    );
    // Else the property would say nothing about one of the kinds.
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(RUNS / 200);
  });

  it("is accepted when its path and host may be used, as the same independent reading has it", () => {
    let accepted = 0;
    fc.assert(
      fc.property(RECORD, ({ path, host }) => {
        fc.pre(typeof path === "string" && typeof host === "string");
        const expected = isSafePath(latin1(path)) && isHost(latin1(host));
        if (expected) accepted++;
        expect(readRecord({ path, host }).kind).toBe(expected ? "changes" : "invalid");
      }),
      { numRuns: RUNS / 4 },
    );
    expect(accepted).toBeGreaterThan(RUNS / 100);
  });

  it("is accepted when its headers may be set, as the same independent reading has it", () => {
    let accepted = 0;
    const name = fc.oneof(fc.constantFrom("x-a", "Te", "X-B"), fc.string({ unit: "binary-ascii", maxLength: 4 }));
    const value = fc.oneof(fc.string({ maxLength: 5 }), fc.string({ unit: "binary", maxLength: 3 }));
    fc.assert(
      fc.property(fc.tuple(name, value), ([name, value]) => {
        const expected = isSettableName(latin1(name).toLowerCase()) && isHeaderValue(latin1(value));
        if (expected) accepted++;
        expect(readRecord({ headers: Object.fromEntries([[name, value]]) }).kind).toBe(
          expected ? "changes" : "invalid",
        );
      }),
      { numRuns: RUNS / 2 },
    );
    expect(accepted).toBeGreaterThan(RUNS / 50);
  });
});

function latin1(text: string): string {
  return Buffer.from(text).toString("latin1");
}
