import { createRoot, createStream, deleteContext, findRoot, findStream } from "../context/registry";
import { enterCallback, leaveCallback } from "../memory/callback-scope";

/** A root (`parentId` 0) or a stream of the root `parentId` begins. */
export function proxy_on_context_create(id: u32, parentId: u32): void {
  const before = enterCallback(id);
  if (parentId == 0) createRoot(id);
  else createStream(id, parentId);
  leaveCallback(before);
}

/** A stream is over, or a plugin is removed; 0 asks the host to wait for `proxy_done`. */
export function proxy_on_done(id: u32): u32 {
  const before = enterCallback(id);
  let done = true;
  const stream = findStream(id);
  if (stream !== null) {
    stream.ended = true;
    done = stream.onDone();
  } else {
    const root = findRoot(id);
    if (root !== null) done = root.onDone();
  }
  leaveCallback(before);
  return done ? 1 : 0;
}

/** A stream's entry in the access log is being written; to a root, one of any stream, when its plugin is an access logger. */
export function proxy_on_log(id: u32): void {
  const before = enterCallback(id);
  const stream = findStream(id);
  if (stream !== null) {
    stream.ended = true;
    stream.onLog();
  } else {
    const root = findRoot(id);
    if (root !== null) root.onLog();
  }
  leaveCallback(before);
}

/** The host forgets a stream or root. */
export function proxy_on_delete(id: u32): void {
  const before = enterCallback(id);
  deleteContext(id);
  leaveCallback(before);
}
