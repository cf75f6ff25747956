import { ProxyHost } from "proxy-wasm-host";
import { NoModule } from "../module.ts";
import { type Diagnostic, type PluginConfigSource, parsePath, splitRefusal, treeAt } from "../plugin-config/index.ts";
import { environmentFor } from "./environment.ts";
import { shapeHint } from "./shapes.ts";

const REFUSED = "configuration refused: ";
const WARNING = "configuration warning: ";
const JSON_PLACE = /^not JSON: .*\(line (\d+), column (\d+)\)$/;
/** Mistakes in a name, not in what is under it. */
const ABOUT_THE_NAME = /^(?:unknown field|given twice|not supported yet)/;

/** What the module itself says about a configuration; warnings at most when it accepts it. @throws NoModule */
export async function verdictOf(source: PluginConfigSource, module: Uint8Array): Promise<Diagnostic[]> {
  const proxy = await hostOf(module, environmentFor(source));
  const plugin = proxy.addPlugin({ rootId: "signpost", configuration: source.json });
  const lines = proxy.logs.map(({ message }) => message);
  const startingWith = (start: string): string[] =>
    lines.filter((line) => line.startsWith(start)).map((line) => line.slice(start.length));
  if (plugin.configured) return startingWith(WARNING).map((warning) => located(source, warning, "warning"));
  const refusals = startingWith(REFUSED);
  // A module that fails is not one that has said no, but neither would a proxy run with it.
  if (refusals.length === 0) refusals.push(`pluginConfig: the module failed: ${lines.join("; ")}`);
  return refusals.map((refusal) => located(source, refusal, "error"));
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

function located(source: PluginConfigSource, line: string, severity: Diagnostic["severity"]): Diagnostic {
  const { path, problem } = splitRefusal(line);
  const [, lineInJson, column] = JSON_PLACE.exec(problem) ?? [];
  const position =
    lineInJson === undefined
      ? source.positionOf(path, ABOUT_THE_NAME.test(problem) ? "name" : "value")
      : source.positionInJson({ line: Number(lineInJson), column: Number(column) });
  const value = source.tree === undefined ? undefined : treeAt(source.tree, parsePath(path));
  const hint = shapeHint(path, problem, value);
  return { severity, path, message: problem, hint, position, document: source.document };
}
