import { beforeEach, describe, expect, it } from "vitest";
import { QueueModule, costOfWrite, type Bounds, type TestQueue, type TestWrite } from "../support/write-queue.ts";

const MIB = 1 << 20;
const BACKOFF = 500;
const TTL = 60_000;

const module = new QueueModule();
const writeCost = costOfWrite(module);

/** Puts each key with a value of ten bytes. */
function fill(queue: TestQueue, keys: string, now = 0): void {
  for (const key of keys) queue.put(key, `value of ${key}`, TTL, now);
}

/** Takes all that is ready to be sent. */
function sendAll(queue: TestQueue, now = 0): TestWrite[] {
  const sent: TestWrite[] = [];
  for (let write = queue.next(now); write; write = queue.next(now)) sent.push(write);
  return sent;
}

function keysOf(sent: TestWrite[]): string {
  return sent.map(({ key }) => key).join("");
}

/** Sends the next write, which must be there. */
function send(queue: TestQueue, now = 0): TestWrite {
  const write = queue.next(now);
  if (!write) throw new Error("nothing is ready to be sent");
  return write;
}

/** A queue of which one write has failed once, at 0. */
function queueWithRetry(bounds: Partial<Bounds> = {}): TestQueue {
  const queue = module.newQueue(bounds);
  fill(queue, "a");
  queue.landed(send(queue), false, 0);
  return queue;
}

describe("a write", () => {
  let queue: TestQueue;

  beforeEach(() => {
    queue = module.newQueue({ maxInFlight: 2 });
  });

  it("is sent at once, with all it was put with", () => {
    expect(queue.put("orders:acme", '{"path": "/v2"}', 1500, 10)).toBe(true);
    expect(queue.next(10)).toMatchObject({ key: "orders:acme", value: '{"path": "/v2"}', ttl: 1500 });
  });

  it("may have an empty key and an empty value", () => {
    queue.put("", "", 1, 0);
    expect(queue.next(0)).toMatchObject({ key: "", value: "" });
  });

  it("is sent once", () => {
    fill(queue, "a");
    queue.landed(send(queue), true, 0);
    expect(queue.next(BACKOFF)).toBeNull();
    expect(queue.tally).toMatchObject({ stored: 1, entries: 0, bytes: 0 });
  });

  it("is sent in its turn, no more at a time than may be in flight", () => {
    fill(queue, "abcd");
    const [first] = sendAll(queue);
    expect(first?.key).toBe("a");
    expect(queue.tally.inFlight).toBe(2);
    if (first) queue.landed(first, true, 0);
    expect(keysOf(sendAll(queue))).toBe("c");
  });

  it("lives as long as it was to live, less the time it waited", () => {
    queue.put("a", "value", 1500, 1000);
    expect(send(queue, 2499).ttl).toBe(1);
  });

  it("lives no longer than it was to live where the clock went back", () => {
    queue.put("a", "value", 1500, 1000);
    expect(send(queue, 400).ttl).toBe(1500);
  });

  it("is dropped as expired when its time runs out while it waits", () => {
    queue.put("a", "value", 1500, 1000);
    fill(queue, "b", 1000);
    expect(keysOf(sendAll(queue, 2500))).toBe("b");
    expect(queue.tally).toMatchObject({ expired: 1, entries: 1 });
  });

  it.each([0, -1, -(2 ** 53)])("is dropped as expired when it is to live for %i ms", (ttl) => {
    expect(queue.put("a", "value", ttl, 0)).toBe(false);
    expect(queue.tally).toMatchObject({ expired: 1, entries: 0 });
  });

  it("keeps its bytes until it has landed, and not longer", () => {
    fill(queue, "a");
    const write = send(queue);
    fill(queue, "bcdef");
    expect(queue.held(write)).toEqual({ key: "a", value: "value of a" });
    queue.landed(write, true, 0);
    expect(queue.held(write)).toEqual({ key: null, value: null });
  });

  it("lands once, whatever is said about it later", () => {
    fill(queue, "ab");
    const write = send(queue);
    queue.landed(write, true, 0);
    const tally = queue.tally;
    queue.landed(write, true, 0);
    queue.landed(write, false, 0);
    expect(queue.tally).toEqual(tally);
  });
});

describe("a newer write of a key", () => {
  let queue: TestQueue;

  beforeEach(() => {
    queue = module.newQueue();
  });

  it("takes the place of the one that waits", () => {
    fill(queue, "abc");
    queue.put("b", "newer and longer", 1234, 5);
    expect(queue.tally).toMatchObject({ entries: 3, replaced: 1, bytes: 3 * (writeCost + 1) + 10 + 16 + 10 });
    const sent = sendAll(queue, 5);
    expect(keysOf(sent)).toBe("abc");
    expect(sent[1]).toMatchObject({ value: "newer and longer", ttl: 1234 });
  });

  it("waits until the one in flight has landed, and lets others go first", () => {
    fill(queue, "a");
    const older = send(queue);
    queue.put("a", "newer", TTL, 0);
    fill(queue, "b");
    expect(keysOf(sendAll(queue))).toBe("b");
    queue.landed(older, true, 0);
    expect(send(queue)).toMatchObject({ key: "a", value: "newer" });
  });

  it("is sent in the place of the second try of one that fails in flight", () => {
    fill(queue, "a");
    const older = send(queue);
    queue.put("a", "newer", TTL, 0);
    queue.landed(older, false, 0);
    expect(send(queue).value).toBe("newer");
    expect(queue.nextDue(0)).toBe(-1);
    expect(queue.tally).toMatchObject({ replaced: 1, failed: 0, entries: 1 });
  });

  it("is sent at once in the place of a second try that waits, and has two tries itself", () => {
    queue = queueWithRetry();
    queue.put("a", "newer", TTL, 1);
    expect(queue.nextDue(1)).toBe(-1);
    const newer = send(queue, 1);
    expect(newer.value).toBe("newer");
    queue.landed(newer, false, 1);
    expect(send(queue, 1 + BACKOFF).value).toBe("newer");
    expect(queue.tally).toMatchObject({ replaced: 1, retried: 1 });
  });

  it.each([
    ["too large", "x".repeat(MIB), TTL],
    ["without a time to live", "newer", 0],
  ])("outdates the one that waits even when it is %s", (_, value, ttl) => {
    fill(queue, "ab");
    expect(queue.put("a", value, ttl, 0)).toBe(false);
    expect(keysOf(sendAll(queue))).toBe("b");
    expect(queue.tally).toMatchObject({ replaced: 1, entries: 1 });
  });

  it("outdates the one in flight even when it is too large: that is not tried again", () => {
    fill(queue, "a");
    const older = send(queue);
    queue.put("a", "x".repeat(MIB), TTL, 0);
    queue.landed(older, false, 0);
    expect(queue.tally).toMatchObject({ entries: 0, replaced: 1, tooLarge: 1 });
  });
});

describe("a write that fails", () => {
  it("is tried again after the backoff, and no sooner", () => {
    const queue = queueWithRetry();
    expect(queue.next(BACKOFF - 1)).toBeNull();
    expect(send(queue, BACKOFF)).toMatchObject({ key: "a", value: "value of a", ttl: TTL - BACKOFF });
    expect(queue.tally.retried).toBe(1);
  });

  it("waits for the jitter too", () => {
    const queue = queueWithRetry({ jitter: 123 });
    expect(queue.next(BACKOFF + 122)).toBeNull();
    expect(send(queue, BACKOFF + 123).key).toBe("a");
  });

  it("is dropped when it fails again", () => {
    const queue = queueWithRetry();
    queue.landed(send(queue, BACKOFF), false, BACKOFF);
    expect(queue.next(10 * BACKOFF)).toBeNull();
    expect(queue.tally).toMatchObject({ failed: 1, retried: 1, entries: 0, bytes: 0 });
  });

  it("is stored when its second try lands well", () => {
    const queue = queueWithRetry();
    queue.landed(send(queue, BACKOFF), true, BACKOFF);
    expect(queue.tally).toMatchObject({ stored: 1, failed: 0, entries: 0 });
  });

  it("does not hold up others", () => {
    const queue = queueWithRetry();
    fill(queue, "bc");
    expect(keysOf(sendAll(queue))).toBe("bc");
  });

  it("goes before what came later, once it is due", () => {
    const queue = queueWithRetry();
    fill(queue, "bc");
    expect(keysOf(sendAll(queue, BACKOFF))).toBe("abc");
  });

  it("is dropped as expired when its time runs out before its second try", () => {
    const queue = module.newQueue();
    queue.put("a", "value", BACKOFF, 0);
    queue.landed(send(queue), false, 0);
    expect(queue.next(BACKOFF)).toBeNull();
    expect(queue.tally).toMatchObject({ expired: 1, retried: 0, entries: 0 });
  });
});

describe("the time until the next second try", () => {
  it("is -1 when none waits", () => {
    const queue = module.newQueue();
    fill(queue, "ab");
    send(queue);
    expect(queue.nextDue(0)).toBe(-1);
  });

  it("is what is left of the first one's backoff, and 0 from then on", () => {
    const queue = queueWithRetry({ jitter: 20 });
    fill(queue, "b", 100);
    queue.landed(send(queue, 100), false, 100);
    expect([100, 519, 520, 9999].map((now) => queue.nextDue(now))).toEqual([420, 1, 0, 0]);
  });

  it("is 0 where the clock went back, so that nothing waits for the old time to come again", () => {
    const queue = queueWithRetry();
    expect(queue.nextDue(-1)).toBe(0);
    expect(send(queue, -1).key).toBe("a");
  });
});

describe("a full queue", () => {
  it("drops the oldest that waits", () => {
    const queue = module.newQueue({ maxEntries: 3 });
    fill(queue, "abcd");
    expect(queue.tally).toMatchObject({ entries: 3, full: 1 });
    expect(keysOf(sendAll(queue))).toBe("bcd");
  });

  it("drops as many as a large write needs, and no more", () => {
    const room = 4 * (writeCost + 11);
    const queue = module.newQueue({ maxBytes: room });
    fill(queue, "abcd");
    expect(queue.tally).toMatchObject({ entries: 4, bytes: room });
    queue.put("e", "x".repeat(10 + writeCost + 11), TTL, 0);
    expect(queue.tally).toMatchObject({ entries: 3, bytes: room, full: 2 });
    expect(keysOf(sendAll(queue))).toBe("cde");
  });

  it("drops others, and not its own place, for a newer write that is larger", () => {
    const queue = module.newQueue({ maxBytes: 3 * (writeCost + 11) });
    fill(queue, "abc");
    queue.put("a", "x".repeat(11), TTL, 0);
    expect(queue.tally).toMatchObject({ entries: 2, full: 1, replaced: 1 });
    expect(keysOf(sendAll(queue))).toBe("ac");
  });

  it("drops what waits for a second try before what waits for its first", () => {
    const queue = queueWithRetry({ maxEntries: 2 });
    fill(queue, "bc");
    expect(keysOf(sendAll(queue, BACKOFF))).toBe("bc");
    expect(queue.tally.full).toBe(1);
  });

  it("never drops what is in flight: the new write has to go where that takes all entries", () => {
    const queue = module.newQueue({ maxEntries: 2 });
    fill(queue, "ab");
    const flying = sendAll(queue);
    expect(queue.put("c", "value", TTL, 0)).toBe(false);
    expect(queue.tally).toMatchObject({ entries: 2, inFlight: 2, full: 1 });
    expect(flying.map((write) => queue.held(write).key)).toEqual(["a", "b"]);
  });

  it("drops nothing for a write that has no room beside what is in flight", () => {
    const queue = module.newQueue({ maxBytes: 3 * (writeCost + 11), maxInFlight: 1 });
    fill(queue, "ab");
    send(queue);
    expect(queue.put("c", "x".repeat(2 * writeCost + 22), TTL, 0)).toBe(false);
    expect(queue.tally).toMatchObject({ entries: 2, full: 1 });
  });

  it.each([
    ["no entries", { maxEntries: 0 }],
    ["a negative number of entries", { maxEntries: -1 }],
  ])("is one of %s always", (_, bounds) => {
    const queue = module.newQueue(bounds);
    expect(queue.put("a", "", TTL, 0)).toBe(false);
    expect(queue.tally).toMatchObject({ entries: 0, full: 1 });
  });
});

describe("a write too large for the queue", () => {
  it("is one byte more than the bound, and drops nothing but itself", () => {
    const queue = module.newQueue({ maxBytes: 1000 });
    fill(queue, "ab");
    expect(queue.put("c", "x".repeat(1000 - writeCost), TTL, 0)).toBe(false);
    expect(queue.tally).toMatchObject({ entries: 2, tooLarge: 1, full: 0 });
    expect(queue.put("c", "x".repeat(1000 - writeCost - 1), TTL, 0)).toBe(true);
    expect(queue.tally).toMatchObject({ entries: 1, bytes: 1000, full: 2 });
  });
});

describe("a queue of large values", () => {
  it("passes several MiB on byte for byte", () => {
    const queue = module.newQueue({ maxBytes: 32 * MIB });
    const values = ["x", "y"].map((letter) => letter.repeat(5 * MIB));
    for (const [i, value] of values.entries()) queue.put(`key ${i}`, value, TTL, 0);
    const sent = sendAll(queue);
    expect(sent.map(({ value }) => values.indexOf(value))).toEqual([0, 1]);
    queue.dispose();
  });

  it("gives their memory back as they land, fail and make room", () => {
    const own = new QueueModule();
    const queue = own.newQueue({ maxBytes: 8 * MIB, maxInFlight: 2 });
    const round = (): number => {
      queue.fill(12, MIB, 0);
      queue.sendAll(false, 0);
      queue.fill(3, 2 * MIB, 0);
      queue.sendAll(true, BACKOFF);
      return own.memoryPages();
    };
    // Memory doubles when it grows, so it is soon as large as it gets.
    for (let i = 0; i < 5; i++) round();
    const pages = round();
    for (let i = 0; i < 100; i++) round();
    expect(own.memoryPages()).toBe(pages);
    expect(queue.tally).toMatchObject({ entries: 0, bytes: 0 });
  });
});

describe("a VM without much memory left", () => {
  it("takes no more writes, counts them, and sends what it has", () => {
    const poor = new QueueModule();
    const queue = poor.newQueue();
    fill(queue, "ab");
    // Envoy gives a module a GiB, and the queue leaves the last of it to others.
    expect(poor.takeMemory(15_900)).toBe(true);
    expect(queue.put("c", "value", TTL, 0)).toBe(false);
    expect(poor.newQueue().put("a", "value", TTL, 0)).toBe(false);
    expect(keysOf(sendAll(queue))).toBe("ab");
    expect(queue.tally.full).toBe(1);
  });

  it("does not trap where the bounds are more than any memory", () => {
    const poor = new QueueModule();
    const queue = poor.newQueue({ maxEntries: 2 ** 31 - 1, maxBytes: 2 ** 40 });
    queue.fill(60_000, 300, 0);
    expect(queue.tally).toMatchObject({ entries: 60_000, full: 0 });
    poor.takeMemory(15_000);
    queue.fill(60, 10 * MIB, 0);
    expect(queue.tally).toMatchObject({ entries: 60_000 - 60, full: 60 });
    expect(queue.sendAll(true, 0)).toBe(60_000 - 60);
  });
});

describe("dispose", () => {
  it("forgets everything, what is in flight too, and leaves a queue that may be used again", () => {
    const queue = queueWithRetry();
    fill(queue, "bcd");
    const flying = send(queue);
    queue.dispose();
    expect(queue.tally).toMatchObject({ entries: 0, bytes: 0, inFlight: 0 });
    expect([queue.next(BACKOFF), queue.nextDue(0)]).toEqual([null, -1]);
    expect(queue.held(flying)).toEqual({ key: null, value: null });
    fill(queue, "ef");
    expect(keysOf(sendAll(queue))).toBe("ef");
  });

  it("makes what lands later land nowhere", () => {
    const queue = module.newQueue();
    fill(queue, "ab");
    const flying = sendAll(queue);
    queue.dispose();
    for (const write of flying) queue.landed(write, write.key === "a", 0);
    expect(queue.tally).toMatchObject({ entries: 0, bytes: 0, inFlight: 0, stored: 0 });
    expect(queue.nextDue(0)).toBe(-1);
  });

  it("gives the memory back", () => {
    const own = new QueueModule();
    const queue = own.newQueue({ maxEntries: 10_000, maxBytes: 16 * MIB });
    const round = (): number => {
      queue.fill(5000, 1000, 0);
      queue.dispose();
      return own.memoryPages();
    };
    // The collector takes its time with the small objects: memory doubles once more before it has caught up.
    for (let i = 0; i < 40; i++) round();
    const pages = round();
    for (let i = 0; i < 80; i++) round();
    expect(own.memoryPages()).toBe(pages);
  });
});

describe("a queue that nothing was put into", () => {
  it("takes no memory", () => {
    const own = new QueueModule();
    const pages = own.memoryPages();
    const queue = own.newQueue({ maxEntries: 1_000_000, maxBytes: 512 * MIB });
    expect([queue.next(0), queue.nextDue(0), own.memoryPages()]).toEqual([null, -1, pages]);
    queue.dispose();
  });
});

describe("two hundred thousand writes", () => {
  const COUNT = 200_000;

  // At a cost that grew with the queue this would take an hour.
  it("are replaced by newer ones and sent, each once", () => {
    const queue = new QueueModule().newQueue({ maxEntries: COUNT, maxBytes: 64 * MIB });
    queue.fill(COUNT, 10, 0);
    queue.fill(COUNT, 11, 0);
    expect(queue.tally).toMatchObject({ entries: COUNT, replaced: COUNT });
    expect(queue.sendAll(true, 0)).toBe(COUNT);
  });
});

describe("a write in flight for which something else had to be done first", () => {
  it("is still due for what is left of its time to live", () => {
    const queue = module.newQueue();
    queue.put("a", "value", 1500, 0);
    const write = send(queue, 100);
    expect(queue.isStillDue(write, 1000)).toEqual({ due: true, ttl: 500 });
    queue.landed(write, true, 1000);
    expect(queue.tally).toMatchObject({ stored: 1, entries: 0, inFlight: 0 });
  });

  it("is not when its time to live is over", () => {
    const queue = module.newQueue();
    queue.put("a", "value", 1500, 0);
    const write = send(queue);
    expect(queue.isStillDue(write, 1500).due).toBe(false);
    expect(queue.tally).toMatchObject({ expired: 1, entries: 0, bytes: 0, inFlight: 0 });
  });

  it("is not when a newer one of its key has come, which is sent then", () => {
    const queue = module.newQueue();
    queue.put("a", "old", TTL, 0);
    const write = send(queue);
    queue.put("a", "new", TTL, 0);
    expect(queue.isStillDue(write, 0).due).toBe(false);
    expect(queue.tally).toMatchObject({ replaced: 1, entries: 1, inFlight: 0 });
    expect(send(queue).value).toBe("new");
  });

  it("ends where it is outdated, once", () => {
    const queue = module.newQueue();
    fill(queue, "a");
    const write = send(queue);
    queue.outdate(write);
    queue.outdate(write);
    queue.landed(write, true, 0);
    expect(queue.isStillDue(write, 0).due).toBe(false);
    expect([queue.outdated, queue.held(write)]).toEqual([1, { key: null, value: null }]);
    expect(queue.tally).toMatchObject({ stored: 0, entries: 0, bytes: 0, inFlight: 0 });
  });
});
