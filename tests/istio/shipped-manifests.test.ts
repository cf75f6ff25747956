import { readFileSync, writeFileSync } from "node:fs";
import { parse, stringify } from "yaml";
import { afterAll, describe, expect, it } from "vitest";
import { removeDirectory, scratchDirectory } from "../../envoy-local/lib/scratch.ts";
import { meshForTests } from "./support/for-tests.ts";
import type { Manifest } from "./support/kubernetes-api.ts";
import {
  OVERLAYS,
  SHIPPED,
  SHIPPED_VALUES,
  kustomized,
  kustomizedFile,
  podsOf,
  renderTree,
} from "./support/shipped.ts";

const directory = scratchDirectory();

afterAll(() => {
  removeDirectory(directory);
});

/** Where Istio's chart for gateways has put one. */
const GATEWAY: Manifest = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "istio-ingressgateway", namespace: "istio-system" },
  spec: {
    selector: { matchLabels: { istio: "ingressgateway" } },
    template: {
      metadata: { labels: { istio: "ingressgateway" } },
      spec: {
        containers: [{ name: "istio-proxy", image: "istio-proxy", env: [{ name: "ISTIO_META_X", value: "stays" }] }],
      },
    },
  },
};

/** In place of `redis` in the values. */
const REDIS_CLUSTER = {
  image: "docker.io/envoyproxy/envoy:v1.40.0",
  seeds: [{ host: "redis-cluster.data.svc.cluster.local", port: 6379 }],
};

/** Renders the shipped values for a Redis Cluster that is there. */
async function renderForCluster(): Promise<string> {
  const values = `${directory}/redis-cluster.yaml`;
  const shipped = parse(readFileSync(SHIPPED_VALUES, "utf8")) as object;
  writeFileSync(values, stringify({ ...shipped, redis: undefined, redisCluster: REDIS_CLUSTER }));
  await renderTree(values, `${directory}/redis-cluster`);
  return `${directory}/redis-cluster`;
}

const mesh = meshForTests(undefined, async (started) => {
  const folders = ["base", "sample", "node-cache"].map((name) => `${SHIPPED}/${name}`);
  const objects = await Promise.all([...folders, `${await renderForCluster()}/base`].map(kustomized));
  // What is judged is not kept: namespaces, Services and pods would be missing for what speaks of them.
  await started.apply([...objects.flat().filter(({ kind }) => kind === "Namespace"), GATEWAY]);
  const services = objects.flat().filter(({ kind }) => kind === "Service");
  await started.apply([...services, ...podsOf(objects.flat())]);
});

/** Everything that is wrong with a kustomization. */
async function problemsOf(folder: string): Promise<string[]> {
  const file = await kustomizedFile(folder, directory);
  return [...(await mesh().problemsOf(file)), ...(await mesh().kubernetes.dryRun(folder, { kustomize: true }))];
}

describe("istioctl validate, istioctl analyze and the API server find nothing wrong with", () => {
  it.each(["base", ...OVERLAYS.map((name) => `overlays/${name}`), "node-cache", "sample"])("istio/%s", async (name) => {
    expect(await problemsOf(`${SHIPPED}/${name}`)).toEqual([]);
  });

  it.each(OVERLAYS)("overlays/%s as it is rendered for a Redis Cluster", async (name) => {
    expect(await problemsOf(`${directory}/redis-cluster/overlays/${name}`)).toEqual([]);
  });
});

interface PodTemplate {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: {
    readonly containers: readonly {
      readonly env: readonly { readonly name: string }[];
      readonly volumeMounts: readonly { readonly name: string }[];
    }[];
    readonly volumes: readonly { readonly name: string }[];
  };
}

describe("the patch of the gateway's Deployment", () => {
  it("is one to the API server, and adds to what is there", async () => {
    const where = ["deployment", GATEWAY.metadata.name, "--namespace", "istio-system"];
    const patchedBy = async (folder: string): Promise<PodTemplate> => {
      const patch = ["--patch-file", `${SHIPPED}/${folder}/deployment-patch.yaml`];
      const patched = await mesh().kubectl("patch", ...where, ...patch, "--dry-run=server", "--output=json");
      return (JSON.parse(patched) as { spec: { template: PodTemplate } }).spec.template;
    };
    const { metadata, spec } = await patchedBy("gateway");
    expect(metadata.annotations).toHaveProperty("sidecar.istio.io/statsInclusionPrefixes");
    expect(spec.containers).toHaveLength(1);
    const [proxy] = spec.containers;
    const names = ["ISTIO_BOOTSTRAP_OVERRIDE", "ISTIO_META_X", "WEBDIS_PASSWORD"];
    expect(proxy?.env.map(({ name }) => name).sort()).toEqual(names);
    expect(proxy?.volumeMounts.map(({ name }) => name)).toEqual(["signpost-bootstrap"]);
    expect(spec.volumes.map(({ name }) => name)).toEqual(["signpost-bootstrap"]);
    const withCache = await patchedBy("gateway/node-cache");
    expect(withCache.spec.volumes.map(({ name }) => name).sort()).toEqual(["signpost-bootstrap", "signpost-modules"]);
  });
});
