import { renameSync, writeFileSync } from "node:fs";

const WASM = "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm";

/** An HTTP filter whose configuration Envoy discovers (ECDS), as Istio sends it, from a file: it can change meanwhile. */
export class DiscoveredFilter {
  #version = 0;

  /** @param types of the configurations that Envoy takes */
  constructor(
    private readonly name: string,
    private readonly file: string,
    private readonly types: readonly string[] = [WASM],
  ) {}

  /** What stands in the chain of HTTP filters. */
  get httpFilter(): object {
    return {
      name: this.name,
      config_discovery: {
        config_source: { resource_api_version: "V3", path_config_source: { path: this.file } },
        type_urls: this.types,
      },
    };
  }

  /** Gives it another configuration, which Envoy takes a moment later; undefined: none at all. */
  send(typedConfig: object | undefined): void {
    const resource = {
      "@type": "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig",
      name: this.name,
      typed_config: typedConfig,
    };
    const response = {
      version_info: String(++this.#version),
      resources: typedConfig === undefined ? [] : [resource],
    };
    // Envoy reads the file when another one is moved into its place, and so never sees half of one.
    writeFileSync(`${this.file}.new`, JSON.stringify(response));
    renameSync(`${this.file}.new`, this.file);
  }
}
