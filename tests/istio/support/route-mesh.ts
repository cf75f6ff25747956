import { freePorts } from "../../../envoy-local/lib/ports.ts";
import { originPart } from "../../../envoy-local/lib/origin.ts";
import type { Part } from "../../../envoy-local/lib/part.ts";
import { FakeService } from "../../envoy/support/fake-service.ts";
import { RealTiers } from "../../envoy/support/real-tiers.ts";
import { CLUSTERS } from "../../fixtures/route/clusters.ts";
import type { PluginConfig } from "../../fixtures/route/fixture.ts";
import type { Manifest } from "./kubernetes-api.ts";
import { everythingTo, gateway, meshCluster, serviceEntry } from "./manifests.ts";
import type { IstioMesh } from "./mesh.ts";

/** The name of the echoing upstream, as a host of the mesh. */
export const UPSTREAM = "echo";

/**
 * What is around the gateway in a mesh: the real Redis, Webdis and routing service, a service that says what no real one
 * does, and an echoing upstream. All but Redis are hosts of the mesh, under the names that fixtures have for clusters.
 */
export class RouteMesh extends RealTiers {
  readonly upstream: Part = originPart(UPSTREAM, this.directory);
  readonly fake = new FakeService();
  #ports: number[] = [];

  /** @param listeners how many the gateway is to have */
  constructor(private readonly listeners: number) {
    super();
  }

  override async start(): Promise<this> {
    this.#ports = await freePorts(this.listeners);
    await Promise.all([super.start(), this.upstream.start(), this.fake.start()]);
    return this;
  }

  override async stop(): Promise<void> {
    await this.upstream.stop();
    await this.fake.stop();
    await super.stop();
  }

  get ports(): readonly number[] {
    return this.#ports;
  }

  /** The port of the `index`-th of the gateway's listeners. */
  port(index: number): number {
    const port = this.#ports[index];
    if (port === undefined) throw new Error(`there is no listener ${index}`);
    return port;
  }

  /**
   * Makes all of it part of a mesh, with these plugins, and has the gateway listen; settles when the plugins are at work.
   *
   * @param others manifests beside them
   */
  async open(mesh: IstioMesh, plugins: readonly Manifest[], others: readonly Manifest[] = []): Promise<void> {
    await mesh.apply([...this.hosts(), ...others, ...plugins]);
    // Listeners come last, and so with all that belongs to them.
    await mesh.apply([everythingTo("public", UPSTREAM), gateway("public", this.#ports)]);
    await mesh.listens(this.#ports);
    await mesh.atWork(plugins.map(({ metadata }) => metadata.name));
  }

  /** Makes the parts hosts of the mesh. */
  hosts(): Manifest[] {
    return [
      serviceEntry("webdis", this.webdis.port),
      serviceEntry("routing-service", this.routingService.port),
      serviceEntry("fake-service", this.fake.port),
      // Nobody will ever listen on a socket in a directory of our own.
      serviceEntry("refused", `${this.directory}/nobody.socket`),
      serviceEntry(UPSTREAM, this.upstream.port),
    ];
  }
}

/** A configuration of fixtures for the mesh: the clusters have the names that Istio gives them. */
export function inMesh(config: PluginConfig): PluginConfig {
  const clusters: ReadonlySet<unknown> = new Set(CLUSTERS);
  return JSON.parse(
    JSON.stringify(config, (field, value: unknown) =>
      field === "cluster" && clusters.has(value) ? meshCluster(String(value)) : value,
    ),
  ) as PluginConfig;
}
