import type { Stats } from "../admin/stats.ts";
import type { Examined, ExaminedInstance } from "../examined.ts";
import { type Finding, finding } from "../finding.ts";
import { placesOf } from "../instance.ts";
import { isRejected } from "./discovery.ts";

/** Whether a VM runs the module: Envoy takes a configuration also where it has no module for it. */
export function* running({ stats, instances }: Examined): Iterable<Finding> {
  for (const instance of instances) {
    const where = placesOf(instance);
    const { remote } = instance.message;
    if (remote !== undefined && instance.discovered !== undefined) {
      yield finding("module-remote-discovered", { seen: `the module of ${instance.name} is at ${remote}`, where });
    }
    // Without one that Envoy took there is none to run.
    if (stats === undefined || isRejected(instance, stats) || isRefusedHere(instance)) continue;
    const why = whyNotRunning(instance, stats);
    if (why !== undefined) yield finding("module-not-running", { seen: why, where });
  }
}

function isRefusedHere({ verdict }: ExaminedInstance): boolean {
  return verdict.some(({ severity }) => severity === "error");
}

function whyNotRunning(instance: ExaminedInstance, stats: Stats): string | undefined {
  // Without any of these the statistics of Wasm are not kept, or not all of them.
  if (![...stats.keys()].some((name) => /^wasm\.(?:wasm_vm_count|remote_load_\w+|.+\.vm_reload)$/.test(name)))
    return undefined;
  if (runningVms(stats) === 0) return `no Wasm VM runs (wasm.….active is 0)${fetchFailures(stats)}`;
  // With other plugins' VMs beside it: each VM of ours has metrics from its start on.
  const { remote } = instance.message;
  const isSilent = metricsOf(instance).every((prefix) => ![...stats.keys()].some((name) => name.startsWith(prefix)));
  if (remote === undefined || !isSilent) return undefined;
  return `the module at ${remote} runs in no VM: there are none of its metrics${fetchFailures(stats)}`;
}

/** How many VMs there are, of whatever modules: Envoy has the gauges from the first one on. */
function runningVms(stats: Stats): number {
  const gauges = [...stats].filter(([name]) => /^wasm\.(?:wasm_vm_count|.+\.active)$/.test(name));
  return gauges.reduce((sum, [, value]) => sum + (typeof value === "number" ? value : 0), 0);
}

/** What the names of the metrics begin with that a configuration brings. */
function metricsOf({ configuration }: ExaminedInstance): string[] {
  const lookups = configuration.lookups.map(({ name }) => `wasmcustom.signpost.lookup.${name}.`);
  return configuration.hasResponseCache ? [...lookups, "wasmcustom.signpost.responses."] : lookups;
}

function fetchFailures(stats: Stats): string {
  const failures = stats.get("wasm.remote_load_fetch_failures") ?? 0;
  return failures === 0 ? "" : `; wasm.remote_load_fetch_failures is ${failures}`;
}
