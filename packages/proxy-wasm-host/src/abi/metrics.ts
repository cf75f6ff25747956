import type { HostCallScope } from "./host-call-scope.ts";
import { Status } from "./status.ts";
import { MetricType } from "./types.ts";
import { toText } from "../bytes.ts";

export const metricFunctions = {
  proxy_define_metric(
    scope: HostCallScope,
    type: number,
    namePointer: number,
    nameSize: number,
    idPointer: number,
  ): Status {
    const name = scope.memory.read(namePointer, nameSize);
    if (name === undefined) return Status.InvalidMemoryAccess;
    scope.noteConstant("type", MetricType, type);
    scope.note("name", name);
    const id = scope.vm.metricIds.define(type >>> 0, toText(name));
    if (id === undefined) return Status.BadArgument;
    scope.note("id", id);
    return scope.returnU32(idPointer, id);
  },

  proxy_increment_metric(scope: HostCallScope, id: number, offset: bigint): Status {
    scope.note("id", id >>> 0);
    scope.note("offset", offset);
    return scope.vm.metricIds.increment(id >>> 0, offset);
  },

  proxy_record_metric(scope: HostCallScope, id: number, value: bigint): Status {
    scope.note("id", id >>> 0);
    scope.note("value", BigInt.asUintN(64, value));
    return scope.vm.metricIds.record(id >>> 0, BigInt.asUintN(64, value));
  },

  proxy_get_metric(scope: HostCallScope, id: number, valuePointer: number): Status {
    scope.note("id", id >>> 0);
    const value = scope.vm.metricIds.read(id >>> 0);
    if (typeof value !== "bigint") return value;
    scope.note("value", value);
    return scope.returnU64(valuePointer, value);
  },
};
