import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { readFileSync } from "node:fs";
import type { FindingId } from "../../cli/src/doctor/catalogue/index.ts";
import { LOOPBACK } from "../../envoy-local/lib/ports.ts";
import { removeDirectory, scratchDirectory } from "../../envoy-local/lib/scratch.ts";
import { signpost } from "../cli/support/cli.ts";
import { type Examination, examination } from "../envoy/support/doctor.ts";
import { HOST, NO_BREAKER, routeConfig } from "../fixtures/route/fixture.ts";
import { meshForTests } from "./support/for-tests.ts";
import { GATEWAY_LABELS } from "./support/ingress-gateway.ts";
import type { Manifest } from "./support/kubernetes-api.ts";
import {
  type WasmPluginSpec,
  destination,
  gateway,
  manifest,
  meshCluster,
  meshHost,
  wasmPlugin,
} from "./support/manifests.ts";
import type { IstioMesh } from "./support/mesh.ts";
import type { PushedImage } from "./support/registry.ts";
import { RouteMesh, UPSTREAM, inMesh } from "./support/route-mesh.ts";

const ROUTING = inMesh(routeConfig());
const CACHING = inMesh({ webdis: routeConfig()["webdis"], responseCache: { match: { paths: ["/svc/*"] } } });
const WRONG = "0".repeat(64);

const route = new RouteMesh(1);
let image: PushedImage;

beforeAll(async () => {
  await route.start();
});

afterAll(async () => {
  await route.stop();
});

/** The annotations that `signpost render` gives the pods of a gateway with these callouts. */
async function renderedAnnotations(): Promise<Record<string, string>> {
  const directory = scratchDirectory();
  const callout = (name: string) => ({ host: meshHost(name), port: 80 });
  const values = {
    module: { url: "oci://registry.example/signpost:0.1.0", sha256: "ab".repeat(32) },
    callouts: { webdis: callout("webdis"), routing: callout("routing-service") },
    config: routeConfig({ service: { cluster: "routing", path: "/routes?host={host}&tenant={path[1]}" } }),
  };
  try {
    const { code, stderr } = await signpost(["render", "-", "--out", directory], { input: JSON.stringify(values) });
    if (code !== 0) throw new Error(stderr);
    const helm = parse(readFileSync(`${directory}/gateway/helm-values.yaml`, "utf8")) as {
      podAnnotations: Record<string, string>;
    };
    return helm.podAnnotations;
  } finally {
    removeDirectory(directory);
  }
}

/** A plugin of the gateway with the module, routing unless `spec` says otherwise. */
function plugin(name: string, spec: Partial<WasmPluginSpec> = {}): Manifest {
  return wasmPlugin(name, { url: image.url, sha256: image.digest, pluginConfig: ROUTING, ...spec });
}

/** Lets all requests pass that a policy has to be asked about. */
function allowing(): Manifest {
  return manifest("security.istio.io/v1", "AuthorizationPolicy", "allow", {
    selector: { matchLabels: { istio: GATEWAY_LABELS.istio } },
    action: "ALLOW",
    rules: [{ to: [{ operation: { paths: ["/*"] } }] }],
  });
}

/** Sends requests of this host to the upstream. */
function routes(host: string): Manifest {
  return manifest("networking.istio.io/v1", "VirtualService", "shop", {
    hosts: [host],
    gateways: ["public"],
    http: [{ route: [destination(UPSTREAM)] }],
  });
}

/** Has the gateway listen and the parts around it be hosts of the mesh. */
async function open(mesh: IstioMesh): Promise<void> {
  image = await mesh.pushImage();
  await mesh.apply([...route.hosts(), routes(HOST), gateway("public", route.ports)]);
  await mesh.listens(route.ports);
}

async function ask(mesh: IstioMesh, path = "/api/nobody/orders"): Promise<number> {
  return (await mesh.send({ port: route.port(0), path, headers: { host: HOST } })).status;
}

async function examine(mesh: IstioMesh, args: readonly string[] = []): Promise<Examination> {
  return examination(["--admin", `http://${LOOPBACK}:${mesh.gateway.port}`, ...args]);
}

/** What the doctor says when it has found just this, which may take until the gateway has heard of the last change. */
async function found(mesh: IstioMesh, ids: readonly FindingId[], args: readonly string[] = []): Promise<Examination> {
  const expected = JSON.stringify([...ids].sort());
  let last: Examination | undefined;
  const end = performance.now() + 20_000;
  do last = await examine(mesh, args);
  while (JSON.stringify(last.ids) !== expected && performance.now() < end);
  expect(last.ids, JSON.stringify(last.findings, null, 2)).toEqual([...ids].sort());
  return last;
}

describe("a gateway with the annotations that signpost render writes", async () => {
  const mesh = meshForTests({ podAnnotations: await renderedAnnotations() }, open);

  /** Has the manifests in force while `check` runs. */
  async function withManifests(manifests: readonly Manifest[], check: () => Promise<void>): Promise<void> {
    // What the gateway has counted is about what was before.
    await mesh().gateway.admin("/reset_counters", "POST");
    await mesh().apply(manifests);
    await mesh().atWork(manifests.filter(({ kind }) => kind === "WasmPlugin").map(({ metadata }) => metadata.name));
    try {
      await check();
    } finally {
      await mesh().remove(manifests);
      await found(mesh(), ["module-not-loaded"]);
    }
  }

  it("is well with routing, authorization and caching, and everything has been looked at", async () => {
    const manifests = [
      plugin("signpost-routing"),
      plugin("signpost-caching", { pluginConfig: CACHING, phase: "STATS" }),
      allowing(),
    ];
    await withManifests(manifests, async () => {
      // The filter's metrics come with its first ticks.
      expect(await ask(mesh())).toBe(200);
      const { unchecked, plugins, code } = await found(
        mesh(),
        [],
        [...["--webdis", `http://${LOOPBACK}:${route.webdis.port}`], ...["--digest", image.digest]],
      );
      expect(unchecked).toEqual([]);
      expect(code).toBe(0);
      expect(plugins).toMatchObject([
        {
          name: "extensions.istio.io/trafficextension/istio-system.signpost-routing~istio-translated-wasmplugin",
          digest: { sha256: image.digest, of: "name" },
          failurePolicy: "FAIL_RELOAD",
          lookups: ["route"],
        },
        { responseCache: true },
      ]);
    });
  });

  const BROKEN: {
    name: string;
    manifests: () => Manifest[];
    finds: FindingId[];
    seen?: string | RegExp;
    /** What becomes of a request. */
    status?: number;
    path?: string;
    args?: string[];
  }[] = [
    {
      name: "the digest is not the image's",
      manifests: () => [plugin("signpost-denied", { sha256: WRONG })],
      status: 403,
      finds: ["module-denied"],
      seen: /signpost-denied~istio-translated-wasmplugin is an RBAC filter that refuses everything$/,
    },
    {
      name: "the image of a plugin with another name is not there",
      manifests: () => [plugin("edge", { url: image.url.replace("/signpost:", "/nobody:") })],
      status: 403,
      finds: ["module-denied"],
      seen: /istio-system\.edge~/,
    },
    {
      name: "the digest is not the image's, and requests go on without the filter",
      manifests: () => [plugin("signpost-skipped", { sha256: WRONG, failStrategy: "FAIL_OPEN" })],
      status: 200,
      finds: ["module-skipped"],
    },
    {
      name: "the first configuration is refused",
      manifests: () => [plugin("signpost-refused", { pluginConfig: { ...ROUTING, lookups: 5 } })],
      status: 500,
      finds: ["config-refused", "config-rejected", "requests-failing"],
      seen: /^Envoy rejected what it was sent at .*Z; there is none from before, and every request gets 500$/,
    },
    {
      name: "the VM does not get the password's variable",
      manifests: () => [
        plugin("signpost-variable", {
          pluginConfig: {
            ...ROUTING,
            webdis: { cluster: meshCluster("webdis"), username: "signpost", passwordEnv: "WEBDIS_PASSWORD" },
          },
        }),
      ],
      finds: ["config-rejected", "password-variable-missing"],
    },
    {
      name: "a cluster's port is another",
      manifests: () => [
        plugin("signpost-port", {
          pluginConfig: { ...ROUTING, webdis: { cluster: `outbound|7379||${meshHost("webdis")}` } },
        }),
      ],
      finds: ["cluster-missing"],
      seen: `there is no cluster outbound|7379||${meshHost("webdis")}; of this host there is ${meshCluster("webdis")}`,
    },
    {
      name: "nobody listens where Webdis should be",
      manifests: () => [
        plugin("signpost-nobody", {
          // The old listener drains for 45 s, and an open breaker would be in its metrics as long.
          pluginConfig: { ...ROUTING, webdis: { cluster: meshCluster("refused"), breaker: NO_BREAKER } },
        }),
      ],
      status: 200,
      finds: ["cluster-failing", "tier-failing"],
    },
    {
      name: "the cache stands before authorization",
      manifests: () => [plugin("signpost-cache", { pluginConfig: CACHING, phase: "AUTHN" }), allowing()],
      finds: ["cache-before-authorization"],
    },
    {
      name: "the lookups stand after authorization",
      manifests: () => [plugin("signpost-late", { phase: "STATS" }), allowing()],
      finds: ["lookups-after-authorization"],
    },
    {
      name: "the lookups are for a host that the gateway does not route",
      manifests: () => {
        const { lookups, ...others } = ROUTING as { lookups: object[] };
        const match = { hosts: ["shop.example.org"], paths: ["/api/*"] };
        return [
          plugin("signpost-host", {
            pluginConfig: { ...others, lookups: lookups.map((each) => ({ ...each, match })) },
          }),
        ];
      },
      finds: ["host-not-routed"],
    },
    {
      name: "two plugins have the same lookup, and the module may stay dead",
      manifests: () => [plugin("signpost-one"), plugin("signpost-two", { failStrategy: "FAIL_CLOSE", priority: 5 })],
      finds: ["fail-closed", "lookups-twice"],
    },
    {
      name: "the gateway has another module than is expected",
      manifests: () => [plugin("signpost-other")],
      args: ["--digest", WRONG],
      finds: ["digest-unexpected"],
    },
  ];

  it.each(BROKEN)("is seen to be broken where $name", async ({ manifests, status, path, finds, seen, args = [] }) => {
    await withManifests(manifests(), async () => {
      if (status !== undefined) {
        await mesh().eventually(`requests get ${status}`, async () => (await ask(mesh(), path)) === status);
        if (status === 200) {
          // Requests failed while the gateway was on its way there.
          await mesh().gateway.admin("/reset_counters", "POST");
          expect(await ask(mesh(), path)).toBe(200);
        }
      }
      const { findings } = await found(mesh(), finds, args);
      if (seen !== undefined) expect(findings.map((each) => each.seen)).toContainEqual(expect.stringMatching(seen));
    });
  });

  it("is seen to refuse a later configuration, and to be well when that is mended", async () => {
    const sound = plugin("signpost-later");
    await withManifests([sound], async () => {
      await found(mesh(), []);
      await mesh().apply([plugin("signpost-later", { pluginConfig: { ...ROUTING, nonsense: 1 } })]);
      const { findings } = await found(mesh(), ["config-refused", "config-rejected"]);
      expect(findings[0]?.seen).toMatch(
        /^Envoy rejected what it was sent at .*Z; version .* serves; after a restart there would be none/,
      );
      expect(await ask(mesh())).toBe(200);
      // A change of its own: Istio's agent need not send again what Envoy has.
      await mesh().apply([plugin("signpost-later", { pluginConfig: { ...ROUTING, debugHeader: "x-mended" } })]);
      expect((await found(mesh(), [])).unchecked).toEqual(["Webdis and what it lets pass (--webdis)"]);
    });
  });

  it("is seen to have no routes", async () => {
    await withManifests([plugin("signpost-routes")], async () => {
      await mesh().remove([routes(HOST)]);
      await found(mesh(), ["routes-missing"]);
    });
  });
});

describe("a gateway with Istio's own statistics, whose istiod hides clusters that no route refers to", () => {
  const mesh = meshForTests({ podAnnotations: {}, istiod: { PILOT_FILTER_GATEWAY_CLUSTER_CONFIG: "true" } }, open);

  it("is seen to lack the clusters, and what could not be looked at is told", async () => {
    await mesh().apply([plugin("signpost-hidden")]);
    await mesh().atWork(["signpost-hidden"]);
    const { findings, unchecked } = await found(mesh(), ["cluster-hidden", "cluster-hidden"]);
    expect(findings.map(({ seen }) => seen)).toContain(
      `there is no cluster ${meshCluster("webdis")}; others there are, such as ${meshCluster(UPSTREAM)}`,
    );
    const annotate = "the proxy keeps no such statistics (annotate its pods with sidecar.istio.io/statsInclusion";
    expect(unchecked).toEqual([
      `whether Envoy took the configuration (extension_config_discovery): ${annotate}Prefixes: extension_config_discovery)`,
      `how many requests were answered with 5xx (downstream_rq_5xx): ${annotate}Suffixes: downstream_rq_5xx,downstream_rq_completed)`,
      "Webdis and what it lets pass (--webdis)",
    ]);
  });

  it("has them when they are referred to as signpost render does it", async () => {
    const hosts = ["webdis", "routing-service"].map(meshHost).join(",");
    const callouts = manifest("networking.istio.io/v1alpha3", "EnvoyFilter", "signpost-callouts", {
      workloadSelector: { labels: { istio: GATEWAY_LABELS.istio } },
      configPatches: [],
    });
    const annotations = { "envoyfilter.istio.io/referenced-services": hosts };
    await mesh().apply([{ ...callouts, metadata: { ...callouts.metadata, annotations } }]);
    const { unchecked } = await found(mesh(), []);
    const clusters = ["routing-service", "webdis"].map((name) => `cluster.${meshCluster(name)}`).join(",");
    expect(unchecked).toContainEqual(expect.stringContaining(`statsInclusionPrefixes: ${clusters})`));
  });
});
