import { beforeEach, describe, expect, it } from "vitest";
import type { HttpCall, Plugin, ProxyHost } from "proxy-wasm-host";
import { routeConfig } from "../fixtures/route/fixture.ts";
import { ask, filterWith } from "./support/filter.ts";
import { webdisErrs, webdisSays } from "./support/tiers.ts";

const RECORD = '{"path": "/svc"}';

let proxy: ProxyHost;
let plugin: Plugin;

beforeEach(async () => {
  ({ proxy, plugin } = await filterWith(routeConfig({ onError: { status: 503, body: "try later" } })));
});

/** Plays the tiers' answers and gives the debug header of what the client gets. */
function reportOf(webdis: (call: HttpCall) => void, service?: (call: HttpCall) => void): string | undefined {
  const stream = ask(plugin, "/api/acme/orders");
  for (const play of [webdis, service]) {
    const [call] = proxy.calls;
    if (call === undefined || play === undefined) break;
    play(call);
  }
  if (stream.request.state === "forwarded") stream.respond({ status: 200 });
  return stream.response?.headers.get("x-signpost");
}

const NO_RECORD = (call: HttpCall): void => {
  webdisSays(call, null);
};

const WEBDIS_FAILURES: [string, (call: HttpCall) => void][] = [
  ["does not answer in time", (call) => call.timeOut()],
  ["refuses the connection", (call) => call.refuse()],
  ["resets the connection", (call) => call.reset()],
  ["has lost its Redis", (call) => call.reply({ status: 503 })],
  ["forbids the command", (call) => call.reply({ status: 403, body: "no" })],
  ["answers with something else", (call) => call.reply({ body: "<html>" })],
  ["answers with nothing", (call) => call.reply({ body: "" })],
  ["cuts its answer off", (call) => call.reply({ body: "$16\r\n{" })],
  ["passes on an error of Redis", (call) => webdisErrs(call, "WRONGTYPE no string")],
  ["has a number where a record should be", (call) => call.reply({ body: ":3\r\n" })],
  ["has a record that is too large", (call) => webdisSays(call, `{"a": "${"x".repeat(70_000)}"}`)],
];

describe("when Webdis", () => {
  it.each(WEBDIS_FAILURES)("%s, the routing service is asked", (_, play) => {
    expect(reportOf(play, (call) => call.reply({ body: RECORD }))).toBe("lookup=route; tier=service; age=0");
  });

  it("fails and the service knows nothing, it is a miss", () => {
    const timeOut = (call: HttpCall): void => call.timeOut();
    expect(reportOf(timeOut, (call) => call.reply({ status: 404 }))).toBe(
      "lookup=route; tier=service; age=0; reason=miss",
    );
  });
});

describe("when no tier can tell, onError speaks, and the reason is the service's", () => {
  const failures: [string, (call: HttpCall) => void, string][] = [
    ["no answer in time", (call) => call.timeOut(), "timeout: status 504"],
    ["a refused connection", (call) => call.refuse(), "unavailable: status 503"],
    ["a reset", (call) => call.reset(), "unavailable: reset"],
    ["a 500", (call) => call.reply({ status: 500 }), "unavailable: status 500"],
    ["a 429", (call) => call.reply({ status: 429 }), "unavailable: status 429"],
    ["a redirect", (call) => call.reply({ status: 302 }), "invalid: status 302"],
    ["bad JSON", (call) => call.reply({ body: "{" }), "invalid: bad JSON: "],
    ["a record of a wrong type", (call) => call.reply({ body: '{"path": 5}' }), "invalid: path: not a string"],
    [
      "too large an answer",
      (call) => call.reply({ body: `{"a": "${"x".repeat(70_000)}"}` }),
      "invalid: record too large",
    ],
  ];

  it.each(failures)("%s", (_, play, reason) => {
    expect(reportOf(NO_RECORD, play)).toContain(`lookup=route; tier=none; reason=${reason}`);
  });

  it("and the next request asks again", () => {
    reportOf(NO_RECORD, (call) => call.timeOut());
    expect(reportOf(NO_RECORD, (call) => call.reply({ body: RECORD }))).toBe("lookup=route; tier=service; age=0");
  });
});

describe("answers of the service that are misses", () => {
  it.each([204, 404, 410])("%i", (status) => {
    expect(reportOf(NO_RECORD, (call) => call.reply({ status }))).toBe(
      "lookup=route; tier=service; age=0; reason=miss",
    );
  });
});

describe("an error that Redis replies with", () => {
  const wordsCounted = (): Record<string, number> => {
    proxy.clock.advance(1_100);
    const prefix = "signpost.redis.errors.";
    const all = Object.entries(proxy.metrics.toObject()).filter(([name]) => name.startsWith(prefix));
    return Object.fromEntries(all.flatMap(([name, n]) => (n === 0 ? [] : [[name.slice(prefix.length), n]])));
  };

  it("is shown by its word, and counted under it", async () => {
    ({ proxy, plugin } = await filterWith(routeConfig({ service: undefined, onError: { status: 503 } })));
    const report = reportOf((call) => {
      webdisErrs(call, "LOADING Redis is loading the dataset in memory");
    });
    expect(report).toBe("lookup=route; tier=none; reason=unavailable: redis LOADING");
    reportOf((call) => {
      webdisErrs(call, "WRONGTYPE Operation against a key");
    });
    expect(wordsCounted()).toEqual({ loading: 1, other: 1 });
  });

  it("is counted of writes, too", async () => {
    const service = { cluster: "routing-service", path: "/r", fill: true };
    ({ proxy, plugin } = await filterWith(routeConfig({ service })));
    reportOf(NO_RECORD, (call) => call.reply({ body: RECORD }));
    proxy.calls[0]?.reply({ body: "-OOM command not allowed when used memory > 'maxmemory'.\r\n" });
    expect(wordsCounted()).toEqual({ oom: 1 });
  });
});

describe("a service", () => {
  it("is asked for an answer that is not coded", () => {
    let asked: string | undefined;
    reportOf(NO_RECORD, (call) => {
      asked = call.headers.get("accept-encoding");
      call.reply({ body: RECORD });
    });
    expect(asked).toBe("identity");
  });

  it("is asked for what the configuration says, where it says it", async () => {
    const headers = { "Accept-Encoding": "identity, gzip;q=0.1" };
    ({ proxy, plugin } = await filterWith(
      routeConfig({ service: { cluster: "routing-service", path: "/r", headers } }),
    ));
    let asked: string[] = [];
    reportOf(NO_RECORD, (call) => {
      asked = call.headers.getAll("accept-encoding");
      call.reply({ body: RECORD });
    });
    expect(asked).toEqual(["identity, gzip;q=0.1"]);
  });

  it("may say that its answer is not coded", () => {
    const headers = { "content-encoding": "Identity" };
    expect(reportOf(NO_RECORD, (call) => call.reply({ headers, body: "{" }))).toContain("invalid: bad JSON: ");
    expect(reportOf(NO_RECORD, (call) => call.reply({ headers, body: RECORD }))).toContain("tier=service");
  });
});
