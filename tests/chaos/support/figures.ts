import type { Sample } from "./load.ts";

/** Latencies of a stretch of the load, in milliseconds. */
export interface Latencies {
  readonly requests: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Throws when there are no samples: figures of nothing would pass every comparison. */
export function latencies(samples: readonly Sample[]): Latencies {
  if (samples.length === 0) throw new Error("no request was sent");
  const sorted = samples.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
  const quantile = (share: number): number => sorted[Math.ceil(sorted.length * share) - 1] ?? NaN;
  return { requests: sorted.length, p50: quantile(0.5), p99: quantile(0.99), max: quantile(1) };
}

/**
 * What a small machine may add to a latency, in milliseconds: a process that wakes may have to wait for another one's
 * slice or two. A request that waits for a tier that is gone waits for a time limit, and that is ten times as long:
 * 50 ms for Webdis, 250 ms for the service.
 */
const NOISE = 5;

/** What still counts as "not slower", for `p50` or `p99`: within twice the largest of those it is compared with. */
export function limit(quantile: "p50" | "p99", ...normal: readonly Latencies[]): number {
  const largest = Math.max(...normal.map((latencies) => latencies[quantile]));
  return Math.max(2 * largest, largest + NOISE);
}

/** Rows of texts as a table for people. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  return [head, widths.map((width) => "-".repeat(width)), ...rows].map(line).join("\n");
}

/** `1.2 / 3.4`: p50 and p99. */
export function percentiles({ p50, p99 }: Latencies): string {
  return `${p50.toFixed(1)} / ${p99.toFixed(1)}`;
}
