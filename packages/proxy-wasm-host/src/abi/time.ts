import type { HostCallScope } from "./host-call-scope.ts";
import { Status } from "./status.ts";

export const timeFunctions = {
  /** The wall clock, in nanoseconds since 1970. */
  proxy_get_current_time_nanoseconds(scope: HostCallScope, timePointer: number): Status {
    return scope.returnU64(timePointer, scope.services.clock.wallNanoseconds);
  },

  /** Sets the tick of the root, also when a stream asks for it; 0 ends it. */
  proxy_set_tick_period_milliseconds(scope: HostCallScope, milliseconds: number): Status {
    scope.note("milliseconds", milliseconds >>> 0);
    scope.context.root?.setTickPeriod(milliseconds >>> 0);
    return Status.Ok;
  },
};
