import { Metric } from "as-proxy-wasm-sdk/assembly";
import { WebdisConfig } from "../config/webdis-config";
import { Dependencies } from "../lookup/dependency";
import { Lookup } from "../lookup/lookup";
import { Tier } from "../lookup/outcome";
import { Store } from "../store/store";
import { LookupCount, nameOfLookupCount } from "../telemetry/lookup-counts";
import { CounterPart, GaugePart, counter, histogram } from "./metrics";

/** How many there have been in this VM. */
let numbered: u32 = 0;

/**
 * The proxy's metrics of one lookup, `signpost.lookup.<name>.<what>`: the tag rules that come with the filter make labels
 * of the name, the tier and the class of a failure. Counting calls nobody: it all goes to the proxy now and then.
 */
export class LookupMetrics {
  private number: u32 = ++numbered;
  private counters: Array<Metric> = [];
  private entries: GaugePart;
  private bytes: GaugePart;
  private evictions: CounterPart;
  private flights: GaugePart;
  private webdisOpen: GaugePart;
  private serviceOpen: GaugePart;
  private webdisLatency: Metric;
  private serviceLatency: Metric;

  constructor(
    private lookup: Lookup,
    /** What is held of answers; null for nothing. */
    private store: Store | null,
    private webdis: WebdisConfig | null,
  ) {
    const prefix = `lookup.${lookup.config.name}.`;
    this.entries = new GaugePart(prefix + "local.entries");
    this.bytes = new GaugePart(prefix + "local.bytes");
    this.evictions = new CounterPart(prefix + "local.evictions", store ? store.evictions : 0);
    this.flights = new GaugePart(prefix + "flights");
    this.webdisOpen = new GaugePart(prefix + "webdis.breakers_open");
    this.serviceOpen = new GaugePart(prefix + "service.breakers_open");
    this.webdisLatency = histogram(prefix + "webdis.latency_us");
    this.serviceLatency = histogram(prefix + "service.latency_us");
    for (let i = 0; i < LookupCount.Size; i++) this.counters.push(counter(prefix + nameOfLookupCount(i)));
    // The newest configuration's lookup takes over.
    if (store) store.reporter = this.number;
  }

  /** A tier took so many microseconds to answer, or not to. */
  timed(tier: Tier, microseconds: i64): void {
    const latency = tier == Tier.Webdis ? this.webdisLatency : this.serviceLatency;
    latency.record(<u64>max<i64>(0, microseconds));
  }

  /** Sends what has changed since the last time. */
  send(dependencies: Dependencies): void {
    const counts = this.lookup.counts;
    for (let i = 0; i < LookupCount.Size; i++) {
      const count = counts.take(i);
      if (count > 0) this.counters[i].increment(count);
    }
    this.sendStore();
    this.flights.set(this.lookup.flightCount);
    this.sendBreakers(dependencies);
  }

  /** Takes what this worker added to the gauges out of them: the lookup is going. */
  withdraw(): void {
    const store = this.store;
    if (store && store.reporter == this.number) store.reporter = 0;
    this.entries.set(0);
    this.bytes.set(0);
    this.flights.set(0);
    this.webdisOpen.set(0);
    this.serviceOpen.set(0);
  }

  /** What one store holds is told by one lookup, also while two configurations hold it. */
  private sendStore(): void {
    const store = this.store;
    if (!store) return;
    if (store.reporter == 0) store.reporter = this.number;
    const isMine = store.reporter == this.number;
    this.entries.set(isMine ? store.entries : 0);
    this.bytes.set(isMine ? store.bytes : 0);
    if (isMine) this.evictions.set(store.evictions);
    else this.evictions.skip(store.evictions);
  }

  private sendBreakers(dependencies: Dependencies): void {
    const webdis = this.lookup.config.webdis ? this.webdis : null;
    const service = this.lookup.config.service;
    if (webdis) this.webdisOpen.set(dependencies.to(webdis.cluster).isBreakerOpen(webdis) ? 1 : 0);
    if (service) this.serviceOpen.set(dependencies.to(service.cluster).isBreakerOpen(service) ? 1 : 0);
  }
}
