import { Context } from "./context";
import { IdTable } from "./id-table";
import { NoRoot, RefusedStream } from "./refused-stream";
import { RootContext } from "./root-context";
import { StreamContext } from "./stream-context";
import { dropCalls } from "./calls-in-flight";
import { logCritical, logError } from "../host/log";

/** Makes the root context of one plugin instance. */
export type RootFactory = (contextId: u32) => RootContext;

const roots = new IdTable<RootContext>();
const streams = new IdTable<StreamContext>();
let factory: RootFactory | null = null;
const noRoot = new NoRoot();

/**
 * Says how this module makes its root contexts, whatever their `root_id`. To be called once, from the entry's top
 * level.
 */
export function registerRoot(create: RootFactory): void {
  factory = create;
}


@inline
export function findRoot(id: u32): RootContext | null {
  return roots.get(id);
}

/** The live stream with this id, or null. */
@inline
export function findStream(id: u32): StreamContext | null {
  return streams.get(id);
}

/** The stream with this id; one that is refused where the host has never told of it. */
@inline
export function streamOrRefusal(id: u32): StreamContext {
  const stream = streams.get(id);
  return stream === null ? new RefusedStream(noRoot) : stream;
}

/** How many streams are live. */
export function liveStreams(): i32 {
  return streams.size;
}

/** `proxy_on_context_create` without a parent. */
export function createRoot(id: u32): void {
  // The host says it again when a plugin that is in this VM already is started anew: the root stays as it is.
  if (roots.get(id) !== null) return;
  const create = factory;
  if (create === null) {
    logCritical("no root context: call registerRoot at the top level of the filter's entry");
    return;
  }
  const root = create(id);
  root.id = id;
  root.rootId = id;
  root.live = true;
  roots.put(id, root);
}

/** `proxy_on_context_create` with a parent: the stream is made by that very root. */
export function createStream(id: u32, rootId: u32): void {
  if (streams.get(id) !== null) return;
  const stream = newStream(id, rootId);
  stream.id = id;
  stream.rootId = rootId;
  stream.live = true;
  stream.responseBegun = false;
  stream.finishedIn = 0;
  stream.ended = false;
  streams.put(id, stream);
}

function newStream(id: u32, rootId: u32): StreamContext {
  const root = roots.get(rootId);
  if (root === null) {
    logError("stream " + id.toString() + " is refused: its root " + rootId.toString() + " is unknown");
    return new RefusedStream(noRoot);
  }
  const stream = root.createStream(id);
  if (stream.id != 0) {
    logError("stream " + id.toString() + " is refused: createStream returned stream " + stream.id.toString());
    return new RefusedStream(root);
  }
  return stream;
}

/** `proxy_on_delete`. */
export function deleteContext(id: u32): void {
  const stream = streams.get(id);
  if (stream !== null) {
    stream.ended = true;
    endContext(stream);
    stream.onDelete();
    streams.take(id);
    stream.id = 0;
    return;
  }
  const root = roots.get(id);
  if (root !== null) {
    endContext(root);
    root.onDelete();
    roots.take(id);
    root.id = 0;
  }
}

/** Takes its calls from a context, and the right to make others. */
function endContext(context: Context): void {
  context.live = false;
  dropCalls(context);
}
