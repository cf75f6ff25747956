import { limitKept } from "as-bytes/assembly";
import { GaugePart } from "./metrics";
import { vmStores, vmWriteBudget } from "./vm";

const PAGE_BITS: i64 = 16;

/** What requests, their garbage and what the host hands over need beside what is kept; see docs/metrics.md. */
const FOR_REQUESTS: i64 = 16 * 1024 * 1024;

/** How many plugins of this VM have a configuration. */
let plugins: i32 = 0;
let gauge: GaugePart | null = null;

/**
 * Limits to what size memory grows for the stores: twice of what is configured, for the gaps between what is kept. To be called
 * where the configurations of this VM are others than before.
 */
export function limitVmMemory(): void {
  limitKept(<u64>(2 * (vmStores().bound + vmWriteBudget().maxBytes) + FOR_REQUESTS));
}

/** A plugin of this VM has got its first configuration. */
export function joinVm(): void {
  plugins++;
  if (!gauge) gauge = new GaugePart("vm.memory_bytes");
}

/** Tells the proxy how much memory this VM has: linear memory, which never shrinks. */
export function sendVmMemory(): void {
  const part = gauge;
  if (part) part.set((<i64>memory.size()) << PAGE_BITS);
}

/** A plugin that has joined is gone; with the last one the VM goes. */
export function leaveVm(): void {
  const part = gauge;
  if (--plugins == 0 && part) part.set(0);
}
