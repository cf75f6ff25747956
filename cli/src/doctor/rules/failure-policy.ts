import type { Examined } from "../examined.ts";
import { type Finding, finding } from "../finding.ts";
import { placesOf } from "../instance.ts";

/** What becomes of requests after a fault in the module. */
export function* failurePolicy({ instances }: Examined): Iterable<Finding> {
  for (const instance of instances) {
    const { failurePolicy: policy } = instance.message;
    const sight = { seen: `failure policy ${policy}`, where: placesOf(instance) };
    if (policy === "FAIL_CLOSED") yield finding("fail-closed", sight);
    if (policy === "FAIL_OPEN" && instance.configuration.lookups.length > 0) yield finding("fail-open", sight);
  }
}
