#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { commands } from "./commands/index.ts";
import { ExitCode } from "./exit-code.ts";
import { NoModule } from "./module.ts";

const HELP_WIDTH = 100;

function version(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

const program = new Command("signpost")
  .description("Checks, explains and delivers configurations of the Signpost filter for Envoy and Istio.")
  .version(version())
  .configureHelp({ helpWidth: Math.min(process.stdout.columns || HELP_WIDTH, HELP_WIDTH) })
  .showHelpAfterError("(signpost --help shows what there is)")
  .exitOverride();
for (const command of commands()) program.addCommand(command.copyInheritedSettings(program));

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has said what is wrong; it ends with 1, which here means a mistake in a file.
    process.exitCode = error.exitCode === 0 ? ExitCode.Valid : ExitCode.Unusable;
  } else if (error instanceof NoModule) {
    process.stderr.write(`signpost: ${error.message}\n`);
    process.exitCode = ExitCode.Unusable;
  } else {
    throw error;
  }
}
