import { copyFileSync, renameSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll } from "vitest";
import { Envoy } from "../../../envoy-local/lib/envoy.ts";
import { LOOPBACK } from "../../../envoy-local/lib/ports.ts";
import { FILTER_WASM, requireEnvoy, requireFilter } from "../../../envoy-local/lib/project.ts";
import { removeDirectory, scratchDirectory } from "../../../envoy-local/lib/scratch.ts";
import { digestOfFile } from "../../../deploy/module.ts";

const TYPE = "type.googleapis.com/envoy";
const WASM = `${TYPE}.extensions.filters.http.wasm.v3.Wasm`;

/** An Envoy whose filter comes by extension config discovery, as Istio's agent gives it; here from a file. */
export class EcdsEnvoy {
  readonly directory = scratchDirectory();
  /** The filter's name, as Istio makes it of a WasmPlugin. */
  readonly filter: string;
  readonly #envoy: Envoy;
  #version = 0;

  constructor(filter: string) {
    this.filter = filter;
    this.#envoy = new Envoy({
      directory: this.directory,
      binary: requireEnvoy(),
      configuration: (port) => this.#configuration(port),
    });
  }

  /** Address of the admin interface. */
  get admin(): string {
    return `http://${LOOPBACK}:${this.#envoy.adminPort}`;
  }

  async start(): Promise<void> {
    await this.#envoy.start();
  }

  async stop(): Promise<void> {
    await this.#envoy.stop();
    removeDirectory(this.directory);
  }

  /** Puts the filter's module under its digest, as the agent and the node cache do. @returns its path */
  keepModule(): string {
    const source = requireFilter(FILTER_WASM);
    const file = `${this.directory}/${digestOfFile(source)}.wasm`;
    copyFileSync(source, file);
    return file;
  }

  /** Gives Envoy a Wasm filter with this module and configuration. */
  giveModule(file: string, configuration: object): void {
    const value = { "@type": "type.googleapis.com/google.protobuf.StringValue", value: JSON.stringify(configuration) };
    this.#give({
      "@type": WASM,
      config: {
        name: this.filter,
        root_id: "signpost-routing",
        failure_policy: "FAIL_RELOAD",
        vm_config: { runtime: "envoy.wasm.runtime.v8", code: { local: { filename: file } } },
        configuration: value,
      },
    });
  }

  /** Gives Envoy what the agent gives it where it could not fetch the module. */
  giveDenial(): void {
    this.#give({ "@type": `${TYPE}.extensions.filters.http.rbac.v3.RBAC`, rules: {} });
  }

  #give(typed_config: object): void {
    const resource = { "@type": `${TYPE}.config.core.v3.TypedExtensionConfig`, name: this.filter, typed_config };
    const response = { version_info: String(++this.#version), resources: [resource] };
    // Envoy looks at a file that is moved into place.
    writeFileSync(`${this.directory}/next.json`, JSON.stringify(response));
    renameSync(`${this.directory}/next.json`, `${this.directory}/ecds.json`);
  }

  #configuration(port: number): object {
    const discovery = {
      config_source: { path_config_source: { path: `${this.directory}/ecds.json` }, resource_api_version: "V3" },
      type_urls: [WASM, `${TYPE}.extensions.filters.http.rbac.v3.RBAC`],
    };
    const router = { "@type": `${TYPE}.extensions.filters.http.router.v3.Router` };
    const manager = {
      "@type": `${TYPE}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`,
      stat_prefix: "gateway",
      route_config: {
        virtual_hosts: [
          { name: "all", domains: ["*"], routes: [{ match: { prefix: "/" }, direct_response: { status: 200 } }] },
        ],
      },
      http_filters: [
        { name: this.filter, config_discovery: discovery },
        { name: "router", typed_config: router },
      ],
    };
    const address = (port_value: number) => ({ socket_address: { address: LOOPBACK, port_value } });
    return {
      node: { id: "gateway", cluster: "gateway" },
      admin: { address: address(0) },
      static_resources: {
        listeners: [
          {
            name: "gateway",
            address: address(port),
            filter_chains: [{ filters: [{ name: "manager", typed_config: manager }] }],
          },
        ],
      },
    };
  }
}

/** Such an Envoy for the tests of a file, started with a module and a configuration. */
export function useEcdsEnvoy(filter: string, configuration: object): EcdsEnvoy {
  const envoy = new EcdsEnvoy(filter);
  beforeAll(async () => {
    envoy.giveModule(envoy.keepModule(), configuration);
    await envoy.start();
  });
  afterAll(() => envoy.stop());
  return envoy;
}
