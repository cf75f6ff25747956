import { describe, expect, it } from "vitest";
import { reportOf } from "../support/lookup.ts";

describe("the report of a request", () => {
  it.each([
    ["webdis", 0, "", "lookup=route; tier=webdis; age=0"],
    ["service", 0, "miss", "lookup=route; tier=service; age=0; reason=miss"],
    ["none", -1, "no match", "lookup=route; tier=none; reason=no match"],
    ["none", -1, "", "lookup=route; tier=none"],
    ["local", 999, "", "lookup=route; tier=local; age=0"],
    ["local", 1000, "", "lookup=route; tier=local; age=1"],
    ["local", 3_600_000, "timeout: status 504", "lookup=route; tier=local; age=3600; reason=timeout: status 504"],
  ])("from tier %s at %i ms because of %j says %j", (tier, age, reason, text) => {
    expect(reportOf(true, ["route", tier, age, reason])).toBe(text);
  });

  it("says it of every lookup", () => {
    expect(reportOf(true, ["a", "local", 0, ""], ["b", "none", -1, "no key"], ["c", "webdis", 0, "miss"])).toBe(
      "lookup=a; tier=local; age=0, lookup=b; tier=none; reason=no key, lookup=c; tier=webdis; age=0; reason=miss",
    );
  });

  it("is empty when nobody asked for it", () => {
    expect(reportOf(false, ["route", "local", 0, "miss"])).toBe("");
  });
});
