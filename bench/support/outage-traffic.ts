import { type HttpCall, type Plugin, ProxyHost, type Stream, type UpstreamResponse } from "proxy-wasm-host";

/** What of the world fails for a while. */
export const OUTAGES = [
  "nothing",
  "webdis refuses",
  "webdis hangs",
  "service fails",
  "upstream hangs",
  "all at once",
] as const;
export type Outage = (typeof OUTAGES)[number];

const MIB = 1024 * 1024;

/** What the stores and the queue may take together, in bytes. */
export const CONFIGURED = 4 * MIB + 8 * MIB + 4 * MIB;

const WEBDIS = { cluster: "webdis", timeout: "50ms", writeQueue: { maxEntries: 2048, maxBytes: "4MiB" } };
const ROUTING = {
  webdis: WEBDIS,
  lookups: [
    {
      name: "route",
      key: "route:{path[0]}",
      service: { cluster: "service", path: "/{path[0]}", timeout: "250ms", fill: true, fillTtl: "1h" },
      local: { ttl: "20s", maxEntries: 4000, maxBytes: "4MiB" },
      owns: ["x-cell"],
    },
  ],
};
const CACHING = {
  webdis: WEBDIS,
  responseCache: { local: { maxEntries: 4000, maxBytes: "8MiB" }, maxBodyBytes: "256KiB" },
};

const TENANTS = 20_000;
const PAGES = 3;
/** Requests that are on their way at once, and those where the upstream takes its time. */
const FEW = 50;
const MANY = 1500;
/** The most that are on their way at once. */
export const IN_FLIGHT = MANY;
/** The largest body, in bytes; most are much smaller. */
const LARGEST = 200_000;

const BODY = Buffer.alloc(LARGEST, "x");

/** One worker's VM of both roles, and traffic through it with outages in turn. Nothing of it depends on the machine's speed. */
export class OutageTraffic {
  readonly proxy: ProxyHost;
  readonly #plugins: readonly Plugin[];
  readonly #live: Stream[] = [];
  #state = 20261127;
  #requests = 0;
  #outage: Outage = "nothing";

  private constructor(proxy: ProxyHost, plugins: readonly Plugin[]) {
    this.proxy = proxy;
    this.#plugins = plugins;
  }

  static async create(module: Uint8Array): Promise<OutageTraffic> {
    const proxy = await ProxyHost.create({
      module,
      clusters: ["webdis", "service"],
      recording: false,
      logLevel: "error",
    });
    const plugins = [ROUTING, CACHING].map((configuration, i) =>
      proxy.addPlugin({ rootId: `plugin-${i}`, configuration: JSON.stringify(configuration) }),
    );
    if (!plugins.every(({ configured }) => configured)) {
      throw new Error(proxy.logs.map(({ message }) => message).join("\n"));
    }
    return new OutageTraffic(proxy, plugins);
  }

  get requests(): number {
    return this.#requests;
  }

  get memoryBytes(): number {
    return this.proxy.vm(0).memoryBytes;
  }

  /** So many requests while that fails; what is out at the end has ended. */
  play(outage: Outage, requests: number): void {
    this.#outage = outage;
    for (let i = 0; i < requests; i++) {
      this.#live.push(this.#open());
      this.#answerCalls();
      this.proxy.clock.advance(1);
      const most = outage === "upstream hangs" || outage === "all at once" ? MANY : FEW;
      while (this.#live.length > most) this.#end(this.#live.shift());
    }
    while (this.#live.length > 0) this.#end(this.#live.shift());
  }

  #open(): Stream {
    this.#requests++;
    // Some tenants and pages are asked for far more than others.
    const tenant = Math.floor(TENANTS * this.#random() ** 3);
    const page = this.#pick(PAGES);
    return this.proxy.openStream(this.#plugins).sendRequestHeaders([
      [":method", "GET"],
      [":scheme", "http"],
      [":authority", "shop.example.com"],
      [":path", `/t${tenant}/p${page}`],
      ["user-agent", "u".repeat(this.#pick(300))],
    ]);
  }

  #end(stream: Stream | undefined): void {
    if (stream === undefined) return;
    // Whoever waits for a tier has its time limit.
    for (let i = 0; i < 40 && stream.request.state === "paused"; i++) {
      this.#answerCalls();
      this.proxy.clock.advance(50);
    }
    if (stream.request.state === "forwarded" && this.#pick(20) > 0) stream.respond(this.#response());
    stream.disconnect();
  }

  #response(): UpstreamResponse {
    if (this.#outage === "all at once" && this.#pick(3) === 0) return { status: 503, body: "no" };
    const length = Math.floor(LARGEST * this.#random() ** 12) + this.#pick(3000);
    const headers = {
      "cache-control": `max-age=${10 + this.#pick(60)}`,
      "content-type": "text/plain",
      etag: `"${length}"`,
    };
    return { headers, body: BODY.subarray(0, length) };
  }

  #answerCalls(): void {
    for (const call of this.proxy.calls) this.#answer(call);
  }

  #answer(call: HttpCall): void {
    const fails = (outage: Outage): boolean => this.#outage === outage || this.#outage === "all at once";
    if (call.cluster === "service") {
      if (fails("service fails")) call.reply({ status: 500 });
      else call.reply({ body: `{"headers": {"x-cell": "${"c".repeat(this.#pick(400))}"}}` });
    } else if (fails("webdis refuses")) {
      call.refuse();
    } else if (this.#outage !== "webdis hangs") {
      call.reply({ body: call.headers.get(":method") === "PUT" ? "+OK\r\n" : missing(call.path) });
    }
  }

  #pick(count: number): number {
    return Math.floor(this.#random() * count);
  }

  /** A linear congruential generator: another number every time, and the same ones in every run. */
  #random(): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return this.#state / 2 ** 32;
  }
}

/** Redis has nothing: lookups ask as JSON with a mark, the cache asks for bytes. */
function missing(path: string): string {
  const mark = /\?jsonp=([^&]+)/.exec(path)?.[1];
  return mark === undefined ? "$-1\r\n" : `${mark}({"GET":null});\n`;
}
