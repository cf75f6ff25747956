import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { OrasError } from "../image/oras.ts";
import { build } from "./commands/build.ts";
import { deploy } from "./commands/deploy.ts";
import { push } from "./commands/push.ts";
import { remove } from "./commands/remove.ts";
import { render } from "./commands/render.ts";
import { restart } from "./commands/restart.ts";
import { status } from "./commands/status.ts";
import { type Conversation, conversation } from "./conversation.ts";
import { ExitCode, Failure } from "./failure.ts";
import { type Options, parseDuration } from "./options.ts";
import { FORMS } from "./render.ts";

const DETAILS = `
VALUES is what signpost render takes. The digest in the manifests is that of the module where gateways fetch it
(an image's manifest for oci://, else the file), looked up when the command runs.

Exit code: 0 done, 1 it failed (and was rolled back, if it came to that), 2 nothing was tried: a wrong command
line, or kubectl, the cluster, a right or a file is missing.

Examples:
  $ ./deploy.sh full values.yaml --image registry.example.com/team/signpost:0.1.0
  $ ./deploy.sh deploy values.yaml --dry-run
  $ ./deploy.sh status values.yaml --context prod
`;

type Action = (file: string, options: Options, conversation: Conversation) => Promise<void>;

const program = new Command("deploy.sh")
  .description("Brings the Signpost filter to an Istio gateway.")
  .addHelpText("after", DETAILS)
  .showHelpAfterError("(./deploy.sh --help shows what there is)")
  .exitOverride();
program
  .command("full")
  .description("build, push and deploy")
  .argument("<values>")
  .action(
    run(async (file, options, talk) => {
      await build();
      await push(file, options, talk);
      await deploy(file, options, talk);
    }),
  );
program.command("build").description("the module, the command line and the image, on this machine only").action(build);
for (const [name, description, action] of [
  ["push", "the image to the registry of the values", push],
  ["deploy", "apply the manifests, wait for the gateway, roll back if it does not follow", deploy],
  ["status", "what the cluster has, and what each pod of the gateway runs", status],
  ["restart", "the gateway's pods, one after the other", restart],
  ["remove", "delete what the manifests name", remove],
  ["render", "the manifests that deploy would apply", render],
] satisfies [string, string, Action][]) {
  program.command(name).description(description).argument("<values>").action(run(action));
}
for (const command of program.commands.filter((each) => each.name() !== "build")) addOptions(command);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? ExitCode.Done : ExitCode.Unusable;
  } else if (error instanceof Failure || error instanceof OrasError) {
    process.stderr.write(`deploy.sh: ${error.message}\n`);
    process.exitCode = error instanceof Failure ? error.code : ExitCode.Unusable;
  } else {
    throw error;
  }
}

function run(action: Action): (file: string, options: Options) => Promise<void> {
  return async (file, options) => action(file, options, conversation(options.yes));
}

function addOptions(command: Command): void {
  command
    .addOption(
      new Option("--form <form>", "the kind in which Istio gets the filter").choices(FORMS).default("wasmplugin"),
    )
    .option("--image <url>", "where the module is, in place of the values' module.url")
    .option(
      "--set <path=value>",
      "a value in place of the file's (repeatable)",
      (value, all: string[]) => [...all, value],
      [],
    )
    .option("--sha256 <hex>", "the file's digest, for a http(s):// address that only gateways reach", parseSha256)
    .option("--plain-http", "the registry has no TLS (one on loopback)", false)
    .option("--context <name>", "of kubectl's configuration")
    .option("--kubeconfig <file>", "kubectl's configuration")
    .option("-y, --yes", "do not ask", false)
    .option("--dry-run", "show what would be done, and do nothing", false)
    .option("--force-conflicts", "take fields that others own", false)
    .option("--no-rollback", "leave what was applied also where the gateway does not follow")
    .option("--timeout <duration>", "for the gateway to follow", parseTimeout, 120_000)
    .option("--admin <urls>", "Envoy admin addresses to ask instead of the gateway's pods, with commas", (urls) =>
      urls.split(","),
    );
}

function parseTimeout(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined) throw new InvalidArgumentError("It is no duration such as 90s or 2m.");
  return milliseconds;
}

function parseSha256(text: string): string {
  if (!/^[0-9a-f]{64}$/.test(text)) throw new InvalidArgumentError("It is not 64 hexadecimal digits in lower case.");
  return text;
}
