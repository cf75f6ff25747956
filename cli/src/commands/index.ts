import type { Command } from "commander";
import { checkCommand } from "./check.ts";
import { explainCommand } from "./explain.ts";
import { renderCommand } from "./render.ts";

/** What the command line can do, in the order of its help. */
export function commands(): Command[] {
  return [checkCommand(), explainCommand(), renderCommand()];
}
