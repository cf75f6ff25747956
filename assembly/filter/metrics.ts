import { persist, release } from "as-bytes/assembly";
import { Metric, MetricType, defineMetric } from "as-proxy-wasm-sdk/assembly";

/** What the names of all our metrics begin with. */
const PREFIX: string = "signpost.";

/** So often metrics go to the proxy, in milliseconds. */
export const BETWEEN_METRICS: i64 = 1000;

export function histogram(name: string): Metric {
  return define(MetricType.Histogram, name);
}

export function counter(name: string): Metric {
  return define(MetricType.Counter, name);
}

/**
 * One worker's part of a gauge. The proxy has one gauge for all workers: each adds what has changed with it, so that the
 * gauge is the sum.
 */
export class GaugePart {
  private metric: Metric;
  private told: i64 = 0;

  constructor(name: string) {
    this.metric = define(MetricType.Gauge, name);
  }

  set(value: i64): void {
    if (value != this.told) this.metric.increment(value - this.told);
    this.told = value;
  }
}

/** A counter that follows a number which only grows, and which somebody else counts, from `start` on. */
export class CounterPart {
  private metric: Metric;

  constructor(
    name: string,
    private told: u64,
  ) {
    this.metric = counter(name);
  }

  set(value: u64): void {
    if (value > this.told) this.metric.increment(<i64>(value - this.told));
    this.told = value;
  }

  /** Somebody else tells what came up to `value`. */
  skip(value: u64): void {
    this.told = value;
  }
}

function define(type: MetricType, name: string): Metric {
  const bytes = persist(PREFIX + name);
  const metric = defineMetric(type, bytes);
  release(bytes);
  return metric;
}
