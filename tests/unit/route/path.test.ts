import { describe, expect, it } from "vitest";
import { pathKeepingQuery } from "../support/route.ts";

describe("a record's path with a client's query", () => {
  it.each([
    ["/svc", null, "/svc"],
    ["/svc", "", "/svc?"],
    ["/svc", "a=b", "/svc?a=b"],
    ["/svc", "a=%20&b=?/#", "/svc?a=%20&b=?/#"],
    ["/svc?", "a=b", "/svc?"],
    ["/svc?own=1", "a=b", "/svc?own=1"],
    ["/svc?own=1", null, "/svc?own=1"],
    ["/svc%3Fx", "a=b", "/svc%3Fx?a=b"],
    ["/", "a", "/?a"],
    ["", "a", "?a"],
  ])("%j and %j are %j", (path, query, joined) => {
    expect(Buffer.from(pathKeepingQuery(path, query)).toString()).toBe(joined);
  });
});
