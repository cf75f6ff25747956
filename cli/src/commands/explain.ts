import { Command } from "commander";
import { checkText, hasErrors } from "../check/check-file.ts";
import { jsonReport, textReport } from "../check/report.ts";
import { ExitCode } from "../exit-code.ts";
import { clientRequest } from "../explain/client-request.ts";
import type { Explanation } from "../explain/explanation.ts";
import { Explainer, type ExplainerOptions, sourceWithLookups } from "../explain/explainer.ts";
import { readGivenBytes, readGivenText, writeGivenFile } from "../explain/given-files.ts";
import { parseCount, parseDuration } from "../explain/numbers.ts";
import { explanationText } from "../explain/print.ts";
import { type Replayed, replayed, replayedLine, tally } from "../explain/replay.ts";
import { parseRequests } from "../explain/requests-file.ts";
import { UsageError } from "../explain/usage-error.ts";
import { STDIN } from "../files.ts";
import { signpostModule } from "../module.ts";
import { type PluginConfigSource, readPluginConfigs } from "../plugin-config/index.ts";
import { paintFor, plural } from "../terminal.ts";

interface Options {
  url?: string;
  requests?: string;
  method?: string;
  header?: string[];
  body?: string;
  webdis?: string;
  service?: string[];
  cluster?: string[];
  offline?: boolean;
  patient?: boolean;
  write?: boolean;
  replies?: string;
  record?: string;
  env?: string[];
  times?: string;
  every?: string;
  name?: string;
  module?: string;
  json?: boolean;
}

const DETAILS = `
CONFIG is what "signpost check" takes: a pluginConfig, or a manifest that holds one. The filter's
own module is run here with it, and gets one request as the proxy would hand it over. Headers that
Envoy adds itself (x-request-id, x-forwarded-proto, …) are not added: give those that matter.

Where replies come from. Each call of the filter is answered by the first recorded reply left for
its cluster (and method and path, where the record has them); else by the address given for the
cluster, within the call's own time limit. A cluster is "unreachable" or "unknown" (the proxy has
none of this name) when that is given in place of an address.

FILE of --replies is a list in JSON or YAML. An entry has a cluster, method and path where they
matter, and status, headers and body (or bodyBase64, or for Webdis value: what Redis holds, null
for nothing); or one of timeout, unreachable, malformed, reset: true; and milliseconds.

FILE of --requests has a line "METHOD URL" for each request, with its headers below, "name: value",
standing in; or a JSON object a line, as access logs have them: url, or authority and path; method,
request_id, user_agent, headers (lines without authority or path are passed over: Envoy logs so what
was no HTTP); and expect, an object of path, host, headers and status: what
should become of it. -H adds a header to each of them. A configuration with shadow is run without.

The filter's reads are real, its writes to Redis (service.fill) are not sent without --write; a
record answers a write only where it names the method or path.
Credentials are shown as *** and not recorded.

Exit code: 0 the request goes on or is answered, 1 the configuration is refused, or a request is not
what was expected, 2 the command line is wrong or something is missing.

Examples:
  $ signpost explain signpost.yaml --url https://shop.example.com/api/acme/orders?x=1 \\
      --webdis http://127.0.0.1:7379 --service route=http://127.0.0.1:8080 --env WEBDIS_PASSWORD
  $ signpost explain wasmplugin.yaml --url http://shop.example.com/api/acme -H 'x-tenant: acme' \\
      --replies replies.yaml --times 2
  $ signpost explain signpost.yaml --url http://shop.example.com/api/acme --offline --json
  $ kubectl logs deploy/gateway | signpost explain signpost.yaml --requests - --replies replies.yaml
`;

/** `signpost explain`: what the filter does with one request, step by step. */
export function explainCommand(): Command {
  return new Command("explain")
    .summary("explain what happens to a request, step by step")
    .description("Sends one request through the filter and shows each step: match, key, tiers, decision, changes.")
    .argument("<config>", "file with the configuration; - is standard input")
    .option("--url <url>", "the request's address, sent as it is")
    .option("--requests <file>", "instead: a file of requests, one line about each; - is standard input")
    .option("-X, --method <method>", "the request's method (default: GET, with a body POST)")
    .option("-H, --header <header>", "a header, 'name: value' (repeatable)", collect)
    .option("--body <body>", "the request's body: text, @FILE, or - for standard input")
    .option("--webdis <url>", "where Webdis is")
    .option("--service <name=url>", "where the service of a lookup is (repeatable; URL alone: of all)", collect)
    .option("--cluster <name=url>", "where a cluster is, by its name (repeatable)", collect)
    .option("--offline", "clusters without an address are unreachable")
    .option("--patient", "take real replies however late they come: from afar they are slower than in the mesh")
    .option("--write", "really send what the filter writes to Redis")
    .option("--replies <file>", "recorded replies, used before any address")
    .option("--record <file>", "write what real calls replied, for --replies (YAML or JSON)")
    .option("--env <name=value>", "environment variable of the VM (repeatable; NAME alone: as here)", collect)
    .option("--times <count>", "send the request this often: the local store is kept")
    .option("--every <duration>", "time between them, which passes at once")
    .option("--name <name>", "which of several Wasm plugins in a manifest is Signpost")
    .option("--json", "one JSON document instead of text")
    .option("--module <file>", "the filter's module (default: the one that came with this command)")
    .addHelpText("after", DETAILS)
    .action(async (file: string, options: Options, command: Command) => {
      try {
        process.exitCode = await explain(file, options);
      } catch (error) {
        if (error instanceof UsageError) command.error(`error: ${error.message}`);
        throw error;
      }
    });
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

async function explain(file: string, options: Options): Promise<ExitCode> {
  const { url, requests } = options;
  if ((url === undefined) === (requests === undefined)) throw new UsageError("give --url URL, or --requests FILE");
  const given = [file, options.body, requests, options.replies];
  if (given.filter((each) => each === STDIN).length > 1)
    throw new UsageError("standard input (-) can be read once only");
  const text = await readGivenText("CONFIG", file);
  const module = signpostModule(options.module);
  const report = await checkText(text, file, { module, name: options.name });
  if (hasErrors(report)) {
    if (options.json === true) process.stdout.write(`${jsonReport([report])}\n`);
    else process.stderr.write(`${textReport([report], paintFor(process.stderr), false)}\n`);
    return ExitCode.Invalid;
  }
  const found = sourceWithLookups(readPluginConfigs(text, file, { name: options.name }));
  // What recorded requests are compared with is what would become of them.
  const source = url === undefined ? withoutShadow(found) : found;
  if (source !== found) process.stderr.write("note: shadow is left out: the requests are decided as without it\n");
  const explainer = await Explainer.start(source, await explainerOptions(options, module));
  const { output, code } =
    url === undefined ? await replay(explainer, options) : await explainOne(explainer, options, url);
  const { record } = options;
  if (record !== undefined) writeGivenFile("--record", record, explainer.recording.text(record));
  process.stdout.write(`${output}\n`);
  return code;
}

/** The configuration as it is when it takes over from what it is compared with; itself where it has done so. */
function withoutShadow(source: PluginConfigSource): PluginConfigSource {
  const { shadow = false, ...config } = JSON.parse(source.json) as { shadow?: unknown };
  return shadow === false || shadow === null ? source : { ...source, json: JSON.stringify(config) };
}

/** What is printed, and the exit code. */
interface Outcome {
  readonly output: string;
  readonly code: ExitCode;
}

async function explainOne(explainer: Explainer, options: Options, url: string): Promise<Outcome> {
  const explanations = await explainAll(explainer, options, url);
  return { output: options.json === true ? jsonText(explanations) : textOf(explanations), code: ExitCode.Valid };
}

/** Sends the requests of a file, one after the other. */
async function replay(explainer: Explainer, options: Options): Promise<Outcome> {
  const { requests: file = "", header = [], every = "0s", method, body, times } = options;
  const [other] = Object.entries({ method, body, times }).filter(([, value]) => value !== undefined);
  if (other !== undefined) throw new UsageError(`--requests cannot be combined with --${other[0]}`);
  const { requests: given, passedOver } = parseRequests(await readGivenText("--requests", file), file, header);
  const [first] = passedOver;
  if (first !== undefined) {
    const lines = plural(passedOver.length, "line");
    process.stderr.write(`note: ${lines} of the log passed over, without a host and path (${file}:${first})\n`);
  }
  const pause = parseDuration("--every", every);
  const all: Replayed[] = [];
  for (const { request, expected } of given) {
    if (all.length > 0) explainer.wait(pause);
    all.push(replayed(request, await explainer.explain(request), expected));
  }
  const paint = paintFor(process.stdout);
  const expected = given.filter((each) => each.expected !== undefined).length;
  const code = all.some(({ differences }) => differences.length > 0) ? ExitCode.Invalid : ExitCode.Valid;
  if (options.json === true) {
    const requests = all.map(({ explanation, differences }) => ({ ...explanation, differences }));
    return { output: JSON.stringify({ requests }, null, 2), code };
  }
  return { output: [...all.map((each) => replayedLine(each, paint)), tally(all, expected)].join("\n"), code };
}

async function explainerOptions(options: Options, module: Uint8Array): Promise<ExplainerOptions> {
  const { webdis, service = [], cluster = [], env = [], replies, offline = false } = options;
  return {
    module,
    addresses: { webdis, services: service, clusters: cluster },
    environment: env,
    replies: replies === undefined ? undefined : { file: replies, text: await readGivenText("--replies", replies) },
    offline,
    patient: options.patient === true,
    write: options.write === true,
  };
}

async function explainAll(explainer: Explainer, options: Options, url: string): Promise<Explanation[]> {
  const { method, header = [], body, times = "1", every = "0s" } = options;
  const bytes = body === undefined ? undefined : await bodyOf(body);
  const request = clientRequest({ url, method, headers: header, body: bytes });
  const count = parseCount("--times", times);
  const pause = parseDuration("--every", every);
  const explanations: Explanation[] = [];
  for (let number = 1; number <= count; number++) {
    if (number > 1) explainer.wait(pause);
    explanations.push(await explainer.explain(request));
  }
  return explanations;
}

async function bodyOf(given: string): Promise<Uint8Array> {
  if (given === STDIN) return readGivenBytes("--body", given);
  return given.startsWith("@") ? readGivenBytes("--body", given.slice(1)) : Buffer.from(given);
}

function jsonText(explanations: readonly Explanation[]): string {
  return JSON.stringify({ requests: explanations }, null, 2);
}

function textOf(explanations: readonly Explanation[]): string {
  const paint = paintFor(process.stdout);
  return explanations
    .map((explanation, index) => explanationText(explanation, index + 1, explanations.length, paint))
    .join("\n\n\n");
}
