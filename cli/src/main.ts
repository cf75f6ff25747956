import { Command } from "commander";
import { commands } from "./commands/index.ts";

const program = new Command("signpost")
  .description("Checks, explains and delivers configurations of the Signpost filter for Envoy and Istio.")
  .showHelpAfterError("(signpost --help shows what there is)");
for (const command of commands()) program.addCommand(command);
await program.parseAsync();
