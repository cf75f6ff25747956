import { describe, expect, it } from "vitest";
import { jsonOf } from "../../fixtures/config/fixture.ts";
import { INVALID } from "../../fixtures/config/invalid.ts";
import { VALID } from "../../fixtures/config/valid.ts";
import { UnitModule } from "../support/unit-module.ts";

const configure = new UnitModule().function("configure", ["bytes"], "text");

function errorsOf(json: string | Uint8Array): string[] {
  const errors = configure(json);
  return errors === "" ? [] : errors.split("\n");
}

describe("a configuration is accepted", () => {
  it.each(VALID)("$name", (fixture) => {
    expect(errorsOf(jsonOf(fixture))).toEqual([]);
  });
});

describe("a configuration is refused with all of its errors", () => {
  it.each(INVALID)("$name", (fixture) => {
    expect(errorsOf(jsonOf(fixture))).toEqual(fixture.errors);
  });
});
