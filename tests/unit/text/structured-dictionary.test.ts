import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dictionary } from "../support/cache-policy.ts";

/** `ItemType`, by number. */
const TYPES = ["false", "true", "integer", "decimal", "string", "token", "bytes", "inner list"];

/** The members as `key: type value`, or `invalid`. */
function read(field: string): string[] | "invalid" {
  const lines = dictionary(Buffer.from(field, "latin1"));
  if (lines.endsWith("failed")) return "invalid";
  return lines
    .split("\n")
    .slice(0, -1)
    .map((line) =>
      line.replace(/^(\S+) (\d+) /, (_, key: string, type: string) => `${key}: ${TYPES[Number(type)] ?? ""} `),
    )
    .map((line) => line.trimEnd());
}

describe("a dictionary (RFC 8941 §3.2)", () => {
  it.each([
    ["max-age=600", ["max-age: integer 600"]],
    ["max-age=600, no-store", ["max-age: integer 600", "no-store: true"]],
    ["a=?1,b=?0\t,\tc", ["a: true", "b: false", "c: true"]],
    ["a=-15, b=1.5, c=-0.125", ["a: integer -15", "b: decimal 1.5", "c: decimal -0.125"]],
    ['no-cache="a, b", x="\\"q\\\\"', ["no-cache: string a, b", 'x: string \\"q\\\\']],
    ["a=token, b=*x:y/z, c=A1!", ["a: token token", "b: token *x:y/z", "c: token A1!"]],
    ["a=:cHJldGVuZA==:, b=::", ["a: bytes cHJldGVuZA==", "b: bytes"]],
    ['a=(1 "two" three;q=1);x, b=()', ['a: inner list (1 "two" three;q=1)', "b: inner list ()"]],
    ['a=1;x;y=2; z="3", b;q=?0', ["a: integer 1", "b: true"]],
    ["*a._-1=1", ["*a._-1: integer 1"]],
    ["a=1, a=2", ["a: integer 1", "a: integer 2"]],
    ["a=999999999999999, b=999999999999.999", ["a: integer 999999999999999", "b: decimal 999999999999.999"]],
    ["", []],
    ["  ", []],
    [" a ", ["a: true"]],
  ])("%j has the members %j", (field, members) => {
    expect(read(field)).toEqual(members);
  });

  it.each([
    "a,",
    ",a",
    "a,,b",
    "a b",
    "A=1",
    "Max-Age=1",
    "1a",
    "&&&",
    "max-age=10000, &&&&&",
    "max-age =100",
    "max-age= 100",
    "a=",
    "a=1.",
    "a=.5",
    "a=1.2345",
    "a=1234567890123456",
    "a=1234567890123.1",
    "a=-",
    "a=--1",
    "a=+1",
    'a="open',
    'a="\\x"',
    'a="\\',
    'a="\t"',
    'a="\xe4"',
    "a='1'",
    "a=:YQ==",
    "a=:?:",
    "a=?",
    "a=?2",
    "a=(1",
    "a=(1,2)",
    'a=("1""2")',
    "a=()b",
    "a;",
    "a;B",
    "a;b=",
    "a=@1659578233",
    'a=%"x"',
    "a=1\x00",
    "\ta",
  ])("is not %j", (field) => {
    expect(read(field)).toBe("invalid");
  });
});

describe("whatever the bytes, a dictionary", () => {
  it("is read to its end and no further", () => {
    const piece = fc.constantFrom(
      "a",
      "max-age",
      "=",
      "1",
      "-",
      ".",
      '"',
      "\\",
      "(",
      ")",
      ";",
      ",",
      " ",
      "\t",
      ":",
      "?",
      "?1",
      "*",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(piece, { maxLength: 20 }).map((all) => all.join("")),
          fc.string({ unit: "binary-ascii" }),
        ),
        (text) => {
          read(text);
        },
      ),
      { numRuns: 20_000 },
    );
  });
});
