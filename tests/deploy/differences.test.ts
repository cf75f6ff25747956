import { describe, expect, it } from "vitest";
import { addedFields, differingFields, pathText } from "../../deploy/differences.ts";

const WANTED = { lookups: [{ name: "route", service: { timeout: "1s" } }], debugHeader: "x-signpost" };

describe("differingFields", () => {
  it("names the outermost fields that differ, by their paths", () => {
    const found = { lookups: [{ name: "route", service: { timeout: "2s" } }], shadow: true };
    expect(differingFields(WANTED, found)).toEqual(["lookups[0].service.timeout", "debugHeader", "shadow"]);
  });

  it("finds no difference between equal values, whatever the order of their fields", () => {
    expect(differingFields(WANTED, { debugHeader: "x-signpost", lookups: WANTED.lookups })).toEqual([]);
  });

  it.each([[undefined], [null], ["text"], [[]]])("says that all of it differs from %j", (found) => {
    expect(differingFields(WANTED, found)).toEqual(["."]);
  });
});

describe("addedFields", () => {
  it("are those that only the other value has, at any depth", () => {
    const found = { ...WANTED, shadow: true, responseCache: { shared: true } };
    const wanted = { ...WANTED, responseCache: {} };
    expect(addedFields(wanted, found).map(pathText)).toEqual(["shadow", "responseCache.shared"]);
  });

  it("are not what is missing or has another value", () => {
    expect(addedFields(WANTED, { debugHeader: "other" })).toEqual([]);
  });
});
