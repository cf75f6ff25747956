import { at, listAt, textAt, textsAt } from "../admin/json.ts";
import { type ConfigDump, routeConfigOf } from "../admin/config-dump.ts";
import type { HttpChain } from "../admin/http-chain.ts";
import type { Examined, ExaminedInstance } from "../examined.ts";
import { type Finding, finding } from "../finding.ts";
import { overlaps } from "../host-patterns.ts";
import { placeOf, placesOf } from "../instance.ts";

/** How many domains are shown. */
const SHOWN = 5;

/** Whether the proxy has routes for the hosts that lookups are for. */
export function* routes({ dump, instances }: Examined): Iterable<Finding> {
  for (const instance of instances) {
    const domains = new Set<string>();
    let isKnown = true;
    for (const place of instance.places) {
      // What a listener waits for is said elsewhere.
      if (place.chain.warming !== undefined) continue;
      const found = domainsOf(place.chain, dump);
      if (found === undefined) isKnown = false;
      else if (found.length === 0) {
        const name = place.chain.routes.kind === "named" ? ` ${place.chain.routes.name}` : "";
        const seen = `the route configuration${name} has no virtual host with routes`;
        yield finding("routes-missing", { seen, where: placeOf(place, instance.name) });
      }
      for (const domain of found ?? []) domains.add(domain);
    }
    if (isKnown && domains.size > 0) yield* hostsOf(instance, [...domains]);
  }
}

function* hostsOf(instance: ExaminedInstance, domains: readonly string[]): Iterable<Finding> {
  for (const [index, { name, hosts }] of instance.configuration.lookups.entries()) {
    for (const host of hosts) {
      if (domains.some((domain) => overlaps(host, domain))) continue;
      const shown = domains.slice(0, SHOWN).join(", ") + (domains.length > SHOWN ? ", …" : "");
      const seen = `lookup ${name} is for ${host}, the proxy routes ${shown}`;
      yield finding("host-not-routed", { seen, where: `lookups[${index}].match.hosts of ${placesOf(instance)}` });
    }
  }
}

/** The domains that a chain has routes for; undefined where they are not in the dump by nature (SRDS, VHDS). */
function domainsOf(chain: HttpChain, dump: ConfigDump): string[] | undefined {
  if (chain.routes.kind === "scoped") return undefined;
  const config = routeConfigOf(chain, dump);
  if (at(config, "vhds") !== undefined) return undefined;
  return listAt(config, "virtual_hosts")
    .filter(leadsSomewhere)
    .flatMap((host) => textsAt(host, "domains"));
}

/** Istio's `blackhole` takes all hosts and has no routes; one that only redirects to https has none either. */
function leadsSomewhere(virtualHost: unknown): boolean {
  const redirects = textAt(virtualHost, "require_tls") ?? "NONE";
  return listAt(virtualHost, "routes").length > 0 || at(virtualHost, "matcher") !== undefined || redirects !== "NONE";
}
