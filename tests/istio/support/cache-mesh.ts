import { freePort } from "../../../envoy-local/lib/ports.ts";
import { RealTiers } from "../../envoy/support/real-tiers.ts";
import type { PluginConfig } from "../../fixtures/route/fixture.ts";
import type { Cell } from "./cell.ts";
import type { Manifest } from "./kubernetes-api.ts";
import { destination, gateway, serviceEntry, virtualService, wasmPlugin } from "./manifests.ts";
import type { IstioMesh } from "./mesh.ts";
import { inMesh } from "./route-mesh.ts";

/** The configurations of the two instances. */
export interface Roles {
  /** At AUTHN. */
  readonly routing: PluginConfig;
  /** At STATS. */
  readonly caching: PluginConfig;
}

/**
 * Two instances of the filter in a gateway, routing before authorization and caching behind it, with the real Redis and
 * Webdis. Requests go to the cell that `x-cell` names, the others to the first one.
 */
export class CacheMesh extends RealTiers {
  #port = 0;

  constructor(private readonly cells: readonly [Cell, ...Cell[]]) {
    super();
  }

  override async start(): Promise<this> {
    this.#port = await freePort();
    await Promise.all([super.start(), ...this.cells.map((cell) => cell.start())]);
    return this;
  }

  override async stop(): Promise<void> {
    for (const cell of this.cells) await cell.stop();
    await super.stop();
  }

  /** The port of the gateway's listener. */
  get port(): number {
    return this.#port;
  }

  /**
   * Makes all of it part of a mesh; settles when the plugins are at work.
   *
   * @param others manifests beside them, in force by then
   */
  async open(mesh: IstioMesh, { routing, caching }: Roles, others: readonly Manifest[] = []): Promise<void> {
    const { url, digest } = await mesh.pushImage();
    const module = { url, sha256: digest };
    await mesh.apply([
      serviceEntry("webdis", this.webdis.port),
      ...this.cells.map(({ name, port }) => serviceEntry(name, port)),
      ...others,
      wasmPlugin("routing", { ...module, pluginConfig: inMesh(routing), phase: "AUTHN" }),
      wasmPlugin("caching", { ...module, pluginConfig: inMesh(caching), phase: "STATS" }),
    ]);
    const routes = this.cells.map(({ name }) => ({
      match: [{ headers: { "x-cell": { exact: name } } }],
      route: [destination(name)],
    }));
    // The listener comes last, and so with all that belongs to it.
    await mesh.apply([
      virtualService("public", [...routes, { route: [destination(this.cells[0].name)] }]),
      gateway("public", [this.port]),
    ]);
    await mesh.listens([this.port]);
    await mesh.atWork(["routing", "caching"]);
  }
}
