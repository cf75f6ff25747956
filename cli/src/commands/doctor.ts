import { Command } from "commander";
import { BadAdminOutput } from "../doctor/admin/admin-output.ts";
import { type AdminTexts, fromAdmin, fromFiles } from "../doctor/admin/source.ts";
import { type Diagnosis, countBySeverity, diagnosisOf } from "../doctor/diagnosis.ts";
import { examine } from "../doctor/examine.ts";
import type { Finding } from "../doctor/finding.ts";
import type { Instance } from "../doctor/instance.ts";
import { parseAddress, parseDigest } from "../doctor/options.ts";
import { jsonReport, textReport } from "../doctor/report.ts";
import { secretsOf } from "../doctor/secrets-of.ts";
import type { WebdisProbing } from "../doctor/unchecked.ts";
import { probeAll } from "../doctor/webdis/probe-all.ts";
import { ExitCode } from "../exit-code.ts";
import { parseDuration } from "../explain/numbers.ts";
import { UsageError } from "../explain/usage-error.ts";
import { STDIN } from "../files.ts";
import { signpostModule } from "../module.ts";
import { paintFor } from "../terminal.ts";

interface Options {
  admin?: string;
  configDump?: string;
  clusters?: string;
  stats?: string;
  statsBefore?: string;
  watch?: string;
  webdis?: string;
  env?: string[];
  digest?: string;
  name?: string;
  strict?: boolean;
  json?: boolean;
  module?: string;
}

const DETAILS = `
The proxy is asked by its admin interface, or what it has said is read from files:
  $ kubectl -n istio-system port-forward deploy/istio-ingressgateway 15000
  $ curl -s http://127.0.0.1:15000/config_dump >dump.json
  $ curl -s http://127.0.0.1:15000/clusters?format=json >clusters.json
  $ curl -s http://127.0.0.1:15000/stats?format=json >stats.json
The configuration is judged by the filter's own module, which is run here. Of the proxy's Wasm
plugins those are examined that "signpost check" would take for Signpost; --name chooses another.

What is counted is since Envoy started, and what is over stays in it. --watch counts for so long, as
do two files: --stats-before is the earlier one.

With --webdis it is asked as the filter asks it, with the configuration's username and password
(passwordEnv: from --env, the VM's or this command's environment), and as a stranger might. Nothing
is changed: commands that Webdis should refuse are sent with arguments that Redis refuses.

--digest is what the module should have: for oci:// the image manifest's digest, else the file's.
No password is printed. Each finding has an id: docs/doctor.md has them all.

Exit code: 0 there are no errors, 1 there are (--strict: or warnings), 2 the proxy cannot be asked,
a file cannot be read or is something else, or the command line is wrong.

Examples:
  $ signpost doctor --admin http://127.0.0.1:15000
  $ signpost doctor --admin http://127.0.0.1:15000 --watch 10s
  $ signpost doctor --config-dump dump.json --clusters clusters.json --stats stats.json
  $ signpost doctor --admin http://127.0.0.1:15000 --webdis http://127.0.0.1:7379 --json
`;

/** `signpost doctor`: what is wrong with a proxy that runs, or should run, the filter. */
export function doctorCommand(): Command {
  return new Command("doctor")
    .summary("examine a running proxy: what is wrong, and what to do about it")
    .description("Examines an Envoy or Istio gateway that has the Signpost filter, and says what to do.")
    .option("--admin <url>", "the proxy's admin interface")
    .option("--config-dump <file>", "instead: what it answered to /config_dump; - is standard input")
    .option("--clusters <file>", "and to /clusters?format=json")
    .option("--stats <file>", "and to /stats, as text or with ?format=json")
    .option("--stats-before <file>", "and earlier to /stats: count what came in between")
    .option("--watch <duration>", "with --admin: count for so long, not since Envoy started")
    .option("--webdis <url>", "also examine Webdis at this address")
    .option("--env <name=value>", "environment variable with Webdis' password (repeatable)", collect)
    .option("--digest <sha256>", "the digest that the module should have")
    .option("--name <name>", "which of the proxy's Wasm plugins is Signpost")
    .option("--strict", "warnings count as errors")
    .option("--json", "one JSON document instead of text")
    .option("--module <file>", "the filter's module (default: the one that came with this command)")
    .addHelpText("after", DETAILS)
    .action(async (options: Options, command: Command) => {
      try {
        process.exitCode = await doctor(options);
      } catch (error) {
        if (error instanceof UsageError || error instanceof BadAdminOutput) command.error(`error: ${error.message}`);
        throw error;
      }
    });
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

async function doctor(options: Options): Promise<ExitCode> {
  const { name, digest, webdis, env = [] } = options;
  const expectedDigest = digest === undefined ? undefined : parseDigest("--digest", digest);
  const webdisAddress = webdis === undefined ? undefined : parseAddress("--webdis", webdis);
  const admin = options.admin === undefined ? undefined : parseAddress("--admin", options.admin);
  const module = signpostModule(options.module);
  const isLocal = admin !== undefined && ["127.0.0.1", "localhost", "[::1]"].includes(admin.hostname);
  const examined = await examine(await textsOf(options, admin), { module, name, expectedDigest, isLocal });
  const [ofWebdis, probing] = await webdisFindings(webdisAddress, examined.instances, env);
  const diagnosis = diagnosisOf(examined, ofWebdis, probing);
  const strict = options.strict === true;
  const text = options.json === true ? jsonReport(diagnosis) : textReport(diagnosis, paintFor(process.stdout), strict);
  process.stdout.write(`${secretsOf(examined.instances).mask(text)}\n`);
  return exitCodeOf(diagnosis, strict);
}

async function webdisFindings(
  address: URL | undefined,
  instances: readonly Instance[],
  env: readonly string[],
): Promise<[Finding[], WebdisProbing]> {
  if (address === undefined) return [[], "not asked for"];
  const findings = await probeAll(address, instances, env, process.env);
  return findings === undefined ? [[], "unused"] : [findings, "done"];
}

async function textsOf(options: Options, admin: URL | undefined): Promise<AdminTexts> {
  const { configDump, clusters, stats, statsBefore, watch } = options;
  const files = [configDump, clusters, stats, statsBefore].filter((file) => file !== undefined);
  if (admin !== undefined) {
    if (files.length > 0) throw new UsageError("--admin cannot be combined with files");
    return fromAdmin(admin, watch === undefined ? 0 : parseDuration("--watch", watch));
  }
  if (watch !== undefined) throw new UsageError("--watch needs --admin; of files, --stats-before is the earlier one");
  if (configDump === undefined) throw new UsageError("give --admin URL, or --config-dump FILE");
  if (statsBefore !== undefined && stats === undefined) throw new UsageError("--stats-before needs --stats");
  if (files.filter((file) => file === STDIN).length > 1) {
    throw new UsageError("standard input (-) can be read once only");
  }
  return fromFiles({ configDump, clusters, stats, statsBefore });
}

function exitCodeOf(diagnosis: Diagnosis, strict: boolean): ExitCode {
  const isBad = countBySeverity(diagnosis, "error") > 0 || (strict && countBySeverity(diagnosis, "warning") > 0);
  return isBad ? ExitCode.Invalid : ExitCode.Valid;
}
