import { GaugePart } from "./metrics";

const PAGE_BITS: i64 = 16;

/** How many plugins of this VM have a configuration. */
let plugins: i32 = 0;
let gauge: GaugePart | null = null;

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
