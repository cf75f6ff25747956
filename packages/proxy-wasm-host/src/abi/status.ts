/** What a host function returns (`WasmResult` of proxy-wasm-cpp-host). */
export const Status = {
  Ok: 0,
  NotFound: 1,
  BadArgument: 2,
  SerializationFailure: 3,
  ParseFailure: 4,
  BadExpression: 5,
  InvalidMemoryAccess: 6,
  Empty: 7,
  CasMismatch: 8,
  ResultMismatch: 9,
  InternalFailure: 10,
  BrokenConnection: 11,
  Unimplemented: 12,
} as const;

export type Status = (typeof Status)[keyof typeof Status];
export type StatusName = keyof typeof Status;

/** What a WASI function returns (`errno` of wasi_snapshot_preview1), as far as Envoy's host uses it. */
export const Errno = {
  Success: 0,
  BadFileDescriptor: 8,
  Exists: 20,
  Fault: 21,
  Invalid: 28,
  NoEntry: 44,
  NoSystemCall: 52,
  NotSupported: 58,
} as const;
