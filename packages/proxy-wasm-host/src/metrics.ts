import { MetricType } from "./abi/types.ts";
import { Status } from "./abi/status.ts";

const TYPE_MASK = 0x3;
const ID_STEP = 0x4;

interface Metric {
  readonly type: number;
  value: bigint;
  readonly recorded: bigint[];
}

/** Metrics of the whole proxy: one value per kind and name, whichever VM counts. */
export class Metrics {
  readonly #byKey = new Map<string, Metric>();

  /** Names of all metrics that any VM has defined, sorted. */
  get names(): string[] {
    return [...new Set([...this.#byKey.keys()].map((key) => key.slice(2)))].sort();
  }

  /** Value of a counter or gauge, undefined when no VM has defined it. */
  value(name: string): number | undefined {
    const metric = this.#find(MetricType.Counter, name) ?? this.#find(MetricType.Gauge, name);
    return metric === undefined ? undefined : Number(metric.value);
  }

  /** Values recorded in a histogram, in order; undefined when no VM has defined it. */
  recorded(name: string): number[] | undefined {
    return this.#find(MetricType.Histogram, name)?.recorded.map(Number);
  }

  /** Every counter and gauge with its value, for assertions on all of them at once. */
  toObject(): Record<string, number> {
    const values: Record<string, number> = {};
    for (const [key, metric] of this.#byKey) {
      if (metric.type !== MetricType.Histogram) values[key.slice(2)] = Number(metric.value);
    }
    return values;
  }

  define(type: number, name: string): Metric {
    const key = `${type}:${name}`;
    let metric = this.#byKey.get(key);
    if (metric === undefined) {
      metric = { type, value: 0n, recorded: [] };
      this.#byKey.set(key, metric);
    }
    return metric;
  }

  #find(type: number, name: string): Metric | undefined {
    return this.#byKey.get(`${type}:${name}`);
  }
}

/** The metric ids of one VM: a name defined twice has two ids and one value, as in Envoy. */
export class MetricIds {
  readonly #metrics: Metrics;
  readonly #byId = new Map<number, Metric>();
  readonly #last: Record<number, number> = {};

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  /** A new id for the metric, undefined for a kind that does not exist. */
  define(type: number, name: string): number | undefined {
    if (type > MetricType.Histogram) return undefined;
    const id = (this.#last[type] ?? type) + ID_STEP;
    this.#last[type] = id;
    this.#byId.set(id, this.#metrics.define(type, name));
    return id;
  }

  increment(id: number, offset: bigint): Status {
    const type = id & TYPE_MASK;
    if (type > MetricType.Gauge) return Status.BadArgument;
    const metric = this.#byId.get(id);
    if (metric === undefined) return Status.NotFound;
    // A counter only grows: not even 0 is accepted.
    if (type === MetricType.Counter && offset <= 0n) return Status.BadArgument;
    metric.value = BigInt.asUintN(64, metric.value + offset);
    return Status.Ok;
  }

  /** Sets a gauge, adds to a counter (surprising, but so in Envoy), notes a value in a histogram. */
  record(id: number, value: bigint): Status {
    const metric = this.#byId.get(id);
    if (metric === undefined) return Status.NotFound;
    if (metric.type === MetricType.Counter) metric.value = BigInt.asUintN(64, metric.value + value);
    else if (metric.type === MetricType.Gauge) metric.value = value;
    else metric.recorded.push(value);
    return Status.Ok;
  }

  /** Value of a counter or gauge; histograms cannot be read. */
  read(id: number): bigint | Status {
    if ((id & TYPE_MASK) > MetricType.Gauge) return Status.BadArgument;
    return this.#byId.get(id)?.value ?? Status.NotFound;
  }
}
