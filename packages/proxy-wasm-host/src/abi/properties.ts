import type { HostCallScope } from "./host-call-scope.ts";
import { Status } from "./status.ts";
import { toText } from "../bytes.ts";
import { readProperty } from "../properties.ts";

export const propertyFunctions = {
  proxy_get_property(
    scope: HostCallScope,
    pathPointer: number,
    pathSize: number,
    pointerPointer: number,
    sizePointer: number,
  ): Status {
    const path = scope.memory.read(pathPointer, pathSize);
    if (path === undefined) return Status.InvalidMemoryAccess;
    notePath(scope, path);
    const value = readProperty(scope.context, toText(path));
    if (!(value instanceof Uint8Array)) return value;
    scope.note("value", value);
    return scope.returnBytes(value, pointerPointer, sizePointer);
  },

  proxy_set_property(
    scope: HostCallScope,
    pathPointer: number,
    pathSize: number,
    valuePointer: number,
    valueSize: number,
  ): Status {
    const path = scope.memory.read(pathPointer, pathSize);
    const value = scope.memory.read(valuePointer, valueSize);
    if (path === undefined || value === undefined) return Status.InvalidMemoryAccess;
    notePath(scope, path);
    scope.note("value", value);
    return scope.context.setProperty(toText(path), value);
  },
};

/** The parts of a path with dots between them, as people write them. */
function notePath(scope: HostCallScope, path: Uint8Array): void {
  scope.note("path", toText(path).replaceAll("\0", "."));
}
