import { ByteBuffer, persist } from "as-bytes/assembly";
import {
  RootContext,
  Status,
  dequeueSharedQueue,
  effectiveContext,
  enqueueSharedQueue,
  randomU64,
  registerSharedQueue,
  setEffectiveContext,
} from "as-proxy-wasm-sdk/assembly";

/**
 * So many waiting requests are led on in one event. Proxies answer a stream, or let it go on, only when our callback is back,
 * and the next one within the callbacks that the one before it has caused, each on the stack of the other: a few hundred of
 * them are a trap (`doAfterVmCallActions` of proxy-wasm-cpp-host).
 */
const MOST_AT_ONCE: i32 = 32;

const ITEM = persist("next");

/**
 * Requests that have waited are led on a few at a time, however many they are. For the rest the proxy is asked for another
 * callback, at once but not within this one: it calls those who wait for a queue's items only when nothing else is going on.
 */
export class Turns {
  private left: i32 = MOST_AT_ONCE;
  private queue: u32 = 0;
  private isAsked: bool = false;

  constructor(
    /** Whose `onQueueReady` it is that follows. */
    private root: RootContext,
  ) {}

  /** Whether one more may be led on now. Where not, there is a callback soon, at the latest the next tick, that begins anew. */
  take(): bool {
    if (this.left == 0) {
      this.ask();
      return false;
    }
    this.left--;
    return true;
  }

  /** This callback, a tick or that of the queue, is not within another one. */
  begin(): void {
    this.left = MOST_AT_ONCE;
    this.isAsked = false;
  }

  /** As `begin`, when the queue has an item. */
  beginFrom(queue: u32): void {
    dequeueSharedQueue(queue);
    this.begin();
  }

  /** Asks for that callback. */
  ask(): void {
    if (this.isAsked) return;
    if (this.queue == 0) this.queue = this.register();
    this.isAsked = this.queue != 0 && enqueueSharedQueue(this.queue, ITEM) == Status.Ok;
  }

  /** A queue is found by its name, and belongs to the last one who registered it: each of us has one of its own. */
  private register(): u32 {
    const name = new ByteBuffer().text("signpost.turns.").decimal(<i64>(randomU64() >> 1));
    const before = effectiveContext();
    setEffectiveContext(this.root.id);
    const queue = registerSharedQueue(name.view());
    setEffectiveContext(before);
    name.dispose();
    return queue;
  }
}
