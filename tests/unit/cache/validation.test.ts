import { describe, expect, it } from "vitest";
import { headMatches, selectsForUpdate, updatedFields, validationOf } from "../support/cache-messages.ts";

const DATE = "Sun, 06 Nov 1994 08:49:37 GMT";
const LATER = "Sun, 06 Nov 1994 08:49:38 GMT";
const SAME_DATE = "Sunday, 06-Nov-94 08:49:37 GMT";

describe("the upstream is asked about a stored response", () => {
  it("with its tag and its date, where it has both", () => {
    const asked = validationOf({}, { etag: '"a"', "last-modified": DATE });
    expect(asked).toEqual({ noneMatch: '"a"', modifiedSince: DATE });
  });

  it("with what it has of them, as it came", () => {
    expect(validationOf({}, { etag: 'W/"a"' })).toEqual({ noneMatch: 'W/"a"', modifiedSince: null });
    expect(validationOf({}, { etag: "abc" })).toEqual({ noneMatch: "abc", modifiedSince: null });
    expect(validationOf({}, { "last-modified": DATE })).toEqual({ noneMatch: null, modifiedSince: DATE });
  });

  it("and about nothing the client holds: its own preconditions give way", () => {
    const request = { "if-none-match": '"b"', "if-modified-since": LATER };
    expect(validationOf(request, { etag: '"a"' })).toEqual({ noneMatch: '"a"', modifiedSince: null });
  });

  it("without a date when only a range is wanted", () => {
    const stored = { etag: '"a"', "last-modified": DATE };
    expect(validationOf({ range: "bytes=0-1" }, stored)).toEqual({ noneMatch: '"a"', modifiedSince: null });
    expect(validationOf({ range: "bytes=0-1" }, { "last-modified": DATE })).toBeNull();
  });

  it("not at all where there is nothing to ask with", () => {
    expect(validationOf({ "if-none-match": '"b"' }, {})).toBeNull();
    expect(validationOf({}, { etag: "", date: DATE })).toBeNull();
    expect(validationOf({}, { etag: '"a\x01"' })).toBeNull();
  });
});

describe("a 304 brings the stored response up to date", () => {
  it.each([
    ["with the same strong tag", { etag: '"a"' }, { etag: '"a"' }],
    ["with a weak tag that matches", { etag: 'W/"a"' }, { etag: '"a"' }],
    ["with a tag without quotes that is the same", { etag: "abc" }, { etag: "abc" }],
    ["with the same date", { "last-modified": DATE }, { "last-modified": DATE }],
    ["with the same date in another format", { "last-modified": SAME_DATE }, { "last-modified": DATE }],
    ["with no validator, as only that response was asked about", {}, { etag: '"a"', "last-modified": DATE }],
    ["with no validator in either", {}, {}],
    ["with a date where only a tag was known", { "last-modified": DATE }, { etag: '"a"' }],
  ])("%s", (_, notModified, stored) => {
    expect(selectsForUpdate(notModified, stored)).toBe(true);
  });

  it.each([
    ["with another strong tag", { etag: '"b"' }, { etag: '"a"' }],
    ["with a strong tag where the stored one is weak", { etag: '"a"' }, { etag: 'W/"a"' }],
    ["with another weak tag", { etag: 'W/"b"' }, { etag: '"a"' }],
    [
      "with another tag, whatever the date",
      { etag: '"b"', "last-modified": DATE },
      { etag: '"a"', "last-modified": DATE },
    ],
    ["with another date", { "last-modified": LATER }, { "last-modified": DATE }],
    ["with another text that is no date", { "last-modified": "x" }, { "last-modified": "y" }],
    ["with a strong tag where none was known", { etag: '"a"' }, {}],
  ])("but not %s", (_, notModified, stored) => {
    expect(selectsForUpdate(notModified, stored)).toBe(false);
  });
});

describe("a 200 to HEAD brings the stored response up to date", () => {
  const stored = { etag: '"a"', "last-modified": DATE, "content-length": "5" };

  it.each([
    ["with the same validators and length", stored],
    ["with some of them", { etag: '"a"' }],
    ["with none", {}],
    ["with the same date in another format", { "last-modified": SAME_DATE }],
  ])("%s", (_, head) => {
    expect(headMatches(head, stored, 5)).toBe(true);
  });

  it.each([
    ["with another tag", { etag: '"b"' }],
    ["with the same tag made weak", { etag: 'W/"a"' }],
    ["with another date", { "last-modified": LATER }],
    ["with another length", { etag: '"a"', "content-length": "6" }],
    ["with a longer length", { "content-length": "15" }],
    ["with a length that is none", { "content-length": "" }],
  ])("but not %s", (_, head) => {
    expect(headMatches(head, stored, 5)).toBe(false);
  });

  it("but not with a validator that the stored one lacks", () => {
    expect(headMatches({ etag: '"a"' }, {}, 5)).toBe(false);
    expect(headMatches({ "last-modified": DATE }, {}, 5)).toBe(false);
  });

  it("also with no bytes at all", () => {
    expect(headMatches({ "content-length": "0" }, {}, 0)).toBe(true);
    expect(headMatches({ "content-length": "0" }, {}, 5)).toBe(false);
  });
});

describe("an update of stored fields", () => {
  it("replaces what is there, adds what is not, and keeps the rest", () => {
    expect(updatedFields({ a: "1", b: "2", c: "3" }, { b: "9", d: "4" })).toEqual([
      ["a", "1"],
      ["c", "3"],
      ["b", "9"],
      ["d", "4"],
    ]);
  });

  it("replaces all lines of a field by all of the new ones", () => {
    expect(updatedFields({ link: ["<a>", "<b>"], z: "1" }, { link: ["<c>", "<d>", "<e>"] })).toEqual([
      ["z", "1"],
      ["link", "<c>"],
      ["link", "<d>"],
      ["link", "<e>"],
    ]);
  });

  it.each(["content-length", "content-encoding", "content-range", "content-md5", "etag"])("leaves %s alone", (name) => {
    expect(updatedFields({ [name]: "old" }, { [name]: "new" })).toEqual([[name, "old"]]);
    expect(updatedFields({}, { [name]: "new" })).toEqual([]);
  });

  it.each(["content-type", "content-location", "content-security-policy", "x-content-foo", "cache-control", "expires"])(
    "changes %s",
    (name) => {
      expect(updatedFields({ [name]: "old" }, { [name]: "new" })).toEqual([[name, "new"]]);
    },
  );

  it("takes over no pseudo-header", () => {
    expect(updatedFields({ a: "1" }, { ":status": "304" })).toEqual([["a", "1"]]);
  });

  it("with nothing changes nothing", () => {
    expect(updatedFields({ a: ["1", "2"] }, {})).toEqual([
      ["a", "1"],
      ["a", "2"],
    ]);
  });

  // Each row: what `Vary` is stored with, what an update says, and what it is then.
  it.each([
    ["Cookie", "Accept-Language", "accept-language,Cookie"],
    ["Cookie, Accept-Encoding", "accept-encoding", "accept-encoding,Cookie"],
    ["Cookie", "Accept-Encoding, COOKIE", "Accept-Encoding, COOKIE"],
    ["Cookie", "Cookie", "Cookie"],
    ["Cookie", "", "Cookie"],
    [["Cookie", "Accept-Encoding"], ["Accept-Encoding", "Origin"], "accept-encoding,origin,Cookie"],
    ["Cookie", "*", "*"],
    ["*", "Cookie", "cookie,*"],
    ["Cookie", "Accept,", "accept,Cookie"],
  ])("adds to the names in Vary, and takes none away: %j, %j", (stored, confirmed, all) => {
    expect(updatedFields({ vary: stored }, { vary: confirmed })).toEqual([["vary", all]]);
  });

  it("lets Vary grow no more when it comes again and again", () => {
    let vary = "a, b, c";
    for (const confirmed of ["a", "b, c", "c", "b, a", "a, c", "c, b, a", "b", "a"]) {
      vary = String(updatedFields({ vary }, { vary: confirmed })[0]?.[1]);
    }
    expect(vary).toBe("a,b,c");
  });

  it("keeps a Vary that it says nothing of", () => {
    expect(updatedFields({ vary: ["a", "b"] }, { x: "1" })).toEqual([
      ["vary", "a"],
      ["vary", "b"],
      ["x", "1"],
    ]);
  });
});
