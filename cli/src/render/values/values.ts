import type { ObjectTree } from "../../plugin-config/tree.ts";

/** What a values file says, with its defaults filled in. */
export interface Values {
  /** Begins the names of what is rendered. */
  readonly name: string;
  /** Where Webdis and Redis are. */
  readonly namespace: string;
  /** A revision of Istio that injects there; without one the mesh's default does. */
  readonly revision: string | undefined;
  /** Where istiod is. */
  readonly istioNamespace: string;
  readonly gateway: GatewayValues;
  /** For WasmPlugin and TrafficExtension. */
  readonly module: ModuleValues | undefined;
  /** For EnvoyFilter. */
  readonly nodeCache: NodeCacheValues | undefined;
  readonly failStrategy: FailStrategy;
  /** Among the plugins of one phase the higher one is first. */
  readonly priority: number;
  /** The Secret that holds the passwords, in the gateway's namespace and in `namespace`. */
  readonly secret: string;
  readonly callouts: ReadonlyMap<string, CalloutValues>;
  /** The filter's configuration, with names of `callouts` in place of clusters. */
  readonly config: ObjectTree;
  readonly webdis: WebdisValues | undefined;
  readonly redis: RedisValues | undefined;
  readonly routes: RoutesValues | undefined;
  /** Routes of VirtualServices on which the filter does nothing. */
  readonly disableOn: readonly string[];
}

export interface GatewayValues {
  readonly namespace: string;
  /** Labels of its pods. */
  readonly selector: Readonly<Record<string, string>>;
  readonly deployment: string;
}

export const FAIL_STRATEGIES = ["FAIL_RELOAD", "FAIL_CLOSE", "FAIL_OPEN"] as const;
export type FailStrategy = (typeof FAIL_STRATEGIES)[number];

export const PULL_POLICIES = ["IfNotPresent", "Always"] as const;

export interface ModuleValues {
  /** `oci://…`, `http(s)://…` or `file:///…`. */
  readonly url: string;
  /** Of the image's manifest for `oci://`, else of the file. */
  readonly sha256: string | undefined;
  readonly pullPolicy: (typeof PULL_POLICIES)[number] | undefined;
  readonly pullSecret: string | undefined;
}

export interface NodeCacheValues {
  /** Of the file. */
  readonly sha256: string;
  /** Directory of the node and, mounted there, of the gateway's pods. */
  readonly path: string;
}

/** A service that the filter calls. */
export interface CalloutValues {
  readonly host: string;
  readonly port: number;
  readonly subset: { readonly name: string; readonly labels: Readonly<Record<string, string>> } | undefined;
  /** Addresses of a service that the mesh does not know; its own host name, where it is to be resolved by DNS. */
  readonly external: readonly string[];
  readonly tls: boolean;
  /** Whether a DestinationRule is rendered. */
  readonly destinationRule: boolean;
  readonly maxConnections: number;
  readonly maxPendingRequests: number;
  readonly connectTimeout: string;
  readonly idleTimeout: string;
}

export interface WebdisValues {
  readonly image: string;
  readonly replicas: number;
  readonly memory: string;
  /** The Redis to use where none is rendered. */
  readonly redis: { readonly host: string; readonly port: number; readonly username: string } | undefined;
}

export interface RedisValues {
  readonly image: string;
  readonly memory: string;
  /** The size of the volume; without one nothing is kept over a restart. */
  readonly storage: string | undefined;
  readonly writers: readonly RedisWriter[];
}

/** Who writes records to Redis beside the filter. */
export interface RedisWriter {
  /** Its user, and the key of its password in the Secret. */
  readonly name: string;
  /** Behind the prefix. */
  readonly keys: readonly string[];
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What becomes of requests by a header that the lookups set. */
export interface RoutesValues {
  readonly hosts: readonly string[];
  readonly port: number;
  /** The Secret of the certificate; without one it is plain HTTP. */
  readonly tlsSecret: string | undefined;
  readonly header: string;
  readonly to: ReadonlyMap<string, Destination>;
  /** Requests without the header; without it they are answered with 404. */
  readonly otherwise: Destination | undefined;
}

export interface Destination {
  readonly host: string;
  readonly port: number;
}
