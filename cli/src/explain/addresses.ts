import { UsageError } from "./usage-error.ts";
import type { Outline } from "./outline.ts";

/** Where a cluster's calls go: to a server, or nowhere; `unknown` is a cluster that the proxy does not have. */
export type Address = URL | "unreachable" | "unknown";

/** Addresses as people give them. */
export interface AddressOptions {
  /** Webdis' address. */
  readonly webdis?: string | undefined;
  /** `NAME=URL` each, the name a lookup's or a cluster's; a bare URL is for the services of all lookups. */
  readonly services: readonly string[];
  /** `NAME=URL` each, the name a cluster's. */
  readonly clusters: readonly string[];
}

/** Finds the cluster of each address that was given; a `UsageError` for one that the configuration has no use for. */
export function readAddresses(options: AddressOptions, outline: Outline): Map<string, Address> {
  const addresses = new Map<string, Address>();
  const { webdis, services, clusters } = options;
  if (webdis !== undefined) {
    if (outline.webdis === undefined) throw new UsageError("--webdis: the configuration has no webdis");
    addresses.set(outline.webdis.cluster, addressOf("--webdis", webdis));
  }
  for (const given of services) {
    const { name, address } = splitGiven("--service", given);
    for (const cluster of serviceClusters(name, outline)) addresses.set(cluster, address);
  }
  for (const given of clusters) {
    const { name, address } = splitGiven("--cluster", given);
    if (name === undefined) throw new UsageError(`--cluster: "${given}" names no cluster (use NAME=URL)`);
    if (!outline.clusters.has(name)) throw new UsageError(`--cluster: ${noSuch("cluster", name, outline.clusters)}`);
    addresses.set(name, address);
  }
  return addresses;
}

function serviceClusters(name: string | undefined, outline: Outline): string[] {
  const withService = outline.lookups.filter(({ serviceCluster }) => serviceCluster !== undefined);
  const matching = withService.filter((lookup) =>
    name === undefined ? true : lookup.name === name || lookup.serviceCluster === name,
  );
  if (matching.length === 0) {
    if (name === undefined || withService.length === 0) throw new UsageError("--service: no lookup has a service");
    const names = withService.flatMap((lookup) => [lookup.name, lookup.serviceCluster ?? ""]);
    throw new UsageError(`--service: ${noSuch("lookup or service's cluster", name, new Set(names))}`);
  }
  return matching.map(({ serviceCluster = "" }) => serviceCluster);
}

function splitGiven(option: string, given: string): { name: string | undefined; address: Address } {
  // A cluster's name may have an equals sign in it, an address begins with its scheme.
  const [, name, address = ""] = /^(?:(.+?)=)?(https?:\/\/.*|unreachable|unknown)$/s.exec(given) ?? [];
  return { name, address: addressOf(option, address === "" ? given : address) };
}

function addressOf(option: string, text: string): Address {
  if (text === "unreachable" || text === "unknown") return text;
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) {
    throw new UsageError(`${option}: "${text}" is no address (use e.g. http://127.0.0.1:8080)`);
  }
  const address = new URL(text);
  if (address.username !== "")
    throw new UsageError(`${option}: credentials are the filter's to send (webdis.username)`);
  return address;
}

function noSuch(what: string, name: string, names: ReadonlySet<string>): string {
  return `the configuration has no ${what} "${name}" (there are: ${[...names].join(", ")})`;
}
