import { LOOPBACK } from "../../../envoy-local/lib/ports.ts";
import { originPart } from "../../../envoy-local/lib/origin.ts";
import type { Part } from "../../../envoy-local/lib/part.ts";
import { RealTiers } from "../../envoy/support/real-tiers.ts";
import { GATEWAY_LABELS } from "./ingress-gateway.ts";
import { ISTIO_NAMESPACE } from "./istiod.ts";
import type { Manifest } from "./kubernetes-api.ts";
import { manifest, podStandIn } from "./manifests.ts";
import type { IstioMesh } from "./mesh.ts";
import { SHIPPED } from "./shipped.ts";

/** The host that the worked example of `istio/` routes. */
export const SHOP = "shop.example.com";

/** A process that stands in for the pods of a shipped Service. */
interface StandIn {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly portName: string;
  readonly part: Part;
}

/**
 * The worked example of `istio/` on this machine: its Services have the real Redis, Webdis and routing service, and two
 * cells that answer with what they saw, as endpoints.
 */
export class Shop extends RealTiers {
  readonly cells: readonly Part[] = ["cell-1", "cell-2"].map((name) => originPart(name, this.directory));

  override async start(): Promise<this> {
    await Promise.all([super.start(), ...this.cells.map((cell) => cell.start())]);
    return this;
  }

  override async stop(): Promise<void> {
    for (const cell of this.cells) await cell.stop();
    await super.stop();
  }

  /** Puts the sample into a mesh, and processes of this machine behind the Services that are shipped. */
  async open(mesh: IstioMesh): Promise<void> {
    await mesh.apply(loopbackOnly(mesh.gatewayPort));
    await mesh.kubectl("apply", "--server-side", "-k", `${SHIPPED}/sample`);
    await mesh.kubectl("apply", "--server-side", "-f", `${SHIPPED}/base/namespace.yaml`);
    await mesh.apply(
      this.#standIns().map(({ namespace, labels, portName, part }) =>
        podStandIn(part.name, namespace, labels, { name: portName, number: part.port }),
      ),
    );
  }

  #standIns(): StandIn[] {
    const shop = { namespace: "shop", portName: "http" };
    const webdis = { "app.kubernetes.io/name": "webdis", "app.kubernetes.io/instance": "signpost" };
    return [
      { namespace: "signpost", labels: webdis, portName: "http-webdis", part: this.webdis },
      { ...shop, labels: { app: "routing" }, part: this.routingService },
      ...this.cells.map((part) => ({ ...shop, labels: { app: part.name }, part })),
    ];
  }
}

/**
 * Has port 80 of the gateway's Service be `port` of the pod, and the gateway listen for it on the loopback address: the
 * shipped Gateway says nothing of addresses, which is all of them.
 */
function loopbackOnly(port: number): Manifest[] {
  return [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: GATEWAY_LABELS.app, namespace: ISTIO_NAMESPACE, labels: GATEWAY_LABELS },
      spec: { selector: GATEWAY_LABELS, ports: [{ name: "http2", port: 80, targetPort: port }] },
    },
    // Istio knows a proxy by its address, which all stand-ins have: this one is the gateway.
    podStandIn(GATEWAY_LABELS.app, ISTIO_NAMESPACE, GATEWAY_LABELS, { name: "http2", number: port }),
    manifest("networking.istio.io/v1alpha3", "EnvoyFilter", "loopback-only", {
      workloadSelector: { labels: { istio: GATEWAY_LABELS.istio } },
      configPatches: [
        {
          applyTo: "LISTENER",
          match: { context: "GATEWAY" },
          patch: { operation: "MERGE", value: { address: { socket_address: { address: LOOPBACK } } } },
        },
      ],
    }),
  ];
}
