import { ByteBuffer, Slice, lengthOf, persist } from "as-bytes/assembly";
import { callForeignFunction } from "./foreign-functions";
import { Status, lastStatus } from "./status";

const DECLARE_PROPERTY: Slice = persist("declare_property");

/** `DeclarePropertyArguments`, a message of Protobuf: field 1 is the name, field 2 whether it is read-only. */
const NAME: i32 = 0x0a;
const READ_ONLY: i32 = 0x10;

/** What one byte of a length can say. */
const LONGEST_NAME: i32 = 127;

/**
 * Says of a property of this plugin's streams that what is set first stays (Envoy's foreign function `declare_property`):
 * whoever sets it again gets `BadArgument`. To be called where the plugin is configured. `NotFound` from a host that has no
 * such function; `BadArgument` where the plugin has declared it before.
 */
export function declareReadOnlyProperty(name: Slice): Status {
  const length = lengthOf(name);
  if (length == 0 || length > LONGEST_NAME) return Status.BadArgument;
  const message = new ByteBuffer();
  message.byte(NAME).byte(length).bytes(name).byte(READ_ONLY).byte(1);
  callForeignFunction(DECLARE_PROPERTY, message.view());
  message.dispose();
  return lastStatus();
}
