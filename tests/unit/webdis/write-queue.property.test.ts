import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { QueueModel } from "../support/write-queue-model.ts";
import {
  QueueModule,
  costOfWrite,
  type Bounds,
  type Queue,
  type Sent,
  type TestQueue,
} from "../support/write-queue.ts";

const RUNS = 500;

/** Without it runs stay at about ten steps, whatever their greatest length. */
const LONG = { size: "max" } as const;

const module = new QueueModule();
const writeCost = costOfWrite(module);

const KEY = fc.constantFrom("", ...Array.from("abcdefgh"), "a".repeat(40));
const VALUE = fc
  .tuple(fc.oneof(fc.nat({ max: 60 }), fc.nat({ max: 900 })), fc.constantFrom(...Array.from("pqrst")))
  .map(([length, letter]) => letter.repeat(length));
const TTL = fc.oneof(fc.constant(100_000), fc.integer({ min: -1, max: 1500 }));
const BOUNDS: fc.Arbitrary<Bounds> = fc.record({
  maxEntries: fc.integer({ min: 0, max: 8 }),
  maxBytes: fc.oneof(fc.nat({ max: 1500 }), fc.constant(1 << 20)),
  maxInFlight: fc.integer({ min: 1, max: 4 }),
  jitter: fc.nat({ max: 250 }),
});

/** A queue, what it handed out, and its clock: what each command acts on. */
class Bench<W extends Sent> {
  readonly flying: W[] = [];
  now = 1000;

  constructor(readonly queue: Queue<W>) {}

  put(key: string, value: string, ttl: number): unknown {
    return this.queue.put(key, value, ttl, this.now);
  }

  send(): unknown {
    const write = this.queue.next(this.now);
    if (!write) return null;
    this.flying.push(write);
    const { key, value, ttl } = write;
    return { key, value, ttl };
  }

  /** One of those handed out lands; after `dispose` the queue does not know it any more. */
  land(pick: number, ok: boolean): unknown {
    const [write] = this.flying.splice(pick % (this.flying.length || 1), 1);
    if (write) this.queue.landed(write, ok, this.now);
    return write?.key;
  }

  look(): unknown {
    return { ...this.queue.tally, nextDue: this.queue.nextDue(this.now) };
  }

  dispose(): void {
    this.queue.dispose();
  }
}

type AnyBench = Pick<Bench<Sent>, "put" | "send" | "land" | "look" | "dispose" | "now">;
type Command = fc.Command<AnyBench, AnyBench>;

/** Does one thing to both, and compares what they say to it and all that they count. */
function command(name: string, act: (bench: AnyBench) => unknown): Command {
  return {
    check: () => true,
    run: (model, real) => {
      expect(act(real)).toEqual(act(model));
      expect(real.look()).toEqual(model.look());
    },
    toString: () => name,
  };
}

const PUT = fc
  .tuple(KEY, VALUE, TTL)
  .map(([key, value, ttl]) =>
    command(`put "${key}" with ${value.length} bytes for ${ttl} ms`, (bench) => bench.put(key, value, ttl)),
  );
const SEND = fc.constant(command("send", (bench) => bench.send()));
const LAND = fc
  .tuple(fc.nat({ max: 8 }), fc.boolean())
  .map(([pick, ok]) => command(`land ${pick} ${ok ? "well" : "badly"}`, (bench) => bench.land(pick, ok)));
const TIME = fc
  .oneof(fc.constant(500), fc.integer({ min: 0, max: 900 }), fc.integer({ min: -2000, max: 0 }))
  .map((ms) =>
    command(`${ms} ms go by`, (bench) => {
      bench.now += ms;
    }),
  );
const DISPOSE = fc.constant(
  command("dispose", (bench) => {
    bench.dispose();
  }),
);

/** Whatever is done to a queue, in any order, it says what the model says. */
function behavesAsTheModel(commands: fc.Arbitrary<Iterable<Command>>): void {
  fc.assert(
    fc.property(BOUNDS, commands, (bounds, run) => {
      const queue = module.newQueue(bounds);
      fc.modelRun(() => ({ model: new Bench(new QueueModel(bounds, writeCost)), real: new Bench(queue) }), run);
      queue.dispose();
    }),
    { numRuns: RUNS },
  );
}

describe("a write-behind queue", () => {
  it("behaves as the model does, whatever is done to it", () => {
    behavesAsTheModel(fc.commands([PUT, PUT, PUT, SEND, SEND, SEND, LAND, LAND, TIME], { ...LONG, maxCommands: 100 }));
  });

  it("behaves as the model does when it is disposed of and used again", () => {
    behavesAsTheModel(fc.commands([PUT, PUT, SEND, SEND, LAND, LAND, TIME, DISPOSE], { ...LONG, maxCommands: 60 }));
  });
});

/** What one round does to a queue whose Redis fails now and then. */
interface Round {
  key: string;
  value: string;
  ttl: number;
  sends: number;
  lands: boolean[];
  wait: number;
}

const ROUNDS = (ttl: fc.Arbitrary<number>): fc.Arbitrary<Round[]> =>
  fc.array(
    fc.record({
      key: KEY,
      value: VALUE,
      ttl,
      sends: fc.nat({ max: 3 }),
      lands: fc.array(fc.boolean(), { maxLength: 3 }),
      wait: fc.nat({ max: 400 }),
    }),
    { ...LONG, minLength: 10, maxLength: 60 },
  );

/** Runs the rounds, the longest in flight landing first; `check` looks after each step. */
function play(queue: TestQueue, rounds: Round[], check: (flying: readonly Sent[]) => void): void {
  const bench = new Bench(queue);
  for (const { key, value, ttl, sends, lands, wait } of rounds) {
    bench.put(key, value, ttl);
    for (let i = 0; i < sends; i++) bench.send();
    check(bench.flying);
    for (const ok of lands) bench.land(0, ok);
    check(bench.flying);
    bench.now += wait;
  }
  while (bench.flying.length > 0) bench.land(0, true);
  // What is left is sent and arrives, what waits for its second try too.
  for (let i = 0; i < 2; i++, bench.now += 1000) {
    while (bench.send()) bench.land(0, true);
  }
}

describe("a write-behind queue, whatever Redis says", () => {
  it("never passes its bounds, nor has two writes of one key in flight", () => {
    fc.assert(
      fc.property(BOUNDS, ROUNDS(TTL), (bounds, rounds) => {
        const queue = module.newQueue(bounds);
        play(queue, rounds, (flying) => {
          const { entries, bytes, inFlight } = queue.tally;
          expect(entries).toBeLessThanOrEqual(bounds.maxEntries);
          expect(bytes).toBeLessThanOrEqual(bounds.maxBytes);
          expect(inFlight).toBe(flying.length);
          expect(inFlight).toBeLessThanOrEqual(bounds.maxInFlight);
          expect(new Set(flying.map(({ key }) => key)).size).toBe(flying.length);
        });
      }),
      { numRuns: RUNS / 2 },
    );
  });

  it("counts every write's end, and holds nothing then", () => {
    fc.assert(
      fc.property(BOUNDS, ROUNDS(TTL), (bounds, rounds) => {
        const queue = module.newQueue(bounds);
        play(queue, rounds, () => undefined);
        const { entries, bytes, stored, replaced, full, tooLarge, failed, expired } = queue.tally;
        expect({ entries, bytes }).toEqual({ entries: 0, bytes: 0 });
        expect(stored + replaced + full + tooLarge + failed + expired).toBe(rounds.length);
      }),
      { numRuns: RUNS / 2 },
    );
  });

  it("leaves the newest write of each key in Redis, but for those it counts as dropped", () => {
    fc.assert(
      fc.property(ROUNDS(fc.constant(1e9)), (rounds) => {
        const queue = module.newQueue({ maxInFlight: 3 });
        const redis = new Map<string, string>();
        const landing: Pick<TestQueue, "landed"> = {
          landed: (write, ok, now) => {
            if (ok) redis.set(write.key, write.value);
            queue.landed(write, ok, now);
          },
        };
        play({ ...queue, ...landing, tally: queue.tally }, rounds, () => undefined);
        const newest = new Map(rounds.map(({ key, value }) => [key, value]));
        const missing = [...newest].filter(([key, value]) => redis.get(key) !== value);
        const { failed, full } = queue.tally;
        expect(full).toBe(0);
        expect(missing.length).toBeLessThanOrEqual(failed);
      }),
      { numRuns: RUNS / 2 },
    );
  });
});
