import type { HostCallScope } from "./host-call-scope.ts";
import { Status } from "./status.ts";
import { LOG_LEVELS } from "./types.ts";
import { toText } from "../bytes.ts";

export const logFunctions = {
  proxy_log(scope: HostCallScope, level: number, pointer: number, size: number): Status {
    const name = LOG_LEVELS[level >>> 0];
    if (name === undefined) return Status.BadArgument;
    const message = scope.memory.read(pointer, size);
    if (message === undefined) return Status.InvalidMemoryAccess;
    scope.note("level", name);
    scope.note("message", message);
    scope.log(name, toText(message));
    return Status.Ok;
  },

  /** Since ABI 0.2.1. */
  proxy_get_log_level(scope: HostCallScope, levelPointer: number): Status {
    const level = scope.services.log.level;
    scope.note("level", level);
    return scope.returnU32(levelPointer, LOG_LEVELS.indexOf(level));
  },
};
