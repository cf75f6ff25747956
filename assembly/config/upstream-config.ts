import { NONE, Slice, persist, release } from "as-bytes/assembly";
import { printable } from "../request/quote";
import { isValidAuthority } from "../text/url";
import { HOUR, SECOND } from "./duration";
import { Fields } from "./fields";
import { Value } from "./value";

/** Each call out keeps up to 33 KiB of what it asks: so many are as much as a worker can afford. */
const MOST_IN_FLIGHT: i32 = 2000;

/** When to stop asking a cluster that does not answer. */
export class BreakerConfig {
  /** After so many failures in a row. */
  failures: i32 = 5;
  /** For so many milliseconds; then one call is tried. */
  open: i64 = SECOND;

  read(value: Value): void {
    const fields = Fields.of(value);
    if (!fields) return;
    this.failures = fields.get("failures").integer(this.failures, 1, 1_000_000);
    this.open = fields.get("open").duration(this.open, 1, HOUR);
    fields.finish();
  }
}

/** A cluster of the proxy's that requests are sent to. */
export class UpstreamConfig {
  cluster: Slice = NONE;
  /** The `:authority` of the requests. */
  authority: Slice = NONE;

  readUpstream(fields: Fields): void {
    const cluster = readCluster(fields.get("cluster"));
    this.cluster = persist(cluster);
    this.authority = readAuthority(fields.get("authority"), cluster);
  }

  dispose(): void {
    release(this.cluster);
    this.cluster = NONE;
    release(this.authority);
    this.authority = NONE;
  }
}

/** An upstream that requests wait for. */
export class TierConfig extends UpstreamConfig {
  /** How many calls may be out at once, per worker; above it a call fails at once. */
  maxInFlight: i32 = 256;
  readonly breaker: BreakerConfig = new BreakerConfig();

  /** `timeout` is how long an answer may take, in milliseconds. */
  constructor(public timeout: i64) {
    super();
  }

  readTier(fields: Fields): void {
    this.readUpstream(fields);
    this.timeout = fields.get("timeout").duration(this.timeout, 1, HOUR);
    this.maxInFlight = fields.get("maxInFlight").integer(this.maxInFlight, 1, MOST_IN_FLIGHT);
    this.breaker.read(fields.get("breaker"));
  }
}

function readCluster(value: Value): string {
  const cluster = value.requiredText("the name of an Envoy cluster");
  if (!hasSpaces(cluster)) return cluster;
  value.refuse(value.quoted + " is not a cluster's name (it has spaces or control characters)");
  return "";
}

/** What is given, else the host in an Istio cluster's name (`outbound|port|subset|host`), else the cluster's name. */
function readAuthority(value: Value, cluster: string): Slice {
  const authority = persist(value.nonEmptyText(hostOf(cluster)));
  if (isValidAuthority(authority)) return authority;
  if (value.isGiven) value.refuse(value.quoted + " is not a host, with or without a port");
  else if (cluster.length > 0) value.refuse(`missing (the cluster's name "${printable(cluster)}" is not a host)`);
  release(authority);
  return NONE;
}

function hostOf(cluster: string): string {
  return cluster.substring(cluster.lastIndexOf("|") + 1);
}

function hasSpaces(text: string): bool {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code <= 0x20 || code == 0x7f) return true;
  }
  return false;
}
