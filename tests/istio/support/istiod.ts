import { writeFileSync } from "node:fs";
import { json, send } from "../../../envoy-local/lib/http-client.ts";
import { Part } from "../../../envoy-local/lib/part.ts";
import { LOOPBACK } from "../../../envoy-local/lib/ports.ts";
import { until } from "../../../envoy-local/lib/readiness.ts";
import { controlPlaneProgram } from "./programs.ts";

/** The namespace of Istio, its configuration for all namespaces, and the gateway. */
export const ISTIO_NAMESPACE = "istio-system";

/** Istio's control plane without certificates: it reads the Kubernetes API and tells the gateway over plain gRPC. */
export class Istiod extends Part {
  /**
   * @param kubeconfig path of the Kubernetes API's
   * @param meshConfig beside what the tests need of it: see Istio's `MeshConfig`
   * @param environment beside what the tests need of it: see `pilot-discovery` in Istio's reference
   */
  constructor(
    directory: string,
    kubeconfig: string,
    meshConfig: Readonly<Record<string, unknown>> = {},
    environment: Readonly<Record<string, string>> = {},
  ) {
    const meshFile = `${directory}/mesh.json`;
    super({
      name: "istiod",
      directory,
      findsPort: true,
      program: () => {
        writeFileSync(meshFile, JSON.stringify({ ...MESH_CONFIG, ...meshConfig }, null, 2)); // JSON is YAML
        const anyPort = `${LOOPBACK}:0`;
        return {
          command: controlPlaneProgram("pilot-discovery"),
          args: [
            "discovery",
            ...[`--kubeconfig=${kubeconfig}`, "--registries=Kubernetes", `--namespace=${ISTIO_NAMESPACE}`],
            ...[`--meshConfig=${meshFile}`, "--networksConfig=/dev/null"],
            ...[`--httpAddr=${anyPort}`, `--grpcAddr=${anyPort}`, `--monitoringAddr=${anyPort}`],
            ...["--secureGRPCAddr=", "--httpsAddr=", "--ctrlz_port=0", `--ctrlz_address=${LOOPBACK}`],
          ],
          env: {
            ...{ POD_NAME: "istiod", POD_NAMESPACE: ISTIO_NAMESPACE, CLUSTER_ID: "Kubernetes" },
            // Extensions that only Istio's own build of Envoy has.
            ...{ PILOT_ENABLE_METADATA_EXCHANGE: "false", PILOT_ENABLE_ALPN_FILTER: "false" },
            // Its CRDs are another project's.
            PILOT_ENABLE_GATEWAY_API: "false",
            ...environment,
          },
        };
      },
      ready: ({ log, signal }) =>
        until(signal, async () => {
          const port = announcedPort(log.sinceStart(), "HTTP service");
          const { status } = await send({ port, path: "/ready" });
          return status === 200 ? port : undefined;
        }),
    });
  }

  /** Where the gateway asks. */
  get discoveryAddress(): string {
    return `${LOOPBACK}:${announcedPort(this.log.sinceStart(), "gRPC discovery service")}`;
  }

  /** What istiod says for debugging, such as `/debug/syncz` or `/debug/configz`. */
  async debug(path: string): Promise<unknown> {
    return json(await send({ port: this.port, path }));
  }
}

const MESH_CONFIG = {
  rootNamespace: ISTIO_NAMESPACE,
  trustDomain: "cluster.local",
  accessLogFile: "/dev/stdout",
  enablePrometheusMerge: false,
  // Needs extensions that only Istio's own build of Envoy has.
  enableAutoMtls: false,
};

/** The port of a service of istiod's, from its log; throws while it does not listen. */
function announcedPort(log: string, service: string): number {
  const port = new RegExp(`starting ${service} at [^ \\n]*:(\\d+)`).exec(log)?.[1];
  if (port === undefined) throw new Error(`istiod's ${service} does not listen yet`);
  return Number(port);
}
