import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { json, send, type HttpReply } from "../../../envoy-local/lib/http-client.ts";
import { Part } from "../../../envoy-local/lib/part.ts";
import { LOOPBACK } from "../../../envoy-local/lib/ports.ts";
import { requireEnvoy } from "../../../envoy-local/lib/project.ts";
import { until } from "../../../envoy-local/lib/readiness.ts";
import { ISTIO_NAMESPACE } from "./istiod.ts";
import type { Manifest } from "./kubernetes-api.ts";
import { controlPlaneProgram, istioFile } from "./programs.ts";

const NAME = "istio-ingressgateway";

/** The labels of the gateway's pod, which Gateways and plugins select. */
export const GATEWAY_LABELS = { istio: "ingressgateway", app: NAME } as const;

/**
 * The gateway as Kubernetes would have it: a pod, which nobody runs, and the Service that Istio's charts make for it.
 * Istio's tools look for what a Gateway selects, and for the ports it listens on.
 */
export const GATEWAY_OBJECTS: readonly Manifest[] = [
  {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: NAME, namespace: ISTIO_NAMESPACE, labels: GATEWAY_LABELS },
    spec: { containers: [{ name: "istio-proxy", image: "never.invalid/run" }] },
  },
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: NAME, namespace: ISTIO_NAMESPACE, labels: GATEWAY_LABELS },
    spec: {
      selector: GATEWAY_LABELS,
      ports: [
        { name: "http2", port: 80, targetPort: 8080 },
        { name: "https", port: 443, targetPort: 8443 },
      ],
    },
  },
];

export interface IngressGatewayOptions {
  readonly directory: string;
  /** Of istiod. */
  readonly discoveryAddress: () => string;
  /** Registries that are asked without TLS, as `host:port`. */
  readonly insecureRegistries: () => readonly string[];
  /** Of the gateway's pod. */
  readonly podAnnotations: Readonly<Record<string, string>>;
  /** Worker threads of Envoy; one when not given. */
  readonly workers?: number;
  readonly pod?: GatewayPod;
}

/** What the gateway's pod has beside what Istio gives it. */
export interface GatewayPod {
  /** Environment variables of the proxy. */
  readonly env?: Readonly<Record<string, string>>;
  /** Folders of this machine, by where the pod has them, read-only: below /var/lib. */
  readonly volumes?: Readonly<Record<string, string>>;
}

/**
 * What runs in a gateway's pod: pilot-agent, which gets the configuration from istiod, fetches Wasm modules, and runs
 * Envoy. The port is that of Envoy's admin interface.
 */
export class IngressGateway extends Part {
  constructor(options: IngressGatewayOptions) {
    const { directory } = options;
    super({
      name: "ingress-gateway",
      directory,
      findsPort: false,
      program: (adminPort) => {
        const [command, ...args] = withOwnFolders(
          [
            controlPlaneProgram("pilot-agent"),
            ...["proxy", "router", "--domain", `${ISTIO_NAMESPACE}.svc.cluster.local`],
            ...["--proxyLogLevel=warning,wasm:info", "--log_output_level=default:info,wasm:debug"],
          ],
          options.pod?.volumes ?? {},
        );
        writePodAnnotations(directory, options.podAnnotations);
        return { command, args, env: environment(options, adminPort, writeEnvoyScript(directory)) };
      },
      // Envoy is ready when it has its first configuration, whatever there is of it.
      ready: ({ port, signal }) =>
        until(signal, async () => ((await send({ port, path: "/ready" })).status === 200 ? port : undefined)),
    });
  }

  /** Asks Envoy's admin interface. */
  async admin(path: string, method = "GET"): Promise<HttpReply> {
    return send({ port: this.port, path, method });
  }

  /** A counter or gauge by its full name; undefined when Envoy has none, or Istio has it hidden. */
  async stat(name: string): Promise<number | undefined> {
    const lines = (await this.admin("/stats")).body.toString().split("\n");
    const line = lines.find((each) => each.startsWith(`${name}: `));
    return line === undefined ? undefined : Number(line.slice(name.length + 2));
  }

  /** All of Envoy's configuration, as `/config_dump` has it. */
  async configDump(): Promise<ConfigDump> {
    return json(await this.admin("/config_dump")) as ConfigDump;
  }
}

/** The sections of a `/config_dump`; `@type` says what each is. */
export interface ConfigDump {
  readonly configs: readonly ({ readonly "@type": string } & Readonly<Record<string, unknown>>)[];
}

/**
 * pilot-agent keeps the modules it has fetched in /var/lib/istio/data, and there is no option for another place: it gets
 * a /var/lib that nobody else sees, and in it the pod's volumes.
 */
function withOwnFolders(command: readonly string[], volumes: Readonly<Record<string, string>>): [string, ...string[]] {
  const asRoot = process.getuid?.() === 0 ? [] : ["--map-root-user"];
  const mounts = Object.entries(volumes).map(
    ([path, folder]) => `mkdir -p '${path}' && mount --bind -o ro '${folder}' '${path}' && `,
  );
  const script = `mount -t tmpfs tmpfs /var/lib && mkdir -p /var/lib/istio/data && ${mounts.join("")}exec "$@"`;
  return ["unshare", ...asRoot, "--mount", "sh", "-c", script, "sh", ...command];
}

/** The annotations of the gateway's pod, where pilot-agent looks for them: below the directory it runs in. */
function writePodAnnotations(directory: string, annotations: Readonly<Record<string, string>>): void {
  mkdirSync(`${directory}/etc/istio/pod`, { recursive: true });
  // pilot-agent's own server, for probes, would listen on every address. Its configuration may not say 0: this may.
  const all = { "status.sidecar.istio.io/port": "0", ...annotations };
  const lines = Object.entries(all).map(([name, value]) => `${name}=${JSON.stringify(value)}\n`);
  writeFileSync(`${directory}/etc/istio/pod/annotations`, lines.join(""));
}

/** Envoy as pilot-agent runs it: it ends with pilot-agent, however that ends. */
function writeEnvoyScript(directory: string): string {
  const script = `${directory}/envoy`;
  writeFileSync(script, `#!/bin/sh\nexec setpriv --pdeathsig KILL -- '${requireEnvoy()}' "$@"\n`);
  chmodSync(script, 0o755);
  return script;
}

function environment(options: IngressGatewayOptions, adminPort: number, envoy: string): Record<string, string> {
  const proxyConfig = {
    discoveryAddress: options.discoveryAddress(),
    controlPlaneAuthPolicy: "NONE",
    binaryPath: envoy,
    configPath: `${options.directory}/proxy`,
    proxyAdminPort: adminPort,
    concurrency: options.workers ?? 1,
    terminationDrainDuration: "1s",
  };
  return {
    PROXY_CONFIG: JSON.stringify(proxyConfig),
    ISTIO_BOOTSTRAP: istioFile("envoy_bootstrap.json"),
    ...{ POD_NAME: NAME, POD_NAMESPACE: ISTIO_NAMESPACE, SERVICE_ACCOUNT: NAME },
    ...{ INSTANCE_IP: LOOPBACK, HOST_IP: LOOPBACK, TRUST_DOMAIN: "cluster.local" },
    ISTIO_META_CLUSTER_ID: "Kubernetes",
    ISTIO_META_ISTIO_VERSION: "1.31.0",
    ISTIO_META_WORKLOAD_NAME: NAME,
    ISTIO_METAJSON_LABELS: JSON.stringify(GATEWAY_LABELS),
    // Nobody here issues certificates.
    ...{ FILE_MOUNTED_CERTS: "true", JWT_POLICY: "none" },
    // Listeners for probes and metrics, on any free port.
    ...{ ENVOY_STATUS_PORT: "0", ENVOY_PROMETHEUS_PORT: "0" },
    WASM_INSECURE_REGISTRIES: options.insecureRegistries().join(","),
    ...options.pod?.env,
  };
}
