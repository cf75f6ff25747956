import { Metric } from "as-proxy-wasm-sdk/assembly";
import { CacheParts } from "../cache/cache-parts";
import { Store } from "../store/store";
import { CacheCount, nameOfCacheCount } from "../telemetry/cache-counts";
import { GaugePart, counter, histogram } from "./metrics";
import { StoreReport } from "./store-report";

/** Not `cache.`: a tag rule of Istio's makes a label of what follows that. */
const PREFIX: string = "responses.";

/** The proxy's metrics of the response cache, `signpost.responses.<what>`. Counting calls nobody: it goes to the proxy now and then. */
export class CacheMetrics {
  private counters: Array<Metric> = [];
  private fetches: GaugePart = new GaugePart(PREFIX + "fetches");
  private recorded: GaugePart = new GaugePart(PREFIX + "recorded_bytes");
  private latency: Metric = histogram(PREFIX + "redis.latency_us");
  private store: StoreReport;
  private redisOpen: GaugePart = new GaugePart(PREFIX + "redis.breakers_open");

  constructor(
    private parts: CacheParts,
    held: Store,
  ) {
    this.store = new StoreReport(PREFIX, held);
    for (let i = 0; i < CacheCount.Size; i++) this.counters.push(counter(PREFIX + nameOfCacheCount(i)));
  }

  /** Redis took so many microseconds to answer, or not to. */
  timed(microseconds: i64): void {
    this.latency.record(<u64>max<i64>(0, microseconds));
  }

  /** Sends what has changed since the last time; `isRefusing` is whether Redis is not asked for now. */
  send(isRefusing: bool): void {
    for (let i = 0; i < CacheCount.Size; i++) {
      const count = this.parts.counts.take(i);
      if (count > 0) this.counters[i].increment(count);
    }
    this.fetches.set(this.parts.fetches.size);
    this.recorded.set(this.parts.budget.bytes);
    this.store.send();
    this.redisOpen.set(isRefusing ? 1 : 0);
  }

  /** Takes what this worker added to the gauges out of them: the cache is going. */
  withdraw(): void {
    this.fetches.set(0);
    this.recorded.set(0);
    this.store.withdraw();
    this.redisOpen.set(0);
  }
}
