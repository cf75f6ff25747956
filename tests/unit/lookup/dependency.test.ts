import { describe, expect, it } from "vitest";
import { UnitModule } from "../support/unit-module.ts";

const unit = new UnitModule();
const newDependency = unit.function("newDependency", ["i32"], "object");
const enter = unit.function("dependencyEnter", ["object"], "bool");
const leave = unit.function("dependencyLeave", ["object"], "void");
const inFlight = unit.function("dependencyInFlight", ["object"], "i32");

function enterTimes(dependency: number, times: number): boolean[] {
  return Array.from({ length: times }, () => enter(dependency));
}

describe("a dependency", () => {
  it("takes as many calls at a time as are allowed, and no more", () => {
    const dependency = newDependency(3);
    expect(enterTimes(dependency, 5)).toEqual([true, true, true, false, false]);
    expect(inFlight(dependency)).toBe(3);
  });

  it("takes another call for each that is over", () => {
    const dependency = newDependency(2);
    enterTimes(dependency, 3);
    leave(dependency);
    expect([inFlight(dependency), ...enterTimes(dependency, 2)]).toEqual([1, true, false]);
  });

  it("takes none where none is allowed", () => {
    expect(enterTimes(newDependency(0), 2)).toEqual([false, false]);
  });

  it("has no more places than allowed, however often one is given back", () => {
    const dependency = newDependency(1);
    leave(dependency);
    leave(dependency);
    expect([inFlight(dependency), ...enterTimes(dependency, 2)]).toEqual([0, true, false]);
  });
});
