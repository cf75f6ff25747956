import type { Finding } from "../../../cli/src/doctor/finding.ts";
import type { FindingId } from "../../../cli/src/doctor/catalogue/index.ts";
import type { Diagnosis } from "../../../cli/src/doctor/diagnosis.ts";
import { type ClusterAddress, envoyConfig, listener, wasmFilter } from "../../../envoy-local/lib/envoy-config.ts";
import { Envoy } from "../../../envoy-local/lib/envoy.ts";
import { send } from "../../../envoy-local/lib/http-client.ts";
import { LOOPBACK } from "../../../envoy-local/lib/ports.ts";
import { FILTER_WASM, requireEnvoy, requireFilter } from "../../../envoy-local/lib/project.ts";
import { removeDirectory, scratchDirectory } from "../../../envoy-local/lib/scratch.ts";
import { type Outcome, signpost } from "../../cli/support/cli.ts";

/** Clusters as Istio names them. */
export const WEBDIS = "outbound|7379||webdis.signpost.svc.cluster.local";
export const ROUTING = "outbound|8080||routing.default.svc.cluster.local";
export const CELL = "outbound|80||cell-1.default.svc.cluster.local";

export const HOST = "shop.example.com";

export type Json = Record<string, unknown>;

/** A configuration that nothing is wrong with; `sections` replace parts of it, `lookup` parts of its lookup. */
export function configuration(sections: Json = {}, lookup: Json = {}): Json {
  return {
    webdis: { cluster: WEBDIS, username: "signpost", password: "local-webdis" },
    lookups: [
      {
        name: "route",
        match: { hosts: ["*.example.com"], paths: ["/api/*"] },
        key: "route:{host}:{path[1]}",
        service: { cluster: ROUTING, path: "/routes?host={host}&tenant={path[1]}" },
        owns: ["x-cell"],
        ...lookup,
      },
    ],
    ...sections,
  };
}

/** The filter with this configuration; `plugin` replaces parts of its `PluginConfig`, `vm` of its `vm_config`. */
export function plugin(config: Json, plugin: Json = {}, vm: Json = {}, name = "signpost"): Json {
  const { typed_config: typed } = wasmFilter({ module: requireFilter(FILTER_WASM), configuration: config, name });
  const message = typed["config"] as Json;
  return { ...typed, config: { ...message, vm_config: { ...(message["vm_config"] as Json), ...vm }, ...plugin } };
}

/** An Envoy as it is set up for a test; what is not given is as it should be. */
export interface SetUp {
  /** The chain of HTTP filters but for the router; `directory` is the Envoy's own. */
  readonly filters: (directory: string) => readonly object[];
  /** Virtual hosts in the place of one for `*.example.com`. */
  readonly virtualHosts?: readonly object[];
  /** Where clusters are; undefined is a cluster that Envoy does not have. */
  readonly clusters: Readonly<Record<string, ClusterAddress | undefined>>;
  /** Changes the proxy's configuration as a whole. */
  readonly bootstrap?: (config: Json, directory: string) => Json;
  /** Changes a cluster's configuration. */
  readonly cluster?: (cluster: Json) => Json;
  /** What happens before the doctor comes. */
  readonly before?: (envoy: Envoy) => Promise<void>;
  /** What goes on while the doctor looks. */
  readonly during?: (envoy: Envoy, signal: AbortSignal) => Promise<void>;
  /** Further arguments of the doctor. */
  readonly args?: readonly string[];
}

export interface Examination extends Diagnosis, Outcome {
  /** The ids of all findings, sorted. */
  readonly ids: readonly FindingId[];
}

/** Starts the Envoy, has the doctor examine it by its admin interface, and stops it. */
export async function examine(setUp: SetUp): Promise<Examination> {
  const directory = scratchDirectory();
  const envoy = new Envoy({
    directory,
    binary: requireEnvoy(),
    configuration: () => configurationOf(setUp, directory),
  });
  try {
    await envoy.start();
    await setUp.before?.(envoy);
    const over = new AbortController();
    const meanwhile = setUp.during?.(envoy, over.signal);
    const found = await examination(["--admin", `http://${LOOPBACK}:${envoy.adminPort}`, ...(setUp.args ?? [])]);
    over.abort();
    await meanwhile;
    return found;
  } finally {
    await envoy.stop();
    removeDirectory(directory);
  }
}

/** What the doctor says when it is called with these arguments. */
export async function examination(args: readonly string[]): Promise<Examination> {
  const outcome = await signpost(["doctor", "--json", ...args]);
  if (outcome.stdout === "") throw new Error(`exit code ${outcome.code}: ${outcome.stderr}`);
  const diagnosis = JSON.parse(outcome.stdout) as Diagnosis;
  return { ...outcome, ...diagnosis, ids: diagnosis.findings.map(({ id }: Finding) => id).sort() };
}

/** Sends requests for tenants that nobody knows, one after the other. */
export async function ask(envoy: Envoy, times: number): Promise<number[]> {
  const statuses: number[] = [];
  for (let i = 0; i < times; i++) statuses.push(await askFor(envoy, `tenant-${i}`));
  return statuses;
}

/** Sends a request for a tenant. */
export async function askFor(envoy: Envoy, tenant: string): Promise<number> {
  const reply = await send({ port: envoy.port, path: `/api/${tenant}`, headers: { host: HOST } });
  return reply.status;
}

function configurationOf(setUp: SetUp, directory: string): object {
  const { filters, virtualHosts, clusters, cluster } = setUp;
  const route = { match: { prefix: "/" }, route: { cluster: CELL } };
  const hosts = virtualHosts ?? [{ name: "shop", domains: ["*.example.com"], routes: [route] }];
  const settings = { route_config: { name: "http.8080", virtual_hosts: hosts } };
  const addresses = Object.entries(clusters).filter(
    (entry): entry is [string, ClusterAddress] => entry[1] !== undefined,
  );
  const config = envoyConfig(
    [listener("0.0.0.0_8080", 0, filters(directory), [], settings)],
    Object.fromEntries(addresses),
  ) as { static_resources: { clusters: Json[] } };
  const resources = config.static_resources;
  const all = cluster ? resources.clusters.map(cluster) : resources.clusters;
  const whole: Json = { ...config, static_resources: { ...resources, clusters: all } };
  return setUp.bootstrap?.(whole, directory) ?? whole;
}
