import { Metric } from "as-proxy-wasm-sdk/assembly";
import { Counts } from "../telemetry/counts";
import { TierAnswer } from "../tier/outcome";
import { REDIS_ERRORS, redisErrorName } from "../webdis/redis-error";
import { counter } from "./metrics";

/** Of the whole VM: a Redis that refuses does so whoever asks, for lookups, the cache and writes alike. */
const counts = new Counts(REDIS_ERRORS);
const counters: Array<Metric> = [];

/** Makes the proxy's metrics, `signpost.redis.errors.<word>`; to be called where Redis may be asked. */
export function defineRedisErrors(): void {
  for (let kind = counters.length; kind < REDIS_ERRORS; kind++) {
    counters.push(counter("redis.errors." + redisErrorName(kind)));
  }
}

/** Counts the answer where it is an error of Redis. */
export function countRedisError(answer: TierAnswer): void {
  if (answer.redisError >= 0) counts.add(answer.redisError);
}

/** Tells the proxy what was counted since the last time. */
export function sendRedisErrors(): void {
  for (let kind = 0; kind < counters.length; kind++) {
    const count = counts.take(kind);
    if (count > 0) counters[kind].increment(count);
  }
}
