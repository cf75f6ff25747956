import type { Diagnostic } from "./diagnostic.ts";

/** What a manifest says around a configuration that matters to it. */
export interface ManifestFacts {
  /** Kubernetes' kind, or that it is a file of Envoy's own. */
  kind: "WasmPlugin" | "TrafficExtension" | "EnvoyFilter" | "Envoy";
  /** Names it goes by: the document's, the plugin's, the filter's. */
  names: string[];
  /** Where the module comes from, if it says so: a URL or a file's path. */
  module: string | undefined;
  /** Where in the chain of filters Istio puts it; undefined where another order rules (Envoy), or none is known. */
  phase: Phase | undefined;
  failStrategy: string | undefined;
  /** Environment variables of the VM, with their values where the manifest has them. */
  environment: ReadonlyMap<string, string | undefined>;
  /** Whether the module is fetched over http(s) and nothing says which digest it must have. */
  lacksDigest: boolean;
  /** The SHA-256 that the module must have, where the manifest gives one. */
  digest: string | undefined;
  /** The cluster by which Envoy fetches the module. */
  moduleCluster: string | undefined;
  /** Whether Envoy is to fetch the module itself and is told so by discovery (ECDS), as it may be after its start. */
  isFetchedLate: boolean;
  /** The names of all clusters the proxy has, where the file has them all. */
  clusters: ReadonlySet<string> | undefined;
  /** Filters between it and the clients, in the file's own chain, that may write response bodies. */
  bodyWriters: readonly string[];
  /** A diagnostic about one of the manifest's own fields. */
  diagnose: (severity: Diagnostic["severity"], field: ManifestField, message: string) => Diagnostic;
}

export type Phase = "AUTHN" | "AUTHZ" | "STATS" | "UNSPECIFIED";

export type ManifestField = "configuration" | "phase" | "failStrategy" | "module" | "environment";
