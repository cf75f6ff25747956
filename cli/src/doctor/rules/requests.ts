import { countOf } from "../admin/stats.ts";
import type { Examined } from "../examined.ts";
import { type Finding, finding } from "../finding.ts";

/** The share of requests answered with 5xx from which on it is worth a word. */
const FAILING_SHARE = 0.05;

/** Whether requests through chains with the filter come to a good end. */
export function* requests({ stats, instances }: Examined): Iterable<Finding> {
  if (stats === undefined) return;
  const chains = new Map(
    instances.flatMap((instance) => instance.places).map(({ chain }) => [chain.statPrefix, chain.label]),
  );
  for (const [prefix, label] of chains) {
    const failed = countOf(stats, `http.${prefix}.downstream_rq_5xx`);
    const all = countOf(stats, `http.${prefix}.downstream_rq_completed`);
    if (failed === 0 || failed < all * FAILING_SHARE) continue;
    yield finding("requests-failing", { seen: `${failed} of ${all} requests were answered with 5xx`, where: label });
  }
}
