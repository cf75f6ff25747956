import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UnitModule } from "../support/unit-module.ts";

const module = new UnitModule();
const durationOf = module.function("durationOf", ["text"], "f64");
const sizeOf = module.function("sizeOf", ["text"], "f64");
const percentageOf = module.function("percentageOf", ["text"], "f64");

const NOT_A_DURATION = -1;
const NEGATIVE = -2;
const NOT_WHOLE_MILLISECONDS = -3;
const TOO_LONG = -4;
const YEAR = 365 * 24 * 3_600_000;

describe("a duration is milliseconds", () => {
  it.each([
    ["0", 0],
    ["0s", 0],
    ["250ms", 250],
    ["1s", 1000],
    ["1m30s", 90_000],
    ["1h2m3s4ms", 3_723_004],
    ["30s1m", 90_000],
    ["1s1s", 2000],
    ["1.5s", 1500],
    [".5s", 500],
    ["1.s", 1000],
    ["1.500000000000s", 1500],
    ["0.25h", 900_000],
    ["1000us", 1],
    ["1000µs", 1],
    ["1000μs", 1],
    ["1500us500us", 2],
    ["1000000ns", 1],
    ["0.000001h3999.9964s", 4_000_000],
    ["8760h", YEAR],
    ["0000000000000000000000001s", 1000],
  ])("%s: %i", (text, milliseconds) => {
    expect(durationOf(text)).toBe(milliseconds);
  });
});

describe("a duration is refused", () => {
  it.each([
    ["", NOT_A_DURATION],
    ["5", NOT_A_DURATION],
    ["-", NOT_A_DURATION],
    ["--5s", NOT_A_DURATION],
    ["-5s", NEGATIVE],
    ["-5", NOT_A_DURATION],
    ["5sm", NOT_A_DURATION],
    ["5hs", NOT_A_DURATION],
    ["s", NOT_A_DURATION],
    [".s", NOT_A_DURATION],
    ["1..5s", NOT_A_DURATION],
    ["5S", NOT_A_DURATION],
    [" 5s", NOT_A_DURATION],
    ["5s ", NOT_A_DURATION],
    ["5s\0", NOT_A_DURATION],
    ["1us", NOT_WHOLE_MILLISECONDS],
    ["0.1ms", NOT_WHOLE_MILLISECONDS],
    ["1.0000000001h", NOT_WHOLE_MILLISECONDS],
    ["8761h", TOO_LONG],
    ["8760h1ms", TOO_LONG],
    ["99999999999999999999999999h", TOO_LONG],
    ["99999999999999999999999999h1x", NOT_A_DURATION],
    ["99999999999999999999999999ns", TOO_LONG],
  ])("%j: %i", (text, problem) => {
    expect(durationOf(text)).toBe(problem);
  });

  it("however long the text is", () => {
    expect(durationOf("-".repeat(1_000_000))).toBe(NOT_A_DURATION);
    expect(durationOf("1h".repeat(100_000))).toBe(TOO_LONG);
    expect(durationOf("9".repeat(1_000_000) + "s")).toBe(TOO_LONG);
  });
});

describe("durations", () => {
  const UNITS = { ns: 1n, us: 1000n, ms: 1_000_000n, s: 1_000_000_000n, m: 60_000_000_000n, h: 3_600_000_000_000n };

  it("add up as in exact arithmetic", () => {
    const part = fc.record({
      whole: fc.nat(100_000),
      fraction: fc.stringMatching(/^[0-9]{0,6}$/),
      unit: fc.constantFrom<keyof typeof UNITS>("ns", "us", "ms", "s", "m", "h"),
    });
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
        const text = parts.map(({ whole, fraction, unit }) => `${whole}.${fraction}${unit}`).join("");
        // In millionths of a nanosecond, so that every fraction is whole.
        const total = parts.reduce(
          (sum, { whole, fraction, unit }) => sum + BigInt(`${whole}${fraction.padEnd(6, "0")}`) * UNITS[unit],
          0n,
        );
        const hasPartOfNanosecond = parts.some(
          ({ fraction, unit }) => (BigInt(fraction.padEnd(6, "0")) * UNITS[unit]) % 1_000_000n !== 0n,
        );
        const millisecond = 1_000_000n * 1_000_000n;
        const duration = durationOf(text);
        if (duration >= 0) expect(BigInt(duration) * millisecond).toBe(total);
        else if (duration === TOO_LONG) expect(total > BigInt(YEAR) * millisecond).toBe(true);
        else expect(hasPartOfNanosecond || total % millisecond !== 0n).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });
});

describe("a size is bytes", () => {
  it.each([
    ["64KiB", 65_536],
    ["8MiB", 8_388_608],
    ["0KiB", 0],
    ["0064KiB", 65_536],
    ["KiB", -1],
    ["64", -1],
    ["64kib", -1],
    ["64KB", -1],
    ["-1KiB", -1],
    ["1.5KiB", -1],
    ["1 KiB", -1],
    ["", -1],
    ["iB", -1],
  ])("%j: %i", (text, bytes) => {
    expect(sizeOf(text)).toBe(bytes);
  });

  it("over every bound where it has many digits", () => {
    expect(sizeOf("9".repeat(1000) + "MiB")).toBeGreaterThan(2 ** 40);
  });
});

describe("a percentage", () => {
  it.each([
    ["0%", 0],
    ["10%", 10],
    ["2.5%", 2.5],
    ["100%", 100],
    ["100.0%", 100],
    ["100.1%", -1],
    ["10", -1],
    ["%", -1],
    [".5%", -1],
    ["5.%", -1],
    ["1.2.3%", -1],
    ["-1%", -1],
    ["NaN%", -1],
    ["1e2%", -1],
  ])("of %j is %d", (text, percentage) => {
    expect(percentageOf(text)).toBe(percentage);
  });

  it("of endless digits is none", () => {
    expect(percentageOf("9".repeat(1000) + "%")).toBe(-1);
    expect(percentageOf("0." + "0".repeat(1000) + "%")).toBe(0);
  });
});
