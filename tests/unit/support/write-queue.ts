import { UnitModule } from "./unit-module.ts";

/** What a queue has counted, and what it holds. */
export interface Tally {
  entries: number;
  bytes: number;
  inFlight: number;
  stored: number;
  retried: number;
  replaced: number;
  full: number;
  tooLarge: number;
  failed: number;
  expired: number;
}

/** A write that was handed out, as it was then. */
export interface Sent {
  readonly key: string;
  readonly value: string;
  readonly ttl: number;
}

/** A write-behind queue, of the module or a model of it; `W` is its handle on a write in flight. Times in milliseconds. */
export interface Queue<W extends Sent = Sent> {
  put(key: string, value: string, ttl: number, now: number): boolean;
  next(now: number): W | null;
  landed(write: W, ok: boolean, now: number): void;
  nextDue(now: number): number;
  dispose(): void;
  readonly tally: Tally;
}

export interface TestWrite extends Sent {
  /** The object in the module. */
  readonly handle: number;
}

export interface TestQueue extends Queue<TestWrite> {
  /** What a write holds now; null when the queue has let go of it. */
  held(write: TestWrite): { key: string | null; value: string | null };
  /** Puts so many writes of that length, each under its own key. */
  fill(count: number, length: number, now: number): void;
  /** Whether a write in flight is still to be sent, and with how much time to live. */
  isStillDue(write: TestWrite, now: number): { due: boolean; ttl: number };
  outdate(write: TestWrite): void;
  /** Writes that were not sent because Redis had what is more recent. */
  readonly outdated: number;
  /** Sends what is ready, one after the other, all with one end; says how many those were. */
  sendAll(ok: boolean, now: number): number;
}

export interface Bounds {
  maxEntries: number;
  maxBytes: number;
  maxInFlight: number;
  jitter: number;
}

/** The queues of one module, whose memory nothing else takes. */
export class QueueModule {
  private readonly unit = new UnitModule();
  readonly memoryPages = this.unit.function("memoryPages", [], "i32");
  readonly takeMemory = this.unit.function("memoryTake", ["i32"], "bool");
  private readonly make = this.unit.function("newQueue", ["i32", "i64", "i32", "i64"], "object");
  private readonly put = this.unit.function("queuePut", ["object", "bytes", "bytes", "i64", "i64"], "bool");
  private readonly fill = this.unit.function("queueFill", ["object", "i32", "i32", "i64"], "void");
  private readonly sendAll = this.unit.function("queueSendAll", ["object", "bool", "i64"], "i32");
  private readonly next = this.unit.function("queueNext", ["object", "i64"], "object");
  private readonly landed = this.unit.function("queueLanded", ["object", "object", "bool", "i64"], "void");
  private readonly isStillDue = this.unit.function("queueIsStillDue", ["object", "object", "i64"], "bool");
  private readonly outdate = this.unit.function("queueOutdate", ["object", "object"], "void");
  private readonly outdated = this.counter("queueOutdated");
  private readonly nextDue = this.unit.function("queueNextDue", ["object", "i64"], "i64");
  private readonly dispose = this.unit.function("queueDispose", ["object"], "void");
  private readonly key = this.unit.function("writeKey", ["object"], "optionalBytes");
  private readonly value = this.unit.function("writeValue", ["object"], "optionalBytes");
  private readonly ttl = this.unit.function("writeTtl", ["object"], "i64");
  private readonly entries = this.unit.function("queueEntries", ["object"], "i32");
  private readonly bytes = this.unit.function("queueBytes", ["object"], "i64");
  private readonly inFlight = this.unit.function("queueInFlight", ["object"], "i32");
  private readonly counters = {
    stored: this.counter("queueStored"),
    retried: this.counter("queueRetried"),
    replaced: this.counter("queueReplaced"),
    full: this.counter("queueDroppedFull"),
    tooLarge: this.counter("queueDroppedTooLarge"),
    failed: this.counter("queueDroppedFailed"),
    expired: this.counter("queueDroppedExpired"),
  };

  newQueue(bounds: Partial<Bounds> = {}): TestQueue {
    const { maxEntries = 100, maxBytes = 1 << 20, maxInFlight = 100, jitter = 0 } = bounds;
    const handle = this.make(maxEntries, BigInt(maxBytes), maxInFlight, BigInt(jitter));
    const outdated = (): number => Number(this.outdated(handle));
    const tally = (): Tally => this.tallyOf(handle);
    return {
      put: (key, value, ttl, now) => this.put(handle, key, value, BigInt(ttl), BigInt(now)),
      fill: (count, length, now) => this.fill(handle, count, length, BigInt(now)),
      sendAll: (ok, now) => this.sendAll(handle, ok, BigInt(now)),
      next: (now) => {
        const write = this.next(handle, BigInt(now));
        if (write === 0) return null;
        const { key, value } = this.heldBy(write);
        if (key === null || value === null) throw new Error("a write without key or value was handed out");
        return { handle: write, key, value, ttl: Number(this.ttl(write)) };
      },
      landed: (write, ok, now) => this.landed(handle, write.handle, ok, BigInt(now)),
      nextDue: (now) => Number(this.nextDue(handle, BigInt(now))),
      isStillDue: (write, now) => ({
        due: this.isStillDue(handle, write.handle, BigInt(now)),
        ttl: Number(this.ttl(write.handle)),
      }),
      outdate: (write) => this.outdate(handle, write.handle),
      get outdated() {
        return outdated();
      },
      dispose: () => this.dispose(handle),
      held: (write) => this.heldBy(write.handle),
      get tally() {
        return tally();
      },
    };
  }

  private counter(name: string): (queue: number) => bigint {
    return this.unit.function(name, ["object"], "u64");
  }

  private heldBy(write: number): { key: string | null; value: string | null } {
    return { key: textOf(this.key(write)), value: textOf(this.value(write)) };
  }

  private tallyOf(queue: number): Tally {
    const { stored, retried, replaced, full, tooLarge, failed, expired } = this.counters;
    return {
      entries: this.entries(queue),
      bytes: Number(this.bytes(queue)),
      inFlight: this.inFlight(queue),
      stored: Number(stored(queue)),
      retried: Number(retried(queue)),
      replaced: Number(replaced(queue)),
      full: Number(full(queue)),
      tooLarge: Number(tooLarge(queue)),
      failed: Number(failed(queue)),
      expired: Number(expired(queue)),
    };
  }
}

/** What a write takes beside its key and value, as the queue counts it. */
export function costOfWrite(module: QueueModule): number {
  const queue = module.newQueue();
  queue.put("", "", 1, 0);
  const cost = queue.tally.bytes;
  queue.dispose();
  return cost;
}

function textOf(bytes: Uint8Array | null): string | null {
  return bytes && Buffer.from(bytes).toString();
}
