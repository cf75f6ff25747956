import { type AdminText, BadAdminOutput, parseAdminJson } from "./admin-output.ts";
import { at, countAt, isObject, listAt, textAt } from "./json.ts";

const EXPECTED = "what GET /clusters?format=json of Envoy's admin interface answers";

/** How a cluster's endpoints do. */
export interface ClusterStatus {
  /** What its statistics begin with, after `cluster.`. */
  readonly statName: string;
  readonly endpoints: readonly EndpointStatus[];
}

export interface EndpointStatus {
  /** As in `10.0.0.7:7379`. */
  readonly address: string;
  /** Why no request is sent there; empty while nothing speaks against it. */
  readonly problem: string;
  /** Whether outlier detection has taken it out for a while. */
  readonly isEjected: boolean;
  /** Requests that succeeded, and that failed or could not even be sent. */
  readonly succeeded: number;
  readonly failed: number;
}

/** Clusters by their names. @throws BadAdminOutput */
export function readClusterStatuses(input: AdminText): ReadonlyMap<string, ClusterStatus> {
  const statuses = at(parseAdminJson(input, EXPECTED), "cluster_statuses");
  if (!Array.isArray(statuses)) {
    throw new BadAdminOutput(`${input.from} has no list "cluster_statuses" (expected ${EXPECTED})`);
  }
  return new Map(
    statuses.map((status: unknown) => {
      const name = textAt(status, "name") ?? "";
      const statName = textAt(status, "observability_name") ?? name;
      return [name, { statName, endpoints: listAt(status, "host_statuses").map(endpointOf) }];
    }),
  );
}

function endpointOf(status: unknown): EndpointStatus {
  const counts = new Map(listAt(status, "stats").map((stat) => [textAt(stat, "name"), countAt(stat, "value")]));
  const health = at(status, "health_status");
  const isEjected = at(health, "failed_outlier_check") === true;
  return {
    address: addressOf(at(status, "address")),
    problem: problemOf(health),
    isEjected,
    succeeded: counts.get("rq_success") ?? 0,
    failed: (counts.get("rq_error") ?? 0) + (counts.get("rq_timeout") ?? 0),
  };
}

/** Health by discovery under which Envoy sends requests; without a word it does, too. */
const SERVING = [undefined, "UNKNOWN", "HEALTHY", "DEGRADED"];

const REASONS: ReadonlyMap<string, string> = new Map([
  ["failed_outlier_check", "ejected by outlier detection"],
  ["failed_active_health_check", "fails its health checks"],
  ["pending_active_hc", "not health-checked yet"],
  ["excluded_via_immediate_hc_fail", "says itself that it is unhealthy"],
  ["pending_dynamic_removal", "about to be removed"],
]);

function problemOf(health: unknown): string {
  const byDiscovery = textAt(health, "eds_health_status");
  const reasons = [...REASONS].filter(([field]) => at(health, field) === true).map(([, reason]) => reason);
  if (!SERVING.includes(byDiscovery)) reasons.push(`${byDiscovery ?? ""} by discovery`);
  return reasons.join(", ");
}

function addressOf(address: unknown): string {
  const socket = at(address, "socket_address");
  if (isObject(socket)) return `${textAt(socket, "address") ?? "?"}:${countAt(socket, "port_value")}`;
  return textAt(address, "pipe", "path") ?? "internal";
}
