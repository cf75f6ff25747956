import type { Bounds, Queue, Sent, Tally } from "./write-queue.ts";

const BACKOFF = 500;

interface ModelWrite extends Sent {
  state: "waiting" | "in flight" | "retrying" | "gone";
  key: string;
  value: string;
  ttl: number;
  lifetime: number;
  since: number;
  due: number;
  failed: boolean;
  superseded: boolean;
}

/** The write-behind queue as its documentation describes it, in the plainest code that does it. */
export class QueueModel implements Queue<ModelWrite> {
  /** Those that are not in flight: in the order in which they fail, and in the order in which they came. */
  private retrying: ModelWrite[] = [];
  private waiting: ModelWrite[] = [];
  private flying: ModelWrite[] = [];
  private readonly counts = { stored: 0, retried: 0, replaced: 0, full: 0, tooLarge: 0, failed: 0, expired: 0 };

  constructor(
    private readonly bounds: Bounds,
    private readonly writeCost: number,
  ) {}

  get tally(): Tally {
    const held = [...this.retrying, ...this.waiting, ...this.flying];
    return { entries: held.length, bytes: this.bytesOf(held), inFlight: this.flying.length, ...this.counts };
  }

  put(key: string, value: string, ttl: number, now: number): boolean {
    const ofKey = (write: ModelWrite): boolean => write.key === key;
    const index = this.waiting.findIndex(ofKey);
    this.counts.replaced += this.take(ofKey).length;
    for (const write of this.flying.filter(ofKey)) write.superseded = true;

    const refusal = this.refusalOf(key, value, ttl);
    if (refusal) {
      this.counts[refusal]++;
      return false;
    }
    let dropped = 0;
    while (!this.fits(key, value)) {
      if (this.retrying.shift() === undefined) {
        this.waiting.shift();
        dropped++;
      }
      this.counts.full++;
    }
    const write: ModelWrite = {
      ...{ state: "waiting", key, value, ttl: 0, lifetime: ttl, since: now, due: 0, failed: false, superseded: false },
    };
    if (index < 0) this.waiting.push(write);
    else this.waiting.splice(Math.max(0, index - dropped), 0, write);
    return true;
  }

  next(now: number): ModelWrite | null {
    while (this.flying.length < this.bounds.maxInFlight) {
      const write = this.sendable(now);
      if (!write) return null;
      this.take((one) => one === write);
      write.ttl = write.lifetime - Math.max(0, now - write.since);
      if (write.ttl > 0) {
        if (write.state === "retrying") this.counts.retried++;
        write.state = "in flight";
        this.flying.push(write);
        return write;
      }
      this.counts.expired++;
    }
    return null;
  }

  landed(write: ModelWrite, ok: boolean, now: number): void {
    if (write.state !== "in flight") return;
    this.flying = this.flying.filter((one) => one !== write);
    write.state = "gone";
    if (ok) this.counts.stored++;
    else if (write.superseded) this.counts.replaced++;
    else if (write.failed) this.counts.failed++;
    else {
      this.retrying.push(write);
      Object.assign(write, { state: "retrying", failed: true, due: now + BACKOFF + this.bounds.jitter });
    }
  }

  nextDue(now: number): number {
    const [first] = this.retrying;
    if (!first) return -1;
    const wait = first.due - now;
    return wait < 0 || wait > BACKOFF + this.bounds.jitter ? 0 : wait;
  }

  dispose(): void {
    for (const write of this.flying) write.state = "gone";
    this.retrying = [];
    this.waiting = [];
    this.flying = [];
  }

  private sendable(now: number): ModelWrite | undefined {
    if (this.nextDue(now) === 0) return this.retrying[0];
    return this.waiting.find(({ key }) => !this.flying.some((other) => other.key === key));
  }

  private refusalOf(key: string, value: string, ttl: number): "expired" | "tooLarge" | "full" | null {
    const size = this.sizeOf(key, value);
    if (ttl < 1) return "expired";
    if (size > this.bounds.maxBytes) return "tooLarge";
    const noEntry = this.flying.length >= this.bounds.maxEntries;
    return noEntry || this.bytesOf(this.flying) + size > this.bounds.maxBytes ? "full" : null;
  }

  private fits(key: string, value: string): boolean {
    const { entries, bytes } = this.tally;
    return entries < this.bounds.maxEntries && bytes + this.sizeOf(key, value) <= this.bounds.maxBytes;
  }

  /** Takes out what is not in flight and meets the condition. */
  private take(isMeant: (write: ModelWrite) => boolean): ModelWrite[] {
    const taken = [...this.retrying, ...this.waiting].filter(isMeant);
    this.retrying = this.retrying.filter((write) => !taken.includes(write));
    this.waiting = this.waiting.filter((write) => !taken.includes(write));
    return taken;
  }

  private bytesOf(writes: ModelWrite[]): number {
    return writes.reduce((sum, { key, value }) => sum + this.sizeOf(key, value), 0);
  }

  private sizeOf(key: string, value: string): number {
    return this.writeCost + key.length + value.length;
  }
}
