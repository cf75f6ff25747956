import { NONE, Slice, lengthOf } from "as-bytes/assembly";
import { RootContext } from "as-proxy-wasm-sdk/assembly";
import { Config } from "../config/config";
import { Dependencies, Dependency } from "../tier/dependency";
import { CacheDriver } from "./cache-driver";
import { HandedOver, Left } from "./handed-over";
import { LookupDriver } from "./lookup-driver";
import { LookupsClaim } from "./lookups-claim";
import { Once } from "./once-property";
import { Pace } from "./pace";
import { defineRedisErrors, sendRedisErrors } from "./redis-errors";
import { vmWarnings } from "./vm";
import { WriteBehind } from "./write-behind";

/** One configuration at work in one VM: its lookups, its response cache, and what both call and write. */
export class ConfiguredFilter {
  readonly lookups: LookupDriver;
  /** Null where the configuration has none. */
  readonly cache: CacheDriver | null;
  /** After `handOver`: what the lookups did with the request, those of earlier instances included, for the cache. */
  outcome: Slice = NONE;
  private writeBehind: WriteBehind | null;
  /** Null where there is nothing that a second instance could do again. */
  private claim: LookupsClaim | null;

  constructor(
    root: RootContext,
    private config: Config,
    private handedOver: HandedOver,
    pace: Pace,
  ) {
    const webdis = config.webdis;
    const responseCache = config.responseCache;
    const dependencies = new Dependencies(vmWarnings());
    const dependency: Dependency | null = webdis ? dependencies.to(webdis.cluster) : null;
    let writeBehind: WriteBehind | null = null;
    if (webdis) defineRedisErrors();
    // Shadow mode changes nothing, in Redis either.
    if (webdis && dependency && config.writes && !config.shadow) {
      writeBehind = new WriteBehind(root, webdis, dependency, responseCache ? responseCache.maxBodyBytes : 0);
    }
    this.writeBehind = writeBehind;
    if (config.lookups.length > 0) handedOver.declareProperty();
    this.claim = config.lookups.length > 0 && !config.shadow ? new LookupsClaim(config.fingerprint) : null;
    this.lookups = new LookupDriver(root, config, dependencies, writeBehind, pace);
    this.cache = responseCache
      ? new CacheDriver(root, config, responseCache, config.shadow, webdis, dependency, writeBehind, pace)
      : null;
  }

  /** Whether requests go on as they are, whatever is decided. */
  get isShadow(): bool {
    return this.config.shadow;
  }

  /** Whether the lookups are for this request, or an earlier instance had the same: see `LookupsClaim`. Once for each request. */
  claimLookups(): Once {
    const claim = this.claim;
    const claimed = claim ? claim.take() : Once.First;
    if (claimed == Once.Again) this.lookups.skip();
    return claimed;
  }

  /**
   * Leaves what the lookups did with a request that goes on now to the caches of later instances, and finds for the one of this
   * instance what all have done so far. False when the proxy takes no word of it: the request must not go on.
   */
  handOver(): bool {
    const own = this.lookups.lastOutcome;
    let left = Left.BesideOthers;
    // Of lookups that did nothing there is nothing to add to what earlier ones have left.
    if (lengthOf(own) > 0) left = this.handedOver.leave(own);
    if (left == Left.Not) return false;
    if (this.cache) this.outcome = left == Left.Alone ? own : this.handedOver.read();
    return true;
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
    const claim = this.claim;
    if (claim) claim.dispose();
    this.lookups.dispose();
    if (cache) cache.dispose();
    if (writeBehind) writeBehind.dispose();
    this.config.dispose();
  }
}
