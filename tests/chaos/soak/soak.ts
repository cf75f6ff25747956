import { setTimeout as delay } from "node:timers/promises";
import { connect, type ClientHttp2Session } from "node:http2";
import { LOOPBACK } from "../../../envoy-local/lib/ports.ts";
import {
  Http1Client,
  Http2Client,
  cacheStatus,
  type CacheClient,
  type CacheReply,
} from "../../envoy/support/cache-client.ts";
import { Random } from "../../fuzz/support/random.ts";
import { Counters } from "../support/counters.ts";
import { Calendar, FAULTS } from "./faults.ts";
import { SoakGateway } from "./gateway.ts";
import { askAndLeave, askAndReset, faultOf, nextQuestion, type Question } from "./question.ts";
import { TENANTS, World } from "./world.ts";

export interface SoakOptions {
  readonly seconds: number;
  /** Decides on requests and on the order of faults; what meets what is the machine's choice. */
  readonly seed: number;
  /** Is told what happens. */
  readonly report?: (line: string) => void;
}

/** What came of it. */
export interface SoakResult {
  readonly requests: number;
  /** How often what was said of the cache and of the status. */
  readonly outcomes: ReadonlyMap<string, number>;
  readonly faults: readonly string[];
  /** Everything that should not have been; at most a hundred of them. */
  readonly wrong: readonly string[];
  /** What the filter has counted, when nothing was under way any more. */
  readonly counts: Readonly<Record<string, number>>;
  /** How many requests Envoy has counted. */
  readonly received: number;
  /** What Envoy's log says of functions of the module that have trapped. */
  readonly traps: readonly string[];
}

const HTTP1_CLIENTS = 10;
const HTTP2_CLIENTS = 4;
const LEAVERS = 3;
/** Between a client's requests, at most, in milliseconds: two cores are to have time for it. */
const PAUSE = 60;
/** How long a fault takes, and how long nothing fails then, at most, in milliseconds. */
const FAULT = 3_000;
const CALM = 2_500;
const MOST_WRONG = 100;
const TRAP = /Function: \S+ failed|RuntimeError/;
/** The gauges of what is under way. */
const UNDER_WAY = [
  ...["lookup.route.flights", "responses.fetches", "responses.recorded_bytes"],
  ...["writes.queued", "writes.queued_bytes"],
];

/** Mixed traffic through real parts, of which one after the other fails; every response is checked. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const run = new Soak(options);
  try {
    return await run.run();
  } finally {
    await run.stop();
  }
}

class Soak {
  readonly #options: SoakOptions;
  readonly #world = new World();
  readonly #gateway = new SoakGateway(this.#world);
  readonly #calendar = new Calendar();
  readonly #outcomes = new Map<string, number>();
  readonly #faults: string[] = [];
  readonly #wrong: string[] = [];
  readonly #clients: CacheClient[] = [];
  readonly #sessions: ClientHttp2Session[] = [];
  #requests = 0;
  #ended = false;

  constructor(options: SoakOptions) {
    this.#options = options;
  }

  async run(): Promise<SoakResult> {
    await this.#gateway.start();
    const end = Date.now() + this.#options.seconds * 1_000;
    // Each has numbers of its own: what one does is not for another one's timing to decide.
    const random = (index: number): Random => new Random(this.#options.seed * 1_000 + index);
    const clients = [
      ...Array.from({ length: HTTP1_CLIENTS }, () => new Http1Client(this.#gateway.port)),
      ...Array.from({ length: HTTP2_CLIENTS }, () => new Http2Client(this.#gateway.port)),
    ];
    this.#clients.push(...clients);
    const traffic = Promise.all([
      ...clients.map((client, index) => this.#ask(client, random(index))),
      ...Array.from({ length: LEAVERS }, (_, index) => this.#leave(random(100 + index))),
      this.#change(random(200)),
    ]);
    try {
      await Promise.race([traffic, this.#fail(end, random(300))]);
    } finally {
      this.#ended = true;
    }
    await traffic;
    return this.#settle();
  }

  async stop(): Promise<void> {
    this.#ended = true;
    for (const client of this.#clients) client.close();
    for (const session of this.#sessions) session.destroy();
    await this.#gateway.stop();
  }

  async #ask(client: CacheClient, random: Random): Promise<void> {
    const etags = new Map<string, string>();
    while (!this.#ended) {
      const question = nextQuestion(random, etags);
      this.#requests++;
      try {
        const reply = await client.send(question.path, question.request);
        this.#note(question, reply);
        const [etag] = reply.headers["etag"] ?? [];
        if (etag !== undefined) etags.set(question.path, etag);
      } catch (error) {
        this.#count("cut off");
        // A response that ends before its end, and nothing else, is the origin's doing.
        if (!this.#calendar.excuses("origin", question.at)) this.#blame(question, String(error));
      }
      await delay(random.below(PAUSE));
    }
  }

  #note(question: Question, reply: CacheReply): void {
    this.#count(`${reply.status} ${cacheStatus(reply).replace(/; (ttl|key|fwd-status)=[^;]*/g, "")}`);
    const fault = faultOf(question, reply, this.#world, this.#calendar);
    if (fault !== undefined) this.#blame(question, `${fault}; ${reply.status} ${JSON.stringify(reply.headers)}`);
  }

  async #leave(random: Random): Promise<void> {
    const session = connect(`http://${LOOPBACK}:${this.#gateway.port}`);
    session.on("error", () => undefined);
    this.#sessions.push(session);
    while (!this.#ended) {
      const question = nextQuestion(random, new Map());
      this.#requests++;
      this.#count("left");
      const time = random.below(20);
      if (random.oneIn(2)) await askAndLeave(question, this.#gateway.port, time);
      else await askAndReset(question, session, time);
      await delay(random.below(2 * PAUSE));
    }
  }

  /** Objects, routes and configurations change. */
  async #change(random: Random): Promise<void> {
    while (!this.#ended) {
      this.#world.changeSome(random, 20);
      // The routing service may be away: then the change is not complete, and the tenant gets its next one another time.
      if (random.oneIn(3)) await this.#gateway.changeRoute(random.below(TENANTS)).catch(() => undefined);
      if (random.oneIn(10)) this.#gateway.misconfigure();
      else if (random.oneIn(6)) this.#gateway.configure();
      await delay(500);
    }
  }

  /** One fault after the other, all of them before any comes again; ends in calm. */
  async #fail(end: number, random: Random): Promise<void> {
    await delay(CALM);
    for (let left = [...FAULTS]; Date.now() < end - CALM; left = left.length > 0 ? left : [...FAULTS]) {
      const [fault] = left.splice(random.below(left.length), 1);
      if (fault === undefined) return;
      this.#options.report?.(fault.name);
      this.#faults.push(fault.name);
      this.#calendar.begin(fault.affects);
      await fault.begin(this.#gateway);
      await delay(random.between(FAULT / 2, FAULT));
      await fault.end(this.#gateway);
      this.#calendar.end();
      await delay(random.between(CALM / 2, CALM));
    }
    await delay(Math.max(0, end - Date.now()));
  }

  /** Waits until nothing is under way, and the filter has told all that it has counted. */
  async #settle(): Promise<SoakResult> {
    const counters = new Counters(this.#gateway.envoy);
    await counters.until("nothing is under way", (counts) => UNDER_WAY.every((name) => (counts[name] ?? 0) === 0));
    const received =
      (await this.#gateway.envoy.stats("^http\\.soak\\.downstream_rq_total$")).values().next().value ?? 0;
    await counters.until(`${received} requests are counted`, (counts) => counted(counts).lookup >= received);
    return {
      requests: this.#requests,
      outcomes: this.#outcomes,
      faults: this.#faults,
      wrong: [...this.#wrong, ...this.#gateway.origin.wrong].slice(0, MOST_WRONG),
      counts: await counters.all(),
      received,
      traps: this.#gateway.envoy.log
        .all()
        .split("\n")
        .filter((line) => TRAP.test(line)),
    };
  }

  #count(outcome: string): void {
    this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + 1);
  }

  #blame({ request, path, at }: Question, what: string): void {
    if (this.#wrong.length >= MOST_WRONG) return;
    const time = new Date(at).toISOString();
    this.#wrong.push(`${time} ${request.method ?? ""} ${path} ${JSON.stringify(request.headers)}: ${what}`);
  }
}

/** How many requests the lookup and the cache have had: each is one of these (docs/metrics.md). */
export function counted(counts: Readonly<Record<string, number>>): { lookup: number; cache: number } {
  const sum = (prefix: string, ...names: readonly string[]): number =>
    names.reduce((total, name) => total + (counts[prefix + name] ?? 0), 0);
  const ends = ["hits", "hits_from_redis", "stale", "misses", "passes", "unsatisfied", "abandoned"];
  return {
    lookup: sum("lookup.route.", "local.hits", "local.stale", "local.negative", "local.misses", "rejected"),
    cache: sum("responses.", ...ends),
  };
}
