import { describe, expect, it } from "vitest";
import { isSent } from "../support/cache-messages.ts";

const OF_EVERYBODY = ["content-location", "date", "etag", "vary", "link", "x-own", "access-control-allow-origin"];
const OF_THE_REPRESENTATION = ["content-type", "content-encoding", "content-language", "repr-digest", "digest"];
const OF_FRESHNESS = ["cache-control", "cdn-cache-control", "x-cdn-cache-control", "expires", "pragma"];

describe("an answer from a stored response", () => {
  it.each(["200", "HEAD", "206", "304", "416"] as const)("%s has what is true whatever is sent", (answer) => {
    expect(OF_EVERYBODY.filter((name) => !isSent(answer, name))).toEqual([]);
  });

  it.each(["200", "HEAD", "206"] as const)("%s has what tells of the representation, and its freshness", (answer) => {
    const names = [...OF_THE_REPRESENTATION, ...OF_FRESHNESS, "last-modified"];
    expect(names.filter((name) => !isSent(answer, name))).toEqual([]);
  });

  it.each(["HEAD", "206", "304", "416"] as const)("%s has no digest of the whole content", (answer) => {
    expect(["content-digest", "content-md5"].filter((name) => isSent(answer, name))).toEqual([]);
    expect(["content-digest", "content-md5"].filter((name) => !isSent("200", name))).toEqual([]);
  });

  it.each(["304", "416"] as const)("%s has nothing of a representation that it does not send", (answer) => {
    const names = [...OF_THE_REPRESENTATION, "content-length", "content-range"];
    expect(names.filter((name) => isSent(answer, name))).toEqual([]);
  });

  it("has no range of the origin's with a range of ours", () => {
    expect([isSent("206", "content-range"), isSent("200", "content-range")]).toEqual([false, true]);
  });

  it.each(["206", "416"] as const)("%s does not say that ranges are not served", (answer) => {
    expect(isSent(answer, "accept-ranges", "bytes")).toBe(true);
    expect(isSent(answer, "accept-ranges", "none")).toBe(false);
    expect(isSent("200", "accept-ranges", "none")).toBe(true);
  });
});

describe("a 304", () => {
  it("has the freshness that it brings up to date", () => {
    expect([...OF_FRESHNESS, "age", "content-security-policy"].filter((name) => !isSent("304", name))).toEqual([]);
  });

  it("has Last-Modified where there is no entity tag to go by", () => {
    expect(isSent("304", "last-modified", "x", true)).toBe(false);
    expect(isSent("304", "last-modified", "x", false)).toBe(true);
  });
});

describe("a 416", () => {
  it("has no freshness: it is an answer to a range, which no key has", () => {
    expect(OF_FRESHNESS.filter((name) => isSent("416", name))).toEqual([]);
  });
});
