import type { Examined } from "../examined.ts";
import { type Finding, finding } from "../finding.ts";
import { undeliveredIn } from "../undelivered.ts";

/** Whether some listeners have the filter and others of their kind do not. */
export function* coverage(examined: Examined): Iterable<Finding> {
  const { dump, instances } = examined;
  const places = instances.flatMap((instance) => instance.places);
  // Where it is meant to be and is not, others have said so.
  const meant = undeliveredIn(examined).map(({ place }) => place);
  const covered = new Set([...places, ...meant].map(({ chain }) => chain));
  // Istio's static listeners are for probes and metrics.
  const kinds = new Set(places.map(({ chain }) => chain.isStatic));
  for (const chain of dump.chains) {
    if (covered.has(chain) || !kinds.has(chain.isStatic)) continue;
    yield finding("chain-without-filter", { seen: `${chain.label} has no Signpost filter`, where: chain.label });
  }
}
