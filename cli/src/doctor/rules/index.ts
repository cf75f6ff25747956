import type { Examined, Rule } from "../examined.ts";
import { type Finding, arranged } from "../finding.ts";
import { bodyWriters } from "./body-writers.ts";
import { circuitBreakers } from "./circuit-breakers.ts";
import { clusters } from "./clusters.ts";
import { configuration } from "./configuration.ts";
import { coverage } from "./coverage.ts";
import { delivery } from "./delivery.ts";
import { digest } from "./digest.ts";
import { discovery } from "./discovery.ts";
import { endpoints } from "./endpoints.ts";
import { failurePolicy } from "./failure-policy.ts";
import { localReplies } from "./local-replies.ts";
import { lookupMetrics } from "./lookup-metrics.ts";
import { order } from "./order.ts";
import { requests } from "./requests.ts";
import { restarts } from "./restarts.ts";
import { routes } from "./routes.ts";
import { running } from "./running.ts";
import { warming } from "./warming.ts";

/** In the order in which causes come before their effects. */
const RULES: readonly Rule[] = [
  delivery,
  warming,
  discovery,
  running,
  configuration,
  digest,
  failurePolicy,
  order,
  bodyWriters,
  localReplies,
  clusters,
  endpoints,
  circuitBreakers,
  routes,
  restarts,
  lookupMetrics,
  requests,
  coverage,
];

/** What is wrong with a proxy, as far as it says itself. */
export function findingsIn(examined: Examined): Finding[] {
  return arranged(RULES.flatMap((rule) => [...rule(examined)]));
}
