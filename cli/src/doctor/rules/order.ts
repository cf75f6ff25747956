import type { ConfigDump } from "../admin/config-dump.ts";
import type { HttpChain, HttpFilter } from "../admin/http-chain.ts";
import { at } from "../admin/json.ts";
import type { Examined, ExaminedInstance } from "../examined.ts";
import { type Finding, finding } from "../finding.ts";
import { configOf, placeOf } from "../instance.ts";
import { RBAC, isStandIn } from "../undelivered.ts";

const EXT_AUTHZ = "envoy.extensions.filters.http.ext_authz.v3.ExtAuthz";

/** Filters that refuse requests for who sends them. */
const AUTHORIZING = new Set([
  RBAC,
  EXT_AUTHZ,
  "envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication",
  "envoy.extensions.filters.http.basic_auth.v3.BasicAuth",
  "envoy.extensions.filters.http.api_key_auth.v3.ApiKeyAuth",
  "envoy.extensions.filters.http.oauth2.v3.OAuth2",
  "istio.envoy.config.filter.http.authn.v2alpha1.FilterConfig",
]);

/** Whether lookups and cache stand where they should in each chain: lookups, authorization, cache. */
export function* order(examined: Examined): Iterable<Finding> {
  for (const chain of [...examined.dump.chains, ...examined.dump.warmingChains]) {
    const stand = examined.instances.flatMap((instance) => {
      const place = instance.places.find((candidate) => candidate.chain === chain);
      return place === undefined ? [] : [{ instance, index: place.index }];
    });
    for (const { instance, index } of stand) {
      yield* amongAuthorization(instance, chain, index, examined.dump);
      yield* amongEachOther(instance, chain, index, stand);
    }
  }
}

function* amongAuthorization(
  { name, configuration }: ExaminedInstance,
  chain: HttpChain,
  index: number,
  dump: ConfigDump,
): Iterable<Finding> {
  const where = placeOf({ chain, index }, name);
  const types = chain.filters.map((filter) => authorizationBy(filter, dump));
  const namesOf = (of: (type: string, at: number) => boolean): string =>
    chain.filters
      .filter((_, at) => of(types[at] ?? "", at))
      .map((filter) => filter.name)
      .join(", ");
  const after = namesOf((type, at) => type !== "" && at > index);
  if (configuration.hasResponseCache && after !== "") {
    yield finding("cache-before-authorization", { seen: `the responseCache of ${name} is before ${after}`, where });
  }
  if (configuration.lookups.length === 0) return;
  const decided = namesOf((type, at) => type === RBAC && at < index);
  if (decided !== "") {
    yield finding("lookups-after-authorization", { seen: `the lookups of ${name} are after ${decided}`, where });
  }
  const external = namesOf((type, at) => type === EXT_AUTHZ && at < index);
  if (external !== "") {
    yield finding("ext-authz-sees-original", { seen: `${external} is before the lookups of ${name}`, where });
  }
}

/** The type of a filter that authorizes; empty for all others. */
function authorizationBy(filter: HttpFilter, dump: ConfigDump): string {
  const config = configOf(filter, dump);
  if (config === undefined || filter.isDisabled || !AUTHORIZING.has(config.type)) return "";
  if (isStandIn(filter, dump)) return "";
  // Without rules it decides nothing: Istio's CUSTOM has one such, which only tells ext_authz whom to ask about.
  const isIdle =
    config.type === RBAC && at(config.value, "rules") === undefined && at(config.value, "matcher") === undefined;
  return isIdle ? "" : config.type;
}

function* amongEachOther(
  { name, configuration }: ExaminedInstance,
  chain: HttpChain,
  index: number,
  all: readonly { readonly instance: ExaminedInstance; readonly index: number }[],
): Iterable<Finding> {
  const where = placeOf({ chain, index }, name);
  for (const { instance: later } of all.filter((other) => other.index > index)) {
    const { lookups } = later.configuration;
    if (configuration.hasResponseCache && lookups.length > 0) {
      const seen = `the responseCache of ${name} is before the lookups of ${later.name}`;
      yield finding("cache-before-lookups", { seen, where });
    }
    if (configuration.lookups.length > 0 && lookups.length > 0) {
      const what = configuration.lookups.map((lookup) => lookup.name).join(", ");
      const other = lookups.map((lookup) => lookup.name).join(", ");
      yield finding("lookups-twice", { seen: `${name} looks up ${what}, and ${later.name} ${other}`, where });
    }
    if (configuration.hasResponseCache && later.configuration.hasResponseCache) {
      yield finding("cache-twice", { seen: `${name} and ${later.name} both have a responseCache`, where });
    }
  }
}
