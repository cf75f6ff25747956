import { describe, expect, it } from "vitest";
import { UnitModule } from "./unit-module.ts";

describe("the unit module", () => {
  it("that is missing says how to build it", () => {
    expect(() => new UnitModule("nowhere/unit.wasm")).toThrow("nowhere/unit.wasm is missing: run ./build.sh test");
  });

  it("names an export that it does not have", () => {
    expect(() => new UnitModule().function("noSuchThing", [], "void")).toThrow("exports no function noSuchThing");
  });

  it("passes bytes, text, numbers and null both ways", () => {
    const unit = new UnitModule();
    expect(unit.function("percentDecode", ["bytes"], "bytes")("é%41")).toEqual(new Uint8Array(Buffer.from("éA")));
    expect(unit.function("queryParameter", ["optionalBytes", "bytes"], "optionalBytes")(null, "a")).toBeNull();
    expect(unit.function("sipHashOf", ["bytes", "u64", "u64"], "u64")("", 2n ** 64n - 1n, 0n)).toBeTypeOf("bigint");
    expect(unit.function("utf8Valid", ["bytes"], "bool")(Uint8Array.of(0xff))).toBe(false);
  });
});
