import { Command, Option } from "commander";
import { ExitCode } from "../exit-code.ts";
import { textReport } from "../check/report.ts";
import { UsageError } from "../explain/usage-error.ts";
import { readGivenText } from "../explain/given-files.ts";
import { reasonOf } from "../files.ts";
import { signpostModule } from "../module.ts";
import { FORMS, type Form, renderStream, renderTree } from "../render/layout.ts";
import { BadOverride } from "../render/overrides.ts";
import { type ReadValues, readValues } from "../render/render-values.ts";
import { writeTree } from "../render/write-tree.ts";
import { paintFor } from "../terminal.ts";

interface Options {
  out?: string;
  form: Form;
  kind?: string[];
  set?: string[];
  module?: string;
}

const DETAILS = `
VALUES is a file in YAML or JSON with all that a mesh needs said once: where the module comes from,
the services the filter calls, its configuration, and what is to be deployed beside it. It is
described in docs/istio.md and schema/values.schema.json. Where the configuration names a cluster,
it says the name of a callout; the cluster's name, outbound|PORT|SUBSET|HOST, is built from it.

The configuration is split into the two roles of the filter: routing (lookups, before authorization)
and caching (responseCache, after it), and is the same in every form. The filter's own module checks
both. What is rendered depends on the values and nothing else.

Without --out all documents go to standard output, for kubectl apply -f -. With it, DIR gets base/,
overlays/ (one for each form) and gateway/ (what the gateway's pods need), for kubectl apply -k.
Of the files in DIR only those are touched that this command has rendered.

Exit code: 0 rendered, 1 there are errors in VALUES, 2 the command line is wrong or a file cannot be
read or written.

Examples:
  $ signpost render values.yaml --out istio
  $ signpost render values.yaml --form trafficextension --set module.sha256=… | kubectl apply -f -
  $ signpost render values.yaml --kind DestinationRule,ServiceEntry
`;

/** `signpost render`: all manifests for a mesh, from one values file. */
export function renderCommand(): Command {
  return new Command("render")
    .summary("render all manifests for an Istio mesh from one values file")
    .description("Renders the manifests for an Istio mesh from one values file.")
    .argument("<values>", "the values file; - is standard input")
    .option("--out <dir>", "write a tree for kustomize there, instead of documents to standard output")
    .addOption(
      new Option("--form <form>", "the kind in which Istio gets the filter").choices(FORMS).default("wasmplugin"),
    )
    .option("--kind <kinds>", "only documents of these kinds, with commas between them", (kinds) => kinds.split(","))
    .option("--set <path=value>", "a value in place of the file's (repeatable)", collect)
    .option("--module <file>", "the filter's module (default: the one that came with this command)")
    .addHelpText("after", DETAILS)
    .action(async (file: string, options: Options, command: Command) => {
      try {
        process.exitCode = await render(file, options);
      } catch (error) {
        if (error instanceof UsageError || error instanceof BadOverride) command.error(`error: ${error.message}`);
        throw error;
      }
    });
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

async function render(file: string, options: Options): Promise<ExitCode> {
  if (options.out !== undefined && options.kind !== undefined)
    throw new UsageError("--kind is for standard output: --out writes a whole tree");
  const text = await readGivenText("VALUES", file);
  const { diagnostics, rendering } = await readValues(text, options.set ?? [], signpostModule(options.module));
  if (diagnostics.length > 0) {
    const report = { file, documents: [], others: [], diagnostics, absence: undefined, isReadable: true };
    process.stderr.write(`${textReport([report], paintFor(process.stderr), false)}\n`);
  }
  if (rendering === undefined) return ExitCode.Invalid;
  const output = options.out === undefined ? streamed(rendering, options) : written(rendering, options.out);
  process.stdout.write(output);
  return ExitCode.Valid;
}

type Rendering = NonNullable<ReadValues["rendering"]>;

function streamed({ values, roles }: Rendering, { form, kind }: Options): string {
  const stream = renderStream(values, roles, form, kind);
  if (stream === undefined) {
    const section = form === "envoyfilter" ? "nodeCache" : "module";
    throw new UsageError(`--form ${form}: the values have no ${section}, which says where the module comes from`);
  }
  const unknown = kind?.find((each) => !stream.kinds.has(each));
  if (unknown !== undefined)
    throw new UsageError(`--kind ${unknown}: there is none (there are ${[...stream.kinds].sort().join(", ")})`);
  return stream.text;
}

function written({ values, roles }: Rendering, directory: string): string {
  const files = renderTree(values, roles);
  try {
    const { changed, removed } = writeTree(directory, files);
    const lines = [...changed.map((path) => `wrote ${path}`), ...removed.map((path) => `removed ${path}`)];
    return [...lines, `${files.length} files in ${directory}, ${changed.length} of them changed`, ""].join("\n");
  } catch (error) {
    throw new UsageError(`--out: ${directory} cannot be written: ${reasonOf(error)}`, { cause: error });
  }
}
