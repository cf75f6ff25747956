import type { Envoy } from "../../../envoy-local/lib/envoy.ts";
import { until } from "../../../envoy-local/lib/readiness.ts";

/** How long Envoy may take to get where a test waits for it, in milliseconds. */
const LIMIT = 180_000;

/** A counter or gauge by its full name; 0 while nothing has counted, as Envoy makes some only when they are needed. */
export async function stat(envoy: Envoy, name: string): Promise<number> {
  const found = await envoy.stats(`^${name.replaceAll(".", "\\.")}$`);
  return found.get(name) ?? 0;
}

/** Settles when all these counters and gauges have these values; an error that shows what they are when they never do. */
export async function statsReach(envoy: Envoy, expected: Readonly<Record<string, number>>): Promise<void> {
  const filter = Object.keys(expected)
    .map((name) => `^${name.replaceAll(".", "\\.")}$`)
    .join("|");
  let seen: ReadonlyMap<string, number> = new Map();
  try {
    await until(AbortSignal.timeout(LIMIT), async () => {
      seen = await envoy.stats(filter);
      return Object.entries(expected).every(([name, value]) => (seen.get(name) ?? 0) === value) || undefined;
    });
  } catch (cause) {
    throw new Error(`waited for ${JSON.stringify(expected)}, saw ${JSON.stringify([...seen])}`, { cause });
  }
}
