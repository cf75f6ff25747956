import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { json } from "../support/json.ts";

const RUNS = 5000;
const MAX_INTEGER = 2n ** 63n - 1n;
const MIN_INTEGER = -(2n ** 63n);

/** The whole number that the text writes, or undefined. */
function integer(text: string): bigint | undefined {
  expect(json.parse(text)).toBe(true);
  const value = json.integer(json.root());
  if (json.isInteger(json.root())) return value;
  expect(value).toBe(0n);
  return undefined;
}

/** What exact arithmetic says. */
function exactly(text: string): bigint | undefined {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = BigInt(whole + fraction);
  const scale = Number(exponent) - fraction.length;
  if (digits === 0n) return 0n;
  const power = 10n ** BigInt(Math.abs(scale));
  if (scale < 0 && digits % power !== 0n) return undefined;
  const magnitude = scale < 0 ? digits / power : digits * power;
  const value = sign === "-" ? -magnitude : magnitude;
  return value >= MIN_INTEGER && value <= MAX_INTEGER ? value : undefined;
}

describe("a whole number", () => {
  it.each([
    ["10000", 10000n],
    ["1e4", 10000n],
    ["1E+4", 10000n],
    ["10000.0", 10000n],
    ["10000.000e0", 10000n],
    ["1000000e-2", 10000n],
    ["0.0001e8", 10000n],
    ["-1.5e1", -15n],
    ["0", 0n],
    ["-0", 0n],
    ["0.000", 0n],
    ["0e99999999999999999999", 0n],
    ["0e-99999999999999999999", 0n],
    ["9007199254740993", 9007199254740993n],
    ["9223372036854775807", MAX_INTEGER],
    ["-9223372036854775808", MIN_INTEGER],
    ["9223372036854775807000e-3", MAX_INTEGER],
    ["9.223372036854775807e18", MAX_INTEGER],
  ])("may be written %s", (text, value) => {
    expect(integer(text)).toBe(value);
  });

  it.each([
    "1.5",
    "1e-1",
    "123e-3",
    "0.1",
    "9223372036854775808",
    "-9223372036854775809",
    "9223372036854775807.5",
    "18446744073709551616",
    "18446744073709551617",
    "1e19",
    "1e400",
    "1e99999999999999999999",
    "1e-99999999999999999999",
    "1e4294967296",
    "1e9223372036854775808",
    '"1"',
    "true",
    "null",
    "[1]",
  ])("is not %s", (text) => {
    expect(integer(text)).toBeUndefined();
  });

  it("may be written with very many zeros", () => {
    expect(integer(`1${"0".repeat(50_000)}e-50000`)).toBe(1n);
    expect(integer(`0.${"0".repeat(50_000)}1e50001`)).toBe(1n);
    expect(integer(`1.${"0".repeat(50_000)}`)).toBe(1n);
    expect(integer(`1${"0".repeat(50_000)}`)).toBeUndefined();
  });

  it("is what exact arithmetic says, in any notation", () => {
    const near = fc.constantFrom(0n, 1n, -1n, MAX_INTEGER, MIN_INTEGER, 10n ** 18n, 2n ** 53n);
    const around = fc.tuple(near, fc.bigInt({ min: -20n, max: 20n })).map(([a, b]) => String(a + b));
    const shifted = fc
      .tuple(around, fc.nat({ max: 5 }), fc.integer({ min: -8, max: 8 }))
      .map(([digits, zeros, exponent]) => `${digits}${digits === "0" ? "" : "0".repeat(zeros)}e${exponent}`);
    const any = fc.stringMatching(/^-?(0|[1-9][0-9]{0,21})(\.[0-9]{1,5})?([eE][+-]?[0-9]{1,2})?$/);
    fc.assert(
      fc.property(fc.oneof(around, shifted, any), (text) => {
        expect(integer(text)).toBe(exactly(text));
      }),
      { numRuns: RUNS },
    );
  });
});

describe("a number", () => {
  const number = (text: string): number => {
    expect(json.parse(text)).toBe(true);
    return json.number(json.root());
  };

  it("is the double that JSON.parse reads, up to 15 digits and 22 places from the point", () => {
    const notation = fc.tuple(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), fc.integer({ min: -22, max: 22 }));
    const exact = notation.map(([digits, exponent]) => `${digits}e${exponent}`);
    const plain = fc.stringMatching(/^-?(0|[1-9][0-9]{0,7})(\.[0-9]{1,7})?$/);
    fc.assert(
      fc.property(fc.oneof(exact, plain), (text) => {
        expect(number(text)).toBe(JSON.parse(text));
      }),
      { numRuns: RUNS },
    );
  });

  it("is as good as that in any notation", () => {
    const any = fc.stringMatching(/^-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?$/);
    fc.assert(
      fc.property(fc.oneof(any, fc.double({ noNaN: true, noDefaultInfinity: true }).map(String)), (text) => {
        const expected = JSON.parse(text) as number;
        // Close to the limits of doubles, neighbours are far from each other.
        fc.pre(expected === 0 || (Math.abs(expected) > 1e-300 && Math.abs(expected) < 1e300));
        expect(Math.abs(number(text) - expected)).toBeLessThanOrEqual(Math.abs(expected) * 1e-14);
      }),
      { numRuns: RUNS },
    );
  });

  it.each([
    ["1e400", Infinity],
    ["-1e400", -Infinity],
    ["1e99999999999999999999", Infinity],
    ["0e99999999999999999999", 0],
    ["1e-400", 0],
    ["1e-99999999999999999999", 0],
    ["-0", -0],
    ["2.6671724304097764e+40", 2.6671724304097764e40],
    [`0.${"0".repeat(1000)}5e1001`, 5],
    [`5${"0".repeat(1000)}e-1000`, 5],
  ])("that is written %s is what it should be", (text, value) => {
    if (value === 0 || !Number.isFinite(value)) expect(number(text)).toBe(value);
    else expect(number(text)).toBeCloseTo(value, -Math.log10(value * 1e-14));
  });

  it("is not what a string, true or null is", () => {
    for (const text of ['"1"', "true", "null", "[1]", "{}"]) expect(number(text)).toBeNaN();
  });
});
