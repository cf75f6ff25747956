import type { Diagnostic } from "./diagnostic.ts";

/** What a manifest says around a configuration that matters to it. */
export interface ManifestFacts {
  /** Kubernetes' kind. */
  kind: "WasmPlugin" | "TrafficExtension" | "EnvoyFilter";
  /** Names it goes by: the document's, the plugin's, the filter's. */
  names: string[];
  /** Where the module comes from, if it says so: a URL or a file's path. */
  module: string | undefined;
  /** Where in the chain of filters Istio puts it; undefined where another order rules (EnvoyFilter). */
  phase: Phase | undefined;
  failStrategy: string | undefined;
  /** Environment variables of the VM, with their values where the manifest has them. */
  environment: ReadonlyMap<string, string | undefined>;
  /** Whether the module is fetched over http(s) and nothing says which digest it must have. */
  lacksDigest: boolean;
  /** A diagnostic about one of the manifest's own fields. */
  diagnose: (severity: Diagnostic["severity"], field: ManifestField, message: string) => Diagnostic;
}

export type Phase = "AUTHN" | "AUTHZ" | "STATS" | "UNSPECIFIED";

export type ManifestField = "configuration" | "phase" | "failStrategy" | "module" | "environment";
