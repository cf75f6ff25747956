import { ProxyHost } from "proxy-wasm-host";
import { NoModule } from "../module.ts";
import { type Diagnostic, type PluginConfigSource, splitRefusal } from "../plugin-config/index.ts";
import { environmentFor } from "./environment.ts";

const REFUSED = "configuration refused: ";
const JSON_PLACE = /^not JSON: .*\(line (\d+), column (\d+)\)$/;
/** Mistakes in a name, not in what is under it. */
const ABOUT_THE_NAME = /^(?:unknown field|given twice|not supported yet)/;

/** What the module itself says about a configuration; nothing when it accepts it. @throws NoModule */
export async function verdictOf(source: PluginConfigSource, module: Uint8Array): Promise<Diagnostic[]> {
  const proxy = await hostOf(module, environmentFor(source));
  const plugin = proxy.addPlugin({ rootId: "signpost", configuration: source.json });
  if (plugin.configured) return [];
  const lines = proxy.logs.map(({ message }) => message);
  const refusals = lines.filter((line) => line.startsWith(REFUSED)).map((line) => line.slice(REFUSED.length));
  // A module that fails is not one that has said no, but neither would a proxy run with it.
  if (refusals.length === 0) refusals.push(`pluginConfig: the module failed: ${lines.join("; ")}`);
  return refusals.map((refusal) => located(source, refusal));
}

async function hostOf(module: Uint8Array, environment: Record<string, string>): Promise<ProxyHost> {
  try {
    return await ProxyHost.create({ module, environment, recording: false });
  } catch (error) {
    throw new NoModule(`the module does not load: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

function located(source: PluginConfigSource, refusal: string): Diagnostic {
  const { path, problem } = splitRefusal(refusal);
  const [, line, column] = JSON_PLACE.exec(problem) ?? [];
  const position =
    line === undefined
      ? source.positionOf(path, ABOUT_THE_NAME.test(problem) ? "name" : "value")
      : source.positionInJson({ line: Number(line), column: Number(column) });
  return { severity: "error", path, message: problem, position, document: source.document };
}
