import { Status, type Plugin, type ProxyHost } from "proxy-wasm-host";
import { logText, proxyWith } from "../../filter/support/filter.ts";
import { CLUSTERS, configuration, configurationText } from "./configurations.ts";
import { FuzzedStream } from "./fuzzed-stream.ts";
import { Random } from "./random.ts";
import { Tiers } from "./tiers.ts";

/** How many streams may be under way at once. */
const MOST_LIVE = 24;
/** So much of what happened last is told of an episode that went wrong. */
const TRAIL = 60;
/** Longer than any time that a configuration gives anything to happen in, in milliseconds. */
const LONG = 70_000;
const MINUTE = 60_000;

/** Host functions that may fail. Without the others a filter can do nothing for a stream, and metrics count for nothing. */
const FALLIBLE = [
  ...["proxy_get_property", "proxy_set_property", "proxy_get_header_map_value", "proxy_get_header_map_pairs"],
  ...["proxy_replace_header_map_value", "proxy_add_header_map_value", "proxy_remove_header_map_value"],
  ...["proxy_get_buffer_bytes", "proxy_http_call", "proxy_call_foreign_function", "proxy_log"],
  ...["proxy_get_shared_data", "proxy_set_shared_data"],
] as const;
const FAILURES = [Status.BadArgument, Status.InternalFailure, Status.NotFound, Status.InvalidMemoryAccess, 99];

/** Some streams through one proxy, with all that may happen to them and to it; the seed decides what does. */
export class Episode {
  readonly #random: Random;
  readonly #proxy: ProxyHost;
  readonly #tiers = new Tiers();
  readonly #trail: string[] = [];
  readonly #plugins: Plugin[] = [];
  #live: FuzzedStream[] = [];

  private constructor(random: Random, proxy: ProxyHost) {
    this.#random = random;
    this.#proxy = proxy;
  }

  /** Runs so many streams; rejects with what went wrong, and what led to it. */
  static async run(seed: number, streams: number): Promise<void> {
    const random = new Random(seed);
    const options = { seed, workers: random.between(1, 2), mainThread: random.oneIn(2), recording: false };
    const episode = new Episode(random, await proxyWith({ ...options, clusters: CLUSTERS }));
    try {
      episode.#configure();
      episode.#stream(streams);
      episode.#drain();
      episode.#serveNext();
      episode.#settle();
    } catch (error) {
      throw new Error(`${String(error)}\nwhat happened last:\n${episode.#trail.join("\n")}`, { cause: error });
    }
  }

  /** One to three plugins, in the order in which requests pass them. */
  #configure(): void {
    const count = this.#random.between(1, 3);
    for (let index = 0; index < count; index++) this.#plugins.push(this.#plugin(`plugin-${index}`));
    this.#check();
  }

  /** A plugin whose configuration is accepted: one that is not is tried, too. */
  #plugin(rootId: string): Plugin {
    for (let attempt = 0; attempt < 20; attempt++) {
      const text = JSON.stringify(configuration(this.#random));
      const plugin = this.#proxy.addPlugin({ rootId, configuration: text });
      this.#check();
      if (plugin.configured) {
        this.#note(`${rootId}: ${text}`);
        return plugin;
      }
      plugin.remove();
    }
    throw new Error(`no random configuration is accepted any more:\n${logText(this.#proxy)}`);
  }

  #stream(streams: number): void {
    for (let opened = 0; opened < streams;) {
      if (this.#live.length < MOST_LIVE && this.#random.oneIn(2)) {
        this.#note(`stream ${opened}`);
        this.#live.push(new FuzzedStream(this.#proxy, this.#plugins, this.#random));
        opened++;
      } else {
        this.#happen();
      }
      this.#live = this.#live.filter(({ over }) => !over);
      this.#check();
    }
  }

  #happen(): void {
    const what = this.#random.weighted<() => void>([
      [60, () => this.#streamGoesOn()],
      [30, () => this.#callEnds()],
      [10, () => this.#timePasses()],
      [2, () => this.#hostFails()],
      [1, () => this.#configurationChanges()],
    ]);
    what();
  }

  #streamGoesOn(): void {
    if (this.#live.length === 0) return;
    const index = this.#random.below(this.#live.length);
    this.#note(`live stream ${index}: ${this.#live[index]?.happen() ?? ""}`);
  }

  #callEnds(): void {
    const { calls } = this.#proxy;
    if (calls.length === 0) return;
    const call = this.#random.pick(calls);
    this.#note(`call ${call.token} to ${call.cluster} ends`);
    this.#tiers.answer(this.#random, call);
  }

  #timePasses(): void {
    if (this.#random.oneIn(20)) {
      const step = this.#random.pick([-86_400_000, -1_000, 1_000, 86_400_000]);
      this.#note(`the wall clock is set by ${step} ms`);
      this.#proxy.clock.stepWallTime(step);
      return;
    }
    const time = this.#random.pick([0, 1, 10, 50, 100, 250, 1_000, 2_000, this.#random.below(MINUTE)]);
    this.#note(`${time} ms pass`);
    this.#proxy.clock.advance(time);
  }

  #hostFails(): void {
    const { faults } = this.#proxy;
    if (this.#random.oneIn(6)) {
      this.#note("an allocation fails");
      faults.failAllocations(this.#random.between(1, 2));
      return;
    }
    const name = this.#random.pick(FALLIBLE);
    const status = this.#random.pick(FAILURES);
    const times = this.#random.between(1, 4);
    this.#note(`${name} fails with ${status}, ${times} times`);
    faults.failHostFunction(name, status, times);
  }

  #configurationChanges(): void {
    // A plugin's configuration is handed over in memory of the module's.
    this.#proxy.faults.clear();
    const index = this.#random.below(this.#plugins.length);
    const text = configurationText(this.#random);
    const isAccepted = this.#plugins[index]?.update(text) ?? false;
    this.#note(`plugin-${index} ${isAccepted ? "accepts" : "refuses"} ${Buffer.from(text).toString()}`);
  }

  /** All failures end, and everybody does what is left for them to do: then no stream may be left that waits. */
  #drain(): void {
    this.#proxy.faults.clear();
    for (let round = 0; round < 20; round++) {
      for (const stream of this.#live) stream.finish();
      this.#answerAll();
      this.#proxy.clock.advance(round < 10 ? 100 : LONG);
      this.#answerAll();
    }
    const left = this.#live.filter(({ over }) => !over);
    if (left.length === 0) return;
    const states = left.map(
      ({ stream }) => `${stream.request.state}, response ${stream.responsePaused ? "" : "not "}paused`,
    );
    throw new Error(`streams never end: ${states.join("; ")}`);
  }

  #answerAll(): void {
    for (let left = 1_000; this.#proxy.calls.length > 0; left--) {
      if (left === 0) throw new Error("calls without end");
      for (const call of this.#proxy.calls) if (call.state === "pending") this.#tiers.answerWell(this.#random, call);
    }
  }

  /** Who comes next, on any worker, is served. */
  #serveNext(): void {
    for (const { name } of this.#proxy.workers) {
      if (name === "main") continue;
      const stream = this.#proxy.openStream(this.#plugins, { worker: name });
      stream.sendRequestHeaders([
        [":method", "GET"],
        [":scheme", "http"],
        [":authority", "shop.example.com"],
        [":path", `/api/next-${name}`],
      ]);
      this.#answerAll();
      if (stream.request.state === "forwarded") stream.respond({ status: 200, body: "hello" });
      if (stream.response === undefined) throw new Error(`the next request is not served: ${stream.request.state}`);
      stream.end();
    }
  }

  /** Nothing counts as being under way. */
  #settle(): void {
    // Calls are answered as they come: a write that tries whether Redis is back would else run into its time limit each time.
    for (let passed = 0; passed < 5 * LONG; passed += 1000) {
      this.#proxy.clock.advance(1000);
      this.#answerAll();
    }
    this.#check();
    const gauges = Object.entries(this.#proxy.metrics.toObject()).filter(
      ([name, value]) => value !== 0 && /(\.flights|\.fetches|\.recorded_bytes|\.queued|\.queued_bytes)$/.test(name),
    );
    if (gauges.length > 0) throw new Error(`still under way: ${JSON.stringify(Object.fromEntries(gauges))}`);
    for (const worker of this.#proxy.workers) {
      if (worker.liveContexts > this.#plugins.length) throw new Error(`${worker.liveContexts} contexts are left`);
    }
  }

  #check(): void {
    for (const worker of this.#proxy.workers) {
      if (worker.trapped !== undefined) throw new Error(`trapped: ${worker.trapped}`);
    }
    const [violation] = this.#proxy.violations;
    if (violation !== undefined) throw new Error(`not defined in Envoy: ${violation}`);
  }

  #note(what: string): void {
    this.#trail.push(what.slice(0, 4_000));
    if (this.#trail.length > TRAIL) this.#trail.shift();
  }
}
