import type { Envoy } from "../../../envoy-local/lib/envoy.ts";
import { until } from "../../../envoy-local/lib/readiness.ts";

/** How long a counter may take to get where a test waits for it, in milliseconds: only what never happens is to fail. */
const PATIENCE = 120_000;

/** What the filter counts, by name without `signpost.`; the sum over all workers, sent once a second. */
export class Counters {
  readonly #envoy: Envoy;

  constructor(envoy: Envoy) {
    this.#envoy = envoy;
  }

  /** One counter or gauge; 0 while nothing has counted. */
  async read(name: string): Promise<number> {
    return (await this.all())[name] ?? 0;
  }

  async all(): Promise<Readonly<Record<string, number>>> {
    const prefix = "wasmcustom.signpost.";
    const found = await this.#envoy.stats(`^${prefix.replaceAll(".", "\\.")}`);
    return Object.fromEntries([...found].map(([name, value]) => [name.slice(prefix.length), value]));
  }

  /** Settles when `wanted` holds for the counters; an error that says `what` was waited for when it never does. */
  async until(what: string, wanted: (counts: Readonly<Record<string, number>>) => boolean): Promise<void> {
    let seen: Readonly<Record<string, number>> = {};
    try {
      await until(AbortSignal.timeout(PATIENCE), async () => {
        seen = await this.all();
        return wanted(seen) || undefined;
      });
    } catch (cause) {
      throw new Error(`not after ${PATIENCE / 1_000} s: ${what}; the counters are ${JSON.stringify(seen)}`, { cause });
    }
  }

  /** Settles when `name` is more than it was. */
  async beyond(name: string, before: number): Promise<void> {
    await this.until(`${name} is above ${before}`, (counts) => (counts[name] ?? 0) > before);
  }

  /** Settles when a gauge has this value. */
  async reaches(name: string, value: number): Promise<void> {
    await this.until(`${name} is ${value}`, (counts) => (counts[name] ?? 0) === value);
  }
}
