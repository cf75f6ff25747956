import { describe, expect, it } from "vitest";
import type { FindingId } from "../../cli/src/doctor/catalogue/index.ts";
import type { Envoy } from "../../envoy-local/lib/envoy.ts";
import { LOOPBACK } from "../../envoy-local/lib/ports.ts";
import { until } from "../../envoy-local/lib/readiness.ts";
import { DiscoveredFilter } from "./support/discovered-filter.ts";
import { ROUTING, type SetUp, WEBDIS, ask, configuration, examine, plugin } from "./support/doctor.ts";
import { doctorParts } from "./support/doctor-parts.ts";
import { statsReach } from "./support/stats.ts";
import { trappingModule } from "./support/trap.ts";

const TYPE = "type.googleapis.com/";
const RBAC = `${TYPE}envoy.extensions.filters.http.rbac.v3.RBAC`;
const WASM = `${TYPE}envoy.extensions.filters.http.wasm.v3.Wasm`;

/** What istiod calls the filter of the WasmPlugin istio-system/signpost. */
const NAME = "extensions.istio.io/wasmplugin/istio-system.signpost";

const { tiers, scratch, clusters } = doctorParts();

/** The filter as istiod sends it; undefined: it sends none. */
function discovered(directory: string, typedConfig: object | undefined): DiscoveredFilter {
  const filter = new DiscoveredFilter(NAME, `${directory}/ecds.json`, [WASM, RBAC]);
  filter.send(typedConfig);
  return filter;
}

/** Settles when Envoy has rejected so many configurations. */
async function rejected(envoy: Envoy, times: number): Promise<void> {
  await statsReach(envoy, { [`extension_config_discovery.http_filter.${NAME}.update_rejected`]: times });
}

describe("a gateway that is well", () => {
  const filters: SetUp["filters"] = (directory) => [discovered(directory, plugin(configuration())).httpFilter];

  it("has no findings, whatever is asked", async () => {
    const args = ["--webdis", `http://${LOOPBACK}:${tiers.webdis.port}`];
    const examined = await examine({
      filters,
      clusters: clusters(),
      args,
      before: async (envoy) => {
        await ask(envoy, 5);
      },
    });
    expect(examined.findings).toEqual([]);
    expect(examined.unchecked).toEqual([]);
    expect(examined.code).toBe(0);
    expect(examined.proxy).toEqual({ node: "signpost", version: "1.40.0" });
    expect(examined.plugins).toEqual([
      {
        name: NAME,
        places: [`listener 0.0.0.0_8080, filter ${NAME}`],
        module: expect.stringMatching(/\/signpost\.wasm$/) as string,
        digest: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string, of: "file" },
        failurePolicy: "FAIL_RELOAD",
        lookups: ["route"],
        responseCache: false,
        clusters: [WEBDIS, ROUTING],
      },
    ]);
  });
});

interface Broken extends Omit<SetUp, "clusters"> {
  name: string;
  finds: FindingId[];
  /** Part of what was seen by the first finding. */
  seen?: string;
  code?: number;
}

const refused = configuration({ lookups: 5 });

const BROKEN: Broken[] = [
  {
    name: "the module is in no chain",
    filters: () => [],
    finds: ["module-not-loaded"],
    seen: "none of these HTTP filters is Signpost: router",
  },
  {
    name: "nothing is sent for the filter",
    filters: (directory) => [discovered(directory, undefined).httpFilter],
    before: (envoy) => rejected(envoy, 1),
    finds: ["module-not-delivered"],
    seen: `no configuration for ${NAME} has come`,
  },
  {
    name: "Istio's agent could not get the module (FAIL_CLOSE)",
    filters: (directory) => [discovered(directory, { "@type": RBAC, rules: {} }).httpFilter],
    before: async (envoy) => expect(await ask(envoy, 1)).toEqual([403]),
    finds: ["module-denied"],
  },
  {
    name: "Istio's agent could not get the module (FAIL_OPEN)",
    filters: (directory) => [discovered(directory, { "@type": RBAC }).httpFilter],
    before: async (envoy) => expect(await ask(envoy, 1)).toEqual([200]),
    finds: ["module-skipped"],
  },
  {
    name: "the filter is disabled",
    filters: () => [{ name: "signpost", disabled: true, typed_config: plugin(configuration()) }],
    finds: ["module-disabled"],
  },
  {
    name: "the first configuration is refused",
    filters: (directory) => [discovered(directory, plugin(refused)).httpFilter],
    before: async (envoy) => {
      await rejected(envoy, 1);
      expect(await ask(envoy, 1)).toEqual([500]);
    },
    finds: ["all-requests-failing", "config-refused", "config-rejected"],
    seen: "Envoy rejected version 1; there is none from before, and every request gets 500",
  },
  {
    name: "the configuration is a Struct",
    filters: (directory) => {
      const struct = { "@type": `${TYPE}google.protobuf.Struct`, value: configuration() };
      return [discovered(directory, plugin({}, { configuration: struct })).httpFilter];
    },
    before: (envoy) => rejected(envoy, 1),
    finds: ["config-not-text", "config-rejected"],
  },
  {
    name: "the VM does not get the password's variable",
    filters: (directory) => {
      const webdis = { cluster: WEBDIS, username: "signpost", passwordEnv: "WEBDIS_PASSWORD" };
      return [discovered(directory, plugin(configuration({ webdis }))).httpFilter];
    },
    before: (envoy) => rejected(envoy, 1),
    finds: ["config-rejected", "password-variable-missing"],
  },
  {
    name: "the configuration is empty",
    filters: (directory) => [discovered(directory, plugin({})).httpFilter],
    finds: ["config-empty"],
    code: 0,
  },
  {
    name: "shadow mode is on",
    filters: (directory) => [discovered(directory, plugin(configuration({ shadow: true }))).httpFilter],
    finds: ["shadow-mode"],
    code: 0,
  },
  {
    name: "the failure policy is FAIL_OPEN",
    filters: () => [{ name: "signpost", typed_config: plugin(configuration(), { failure_policy: "FAIL_OPEN" }) }],
    finds: ["fail-open"],
    code: 0,
  },
  {
    name: "another module is expected",
    filters: (directory) => [discovered(directory, plugin(configuration())).httpFilter],
    args: ["--digest", `sha256:${"0".repeat(64)}`],
    finds: ["digest-unexpected"],
  },
];

describe("a set-up where", () => {
  it.each(BROKEN)("$name", async ({ finds, seen, code = 1, ...setUp }) => {
    const examined = await examine({ ...setUp, clusters: clusters() });
    expect(examined.ids).toEqual([...finds].sort());
    expect(examined.code).toBe(code);
    if (seen !== undefined) expect(examined.findings[0]?.seen).toBe(seen);
  });

  it("a new configuration was refused and the one before still runs", async () => {
    let filter: DiscoveredFilter | undefined;
    const examined = await examine({
      clusters: clusters(),
      filters: (directory) => {
        filter = discovered(directory, plugin(configuration()));
        return [filter.httpFilter];
      },
      before: async (envoy) => {
        filter?.send(plugin(refused));
        await rejected(envoy, 1);
      },
    });
    expect(examined.ids).toEqual(["config-refused", "config-rejected"]);
    expect(examined.findings.map(({ seen }) => seen)).toContain(
      "Envoy rejected version 2; version 1 serves; after a restart there would be none, and every request would get 500",
    );
  });
});

describe("a module that fails at every request", () => {
  const trapping = async (policy: string, before: SetUp["before"]) => {
    const module = await trappingModule(scratch);
    const vm = { vm_id: policy, code: { local: { filename: module } } };
    const typed = plugin(configuration(), { failure_policy: policy }, vm);
    return examine({
      filters: () => [{ name: "signpost", typed_config: typed }],
      clusters: clusters(),
      ...(before === undefined ? {} : { before }),
    });
  };

  it("is told from its restarts", async () => {
    const { ids, code } = await trapping("FAIL_RELOAD", async (envoy) => {
      // A VM comes back at a request, and not sooner than a second after it has failed.
      await until(AbortSignal.timeout(30_000), async () => {
        await ask(envoy, 1);
        return (
          ((await envoy.stats("^wasm\\.signpost\\.vm_reload_success$")).get("wasm.signpost.vm_reload_success") ?? 0) >
            0 || undefined
        );
      });
    });
    expect(ids).toEqual(["all-requests-failing", "digest-not-ours", "module-traps"]);
    expect(code).toBe(1);
  });

  it("is told from what becomes of requests where it stays dead", async () => {
    const { ids } = await trapping("FAIL_CLOSED", async (envoy) => {
      expect(await ask(envoy, 3)).toEqual([503, 503, 503]);
    });
    expect(ids).toEqual(["all-requests-failing", "digest-not-ours", "fail-closed"]);
  });
});

describe("the exit code", () => {
  it("is 1 for warnings where they count", async () => {
    const filters = () => [
      { name: "signpost", typed_config: plugin(configuration(), { failure_policy: "FAIL_CLOSED" }) },
    ];
    const examined = await examine({ filters, clusters: clusters(), args: ["--strict"] });
    expect(examined.ids).toEqual(["fail-closed"]);
    expect(examined.code).toBe(1);
  });
});
