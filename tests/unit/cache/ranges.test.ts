import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answerWithoutRange, rangeOf } from "../support/cache-messages.ts";

const DATE = "Sun, 06 Nov 1994 08:49:37 GMT";
const SECOND_LATER = "Sun, 06 Nov 1994 08:49:38 GMT";

describe("a range of a stored response", () => {
  it.each([
    ["bytes=0-0", "bytes 0-0/10"],
    ["bytes=2-5", "bytes 2-5/10"],
    ["bytes=2-", "bytes 2-9/10"],
    ["bytes=9-9", "bytes 9-9/10"],
    ["bytes=5-100", "bytes 5-9/10"],
    ["bytes=0-99999999999999999999999999", "bytes 0-9/10"],
    ["bytes=-3", "bytes 7-9/10"],
    ["bytes=-10", "bytes 0-9/10"],
    ["bytes=-11", "bytes 0-9/10"],
    ["bytes=-99999999999999999999999999", "bytes 0-9/10"],
    ["BYTES=0-1", "bytes 0-1/10"],
    ["bytes= 0-1 ,", "bytes 0-1/10"],
  ])("%s is %s", (range, answer) => {
    expect(rangeOf(range, 10)).toBe(answer);
  });

  it.each(["bytes=10-", "bytes=10-20", "bytes=99999999999999999999999999-", "bytes=-0"])(
    "%s has no byte of it",
    (range) => {
      expect(rangeOf(range, 10)).toBe("bytes */10");
    },
  );

  it.each([
    "bytes=5-4",
    "bytes=a-b",
    "bytes=1",
    "bytes=-",
    "bytes=",
    "bytes",
    "",
    "bytes=1-2-3",
    "bytes=+1-2",
    "bytes=--1",
    "bytes=1 - 2",
    "bytes =0-1",
    "items=0-1",
    "seconds=0-1",
    "0-1",
  ])("%j is none, and the whole is the answer", (range) => {
    expect(rangeOf(range, 10)).toBe("whole");
  });

  it.each(["bytes=0-1,3-4", "bytes=0-1, -1", "bytes=0-0,20-"])("%s are several: the whole is the answer", (range) => {
    expect(rangeOf(range, 10)).toBe("whole");
  });

  it("that is not asked for is the whole", () => {
    expect(answerWithoutRange(10)).toBe(0);
  });

  it.each(["HEAD", "POST", "get"])("is not for %s", (method) => {
    expect(rangeOf("bytes=0-1", 10, { ":method": method })).toBe("whole");
  });

  it.each([204, 301, 404])("is not of a %i", (status) => {
    expect(rangeOf("bytes=0-1", 10, {}, {}, status)).toBe("whole");
  });

  it("without any byte has none from anywhere, and its last ones are all", () => {
    expect(rangeOf("bytes=0-", 0)).toBe("bytes */0");
    expect(rangeOf("bytes=-5", 0)).toBe("whole");
  });

  it("always lies within it", () => {
    const position = fc.option(fc.oneof(fc.nat({ max: 20 }), fc.nat()), { nil: "" });
    fc.assert(
      fc.property(position, position, fc.nat({ max: 15 }), (first, last, length) => {
        const match = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(rangeOf(`bytes=${first}-${last}`, length));
        if (!match) return;
        const [start = -1, end = -1, total] = match.slice(1).map(Number);
        expect(start).toBeLessThanOrEqual(end);
        expect(end).toBeLessThan(length);
        expect(total).toBe(length);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("If-Range", () => {
  const range = "bytes=0-1";
  const part = "bytes 0-1/10";

  it.each([
    ["the same strong tag", '"a"', { etag: '"a"' }, part],
    ["another tag", '"b"', { etag: '"a"' }, "whole"],
    ["a weak tag", 'W/"a"', { etag: 'W/"a"' }, "whole"],
    ["a tag where there is none", '"a"', {}, "whole"],
    ["a tag without quotes", "a", { etag: "a" }, "whole"],
    ["the date of a response made later", DATE, { "last-modified": DATE, date: SECOND_LATER }, part],
    ["the date of a response made in that second", DATE, { "last-modified": DATE, date: DATE }, "whole"],
    ["the date of a response without Date", DATE, { "last-modified": DATE }, "whole"],
    ["an earlier date", DATE, { "last-modified": SECOND_LATER, date: SECOND_LATER }, "whole"],
    ["a later date", SECOND_LATER, { "last-modified": DATE, date: SECOND_LATER }, "whole"],
    ["neither", "soon", { "last-modified": "soon", date: SECOND_LATER }, "whole"],
    ["nothing", "", { etag: '"a"' }, "whole"],
  ])("with %s", (_, condition, stored, answer) => {
    expect(rangeOf(range, 10, { "if-range": condition }, stored)).toBe(answer);
  });

  it("that is false makes no range unsatisfiable", () => {
    expect(rangeOf("bytes=99-", 10, { "if-range": '"b"' }, { etag: '"a"' })).toBe("whole");
  });
});
