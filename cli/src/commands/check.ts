import { Command } from "commander";
import { type FileReport, checkText, hasErrors, hasWarnings, unreadable, withAbsences } from "../check/check-file.ts";
import { checkValuesText } from "../check/check-values-file.ts";
import { jsonReport, textReport } from "../check/report.ts";
import { ExitCode } from "../exit-code.ts";
import { STDIN, readText, reasonOf } from "../files.ts";
import { signpostModule } from "../module.ts";
import { isValuesText } from "../plugin-config/index.ts";
import { paintFor } from "../terminal.ts";

interface Options {
  name?: string;
  module?: string;
  strict?: boolean;
  json?: boolean;
}

const DETAILS = `
A FILE is a pluginConfig (JSON or YAML); Kubernetes manifests (several documents, also a List) with
a WasmPlugin, a TrafficExtension or an EnvoyFilter that holds one; an envoy.yaml, or a file of
discovery (ECDS, LDS), with the filter in it; or a values file of "signpost render". The verdict is
the filter's own: its module is run here with the configuration, and nothing is sent anywhere.

A file without a configuration (a kustomization, a patch, another manifest, a Helm template) is
noted beside one that has one, and is an error where none has.

YAML is read as Kubernetes reads it: yes, no, on and off are true and false, and a key given
twice is an error. An EnvoyFilter must hold the configuration as a google.protobuf.StringValue.
Of a file's Wasm plugins those are checked whose name or module says "signpost", or whose
configuration has webdis, lookups, responseCache or invalidation; or the only one there is.
--name chooses by the document's, plugin's or filter's name.

Warnings are about what is allowed and seldom meant: lookups after authorization, a responseCache
before it, FAIL_OPEN or no failStrategy, a module fetched over http(s) without a sha256.

Exit code: 0 all is valid, 1 there are errors (--strict: or warnings), 2 a file cannot be read or
the command line is wrong.

Examples:
  $ signpost check signpost.yaml
  $ signpost check --strict istio/*.yaml istio/overlays/*/*.yaml
  $ signpost check /etc/envoy/envoy.yaml
  $ kubectl get wasmplugins -A -o yaml | signpost check -
  $ signpost check --json gateway.yaml | jq '.files[].diagnostics[]'
`;

/** `signpost check`: the filter's own verdict on configurations in files. */
export function checkCommand(): Command {
  return new Command("check")
    .summary("check configurations: the filter's own verdict, with lines and columns")
    .description("Checks configurations of the Signpost filter, and shows where each mistake is.")
    .argument("<file...>", "files to check; - is standard input")
    .option("--name <name>", "which of several Wasm plugins in a manifest is Signpost")
    .option("--strict", "warnings count as errors")
    .option("--json", "one JSON document instead of lines")
    .option("--module <file>", "the filter's module (default: the one that came with this command)")
    .addHelpText("after", DETAILS)
    .action(check);
}

async function check(files: string[], options: Options, command: Command): Promise<void> {
  if (files.filter((file) => file === STDIN).length > 1)
    command.error("error: standard input (-) can be read once only");
  const module = signpostModule(options.module);
  const all: FileReport[] = [];
  for (const file of files) all.push(await reportOn(file, module, options.name));
  const reports = withAbsences(all);
  const strict = options.strict === true;
  const text = options.json === true ? jsonReport(reports) : textReport(reports, paintFor(process.stdout), strict);
  process.stdout.write(`${text}\n`);
  process.exitCode = exitCodeOf(reports, strict);
}

async function reportOn(file: string, module: Uint8Array, name: string | undefined): Promise<FileReport> {
  let text: string;
  try {
    text = await readText(file);
  } catch (error) {
    return unreadable(file, reasonOf(error));
  }
  return isValuesText(text) ? checkValuesText(text, file, module) : checkText(text, file, { module, name });
}

function exitCodeOf(reports: readonly FileReport[], strict: boolean): ExitCode {
  if (reports.some(({ isReadable }) => !isReadable)) return ExitCode.Unusable;
  const isBad = reports.some((report) => hasErrors(report) || (strict && hasWarnings(report)));
  return isBad ? ExitCode.Invalid : ExitCode.Valid;
}
