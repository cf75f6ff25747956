import type { HttpCall, Plugin, ProxyHost, Stream } from "proxy-wasm-host";
import { answer, cacheWith, get, send, SECOND, type Fields } from "./cache.ts";
import { CACHE_WEBDIS, commandOf, respOf } from "./redis.ts";

/** How long requests wait for each other, and how long for a lost reply of Redis' at most, in milliseconds. */
const WAIT = 2 * SECOND;

/** How long a reply that a request waits for may take, in milliseconds. */
const WEBDIS_TIMEOUT = 50;

/** What one order did to Redis' standing, calls that are lost included, must not be felt by the next. */
const REDIS = {
  webdis: {
    ...CACHE_WEBDIS,
    timeout: `${WEBDIS_TIMEOUT}ms`,
    maxInFlight: 2000,
    breaker: { failures: 1_000_000, open: "1s" },
  },
};

/** What a request may be like. */
export const KINDS = ["GET", "only-if-cached", "no-store", "Authorization", "HEAD"] as const;
export type Kind = (typeof KINDS)[number];

const FIELDS: Readonly<Record<Kind, Fields>> = {
  GET: {},
  "only-if-cached": { "cache-control": "only-if-cached" },
  "no-store": { "cache-control": "no-store" },
  Authorization: { authorization: "Bearer one" },
  HEAD: {},
};

const ETAG = { etag: '"v1"', "content-type": "text/plain" };
const STORABLE = answer({ ...ETAG, "cache-control": "max-age=60" });
const RESPONSES = {
  storable: STORABLE,
  private: answer({ "cache-control": "private" }),
  503: answer({}, "oops", 503),
  304: answer({ ...ETAG, "cache-control": "max-age=60" }, "", 304),
};

/** What Redis, or the way to it, makes of a question. */
const REPLIES = ["fresh", "stale", "miss", "error", "never"] as const;
type Reply = (typeof REPLIES)[number];

/** Something that may happen now. */
interface Action {
  readonly name: string;
  readonly run: () => void;
}

/** Which actions there are beside arrivals, replies and ticks, and how many of all there are on one way. */
export interface Bounds {
  readonly actions: number;
  readonly resets: number;
  /** Whether all have arrived before anything else happens. */
  readonly arriveFirst?: boolean;
  /** Whether time may pass that ends all waiting, once. */
  readonly overdue?: boolean;
  readonly replies?: readonly Reply[];
}

/** The worker whose requests are looked at, and the one that stands for another gateway of the fleet. */
const HERE = 0;
const ELSEWHERE = 1;

let paths = 0;

/** One URL's requests, in an order of events that is chosen step by step. */
export class OrderRun {
  readonly steps: string[] = [];
  private readonly path = `/orders/${paths++}`;
  private readonly streams: Stream[] = [];
  private resets = 0;
  private ticked = true;
  private wasOverdue = false;

  constructor(
    private readonly proxy: ProxyHost,
    private readonly plugin: Plugin,
    private readonly kinds: readonly Kind[],
    private readonly bounds: Bounds,
  ) {}

  /** All that may happen next; nothing when it has been enough. */
  enabled(): Action[] {
    const { bounds, kinds, streams } = this;
    const arrives = streams.length < kinds.length;
    const actions: Action[] = [];
    if (arrives) actions.push({ name: `${kinds[streams.length] ?? ""} arrives`, run: () => this.arrive() });
    if (arrives && bounds.arriveFirst === true) return actions;
    if (this.steps.length >= bounds.actions + (bounds.arriveFirst === true ? kinds.length : 0)) return [];
    for (const [i, call] of this.reads().entries()) {
      for (const reply of bounds.replies ?? REPLIES) {
        actions.push({ name: `Redis (${i}): ${reply}`, run: () => this.reply(call, reply) });
      }
    }
    for (const [i, stream] of streams.entries()) {
      if (isOut(stream)) actions.push(...this.responses(i, stream));
      if (!stream.ended && this.resets < bounds.resets) {
        actions.push({ name: `${i} leaves`, run: () => this.leave(stream) });
      }
    }
    if (this.paused().length > 0) {
      if (!this.ticked) actions.push({ name: "tick", run: () => this.tick() });
      if (bounds.overdue === true && !this.wasOverdue) {
        actions.push({ name: "all is overdue", run: () => this.overdue() });
      }
    }
    return actions;
  }

  take(action: Action): void {
    this.steps.push(action.name);
    this.ticked = false;
    action.run();
    this.answerWrites();
  }

  /** Everything that is still out comes back, and time passes every limit. */
  finish(): void {
    for (let round = 0; round < 3 * this.kinds.length + 3; round++) {
      const reads = this.reads();
      const out = this.streams.filter(isOut);
      for (const call of reads) this.reply(call, "miss");
      for (const stream of out) stream.respond(STORABLE);
      this.answerWrites();
      if (reads.length === 0 && out.length === 0 && this.paused().length === 0) break;
      this.proxy.clock.advance(2);
    }
    if (this.paused().length === 0) return;
    this.overdue();
    for (const stream of this.streams) if (isOut(stream)) stream.respond(STORABLE);
    this.answerWrites();
  }

  /** What is wrong with how it came out; empty for nothing. */
  faults(): string[] {
    const { proxy, streams } = this;
    const open = streams.flatMap((stream, i) => (stream.ended ? [] : [`${i} is ${stream.request.state}`]));
    return [...open, ...proxy.violations, ...(proxy.vm(HERE).trapped === undefined ? [] : ["the module has trapped"])];
  }

  private arrive(): void {
    const kind = this.kinds[this.streams.length] ?? "GET";
    const method = kind === "HEAD" ? "HEAD" : "GET";
    this.streams.push(send(this.plugin, method, this.path, FIELDS[kind], HERE));
  }

  private leave(stream: Stream): void {
    this.resets++;
    stream.disconnect();
  }

  private responses(i: number, stream: Stream): Action[] {
    const isValidation = stream.request.headers.has("if-none-match");
    return Object.entries(RESPONSES)
      .filter(([name]) => name !== "304" || isValidation)
      .map(([name, response]) => ({ name: `the upstream to ${i}: ${name}`, run: () => stream.respond(response) }));
  }

  private reply(call: HttpCall, reply: Reply): void {
    if (reply === "never") call.lose();
    else if (reply === "error") call.reply({ body: "-ERR no\r\n" });
    else call.reply({ body: respOf(reply === "miss" ? null : this.stored(reply)) });
  }

  /** What another gateway has stored in Redis. */
  private stored(reply: "fresh" | "stale"): Uint8Array {
    const age = reply === "stale" ? { age: "100" } : {};
    // It has what it stored before, and is to ask all the same.
    get(this.plugin, this.path, { "cache-control": "no-cache" }, ELSEWHERE).respond(
      answer({ ...ETAG, ...age, "cache-control": "max-age=60" }),
    );
    const write = this.write(ELSEWHERE);
    if (write !== undefined) answerWrite(write);
    return commandOf(write).value;
  }

  private tick(): void {
    this.proxy.clock.advance(2);
    this.ticked = true;
    const held = this.paused();
    // Whoever is held is ready, and then it is so no longer; or something is out that it waits for.
    const anythingIsOut = this.reads().length > 0 || this.lost > 0 || this.streams.some(isOut);
    if (held.length > 0 && !anythingIsOut) throw new Error(`${held.length} requests wait for nothing`);
  }

  private overdue(): void {
    this.wasOverdue = true;
    this.proxy.clock.advance(WAIT + 200);
    if (this.paused().length > 0) throw new Error(`${this.paused().length} requests wait for longer than they may`);
  }

  private get lost(): number {
    return this.steps.filter((step) => step.endsWith("never")).length;
  }

  private paused(): Stream[] {
    return this.streams.filter((stream) => stream.request.state === "paused");
  }

  private reads(): HttpCall[] {
    return this.calls(HERE).filter((call) => !isWrite(call));
  }

  private answerWrites(): void {
    for (let call = this.write(HERE); call !== undefined; call = this.write(HERE)) answerWrite(call);
  }

  private write(worker: number): HttpCall | undefined {
    return this.calls(worker).find(isWrite);
  }

  private calls(worker: number): HttpCall[] {
    return this.proxy.calls.filter((call) => call.worker === worker);
  }
}

/** Whether it is a write to Redis, or the question before one that is late, which has as much time: no request waits for them. */
function isWrite(call: HttpCall): boolean {
  return call.timeoutMs > WEBDIS_TIMEOUT;
}

function answerWrite(call: HttpCall): void {
  call.reply({ body: commandOf(call).name === "GET" ? respOf(null) : "+OK\r\n" });
}

/** Whether the upstream has it, and has not answered. */
function isOut(stream: Stream): boolean {
  return !stream.ended && stream.request.state === "forwarded" && stream.response === undefined;
}

interface Choice {
  at: number;
  readonly of: number;
}

/** The next way: the last step that has another choice takes it. False when there is none. */
function advance(choices: Choice[]): boolean {
  for (let last = choices.pop(); last !== undefined; last = choices.pop()) {
    if (last.at + 1 < last.of) return choices.push({ at: last.at + 1, of: last.of }) > 0;
  }
  return false;
}

/**
 * Walks every order of events within these bounds, each on a URL of its own; gives how many there are. Fails with the steps of
 * the first one after which something is wrong.
 */
export async function walkOrders(kinds: readonly Kind[], bounds: Bounds): Promise<number> {
  const cache = { collapse: { wait: `${WAIT}ms` } };
  const { proxy, plugin } = await cacheWith(cache, REDIS, { workers: 2, recording: false });
  /** Which of how many actions was chosen at each step. */
  const choices: Choice[] = [];
  for (let walked = 1; ; walked++) {
    const run = new OrderRun(proxy, plugin, kinds, bounds);
    let faults: string[];
    try {
      for (let depth = 0; ; depth++) {
        const actions = run.enabled();
        const choice = (choices[depth] ??= { at: 0, of: actions.length });
        if (choice.of !== actions.length) throw new Error("one order's outcome depends on the orders before it");
        const action = actions[choice.at];
        if (action === undefined) {
          choices.length = depth;
          break;
        }
        run.take(action);
      }
      run.finish();
      faults = run.faults();
    } catch (error) {
      faults = [String(error)];
    }
    if (faults.length > 0) throw new Error(`${faults.join("; ")}, after: ${run.steps.join(" | ")}`);
    if (!advance(choices)) {
      expectNothingLeft(proxy);
      return walked;
    }
  }
}

/** The gauge is of all orders that have been walked. */
function expectNothingLeft(proxy: ProxyHost): void {
  proxy.clock.advance(1.1 * SECOND);
  const fetches = proxy.metrics.value("signpost.responses.fetches") ?? 0;
  if (fetches > 0) throw new Error(`${fetches} fetches are left`);
}

/** Every way to choose so many kinds, in every order. */
export function sequences(kinds: readonly Kind[], length: number): Kind[][] {
  if (length === 0) return [[]];
  return sequences(kinds, length - 1).flatMap((rest) => kinds.map((kind) => [...rest, kind]));
}
