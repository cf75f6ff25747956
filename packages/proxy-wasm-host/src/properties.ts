import { Status } from "./abi/status.ts";
import { type Bytes, toBytes } from "./bytes.ts";
import type { Context } from "./context.ts";
import { type Pair, marshalPairs } from "./pairs.ts";

/** A property: a leaf, or a map or message with fields. Integers are `bigint` (Envoy's int64), numbers are doubles. */
export type PropertyValue = Bytes | bigint | number | boolean | PropertyMap;

export interface PropertyMap {
  readonly [field: string]: PropertyValue | undefined;
}

/** Envoy keeps what filters set under this prefix, so that it never hides a property of its own. */
export const FILTER_STATE_PREFIX = "wasm.";

/**
 * `proxy_get_property`: the path's parts are separated by NUL. Values come as their bytes: text as it is, integers and
 * doubles as 8 bytes in little endian, booleans as one byte, maps as pairs.
 */
export function readProperty(context: Context, path: string): Uint8Array | Status {
  // An empty path is no value at all, which cannot be serialised.
  if (path.length === 0) return Status.SerializationFailure;
  const [first, ...rest] = splitPath(path);
  let value = first === undefined ? undefined : findProperty(context, first);
  for (const part of rest) {
    if (!isMap(value)) return Status.NotFound;
    value = Object.hasOwn(value, part) ? value[part] : undefined;
  }
  return value === undefined ? Status.NotFound : serialise(value);
}

/** A NUL at the very end closes the last part and begins no new one. */
function splitPath(path: string): string[] {
  const parts = path.split("\0");
  if (parts.length > 1 && parts.at(-1) === "") parts.pop();
  return parts;
}

function findProperty(context: Context, name: string): PropertyValue | undefined {
  const own = context.property(name);
  if (own !== undefined) return own;
  switch (name) {
    case "plugin_name":
      return context.root?.plugin.name;
    case "plugin_root_id":
      return context.root?.plugin.rootId ?? "";
    case "plugin_vm_id":
      return context.vm.services.vmId;
    default:
      return undefined;
  }
}

function isMap(value: PropertyValue | undefined): value is PropertyMap {
  return typeof value === "object" && !(value instanceof Uint8Array);
}

function serialise(value: PropertyValue): Uint8Array {
  if (typeof value === "string" || value instanceof Uint8Array) return toBytes(value);
  if (typeof value === "boolean") return Uint8Array.of(value ? 1 : 0);
  if (typeof value === "object") {
    const pairs: Pair[] = [];
    for (const [field, fieldValue] of Object.entries(value)) {
      if (fieldValue !== undefined) pairs.push([toBytes(field), serialise(fieldValue)]);
    }
    return marshalPairs(pairs);
  }
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  if (typeof value === "bigint") view.setBigInt64(0, value, true);
  else view.setFloat64(0, value, true);
  return bytes;
}
