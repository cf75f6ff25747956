import type { Examined } from "../examined.ts";
import { type Finding, finding } from "../finding.ts";

/** The share of requests answered with 5xx from which on it is worth a word. */
const FAILING_SHARE = 0.05;

/** Whether requests through chains with the filter come to a good end. */
export function* requests({ readings, instances }: Examined): Iterable<Finding> {
  if (readings === undefined) return;
  const chains = new Map(
    instances.flatMap((instance) => instance.places).map(({ chain }) => [chain.statPrefix, chain.label]),
  );
  for (const [prefix, label] of chains) {
    const failed = readings.count(`http.${prefix}.downstream_rq_5xx`);
    const all = readings.count(`http.${prefix}.downstream_rq_completed`);
    if (failed === 0 || failed < all * FAILING_SHARE) continue;
    const seen = `${failed} of ${all} requests were answered with 5xx ${readings.period(failed)}`;
    yield finding(failed >= all ? "all-requests-failing" : "requests-failing", { seen, where: label });
  }
}
