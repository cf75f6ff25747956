import type { Command } from "commander";

/** What the command line can do, in the order of its help. */
export function commands(): Command[] {
  return [];
}
