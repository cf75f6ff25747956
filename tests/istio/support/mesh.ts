import { setTimeout as delay } from "node:timers/promises";
import { DISCOVERY_PREFIX, INCLUDED_PREFIXES } from "../../../cli/src/stats-inclusion.ts";
import { send, type HttpReply, type HttpRequest } from "../../../envoy-local/lib/http-client.ts";
import type { Part } from "../../../envoy-local/lib/part.ts";
import { LOOPBACK, freePort } from "../../../envoy-local/lib/ports.ts";
import { FILTER_WASM, requireFilter } from "../../../envoy-local/lib/project.ts";
import { removeDirectory, scratchDirectory, startTogether, stopAll } from "../../../envoy-local/lib/scratch.ts";
import { isListenedWith } from "./config-dump.ts";
import { GATEWAY_OBJECTS, IngressGateway, type ConfigDump, type GatewayPod } from "./ingress-gateway.ts";
import { ISTIO_NAMESPACE, Istiod } from "./istiod.ts";
import { istioctlAnalyze, istioctlValidate } from "./istioctl.ts";
import { KubernetesApi, type Manifest } from "./kubernetes-api.ts";
import { ModuleServer, type ServedModule } from "./module-server.ts";
import { istioFile } from "./programs.ts";
import { Registry, type PushedImage } from "./registry.ts";

/** How long a change may take to get from the API server to Envoy, in milliseconds. */
const LIMIT = 180_000;
/** Between two looks whether it has, in milliseconds. */
const INTERVAL = 50;
/** How many lines of each log a failed test shows. */
const SHOWN_LINES = 40;

export interface MeshOptions {
  /** Environment variables of istiod, such as `PILOT_FILTER_GATEWAY_CLUSTER_CONFIG`. */
  readonly istiod?: Readonly<Record<string, string>>;
  /** Annotations of the gateway's pod; when not given, one that lets Envoy keep the statistics of discovery (ECDS). */
  readonly podAnnotations?: Readonly<Record<string, string>>;
  /** Of Istio's `MeshConfig`, such as `extensionProviders`. */
  readonly meshConfig?: Readonly<Record<string, unknown>>;
  /** Worker threads of Envoy; one when not given. */
  readonly workers?: number;
  /** What the gateway's pod has beside what Istio gives it. */
  readonly pod?: GatewayPod;
}

/**
 * Istio on this machine, without a cluster: etcd and kube-apiserver with Istio's CRDs, istiod, an ingress gateway
 * (pilot-agent and Envoy), an OCI registry and a web server for Wasm modules; all on free ports of the loopback address.
 *
 *     const mesh = await IstioMesh.start();
 *     const { url, digest } = await mesh.pushImage();
 *     await mesh.apply([wasmPlugin("signpost", { url, sha256: digest, pluginConfig })]);
 *     await mesh.eventually("the plugin is there", async () => (await mesh.send({ path: "/" })).status === 200);
 *     await mesh.stop();
 */
export class IstioMesh {
  /** Holds the logs and files of all parts. */
  readonly directory = scratchDirectory();
  readonly kubernetes = new KubernetesApi(this.directory);
  readonly registry = new Registry(this.directory);
  readonly modules = new ModuleServer();
  readonly istiod: Istiod;
  readonly gateway: IngressGateway;
  #gatewayPort = 0;

  private constructor(options: MeshOptions) {
    this.istiod = new Istiod(this.directory, this.kubernetes.kubeconfig, options.meshConfig, options.istiod);
    this.gateway = new IngressGateway({
      directory: this.directory,
      discoveryAddress: () => this.istiod.discoveryAddress,
      insecureRegistries: () => [this.registry.host],
      podAnnotations: options.podAnnotations ?? { [INCLUDED_PREFIXES]: DISCOVERY_PREFIX },
      ...(options.workers === undefined ? {} : { workers: options.workers }),
      ...(options.pod === undefined ? {} : { pod: options.pod }),
    });
  }

  /** Starts everything; the caller stops it. When a part fails, all is stopped and the directory is kept. */
  static async start(options: MeshOptions = {}): Promise<IstioMesh> {
    const mesh = new IstioMesh(options);
    try {
      await mesh.#start();
    } catch (error) {
      await mesh.stop({ keep: true });
      throw error;
    }
    return mesh;
  }

  get parts(): readonly Part[] {
    return [this.kubernetes.etcd, this.kubernetes.apiServer, this.registry, this.istiod, this.gateway];
  }

  /** The port that Gateways of tests listen on, where they need only one. */
  get gatewayPort(): number {
    return this.#gatewayPort;
  }

  get gatewayUrl(): string {
    return `http://${LOOPBACK}:${this.gatewayPort}`;
  }

  /** Stops all parts, the gateway first, and removes the directory unless it is to be kept. */
  async stop({ keep = false } = {}): Promise<void> {
    await stopAll(this.parts);
    await this.modules.stop();
    if (!keep) removeDirectory(this.directory);
  }

  /** Runs kubectl, which has to succeed, and gives what it printed. */
  async kubectl(...args: readonly string[]): Promise<string> {
    return this.kubernetes.kubectl(args);
  }

  /** Creates objects, or makes them what the manifests say. The gateway knows of it some time later. */
  async apply(manifests: readonly Manifest[]): Promise<void> {
    await this.kubernetes.apply(manifests);
  }

  /** Deletes objects. The gateway knows of it some time later. */
  async remove(manifests: readonly Manifest[]): Promise<void> {
    await this.kubernetes.remove(manifests);
  }

  /** Pushes an image with the module; the filter when not given. */
  async pushImage(wasm = requireFilter(FILTER_WASM), repository = "signpost", tag = "latest"): Promise<PushedImage> {
    return this.registry.pushImage(wasm, repository, tag);
  }

  /** Serves the module over HTTP; the filter when not given. */
  serveWasm(wasm = requireFilter(FILTER_WASM)): ServedModule {
    return this.modules.serve(wasm);
  }

  /** All of Envoy's configuration. */
  async configDump(): Promise<ConfigDump> {
    return this.gateway.configDump();
  }

  /** Sends a request through the gateway. */
  async send(request: Omit<HttpRequest, "port"> & { readonly port?: number }): Promise<HttpReply> {
    return send({ port: this.gatewayPort, ...request });
  }

  /**
   * Everything that Istio's tools and the API server find wrong with a file or a folder of manifests; warnings too.
   * The namespaces that the manifests are in have to be there.
   */
  async problemsOf(source: string): Promise<string[]> {
    const found = await Promise.all([
      istioctlValidate(source),
      istioctlAnalyze(source, this.kubernetes.kubeconfig),
      this.kubernetes.dryRun(source),
    ]);
    return found.flat();
  }

  /**
   * Waits until `probe` says yes; one that throws says not yet.
   *
   * @param what it says then, for the error: "the plugin is loaded"
   */
  async eventually(what: string, probe: () => Promise<boolean>): Promise<void> {
    const end = performance.now() + LIMIT;
    let reason: unknown = "it was answered no";
    for (;;) {
      try {
        if (await probe()) return;
      } catch (error) {
        reason = error;
      }
      if (performance.now() > end) {
        throw new Error(`after ${LIMIT / 1000} s still not: ${what}`, { cause: reason });
      }
      await delay(INTERVAL);
    }
  }

  /** Waits until the gateway listens on all these ports. */
  async listens(ports: readonly number[]): Promise<void> {
    await this.eventually(`the gateway listens on ${ports.join(", ")}`, async () => {
      // An answer to anything: where a listener has no route yet, it is 404.
      await Promise.all(ports.map((port) => send({ port, path: "/", timeout: 5_000 })));
      return true;
    });
  }

  /** Waits until all these plugins of the gateway's namespace are part of listeners that are at work. */
  async atWork(plugins: readonly string[]): Promise<void> {
    await this.eventually(`${plugins.join(", ")}: at work`, async () => {
      const dump = await this.configDump();
      return plugins.every((name) => isListenedWith(dump, name));
    });
  }

  /** The ends of all logs. */
  logs(): string {
    return this.parts.map(({ name, log }) => `--- ${name}: ${log.path}\n${log.tail(SHOWN_LINES)}`).join("\n");
  }

  async #start(): Promise<void> {
    this.#gatewayPort = await freePort();
    await Promise.all([this.kubernetes.start(), this.registry.start(), this.modules.start()]);
    await this.#prepare();
    await startTogether([this.istiod]);
    await startTogether([this.gateway]);
  }

  /** Istio's CRDs, its namespace, and what Kubernetes would have of the gateway. */
  async #prepare(): Promise<void> {
    await this.kubectl("create", "namespace", ISTIO_NAMESPACE);
    await this.apply(GATEWAY_OBJECTS);
    await this.kubectl("apply", "--server-side", "-f", istioFile("crds.yaml"));
    await this.kubectl("wait", "--for", "condition=established", "--timeout=60s", "crd", "--all");
  }
}
