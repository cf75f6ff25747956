import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { runProgram } from "./command.ts";
import { unusable } from "./failure.ts";
import { type KubernetesObject, parseManifests } from "./manifests.ts";

// The one file that knows `signpost render` and its values.

const SIGNPOST = fileURLToPath(new URL("../cli/dist/signpost.js", import.meta.url));

/** The kinds in which Istio gets the filter. */
export const FORMS = ["wasmplugin", "trafficextension", "envoyfilter"] as const;
export type Form = (typeof FORMS)[number];

/** The values that deploying needs itself. */
export interface DeployedValues {
  /** Where the module comes from: `oci://…`, `http(s)://…` or `file:///…`. */
  readonly moduleUrl: string | undefined;
  /** The node cache's directory; undefined where the values have no node cache. */
  readonly nodeCachePath: string | undefined;
}

/** @throws Failure when the file cannot be read or is no YAML object */
export function readValuesFile(file: string): DeployedValues {
  let values: unknown;
  try {
    values = parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw unusable(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof values !== "object" || values === null) throw unusable(`${file} is no values file: it is no YAML object`);
  const { module, nodeCache } = values as { module?: { url?: unknown } | null; nodeCache?: { path?: unknown } | null };
  const path = nodeCache?.path;
  return {
    moduleUrl: typeof module?.url === "string" ? module.url : undefined,
    nodeCachePath: nodeCache == null ? undefined : typeof path === "string" ? path : "/var/lib/signpost/wasm",
  };
}

/** What the digests in the manifests are to be. */
export interface ModuleDigests {
  /** Of what the URL names: the image's manifest for `oci://`, else the file. In hexadecimal. */
  readonly fetched: string;
  /** Of the module's file. In hexadecimal. */
  readonly file: string;
}

/** Runs `signpost render`. @throws Failure with its words where it refuses the values */
export async function renderManifests(options: {
  readonly file: string;
  readonly form: Form;
  readonly overrides: readonly string[];
  readonly digests: ModuleDigests;
}): Promise<KubernetesObject[]> {
  if (!existsSync(SIGNPOST)) throw unusable("the command line is not built: run ./build.sh cli");
  const { nodeCachePath } = readValuesFile(options.file);
  const overrides = [
    ...options.overrides,
    `module.sha256=${options.digests.fetched}`,
    ...(nodeCachePath === undefined ? [] : [`nodeCache.sha256=${options.digests.file}`]),
  ];
  const args = ["render", options.file, "--form", options.form, ...overrides.flatMap((each) => ["--set", each])];
  const { code, stdout, stderr } = await runProgram(process.execPath, [SIGNPOST, ...args]);
  if (code !== 0) throw unusable(`signpost render ${options.file}:\n${stderr.trim()}`);
  if (stderr.trim() !== "") process.stderr.write(stderr);
  return parseManifests(stdout, `what signpost rendered from ${options.file}`);
}
