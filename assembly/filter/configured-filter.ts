import { Slice, empty, lengthOf } from "as-bytes/assembly";
import { RootContext } from "as-proxy-wasm-sdk/assembly";
import { Config } from "../config/config";
import { Dependencies, Dependency } from "../tier/dependency";
import { CacheDriver } from "./cache-driver";
import { LookupDriver } from "./lookup-driver";
import { outcomeOfBoth, publish, published } from "./lookup-outcome";
import { Pace } from "./pace";
import { defineRedisErrors, sendRedisErrors } from "./redis-errors";
import { WriteBehind } from "./write-behind";

/** How many configurations of this VM publish what their lookups did. */
let publishers: i32 = 0;

/** One configuration at work in one VM: its lookups, its response cache, and what both call and write. */
export class ConfiguredFilter {
  readonly lookups: LookupDriver;
  /** Null where the configuration has none. */
  readonly cache: CacheDriver | null;
  private writeBehind: WriteBehind | null;

  constructor(
    root: RootContext,
    private config: Config,
    pace: Pace,
  ) {
    const webdis = config.webdis;
    const responseCache = config.responseCache;
    const dependencies = new Dependencies();
    const dependency: Dependency | null = webdis ? dependencies.to(webdis.cluster) : null;
    let writeBehind: WriteBehind | null = null;
    if (webdis) defineRedisErrors();
    // Shadow mode changes nothing, in Redis either.
    if (webdis && dependency && config.writes && !config.shadow) {
      writeBehind = new WriteBehind(root, webdis, dependency, responseCache ? responseCache.maxBodyBytes : 0);
    }
    this.writeBehind = writeBehind;
    if (publishes(config)) publishers++;
    this.lookups = new LookupDriver(root, config, dependencies, writeBehind, pace);
    this.cache = responseCache
      ? new CacheDriver(root, config, responseCache, config.shadow, webdis, dependency, writeBehind, pace)
      : null;
  }

  /** Whether requests go on as they are, whatever is decided. */
  get isShadow(): bool {
    return this.config.shadow;
  }

  /**
   * What the lookups did with a request that goes on now, those of earlier instances included, for the cache of this
   * configuration; where it has none, the outcome is left for that of a later instance.
   */
  handOver(): Slice {
    const lookups = this.lookups;
    if (this.config.lookups.length == 0) return this.cache ? published() : empty();
    // Of lookups that did nothing there is nothing to add to what earlier ones have left.
    if (!this.cache && lengthOf(lookups.lastOutcome) == 0) return empty();
    // Reading costs the proxy more than the rest of a lookup: where no other instance of this VM publishes, nothing is there.
    const others = this.cache ? publishers : publishers - 1;
    const outcome = others > 0 ? outcomeOfBoth(published(), lookups.lastOutcome) : lookups.lastOutcome;
    if (this.cache) return outcome;
    publish(outcome);
    return empty();
  }

  /** Time has passed: what waited for it is done. True when there is more than one callback may do. */
  tick(): bool {
    const cache = this.cache;
    const writeBehind = this.writeBehind;
    let hasMore = this.lookups.tick();
    if (cache) hasMore = cache.tick() || hasMore;
    if (writeBehind) writeBehind.send();
    return hasMore;
  }

  /** Tells the proxy what was counted since the last time. */
  sendMetrics(): void {
    const cache = this.cache;
    const writeBehind = this.writeBehind;
    this.lookups.sendMetrics();
    if (cache) cache.sendMetrics();
    if (writeBehind) writeBehind.sendMetrics();
    sendRedisErrors();
  }

  /** Frees what the collector does not. The root is being deleted: no stream and no call is left. */
  dispose(): void {
    const cache = this.cache;
    const writeBehind = this.writeBehind;
    if (publishes(this.config)) publishers--;
    this.lookups.dispose();
    if (cache) cache.dispose();
    if (writeBehind) writeBehind.dispose();
    this.config.dispose();
  }
}

function publishes(config: Config): bool {
  return config.lookups.length > 0 && config.responseCache == null;
}
