import { Failure } from "./failure.ts";
import type { Kubectl } from "./kubectl.ts";
import { itemsOf } from "./manifests.ts";
import type { WantedPlugin } from "./plugins.ts";
import { type DiscoveredFilter, UPDATE_TIMES, discoveredFilters } from "./running.ts";

/** A gateway's Envoy, and how it is asked what it runs. */
export interface Proxy {
  readonly name: string;
  /** @throws when it cannot be asked */
  readonly filters: () => Promise<DiscoveredFilter[]>;
}

/** Finds the Envoys that plugins are for, as they are at the moment: pods come and go. */
export type FindProxies = () => Promise<Proxy[]>;

/** How long an Envoy's answer is waited for, in milliseconds. */
const PATIENCE = 10_000;

/** An Envoy's admin interface. @throws when it does not answer */
type AskAdmin = (path: string) => Promise<string>;

async function filtersOf(ask: AskAdmin): Promise<DiscoveredFilter[]> {
  const dump = await ask("config_dump");
  // After the dump: a version that comes in between is refused or not by the next look at it.
  return discoveredFilters(dump, await ask(`stats?filter=${encodeURIComponent(UPDATE_TIMES)}`));
}

/** Envoys whose admin interfaces can be reached from here. */
export function proxiesByAdmin(urls: readonly string[]): FindProxies {
  const proxies = urls.map((url) => ({ name: url, filters: () => filtersOf((path) => fetchText(url, path)) }));
  return () => Promise.resolve(proxies);
}

async function fetchText(admin: string, path: string): Promise<string> {
  const url = new URL(path, admin.endsWith("/") ? admin : `${admin}/`);
  const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE) }).catch((error: unknown) => {
    const { cause, message } = error as Error;
    throw new Error(`${url.href} does not answer: ${cause instanceof Error ? cause.message : message}`);
  });
  if (!response.ok) throw new Error(`${url.href} answers ${response.status}`);
  return response.text();
}

interface Pod {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly deletionTimestamp?: string };
  readonly status?: { readonly phase?: string };
}

/** The gateway's pods, each asked through its agent: it is in images without a shell, too. */
export function proxiesInPods(kubectl: Kubectl, plugins: readonly WantedPlugin[]): FindProxies {
  const gateways = new Map(
    plugins.map(({ namespace, labels }) => [`${namespace} ${selectorOf(labels)}`, { namespace, labels }]),
  );
  return async () => {
    const found = new Map<string, Proxy>();
    for (const { namespace, labels } of gateways.values()) {
      for (const pod of await podsOf(kubectl, namespace, labels))
        found.set(`${namespace}/${pod}`, inPod(kubectl, namespace, pod));
    }
    return [...found.values()];
  };
}

async function podsOf(
  kubectl: Kubectl,
  namespace: string,
  labels: Readonly<Record<string, string>>,
): Promise<string[]> {
  const list = await kubectl.json(["get", "pods", "--namespace", namespace, "--selector", selectorOf(labels)]);
  const pods = itemsOf(list) as unknown as Pod[];
  // One that has ended or is about to takes no new requests.
  return pods
    .filter(
      ({ metadata, status }) =>
        metadata.deletionTimestamp === undefined && !["Succeeded", "Failed"].includes(status?.phase ?? ""),
    )
    .map(({ metadata }) => metadata.name);
}

function inPod(kubectl: Kubectl, namespace: string, pod: string): Proxy {
  const exec = ["exec", "--namespace", namespace, pod, "--container", "istio-proxy", "--"];
  return {
    name: `pod ${namespace}/${pod}`,
    filters: () => filtersOf((path) => kubectl.run([...exec, "pilot-agent", "request", "GET", path])),
  };
}

/** As in `istio=ingressgateway,app=edge`. @throws Failure when there are none, which would be every pod */
function selectorOf(labels: Readonly<Record<string, string>>): string {
  const selector = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  if (selector.length === 0)
    throw new Failure("the plugin has no selector: it would be for every pod of its namespace");
  return selector.join(",");
}
