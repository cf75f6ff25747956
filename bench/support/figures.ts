import type { Sample } from "../../tests/chaos/support/load.ts";

/** Latencies of a stretch of the load, in milliseconds. */
export interface Latencies {
  readonly requests: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Throws when there are no samples: there are no figures of nothing. */
export function latencies(samples: readonly Sample[]): Latencies {
  if (samples.length === 0) throw new Error("no request was sent");
  const sorted = samples.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
  const quantile = (share: number): number => sorted[Math.ceil(sorted.length * share) - 1] ?? NaN;
  return { requests: sorted.length, p50: quantile(0.5), p99: quantile(0.99), max: quantile(1) };
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
