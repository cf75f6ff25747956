import { describe, expect, it } from "vitest";
import type { PluginConfig } from "../fixtures/route/fixture.ts";
import { proxyWith } from "./support/filter.ts";
import { FailingGateway, SECOND } from "./support/failing-host.ts";

const WEBDIS = { cluster: "webdis" };
const LOOKUP = { name: "route", key: "route:{header[x-tenant]}", owns: ["x-cell"], local: { maxEntries: 64 } };
const ROUTING = { webdis: WEBDIS, lookups: [LOOKUP] };
const LOCAL = { shared: false, local: { maxEntries: 64 } };
const ELSEWHERE = { match: { paths: ["/elsewhere"] } };

const NOT_FOUND = 1;
const ALL_STATUSES = Array.from({ length: 12 }, (_, i) => i + 1);
/** A bad argument, memory that cannot be accessed, an internal failure. */
const SOME_STATUSES = [2, 6, 10];

/** What a request is known and changed by. */
const ABOUT_REQUESTS = /property|header|local_response|continue|foreign/;

/** Where "there is no such thing" is an answer like any other, which nobody can tell from a failure. */
const MAY_BE_MISSING = /^proxy_(get|remove)_|foreign_function/;

type Scenario = (gateway: FailingGateway) => void;

const tenants: Scenario = (gateway) => {
  for (let round = 0; round < 2; round++) {
    for (const tenant of ["red", "blue"]) gateway.exchange(tenant);
  }
};

const SCENARIOS: [string, readonly PluginConfig[], Scenario][] = [
  ["a routing plugin and a cache plugin", [ROUTING, { responseCache: LOCAL }], tenants],
  ["one instance with both roles", [{ ...ROUTING, responseCache: LOCAL }], tenants],
  [
    "one with both roles and then a cache plugin",
    [{ ...ROUTING, responseCache: { ...LOCAL, ...ELSEWHERE } }, { responseCache: LOCAL }],
    tenants,
  ],
  [
    "two routing plugins and then a cache plugin",
    [
      ROUTING,
      {
        webdis: WEBDIS,
        lookups: [{ name: "all", key: "route:all", apply: { headers: [{ name: "x-all", value: "1" }] } }],
      },
      { responseCache: LOCAL },
    ],
    tenants,
  ],
  [
    "a cache behind a filter that takes tokens away",
    [{ responseCache: LOCAL }],
    (gateway) => {
      for (const subject of ["alice", "bob"]) {
        gateway.exchange("red", { subject });
        gateway.exchange("red", { subject: `not ${subject}` });
      }
    },
  ],
  [
    "responses shared through Redis by two workers",
    [ROUTING, { webdis: WEBDIS, responseCache: { local: { maxEntries: 64 } } }],
    (gateway) => {
      for (const worker of [0, 1]) {
        for (const tenant of ["red", "blue"]) gateway.exchange(tenant, { worker });
        gateway.pass(3 * SECOND);
      }
    },
  ],
  [
    "responses that are validated",
    [ROUTING, { responseCache: LOCAL }],
    (gateway) => {
      for (let round = 0; round < 2; round++) {
        for (const tenant of ["red", "blue"]) {
          gateway.exchange(tenant, { answer: { "cache-control": "max-age=1", etag: `"${tenant}"` } });
        }
        gateway.pass(1.1 * SECOND);
      }
    },
  ],
  [
    "requests that change what is stored",
    [ROUTING, { responseCache: LOCAL }],
    (gateway) => {
      for (const method of ["GET", "POST", "GET", "HEAD"]) {
        for (const tenant of ["red", "blue"]) gateway.exchange(tenant, { method });
      }
    },
  ],
];

/** How often each host function is called in a scenario when nothing fails. */
function callsOf(gateway: FailingGateway, scenario: Scenario): Map<string, number> {
  gateway.proxy.takeJournal();
  gateway.play(scenario);
  const calls = new Map<string, number>();
  for (const { name } of gateway.proxy.takeHostCalls()) calls.set(name, (calls.get(name) ?? 0) + 1);
  return calls;
}

/** Every call of every host function, and how it could fail. */
function* failures(calls: Map<string, number>): Generator<{ name: string; nth: number; status: number }> {
  for (const [name, count] of calls) {
    for (let nth = 0; nth < count; nth++) {
      for (const status of ABOUT_REQUESTS.test(name) ? ALL_STATUSES : SOME_STATUSES) {
        if (status !== NOT_FOUND || !MAY_BE_MISSING.test(name)) yield { name, nth, status };
      }
    }
  }
}

describe.each(SCENARIOS)("with %s", (_, configurations, scenario) => {
  it("whatever host call fails, and however: nobody gets another's response, no client sets its own cell, nothing hangs or traps", async () => {
    const gateway = await FailingGateway.create(configurations);
    const calls = callsOf(gateway, scenario);
    expect(gateway.wrongs).toEqual([]);
    gateway.proxy.recording = false;
    let played = 0;
    for (const { name, nth, status } of failures(calls)) {
      gateway.proxy.faults.failHostFunction(name, status, 1, nth);
      // Where the proxy does not let us speak for a request, nobody can do anything for it.
      gateway.play(scenario, name === "proxy_set_effective_context");
      played++;
      const context = `${name}, call ${nth + 1}, status ${status}`;
      expect([context, ...gateway.wrongs, ...gateway.proxy.violations]).toEqual([context]);
      expect(gateway.proxy.vm(0).trapped).toBeUndefined();
    }
    expect(played).toBeGreaterThan(100);
  });

  it("whenever the VM has no memory for what it is handed, the same holds", async () => {
    const gateway = await FailingGateway.create(configurations);
    let nth = 0;
    for (; nth < 200; nth++) {
      for (const count of [1, 3]) {
        gateway.proxy.faults.failAllocations(count, nth);
        gateway.play(scenario);
        const context = `${count} from allocation ${nth + 1} on`;
        expect([context, ...gateway.wrongs, ...gateway.proxy.violations]).toEqual([context]);
        expect(gateway.proxy.vm(0).trapped).toBeUndefined();
      }
    }
  });
});

describe("a host call that fails while the filter is configured", () => {
  it("refuses the configuration or changes nothing, and never traps", async () => {
    const configuration = JSON.stringify({ ...ROUTING, responseCache: LOCAL });
    const proxy = await proxyWith({ logLevel: "critical" });
    proxy.takeJournal();
    proxy.addPlugin({ rootId: "counted", configuration }).remove();
    const calls = new Map<string, number>();
    for (const { name } of proxy.takeHostCalls()) calls.set(name, (calls.get(name) ?? 0) + 1);
    for (const { name, nth, status } of failures(calls)) {
      proxy.faults.failHostFunction(name, status, 1, nth);
      const plugin = proxy.addPlugin({ rootId: "signpost", configuration });
      proxy.clock.advance(SECOND);
      proxy.faults.clear();
      plugin.remove();
      expect([name, nth, status, proxy.vm(0).trapped]).toEqual([name, nth, status, undefined]);
    }
  });
});
