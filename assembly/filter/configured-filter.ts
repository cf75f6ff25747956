import { Slice, empty } from "as-bytes/assembly";
import { RootContext } from "as-proxy-wasm-sdk/assembly";
import { Config } from "../config/config";
import { Dependencies, Dependency } from "../tier/dependency";
import { CacheDriver } from "./cache-driver";
import { LookupDriver } from "./lookup-driver";
import { outcomeOfBoth, publish, published } from "./lookup-outcome";
import { Turns } from "./turns";
import { WriteBehind } from "./write-behind";

/** One configuration at work in one VM: its lookups, its response cache, and what both call and write. */
export class ConfiguredFilter {
  readonly lookups: LookupDriver;
  /** Null where the configuration has none. */
  readonly cache: CacheDriver | null;
  private writeBehind: WriteBehind | null;

  constructor(
    root: RootContext,
    private config: Config,
    turns: Turns,
  ) {
    const webdis = config.webdis;
    const responseCache = config.responseCache;
    const dependencies = new Dependencies();
    const dependency: Dependency | null = webdis ? dependencies.to(webdis.cluster) : null;
    let writeBehind: WriteBehind | null = null;
    // Shadow mode changes nothing, in Redis either.
    if (webdis && dependency && config.writes && !config.shadow) {
      writeBehind = new WriteBehind(root, webdis, dependency, responseCache ? responseCache.maxBodyBytes : 0);
    }
    this.writeBehind = writeBehind;
    this.lookups = new LookupDriver(root, config, dependencies, writeBehind, turns);
    this.cache = responseCache
      ? new CacheDriver(root, config, responseCache, config.shadow, webdis, dependency, writeBehind, turns)
      : null;
  }

  /** Whether requests go on as they are, whatever is decided. */
  get isShadow(): bool {
    return this.config.shadow;
  }

  /**
   * What the lookups did with a request that goes on now, those of an earlier instance included, for the cache of this
   * configuration; where it has none, the outcome is left for that of a later instance.
   */
  handOver(): Slice {
    if (this.config.lookups.length == 0) return published();
    if (this.cache) return outcomeOfBoth(published(), this.lookups.lastOutcome);
    publish(this.lookups.lastOutcome);
    return empty();
  }

  /** Leads on those who have waited, as many as may be now. */
  leadOn(): void {
    const cache = this.cache;
    this.lookups.serve();
    if (cache) cache.drain();
  }

  /** Time has passed: what waited for it is done. */
  tick(): void {
    const cache = this.cache;
    const writeBehind = this.writeBehind;
    if (cache) cache.tick();
    if (writeBehind) writeBehind.send();
  }

  /** Tells the proxy what was counted since the last time. */
  sendMetrics(): void {
    const cache = this.cache;
    const writeBehind = this.writeBehind;
    this.lookups.sendMetrics();
    if (cache) cache.sendMetrics();
    if (writeBehind) writeBehind.sendMetrics();
  }

  /** Frees what the collector does not. The root is being deleted: no stream and no call is left. */
  dispose(): void {
    const cache = this.cache;
    const writeBehind = this.writeBehind;
    this.lookups.dispose();
    if (cache) cache.dispose();
    if (writeBehind) writeBehind.dispose();
    this.config.dispose();
  }
}
