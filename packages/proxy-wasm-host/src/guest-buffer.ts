import { Status } from "./abi/status.ts";
import type { Body } from "./body.ts";
import { NO_BYTES } from "./bytes.ts";

/** A buffer as `proxy_get_buffer_bytes` and `proxy_set_buffer_bytes` see it. */
export interface GuestBuffer {
  readonly bytes: Uint8Array;
  write(start: number, length: number, data: Uint8Array): Status;
}

/** Configurations and replies to calls: not for writing. */
export function readOnlyBuffer(bytes: Uint8Array): GuestBuffer {
  return { bytes, write: () => Status.BadArgument };
}

/**
 * A body, or no body yet. A filter can put something before it (start 0, length 0), replace all of it (start 0, length at
 * least its length) or append to it (start at or past its end); Envoy refuses anything else.
 */
export function bodyBuffer(body: Body | undefined): GuestBuffer {
  if (body === undefined) return readOnlyBuffer(NO_BYTES);
  return {
    bytes: body.bytes,
    write: (start, length, data) => {
      if (start >= body.length && start > 0) body.append(data);
      else if (start !== 0) return Status.BadArgument;
      else if (length === 0) body.prepend(data);
      else if (length >= body.length) body.replace(data);
      else return Status.BadArgument;
      return Status.Ok;
    },
  };
}
