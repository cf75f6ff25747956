import { plural } from "../../terminal.ts";
import { countOf } from "../admin/stats.ts";
import type { Examined } from "../examined.ts";
import { type Finding, finding } from "../finding.ts";
import { placesOf } from "../instance.ts";

/** Whether the module's VM has failed, as far as Envoy counts it: with FAIL_RELOAD only. */
export function* restarts({ stats, instances }: Examined): Iterable<Finding> {
  if (stats === undefined) return;
  for (const instance of instances) {
    const count = (what: string): number => countOf(stats, `wasm.${instance.message.name}.vm_reload_${what}`);
    const succeeded = count("success");
    const failed = count("failure");
    const where = placesOf(instance);
    if (succeeded > 0)
      yield finding("module-traps", { seen: `the VM was started anew ${plural(succeeded, "time")}`, where });
    if (failed > 0)
      yield finding("module-restart-failed", { seen: `the VM failed to start ${plural(failed, "time")}`, where });
  }
}
