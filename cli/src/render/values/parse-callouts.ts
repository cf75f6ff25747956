import { RULES } from "./text-rules.ts";
import type { ValueReader } from "./value-reader.ts";
import type { CalloutValues } from "./values.ts";

const MAX_PORT = 65_535;
const MAX_CONNECTIONS = 100_000;

/** Calls at once of one worker by default; see `maxInFlight` in docs/lookups.md. */
const CALLS_AT_ONCE = 256;

export function parsePort(value: ValueReader): number {
  return value.require("a port such as 8080").integer(1, MAX_PORT) ?? 1;
}

export function parseCallouts(value: ValueReader): ReadonlyMap<string, CalloutValues> {
  return new Map(value.entries().map(({ name, value: callout }) => [name, parseCallout(name, callout)]));
}

function parseCallout(name: string, value: ValueReader): CalloutValues {
  if (!RULES.name.pattern.test(name)) value.refuse(`the callout's name is not ${RULES.name.what}`, "name");
  return value.object((field) => ({
    host: field("host").requiredText(RULES.host),
    port: parsePort(field("port")),
    subset: parseSubset(field("subset")),
    external: field("external")
      .list()
      .map((address) => address.requiredText(RULES.address)),
    tls: field("tls").boolean() ?? false,
    destinationRule: field("destinationRule").boolean() ?? true,
    maxConnections: field("maxConnections").integer(1, MAX_CONNECTIONS) ?? CALLS_AT_ONCE,
    maxPendingRequests: field("maxPendingRequests").integer(1, MAX_CONNECTIONS) ?? CALLS_AT_ONCE,
    connectTimeout: field("connectTimeout").text(RULES.duration) ?? "1s",
    idleTimeout: field("idleTimeout").text(RULES.duration) ?? "30s",
  }));
}

function parseSubset(value: ValueReader): CalloutValues["subset"] {
  if (!value.isGiven) return undefined;
  return value.object((field) => ({
    name: field("name").requiredText(RULES.subset),
    labels: field("labels").require("the labels of its pods").labels(RULES.labelValue),
  }));
}
