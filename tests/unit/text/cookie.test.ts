import { describe, expect, it } from "vitest";
import { cookieValue, optionalLatin1 } from "../support/text.ts";

describe("a cookie", () => {
  it.each([
    ["a=1; b=2", "b", "2"],
    ["a=1;b=2", "b", "2"],
    ["a=1; a=2", "a", "1"],
    ["a=; a=2", "a", ""],
    ["a=1=2", "a", "1=2"],
    ['a="1 2"', "a", '"1 2"'],
    [" \ta \t= \t1 \t; b=2", "a", "1"],
    ["a", "a", null],
    ["a; a=1", "a", "1"],
    ["A=1", "a", null],
    ["aa=1", "a", null],
    ["a=1", "aa", null],
    ["b=a=1", "a", null],
    ["=1", "", "1"],
    [";;; a=1;;", "a", "1"],
    ["a=%31", "a", "%31"],
    ["%61=1", "a", null],
    ["a=1,b=2", "a", "1,b=2"],
    ["", "a", null],
    [";", "", null],
    [null, "a", null],
  ])("of %j named %j is %j", (header, name, value) => {
    expect(optionalLatin1(cookieValue(header, name))).toBe(value);
  });
});
