import type { HttpCall, Plugin, ProxyHost, Stream } from "proxy-wasm-host";
import { HOST, type PluginConfig } from "../../fixtures/route/fixture.ts";
import { webdisCommand } from "../../fixtures/keys/webdis-command.ts";
import { proxyWith, logText } from "./filter.ts";
import { Redis } from "./redis.ts";
import { webdisSays } from "./tiers.ts";

export const SECOND = 1000;
const TICK = 100;

/** What Envoy's JWT filter leaves of a token that it has verified and taken away. */
const VERIFIED_JWT = { metadata: { filter_metadata: { "envoy.filters.http.jwt_authn": { payload: "{}" } } } };

/** The client's own word for a header that only records set. */
const FORGED = "forged";

export interface Exchange {
  readonly path?: string;
  readonly method?: string;
  readonly worker?: number;
  /** Whose token another filter has taken away; it is nobody else's response then. */
  readonly subject?: string;
  /** What the upstream answers beside the body; by default that it is fresh for a minute. */
  readonly answer?: Readonly<Record<string, string>>;
}

/**
 * A gateway whose tenants are told apart by a header that their records set, and by nothing else. Every exchange goes to its end;
 * what must never be is in `wrongs`.
 */
export class FailingGateway {
  readonly proxy: ProxyHost;
  readonly wrongs: string[] = [];
  readonly #plugins: readonly Plugin[];
  readonly #isOwned: boolean;
  readonly #redis = new Redis();
  /** Makes the tenants of one run others than those of all runs before. */
  #run = 0;
  #mayHang = false;

  private constructor(
    proxy: ProxyHost,
    plugins: readonly Plugin[],
    /** Whether a lookup says that only records set `x-cell`. */
    isOwned: boolean,
  ) {
    this.proxy = proxy;
    this.#isOwned = isOwned;
    this.#plugins = plugins;
  }

  static async create(configurations: readonly PluginConfig[]): Promise<FailingGateway> {
    const proxy = await proxyWith({ workers: 2, logLevel: "warn" });
    const plugins = configurations.map((configuration, i) =>
      proxy.addPlugin({ rootId: `plugin-${i}`, configuration: JSON.stringify(configuration) }),
    );
    if (!plugins.every(({ configured }) => configured)) throw new Error(logText(proxy));
    return new FailingGateway(proxy, plugins, JSON.stringify(configurations).includes('"owns"'));
  }

  /** Plays a scenario with tenants and paths of its own; `mayHang`: whether requests may be left on hold. */
  play(scenario: (gateway: FailingGateway) => void, mayHang = false): void {
    this.#run++;
    this.#mayHang = mayHang;
    scenario(this);
    this.proxy.faults.clear();
    // What was queued is sent, metrics and all.
    this.pass(1.1 * SECOND);
    this.#settle();
  }

  /** A request of a tenant, and all that follows from it. */
  exchange(tenant: string, { path = "/a", method = "GET", worker = 0, subject, answer = {} }: Exchange = {}): void {
    const owner = `${tenant}-${this.#run}${subject === undefined ? "" : ` ${subject}`}`;
    const stream = this.#send(tenant, `${path}/${this.#run}`, { method, worker, subject });
    for (let i = 0; i < 30 && stream.request.state === "paused"; i++) {
      this.#settle();
      this.pass(TICK);
    }
    if (stream.request.state === "paused" && !this.#mayHang) this.#wrong(`the request of ${owner} hangs`);
    if (stream.request.state === "forwarded") this.#respond(stream, owner, answer);
    const body = stream.response?.text ?? "";
    if (body.startsWith("for ") && body !== `for ${owner}`) this.#wrong(`${owner} got what was ${body}`);
    stream.disconnect();
  }

  pass(milliseconds: number): void {
    this.proxy.clock.advance(milliseconds);
  }

  #send(
    tenant: string,
    path: string,
    { method, worker, subject }: { method: string; worker: number; subject: string | undefined },
  ): Stream {
    const properties = subject === undefined ? {} : VERIFIED_JWT;
    return this.proxy.openStream(this.#plugins, { worker, properties }).sendRequestHeaders([
      [":method", method],
      [":scheme", "http"],
      [":authority", HOST],
      [":path", path],
      ["x-tenant", `${tenant}-${this.#run}`],
      ["x-cell", FORGED],
    ]);
  }

  #respond(stream: Stream, owner: string, answer: Readonly<Record<string, string>>): void {
    const { headers } = stream.request;
    if (this.#isOwned && headers.get("x-cell") === FORGED)
      this.#wrong(`the client's own x-cell went upstream for ${owner}`);
    const asked = headers.get("if-none-match");
    if (asked !== undefined && asked === answer["etag"]) {
      stream.respond({ status: 304, headers: { etag: asked } });
      return;
    }
    stream.respond({ headers: { "cache-control": "max-age=60", ...answer }, body: `for ${owner}` });
  }

  #settle(): void {
    for (let call = this.proxy.calls[0]; call !== undefined; call = this.proxy.calls[0]) this.#answer(call);
  }

  #answer(call: HttpCall): void {
    const { arguments: words } = webdisCommand(call.path);
    const tenant = /^signpost:route:(.*)$/.exec(words[0] ?? "")?.[1];
    if (tenant === undefined) this.#redis.answer(this.proxy, call);
    else webdisSays(call, JSON.stringify({ headers: { "x-cell": `cell-${tenant}` } }));
  }

  #wrong(what: string): void {
    this.wrongs.push(what);
  }
}
