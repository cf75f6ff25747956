/** What the command needs to know of a configuration that the filter has accepted. */
export interface Outline {
  readonly webdis: { readonly cluster: string; readonly username: string; readonly password: string } | undefined;
  /** The environment variable of the VM that holds Webdis' password; empty when there is none. */
  readonly passwordEnv: string;
  readonly lookups: readonly LookupOutline[];
  readonly debugHeader: string;
  readonly isShadow: boolean;
  /** Every cluster it names. */
  readonly clusters: ReadonlySet<string>;
}

export interface LookupOutline {
  readonly name: string;
  /** Cluster of the routing service; undefined when there is none. */
  readonly serviceCluster: string | undefined;
  /** Whether there is a local store. */
  readonly local: boolean;
}

/** Reads what is needed out of the configuration's JSON; the rest is the filter's business. */
export function outlineOf(json: string): Outline {
  // No text at all is a configuration without anything in it.
  const config: unknown = json.trim() === "" ? {} : JSON.parse(json);
  const webdis = field(config, "webdis");
  const lookups = field(config, "lookups");
  return {
    webdis: isObject(webdis)
      ? { cluster: text(webdis, "cluster"), username: text(webdis, "username"), password: text(webdis, "password") }
      : undefined,
    passwordEnv: text(webdis, "passwordEnv"),
    lookups: Array.isArray(lookups) ? lookups.map(lookupOutline) : [],
    debugHeader: text(config, "debugHeader"),
    isShadow: field(config, "shadow") === true,
    clusters: new Set(clustersIn(config)),
  };
}

function lookupOutline(lookup: unknown): LookupOutline {
  const service = field(lookup, "service");
  return {
    name: text(lookup, "name"),
    serviceCluster: isObject(service) ? text(service, "cluster") : undefined,
    local: field(lookup, "local") !== false,
  };
}

function* clustersIn(value: unknown): Generator<string> {
  if (typeof value !== "object" || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    if (name === "cluster" && typeof inner === "string") yield inner;
    else yield* clustersIn(inner);
  }
}

function field(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined;
}

function text(value: unknown, name: string): string {
  const found = field(value, name);
  return typeof found === "string" ? found : "";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
