import { UsageError } from "./usage-error.ts";

const MOST_TIMES = 1000;
/** A week, in milliseconds: the filter ticks through all of it. */
const LONGEST = 7 * 24 * 3_600_000;
const UNITS: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
]);

/** Reads how often something is to be done. */
export function parseCount(option: string, text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1 || count > MOST_TIMES) {
    throw new UsageError(`${option}: "${text}" is no number from 1 to ${MOST_TIMES}`);
  }
  return count;
}

/** Reads a duration as configurations have them, in milliseconds. */
export function parseDuration(option: string, text: string): number {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(text)) {
    throw new UsageError(`${option}: "${text}" is not a duration (use e.g. 250ms, 1m30s)`);
  }
  let milliseconds = 0;
  for (const [, number, unit = ""] of text.matchAll(/([\d.]+)(ms|s|m|h)/g)) {
    milliseconds += Number(number) * (UNITS.get(unit) ?? 0);
  }
  if (milliseconds > LONGEST) throw new UsageError(`${option}: "${text}" is more than a week`);
  return milliseconds;
}
