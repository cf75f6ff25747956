import { RootContext, Status, StreamContext, findStream, setEffectiveContext } from "as-proxy-wasm-sdk/assembly";

/** A stream whose request may be held. */
export abstract class HeldStream extends StreamContext {
  constructor(root: RootContext) {
    super(root);
  }

  /** The lookup that the request waited for is over; this stream is the effective context. */
  abstract resumeLookups(): void;

  /** What the request waited for in the cache is here; this stream is the effective context. */
  abstract resumeCache(): void;
}

/** The stream of that number, which is the effective context from now on; null when it is gone. */
export function heldStream(id: u32): HeldStream | null {
  const stream = findStream(id);
  // All streams of this plugin are such streams; the check is what keeps the cast from being able to trap.
  if (stream === null || !(stream instanceof HeldStream) || setEffectiveContext(stream.id) != Status.Ok) return null;
  return <HeldStream>stream;
}
