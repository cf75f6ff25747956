/**
 * What a host call says of itself (`proxy_status_t`). The host's numbers; 5, 9 and 11 are not in the specification of
 * ABI 0.2.1, but proxy-wasm-cpp-host, and so Envoy, has them.
 */
export const enum Status {
  Ok = 0,
  /** No such header, property, key, queue, metric or function. */
  NotFound = 1,
  /** Also: the map or buffer cannot be used in this callback, an unknown cluster, a header map that is gone. */
  BadArgument = 2,
  SerializationFailure = 3,
  ParseFailure = 4,
  BadExpression = 5,
  /** The host could not read or write our memory; also said when this module had no memory to give it. */
  InvalidMemoryAccess = 6,
  /** The queue has no item. */
  Empty = 7,
  /** The shared value was changed by somebody else since it was read. */
  CasMismatch = 8,
  ResultMismatch = 9,
  InternalFailure = 10,
  BrokenConnection = 11,
  Unimplemented = 12,
}

let last: Status = Status.Ok;

/**
 * What the latest host call said that gave back a value instead of a status: why a `Slice` is `NONE`, a queue or a time
 * is 0. Calls that return a `Status` leave it alone.
 */
@inline
export function lastStatus(): Status {
  return last;
}

/** For the wrappers in this folder: notes the status and passes it on. */
@inline
export function noteStatus(status: Status): Status {
  last = status;
  return status;
}

/** A WASI function's errno as a status. */
export function statusOfErrno(errno: i32): Status {
  switch (errno) {
    case 0:
      return Status.Ok;
    case 21: // FAULT
      return Status.InvalidMemoryAccess;
    case 28: // INVAL
      return Status.BadArgument;
    case 58: // NOTSUP
      return Status.Unimplemented;
    default:
      return Status.InternalFailure;
  }
}
