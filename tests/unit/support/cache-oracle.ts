import CachePolicy from "http-cache-semantics";
import { DAY, NOW, SECOND, type Reuse } from "./cache-policy.ts";
import { requestHeaders, responseHeaders, useHeaders, type Pair, type Use } from "./cache-pairs.ts";

/** What the oracle reads as its clock. */
let clock = NOW;

/**
 * http-cache-semantics as a shared cache with a clock of ours. Once it has been compared on lifetime and age, it goes on
 * with the values that it is given, so that what follows from a difference is not found again and again.
 */
export class Oracle extends CachePolicy {
  private lifetime: number | undefined;
  private initialAge: number | undefined;

  /** The oracle's policy for the pair. */
  static of(pair: Pair): Oracle {
    clock = NOW;
    const request = { method: pair.method, headers: requestHeaders(pair) };
    const response = { status: pair.status, headers: responseHeaders(pair) };
    // A day: the option is said to be in milliseconds, and is read as seconds.
    const immutableMinTimeToLive = DAY / SECOND;
    return new Oracle(request, response, {
      shared: true,
      cacheHeuristic: pair.heuristic / 100,
      immutableMinTimeToLive,
    });
  }

  /** From now on lifetime and initial age are these, in milliseconds. */
  adopt(lifetime: number, initialAge: number): void {
    this.lifetime = lifetime;
    this.initialAge = initialAge;
  }

  /** What becomes of a later request. */
  reuse(use: Use): Reuse {
    clock = NOW + use.after;
    const { response, revalidation } = this.evaluateRequest({ method: "GET", headers: useHeaders(use) });
    if (!response) return "revalidate";
    return revalidation ? "serve while revalidating" : "serve";
  }

  /** Whether a later request is answered with the stored response when the upstream's answer is a 503. */
  isUsableOnError(use: Use): boolean {
    clock = NOW + use.after;
    const request = { method: "GET", headers: useHeaders(use) };
    return this.revalidatedPolicy(request, { status: 503, headers: {} }).policy === this;
  }

  /** All that it says, in one line: to see whether two of them say the same. */
  answersTo(uses: readonly Use[]): string {
    const answers = [this.storable(), this.maxAge(), this.age()];
    return [...answers, ...uses.flatMap((use) => [this.reuse(use), this.isUsableOnError(use)])].join(" ");
  }

  // Not in the types, but documented: "You can monkey-patch it for testing."
  now(): number {
    return clock;
  }

  override maxAge(): number {
    return this.lifetime === undefined ? super.maxAge() : this.lifetime / 1000;
  }

  override age(): number {
    return this.initialAge === undefined ? super.age() : (this.initialAge + clock - NOW) / 1000;
  }
}
