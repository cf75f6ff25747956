import { beforeEach, describe, expect, it } from "vitest";
import type { HttpCall, Plugin, ProxyHost } from "proxy-wasm-host";
import { routeConfig } from "../fixtures/route/fixture.ts";
import { ask, filterWith } from "./support/filter.ts";
import { webdisErrs, webdisSays } from "./support/tiers.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const PASSWORD = "correct-horse";

let proxy: ProxyHost;
let plugin: Plugin;
let tenant = 0;

async function start(options: { logLevel?: "debug" | "info"; lookup?: object } = {}): Promise<void> {
  const service = { cluster: "routing-service", path: "/r?t={path[1]}", fill: true };
  const config = routeConfig({ service, ...options.lookup });
  const webdis = { cluster: "webdis", username: "signpost", password: PASSWORD, breaker: { failures: 3, open: "5s" } };
  ({ proxy, plugin } = await filterWith({ ...config, webdis }, { logLevel: options.logLevel ?? "info" }));
}

/** A request for a key that nobody has asked for; `play` is what Webdis does, and the service knows nobody. */
function cold(play: (call: HttpCall) => void, name = `t${tenant++}`): void {
  ask(plugin, `/api/${name}/orders`);
  for (const call of [...proxy.calls]) {
    if (call.cluster === "webdis") play(call);
  }
  for (const call of [...proxy.calls]) {
    if (call.cluster !== "webdis") call.reply({ status: 404 });
  }
}

/** What has been logged on these levels, without what comes of the configuration. */
function logged(level: "warn" | "debug" = "warn"): string[] {
  return proxy.logs.filter((entry) => entry.level === level).map(({ message }) => message);
}

beforeEach(() => start());

describe("a warning in the log", () => {
  it.each<[string, (call: HttpCall) => void, RegExp]>([
    [
      "a wrong password of Webdis",
      (call) => call.reply({ status: 403 }),
      /^cluster webdis does not answer: .*403.*check webdis\.username/,
    ],
    ["a Redis that is gone", (call) => call.reply({ status: 503 }), /^cluster webdis does not answer: status 503/],
    ["a Webdis that is gone", (call) => call.refuse(), /^cluster webdis does not answer: status 503/],
    ["a Redis that takes too long", (call) => call.timeOut(), /^cluster webdis does not answer: status 504/],
    [
      "a Redis that is loading",
      (call) => webdisErrs(call, "LOADING Redis is loading"),
      /^cluster webdis does not answer: .*LOADING/,
    ],
    [
      "a record that is none",
      (call) => webdisSays(call, "garbage"),
      /^lookup route \(webdis\): no valid record: bad JSON/,
    ],
  ])("tells of %s", (_, play, line) => {
    cold(play);
    expect(logged()).toEqual([expect.stringMatching(line)]);
  });

  it("tells that a breaker has opened, and that it has closed", () => {
    for (let i = 0; i < 3; i++) cold((call) => call.refuse());
    expect(logged()).toContain("cluster webdis: it has failed too often in a row, its breaker is open");
    proxy.clock.advance(2 * MINUTE);
    cold((call) => webdisSays(call, null));
    expect(logged().at(-1)).toMatch(/^cluster webdis: it answers again, its breaker is closed/);
  });

  it("tells of writes that Redis rejects", () => {
    ask(plugin, "/api/acme/orders");
    webdisSays(proxy.calls[0], null);
    proxy.calls[0]?.reply({ body: '{"path": "/svc"}' });
    proxy.calls[0]?.reply({ body: "-NOPERM this user has no permissions\r\n" });
    expect(logged()).toEqual([expect.stringMatching(/^cluster webdis rejects writes: .*NOPERM/)]);
  });

  it("comes once a minute for one thing, and says how often it was untold", () => {
    for (let i = 0; i < 100; i++) cold((call) => webdisSays(call, "garbage"));
    expect(logged()).toHaveLength(1);
    proxy.clock.advance(MINUTE + SECOND);
    expect(logged()).toHaveLength(2);
    expect(logged()[1]).toMatch(/; 99 more since it was told last$/);
    proxy.clock.advance(10 * MINUTE);
    expect(logged()).toHaveLength(2);
  });

  it("ends with how it is: a breaker that opens, closes and opens within a minute is told to be open", () => {
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 3; i++) cold((call) => call.refuse());
      proxy.clock.advance(6 * SECOND);
      if (round === 0) cold((call) => webdisSays(call, null));
    }
    proxy.clock.advance(2 * MINUTE);
    const lines = logged().filter((line) => line.includes("breaker"));
    expect(lines).toHaveLength(2);
    expect(lines.at(-1)).toContain("its breaker is open");
  });

  it("is not repeated for what has stopped", () => {
    cold((call) => webdisSays(call, "garbage"));
    proxy.clock.advance(60 * MINUTE);
    expect(logged()).toHaveLength(1);
  });
});

describe("what the log must not have", () => {
  const SECRETS = /correct-horse|acme-key|Basic /;

  it("is a key or a password above the level debug", () => {
    const plays: ((call: HttpCall) => void)[] = [
      (call) => call.reply({ status: 403 }),
      (call) => webdisSays(call, "acme-key is no JSON"),
      (call) => webdisSays(call, '{"headers": {"x": "acme-key\\u0000"}}'),
      (call) => webdisErrs(call, "WRONGTYPE acme-key"),
    ];
    for (const play of plays) cold(play, `acme-key-${tenant++}`);
    expect(logged().length).toBeGreaterThan(1);
    expect(logged().filter((line) => SECRETS.test(line))).toEqual([]);
  });

  it("is a bad record's key where nobody debugs; on debug it is there each time", async () => {
    await start({ logLevel: "debug" });
    for (let i = 0; i < 3; i++) cold((call) => webdisSays(call, "garbage"), `acme-${i}`);
    const told = logged("debug").filter((line) => line.includes("no valid record under"));
    expect(told).toHaveLength(3);
    expect(told[0]).toMatch(/^lookup route \(webdis\): no valid record under route:.*acme-0: bad JSON/);
  });
});
