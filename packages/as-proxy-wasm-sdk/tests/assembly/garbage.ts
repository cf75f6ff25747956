/**
 * Makes a MiB of garbage in every callback, and looks at what it holds while the host calls back: an object that nothing but
 * the stack knows, one of the stream, and one of an earlier callback.
 */
import { NONE } from "as-bytes/assembly";
import {
  HeadersStatus,
  RootContext,
  StreamContext,
  logInfo,
  registerRoot,
  sendLocalResponse,
} from "as-proxy-wasm-sdk/assembly";

export {
  proxy_abi_version_0_2_1,
  proxy_on_memory_allocate,
  proxy_on_context_create,
  proxy_on_request_headers,
  proxy_on_response_headers,
  proxy_on_log,
  proxy_on_delete,
} from "as-proxy-wasm-sdk/assembly/exports";

const PIECES: i32 = 1024;
const PIECE: i32 = 1024;

/** What says of itself whether it is still what it was. */
class Note {
  private bytes: StaticArray<u8> = new StaticArray<u8>(PIECE);

  constructor(private mark: u8) {
    memory.fill(changetype<usize>(this.bytes), mark, PIECE);
  }

  get isWhole(): bool {
    for (let i = 0; i < PIECE; i++) {
      if (this.bytes[i] != this.mark) return false;
    }
    return true;
  }
}

/** Leaves garbage, all of it written over: what took the place of something that is still used shows. */
function litter(): void {
  for (let i = 0; i < PIECES; i++) {
    const piece = new StaticArray<u8>(PIECE);
    memory.fill(changetype<usize>(piece), 0xff, PIECE);
  }
}

class GarbageRoot extends RootContext {
  createStream(id: u32): StreamContext {
    return new GarbageStream(this);
  }
}

class GarbageStream extends StreamContext {
  private first: Note = new Note(1);
  private latest: Note | null = null;

  onRequestHeaders(count: i32, endOfStream: bool): HeadersStatus {
    const onStack = new Note(2);
    this.latest = new Note(3);
    litter();
    sendLocalResponse(200, NONE, NONE, null);
    litter();
    this.tell("request", onStack);
    return HeadersStatus.StopIteration;
  }

  onResponseHeaders(count: i32, endOfStream: bool): HeadersStatus {
    const onStack = new Note(4);
    litter();
    this.tell("response", onStack);
    return HeadersStatus.Continue;
  }

  onLog(): void {
    litter();
    this.tell("log", new Note(5));
  }

  private tell(when: string, onStack: Note): void {
    const latest = this.latest;
    const isWhole = onStack.isWhole && this.first.isWhole && (latest ? latest.isWhole : true);
    logInfo(when + (isWhole ? ": all is there" : ": something is lost"));
  }
}

registerRoot((contextId: u32) => new GarbageRoot());
