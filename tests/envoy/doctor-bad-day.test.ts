import { describe, expect, it } from "vitest";
import type { FindingId } from "../../cli/src/doctor/catalogue/index.ts";
import type { Envoy } from "../../envoy-local/lib/envoy.ts";
import { LOOPBACK, freePort } from "../../envoy-local/lib/ports.ts";
import { DiscoveredFilter } from "./support/discovered-filter.ts";
import {
  CELL,
  type Json,
  ROUTING,
  type SetUp,
  WEBDIS,
  ask,
  askFor,
  configuration,
  examine,
  plugin,
} from "./support/doctor.ts";
import { doctorParts } from "./support/doctor-parts.ts";
import { statsReach } from "./support/stats.ts";

const FILTER_CONFIG = "type.googleapis.com/envoy.config.route.v3.FilterConfig";
const HTTP = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
const TIER = "wasmcustom.signpost.lookup.route.webdis.errors.";
const NOBODY = await freePort();

const { tiers, clusters } = doctorParts();

/** A breaker that stays out of the way: it would be found, too. */
const NO_BREAKER = { breaker: { failures: 1000, open: "1s" } };
const CREDENTIALS = { cluster: WEBDIS, username: "signpost", password: "local-webdis", ...NO_BREAKER };

function filters(sections: Json = {}, lookup: Json = {}): SetUp["filters"] {
  const config = configuration({ webdis: CREDENTIALS, ...sections }, lookup);
  return () => [{ name: "signpost", typed_config: plugin(config) }];
}

function discovered(typed: Json): SetUp["filters"] {
  return (directory) => {
    const filter = new DiscoveredFilter("signpost", `${directory}/ecds.json`);
    filter.send(typed);
    return [filter.httpFilter];
  };
}

async function rejected(envoy: Envoy): Promise<void> {
  await statsReach(envoy, { "extension_config_discovery.http_filter.signpost.update_rejected": 1 });
}

/** Requests for one tenant after another, as long as the doctor looks. */
async function traffic(envoy: Envoy, signal: AbortSignal): Promise<void> {
  for (let i = 0; !signal.aborted; i++) await askFor(envoy, `busy-${i}`);
}

interface Case extends Omit<SetUp, "clusters"> {
  name: string;
  where?: SetUp["clusters"];
  finds: FindingId[];
  /** Part of what was seen by one of them. */
  seen: string;
}

const CASES: Case[] = [
  {
    name: "Webdis' password is wrong",
    filters: filters({ webdis: { ...CREDENTIALS, password: "wrong" } }),
    before: async (envoy) => {
      await ask(envoy, 3);
      await statsReach(envoy, { [`${TIER}unavailable`]: 3 });
    },
    finds: ["tier-failing"],
    seen: "route.webdis: 3 of 3 questions failed (unavailable 3) since Envoy started",
  },
  {
    name: "the cluster speaks HTTP/2, and Webdis does not",
    filters: filters(),
    cluster: (each) =>
      each["name"] === WEBDIS
        ? {
            ...each,
            typed_extension_protocol_options: {
              [HTTP]: { "@type": `type.googleapis.com/${HTTP}`, explicit_http_config: { http2_protocol_options: {} } },
            },
          }
        : each,
    before: async (envoy) => {
      await ask(envoy, 3);
      await statsReach(envoy, { [`${TIER}unavailable`]: 3 });
    },
    finds: ["cluster-failing", "tier-failing"],
    seen: "route.webdis: 3 of 3 questions failed",
  },
  {
    name: "the routing service is down, and Redis knows nobody",
    where: { [ROUTING]: NOBODY },
    filters: filters(
      {},
      { service: { cluster: ROUTING, path: "/routes?host={host}&tenant={path[1]}", ...NO_BREAKER } },
    ),
    before: async (envoy) => {
      await ask(envoy, 3);
      await statsReach(envoy, { "wasmcustom.signpost.lookup.route.service.errors.unavailable": 3 });
    },
    finds: ["cluster-failing", "tier-failing"],
    seen: "route.service: 3 of 3 questions failed",
  },
  {
    name: "the upstream is down",
    where: { [CELL]: NOBODY },
    filters: filters(),
    before: async (envoy) => expect(await ask(envoy, 2)).toEqual([503, 503]),
    finds: ["all-requests-failing"],
    seen: "2 of 2 requests were answered with 5xx since Envoy started",
  },
  {
    name: "every route disables the filter",
    filters: filters(),
    virtualHosts: [
      {
        name: "shop",
        domains: ["*.example.com"],
        routes: [{ match: { prefix: "/" }, route: { cluster: CELL } }],
        typed_per_filter_config: { signpost: { "@type": FILTER_CONFIG, disabled: true, config: {} } },
      },
    ],
    finds: ["module-disabled"],
    seen: "every route has disabled: true for signpost",
  },
  {
    name: "the password's variable is not in Envoy's environment",
    filters: discovered(
      plugin(
        configuration({ webdis: { cluster: WEBDIS, username: "signpost", passwordEnv: "SIGNPOST_NOT_SET" } }),
        {},
        { environment_variables: { host_env_keys: ["SIGNPOST_NOT_SET"] } },
      ),
    ),
    before: rejected,
    finds: ["config-rejected", "password-variable-unset"],
    seen: "webdis.passwordEnv is SIGNPOST_NOT_SET, which the VM takes from the proxy's environment (host_env_keys)",
  },
  {
    name: "the module's file is not there",
    filters: discovered(plugin(configuration(), {}, { code: { local: { filename: "/nowhere/signpost.wasm" } } })),
    before: rejected,
    finds: ["config-rejected"],
    seen: "Envoy rejected version 1; there is none from before, and every request gets 500",
  },
  {
    name: "routing is there twice, of two forms",
    filters: (directory) => [
      ...filters()(directory),
      { name: "signpost-2", typed_config: plugin(configuration(), {}, {}, "signpost-2") },
    ],
    finds: ["lookups-twice"],
    seen: "signpost looks up route, and signpost-2 route",
  },
];

describe("a bad day on which", () => {
  it.each(CASES)("$name", async ({ where, finds, seen, ...setUp }) => {
    const { ids, findings, code } = await examine({ ...setUp, clusters: clusters(where) });
    expect(ids).toEqual(finds);
    expect(findings.map((each) => each.seen)).toContainEqual(expect.stringContaining(seen));
    expect(code).toBe(1);
  });

  it("Redis hangs, after hours in which all was well", async () => {
    const examined = await examine({
      filters: filters(),
      clusters: clusters(),
      before: async (envoy) => {
        await ask(envoy, 3);
        // What is still to be sent would be counted as of the time that is watched.
        await statsReach(envoy, { "wasmcustom.signpost.lookup.route.webdis.misses": 3 });
        tiers.redis.pause();
      },
      during: traffic,
      args: ["--watch", "2s", "--webdis", `http://${LOOPBACK}:${tiers.webdis.port}`],
    }).finally(() => tiers.redis.resume());
    expect(examined.ids).toEqual(["tier-failing", "webdis-redis-hangs"]);
    expect(examined.findings[0]?.seen).toMatch(
      /^route\.webdis: (\d+) of \1 questions failed \(timeout \1\) in [\d.]+ s \(/,
    );
  });

  it("all is well again, and only what was counted before tells of it", async () => {
    const setUp: SetUp = {
      filters: filters(),
      clusters: clusters(),
      before: async (envoy) => {
        tiers.redis.pause();
        await ask(envoy, 3);
        tiers.redis.resume();
        await statsReach(envoy, { [`${TIER}timeout`]: 3 });
      },
    };
    expect((await examine(setUp)).ids).toEqual(["cluster-failing", "tier-failing"]);
    expect((await examine({ ...setUp, during: traffic, args: ["--watch", "1s"] })).ids).toEqual([]);
  });
});
