import { Slice, lengthOf, pointerOf } from "as-bytes/assembly";
import { OUT, clearOut } from "../memory/out-parameters";
import { Status, noteStatus } from "./status";

/** `proxy_metric_type_t`. */
export const enum MetricType {
  Counter = 0,
  Gauge = 1,
  Histogram = 2,
}


@external("env", "proxy_define_metric")
declare function proxy_define_metric(type: u32, name: usize, nameSize: usize, id: usize): Status;

/**
 * Defines a metric, or finds the one of this name (`proxy_define_metric`). In Envoy `wasmcustom.<name>`. A metric that
 * could not be defined has its error in `status` and takes no values.
 */
export function defineMetric(type: MetricType, name: Slice): Metric {
  clearOut();
  const status = noteStatus(proxy_define_metric(type, pointerOf(name), lengthOf(name), OUT));
  return new Metric(type, load<u32>(OUT), status);
}


@external("env", "proxy_increment_metric")
declare function proxy_increment_metric(id: u32, delta: i64): Status;


@inline
function increment(id: u32, delta: i64): Status {
  // Envoy calls it a bad argument to add nothing to a counter.
  return delta == 0 ? Status.Ok : proxy_increment_metric(id, delta);
}


@external("env", "proxy_record_metric")
declare function proxy_record_metric(id: u32, value: u64): Status;


@inline
function record(id: u32, value: u64): Status {
  return proxy_record_metric(id, value);
}


@external("env", "proxy_get_metric")
declare function proxy_get_metric(id: u32, value: usize): Status;

function read(id: u32): u64 {
  clearOut();
  return noteStatus(proxy_get_metric(id, OUT)) == Status.Ok ? load<u64>(OUT) : 0;
}

/** A counter, gauge or histogram of the host, shared by all VMs. */
export class Metric {
  constructor(
    readonly type: MetricType,
    /** The host's number of it. */
    readonly id: u32,
    /** Whether it could be defined; every call of one that could not says this. */
    readonly status: Status,
  ) {}

  /**
   * Changes a counter or gauge (`proxy_increment_metric`). `BadArgument` for a histogram and for a counter that would
   * go down.
   */
  increment(delta: i64 = 1): Status {
    return this.status == Status.Ok ? increment(this.id, delta) : this.status;
  }

  /** Sets a gauge, adds to a counter, records a value in a histogram (`proxy_record_metric`, as Envoy does it). */
  record(value: u64): Status {
    return this.status == Status.Ok ? record(this.id, value) : this.status;
  }

  /** A counter's or gauge's value (`proxy_get_metric`), or 0 with `lastStatus()`; histograms cannot be read. */
  value(): u64 {
    return noteStatus(this.status) == Status.Ok ? read(this.id) : 0;
  }
}
