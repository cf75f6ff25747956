import type { Diagnostic, PluginConfigSource } from "../plugin-config/index.ts";
import { textAt } from "../plugin-config/index.ts";

const FIELD = "webdis.passwordEnv";

/** Stands in for a value that only the proxy has. */
const UNKNOWN_VALUE = "unknown";

/** The VM's variable that the configuration names, if it names one. */
function variableOf(source: PluginConfigSource): string | undefined {
  return textAt(source.tree, "webdis", "passwordEnv");
}

/** The environment to try a configuration in: the variable it names is there, with its value where a manifest has it. */
export function environmentFor(source: PluginConfigSource): Record<string, string> {
  const name = variableOf(source);
  return name === undefined ? {} : { [name]: source.manifest?.environment.get(name) ?? UNKNOWN_VALUE };
}

/** An error where the manifest does not give the VM the variable that the configuration names. */
export function undeclaredVariable(source: PluginConfigSource): Diagnostic[] {
  const name = variableOf(source);
  if (name === undefined || source.manifest === undefined || source.manifest.environment.has(name)) return [];
  const isIstios = source.manifest.kind === "WasmPlugin" || source.manifest.kind === "TrafficExtension";
  const where = isIstios ? "vmConfig.env" : "vm_config.environment_variables.host_env_keys";
  const message = `the VM gets no environment variable ${name} (declare it in ${where})`;
  return [{ severity: "error", path: FIELD, message, position: source.positionOf(FIELD), document: source.document }];
}
