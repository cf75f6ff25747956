import { setTimeout as delay } from "node:timers/promises";
import type { WantedPlugin } from "./plugins.ts";
import type { ModuleDigests } from "./render.ts";
import type { FindProxies, Proxy } from "./proxies.ts";
import { differencesFrom, stillRunning } from "./running.ts";

/** Between two looks at the proxies, in milliseconds. */
const INTERVAL = 500;

/** What a gateway's proxy runs, against what it should. */
export interface ProxyState {
  readonly proxy: string;
  /** Empty where it runs exactly what it should. */
  readonly differences: readonly string[];
  /** Whether its statistics tell of versions that Envoy refused: Istio switches them off by default. */
  readonly isCertain: boolean;
}

const UNCERTAIN =
  "was given it (whether Envoy took it, its statistics do not tell: annotate the pods with " +
  "sidecar.istio.io/statsInclusionPrefixes: extension_config_discovery)";

/** What plugins are to run. */
export interface Target {
  readonly plugins: readonly WantedPlugin[];
  readonly digests: ModuleDigests;
  /** Plugins that must not run any more. */
  readonly gone?: readonly WantedPlugin[];
}

/** How each of the gateway's proxies does now. */
export async function proxyStates(find: FindProxies, { plugins, digests, gone = [] }: Target): Promise<ProxyState[]> {
  const stateOf = async ({ name, filters }: Proxy): Promise<ProxyState> => {
    try {
      const found = await filters();
      const isCertain = found.every(({ isRefused }) => isRefused !== undefined);
      return {
        proxy: name,
        differences: [...differencesFrom(plugins, digests, found), ...stillRunning(gone, found)],
        isCertain,
      };
    } catch (error) {
      return { proxy: name, differences: [error instanceof Error ? error.message : String(error)], isCertain: true };
    }
  };
  return Promise.all((await find()).map(stateOf));
}

/** Whether there are proxies, and all run what they should. */
export function allRun(states: readonly ProxyState[]): boolean {
  return states.length > 0 && states.every(({ differences }) => differences.length === 0);
}

/**
 * Waits until every proxy runs what it should, at most for `limit` milliseconds.
 *
 * @returns how they do at the end: `allRun` says whether it was reached
 */
export async function waitForProxies(find: FindProxies, target: Target, limit: number): Promise<ProxyState[]> {
  const end = performance.now() + limit;
  for (;;) {
    const states = await proxyStates(find, target);
    if (allRun(states) || performance.now() + INTERVAL > end) return states;
    await delay(INTERVAL);
  }
}

/** For people, a line for each proxy. */
export function describeStates(states: readonly ProxyState[]): string {
  if (states.length === 0) return "  there is no pod of the gateway: are the labels of its selector right?";
  return states
    .map(({ proxy, differences, isCertain }) => {
      const well = isCertain ? "runs it" : UNCERTAIN;
      return `  ${proxy}: ${differences.length === 0 ? well : differences.join("; ")}`;
    })
    .join("\n");
}
