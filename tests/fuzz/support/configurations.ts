import { VALID } from "../../fixtures/config/valid.ts";
import { WHOLE } from "../../fixtures/config/whole.ts";
import { pathsOf, replacedAt } from "../../fixtures/config/mutations.ts";
import { HOSTILE_CONFIGS } from "../../fixtures/hostile/config.ts";
import type { PluginConfig } from "../../fixtures/route/fixture.ts";
import type { Random } from "./random.ts";

/** The clusters that random configurations name; any other is unknown to the proxy. */
export const CLUSTERS = ["webdis", "routing-service", "otel"] as const;

const NAMES = ["route", "tenant", "cell"] as const;
const KEYS = [
  "route:{host}:{path[1]}",
  "all",
  "by-path:{path}",
  "query:{query[tenant]}",
  "header:{header[x-tenant]|none}",
  "cookie:{cookie[session]}",
];
const LATER_KEYS = [...KEYS, "after:{route:/cell}", "after:{route:/headers/x-cell|none}"];
const PATHS = [["/api/*"], ["/api/*", "/a*"], ["/*"], ["/a"]];
const DURATIONS = ["0s", "1ms", "50ms", "1s", "1m"];
const LIMITS = ["1ms", "50ms", "250ms", "2s"];

function maybe<T>(random: Random, name: string, value: () => T): Record<string, T> {
  return random.oneIn(2) ? {} : { [name]: value() };
}

function breaker(random: Random): object {
  return { failures: random.pick([1, 5, 1000]), open: random.pick(["1ms", "1s", "1m"]) };
}

function webdis(random: Random): object {
  return {
    cluster: random.weighted([
      [9, "webdis"],
      [1, "nowhere"],
    ]),
    ...maybe(random, "timeout", () => random.pick(LIMITS)),
    ...maybe(random, "maxInFlight", () => random.pick([1, 2, 256])),
    ...maybe(random, "breaker", () => breaker(random)),
    ...(random.oneIn(4) ? { username: "signpost", password: "secret" } : {}),
    ...maybe(random, "keyPrefix", () => random.pick(["", "signpost:", "p"])),
  };
}

function service(random: Random): object {
  return {
    cluster: random.weighted([
      [9, "routing-service"],
      [1, "nowhere"],
    ]),
    path: random.pick(["/routes", "/routes?host={host}&path={path}", "/r/{path[1]}", "/r?q={query|}"]),
    ...maybe(random, "method", () => random.pick(["GET", "POST"])),
    ...maybe(random, "headers", () => ({ "x-request-id": "{header[x-request-id]}", "x-all": "{header[x-tenant]|-}" })),
    ...maybe(random, "timeout", () => random.pick(LIMITS)),
    ...maybe(random, "maxInFlight", () => random.pick([1, 2, 256])),
    ...maybe(random, "breaker", () => breaker(random)),
    ...maybe(random, "maxBytes", () => random.pick(["1KiB", "64KiB"])),
  };
}

function local(random: Random): object | false {
  if (random.oneIn(5)) return false;
  return {
    ...maybe(random, "ttl", () => random.pick(DURATIONS)),
    ...maybe(random, "negativeTtl", () => random.pick(DURATIONS)),
    ...maybe(random, "refreshAhead", () => random.pick(DURATIONS)),
    ...maybe(random, "staleWhileRevalidate", () => random.pick(DURATIONS)),
    ...maybe(random, "staleIfError", () => random.pick(DURATIONS)),
    ...maybe(random, "maxEntries", () => random.pick([1, 3, 1000])),
    ...maybe(random, "maxBytes", () => random.pick(["64KiB", "1MiB"])),
  };
}

function action(random: Random): unknown {
  return random.pick([
    "continue",
    { status: 404, body: "no such tenant" },
    { status: 503 },
    { status: 304 },
    { status: 599, body: "" },
  ]);
}

function errorAction(random: Random): unknown {
  if (random.oneIn(2)) return action(random);
  return { timeout: action(random), unavailable: action(random), otherwise: action(random) };
}

function apply(random: Random): object {
  return {
    ...maybe(random, "path", () => random.pick(["{path}", "{record:/path}", "/svc/{record:/cell}/{rest}?{query|}"])),
    ...maybe(random, "host", () => "{record:/host|shop.example.com}"),
    ...maybe(random, "headers", () => [
      { name: "x-cell", value: "{record:/headers/x-cell|none}" },
      { name: "x-who", value: "{header[x-tenant]|}" },
    ]),
    ...maybe(random, "removeHeaders", () => ["x-debug"]),
  };
}

function lookup(random: Random, index: number, hasRedis: boolean): object {
  const hasService = !hasRedis || random.oneIn(2);
  return {
    name: NAMES[index] ?? `more-${index}`,
    key: random.pick(index === 0 ? KEYS : LATER_KEYS),
    ...maybe(random, "match", () => ({ paths: random.pick(PATHS) })),
    ...(hasService ? { service: { ...service(random), ...(hasRedis ? { fill: random.oneIn(2) } : {}) } } : {}),
    ...maybe(random, "local", () => local(random)),
    ...maybe(random, "apply", () => apply(random)),
    ...maybe(random, "owns", () => ["x-owned", "x-tenant-id"]),
    ...maybe(random, "onMiss", () => action(random)),
    ...maybe(random, "onError", () => errorAction(random)),
  };
}

function responseCache(random: Random, hasRedis: boolean): object {
  return {
    ...maybe(random, "match", () => ({ paths: random.pick(PATHS) })),
    ...(hasRedis ? { shared: random.oneIn(2) } : {}),
    ...maybe(random, "key", () => ({ query: { ignore: ["utm_*"] }, headers: ["x-tenant"] })),
    ...maybe(random, "local", () => ({ maxEntries: random.pick([1, 5, 1000]), maxBytes: "1MiB" })),
    ...maybe(random, "maxBodyBytes", () => random.pick(["1KiB", "64KiB"])),
    ...maybe(random, "heuristic", () => random.pick(["0%", "10%"])),
    ...maybe(random, "defaultTtl", () => random.pick(DURATIONS)),
    ...maybe(random, "staleWhileRevalidate", () => random.pick(DURATIONS)),
    ...maybe(random, "staleIfError", () => random.pick(DURATIONS)),
    ...maybe(random, "collapse", () => ({ wait: random.pick(["0s", "50ms", "2s"]) })),
  };
}

/** A configuration that has a chance to be right. */
export function configuration(random: Random): PluginConfig {
  const hasRedis = !random.oneIn(4);
  const lookups = Array.from({ length: random.below(4) }, (_, index) => lookup(random, index, hasRedis));
  return {
    ...(hasRedis ? { webdis: webdis(random) } : {}),
    ...(lookups.length > 0 ? { lookups } : {}),
    ...(random.oneIn(3) ? {} : { responseCache: responseCache(random, hasRedis) }),
    ...(random.oneIn(4) ? { tracing: { cluster: "otel", path: "/v1/traces", service: "signpost" } } : {}),
    ...maybe(random, "debugHeader", () => "x-signpost"),
    ...(random.oneIn(8) ? { shadow: true } : {}),
  };
}

/** Any text in place of a configuration, right or wrong. */
export function configurationText(random: Random): Uint8Array {
  const kind = random.below(6);
  if (kind === 0) return random.pick(HOSTILE_CONFIGS).bytes;
  if (kind === 1) return textOf(random.pick(VALID).config);
  if (kind === 2) return textOf(mutated(random, WHOLE));
  if (kind === 3) return textOf(mutated(random, configuration(random)));
  if (kind === 4) return damaged(random, textOf(configuration(random)));
  return textOf(configuration(random));
}

/** Has other values, or none, at some places. */
function mutated(random: Random, config: PluginConfig): PluginConfig {
  let changed = config;
  for (let count = random.between(1, 4); count > 0; count--) {
    const path = random.pick(pathsOf(changed));
    if (path.length === 0) continue;
    const values = [undefined, null, true, -1, 0, 2 ** 31, 1e99, "", "x", "{host}", "1s", "1KiB", [], {}, [{}]];
    changed = replacedAt(changed, path, random.pick(values));
  }
  return changed;
}

function textOf(config: PluginConfig | string): Uint8Array {
  return Buffer.from(typeof config === "string" ? config : JSON.stringify(config));
}

/** Cut off, or with some other bytes. */
export function damaged(random: Random, bytes: Uint8Array): Uint8Array {
  if (random.oneIn(2)) return bytes.subarray(0, random.below(bytes.length + 1));
  const copy = Uint8Array.from(bytes);
  for (let count = random.between(1, 4); count > 0 && copy.length > 0; count--) {
    copy[random.below(copy.length)] = random.below(256);
  }
  return copy;
}
