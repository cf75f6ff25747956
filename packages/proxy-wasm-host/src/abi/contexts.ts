import type { HostCallScope } from "./host-call-scope.ts";
import { Status } from "./status.ts";
import { NO_BYTES, toBytes, toText } from "../bytes.ts";
import { parseDeclaredProperty } from "../declared-property.ts";

export const contextFunctions = {
  /** Host calls are for this context from now on, until the callback returns. */
  proxy_set_effective_context(scope: HostCallScope, contextId: number): Status {
    scope.note("contextId", contextId >>> 0);
    return scope.vm.setEffectiveContext(contextId >>> 0) ? Status.Ok : Status.BadArgument;
  },

  /** A root that asked for time in `proxy_on_done` is done now. */
  proxy_done(scope: HostCallScope): Status {
    return scope.vm.roots.finish(scope.context) ? Status.Ok : Status.NotFound;
  },

  /** Why the last call failed. */
  proxy_get_status(scope: HostCallScope, codePointer: number, pointerPointer: number, sizePointer: number): Status {
    const { code, message } = scope.context.root?.callStatus ?? { code: Status.Ok, message: "" };
    scope.note("code", code);
    scope.note("message", message);
    if (!scope.memory.writeU32(codePointer, code)) return Status.InvalidMemoryAccess;
    return scope.returnBytes(toBytes(message), pointerPointer, sizePointer);
  },

  proxy_call_foreign_function(
    scope: HostCallScope,
    namePointer: number,
    nameSize: number,
    argumentPointer: number,
    argumentSize: number,
    resultPointerPointer: number,
    resultSizePointer: number,
  ): number {
    const name = scope.memory.read(namePointer, nameSize);
    if (name === undefined) return Status.InvalidMemoryAccess;
    scope.note("function", name);
    const argument = scope.memory.read(argumentPointer, argumentSize);
    if (argument === undefined) return Status.InvalidMemoryAccess;
    scope.note("argument", argument);
    const outcome = callForeignFunction(scope, toText(name), argument);
    if (outcome === undefined) return Status.NotFound;
    // Either pointer may be 0: the module does not want the result.
    const bytes = outcome.result ?? NO_BYTES;
    let pointer = 0;
    if (bytes.length > 0 && resultPointerPointer !== 0) {
      const allocated = scope.vm.allocate(bytes.length);
      if (allocated === undefined || !scope.memory.write(allocated, bytes)) return Status.InvalidMemoryAccess;
      pointer = allocated;
    }
    if (resultPointerPointer !== 0 && !scope.memory.writeU32(resultPointerPointer, pointer)) {
      return Status.InvalidMemoryAccess;
    }
    if (resultSizePointer !== 0 && !scope.memory.writeU32(resultSizePointer, bytes.length)) {
      return Status.InvalidMemoryAccess;
    }
    return outcome.status;
  },

  /** Emscripten asks for these two; both say nothing. */
  pthread_equal(_scope: HostCallScope, left: number, right: number): number {
    return left === right ? 1 : 0;
  },

  emscripten_notify_memory_growth(): undefined {
    return undefined;
  },
};

function callForeignFunction(
  scope: HostCallScope,
  name: string,
  argument: Uint8Array,
): { status: number; result?: Uint8Array } | undefined {
  if (name === "clear_route_cache") {
    // For a root this succeeds and clears nothing: after a call's reply the stream has to be the effective context first.
    scope.context.clearRouteCache();
    return { status: Status.Ok };
  }
  if (name === "declare_property") {
    const property = parseDeclaredProperty(argument);
    if (property === undefined) return { status: Status.BadArgument };
    return { status: scope.context.root?.declareProperty(property) ?? Status.BadArgument };
  }
  return scope.services.foreignFunctions.get(name)?.(argument);
}
