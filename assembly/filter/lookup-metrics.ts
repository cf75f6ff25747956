import { Metric } from "as-proxy-wasm-sdk/assembly";
import { WebdisConfig } from "../config/webdis-config";
import { Dependencies } from "../tier/dependency";
import { Lookup } from "../lookup/lookup";
import { Tier } from "../tier/outcome";
import { Store } from "../store/store";
import { LookupCount, nameOfLookupCount } from "../telemetry/lookup-counts";
import { BETWEEN_METRICS, GaugePart, counter, histogram } from "./metrics";
import { StoreReport } from "./store-report";

/**
 * The proxy's metrics of one lookup, `signpost.lookup.<name>.<what>`: the tag rules that come with the filter make labels
 * of the name, the tier and the class of a failure. Counting calls nobody: it all goes to the proxy now and then.
 */
export class LookupMetrics {
  private counters: Array<Metric> = [];
  /** What is held of answers; null for nothing. */
  private store: StoreReport | null;
  private flights: GaugePart;
  private webdisOpen: GaugePart;
  private serviceOpen: GaugePart;
  private webdisLatency: Metric;
  private serviceLatency: Metric;

  constructor(
    private lookup: Lookup,
    held: Store | null,
    private webdis: WebdisConfig | null,
  ) {
    const prefix = `lookup.${lookup.config.name}.`;
    this.store = held ? new StoreReport(prefix, held) : null;
    this.flights = new GaugePart(prefix + "flights");
    this.webdisOpen = new GaugePart(prefix + "webdis.breakers_open");
    this.serviceOpen = new GaugePart(prefix + "service.breakers_open");
    this.webdisLatency = histogram(prefix + "webdis.latency_us");
    this.serviceLatency = histogram(prefix + "service.latency_us");
    for (let i = 0; i < LookupCount.Size; i++) this.counters.push(counter(prefix + nameOfLookupCount(i)));
  }

  /** A tier took so many microseconds to answer, or not to. */
  timed(tier: Tier, microseconds: i64): void {
    const latency = tier == Tier.Webdis ? this.webdisLatency : this.serviceLatency;
    latency.record(<u64>max<i64>(0, microseconds));
  }

  /** Sends what has changed since the last time. */
  send(dependencies: Dependencies, now: i64): void {
    const counts = this.lookup.counts;
    for (let i = 0; i < LookupCount.Size; i++) {
      const count = counts.take(i);
      if (count > 0) this.counters[i].increment(count);
    }
    const store = this.store;
    if (store) store.send();
    this.flights.set(this.lookup.flightCount);
    this.sendBreakers(dependencies, now - BETWEEN_METRICS);
  }

  /** Takes what this worker added to the gauges out of them: the lookup is going. */
  withdraw(): void {
    const store = this.store;
    if (store) store.withdraw();
    this.flights.set(0);
    this.webdisOpen.set(0);
    this.serviceOpen.set(0);
  }

  private sendBreakers(dependencies: Dependencies, since: i64): void {
    const webdis = this.lookup.config.webdis ? this.webdis : null;
    const service = this.lookup.config.service;
    if (webdis) this.webdisOpen.set(dependencies.to(webdis.cluster).isRefusing(webdis, since) ? 1 : 0);
    if (service) this.serviceOpen.set(dependencies.to(service.cluster).isRefusing(service, since) ? 1 : 0);
  }
}
