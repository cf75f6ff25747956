import { verdictOf } from "../check/verdict.ts";
import { type Diagnostic, SourceText } from "../plugin-config/diagnostic.ts";
import { configInTree } from "../plugin-config/plugin-config-source.ts";
import { type Tree, member } from "../plugin-config/tree.ts";
import { parseYaml } from "../plugin-config/yaml-tree.ts";
import { withOverrides } from "./overrides.ts";
import { type Role, rolesOf, withClusters } from "./roles.ts";
import { checkValues } from "./values/check-values.ts";
import { parseValues } from "./values/parse-values.ts";
import { Findings } from "./values/value-reader.ts";
import type { Values } from "./values/values.ts";

/** What came of reading a values file. */
export interface ReadValues {
  readonly diagnostics: Diagnostic[];
  /** Undefined where there are errors. */
  readonly rendering: { readonly values: Values; readonly roles: readonly Role[] } | undefined;
}

/**
 * Reads a values file and has the filter's own module check the configuration of each role.
 *
 * @param overrides of `--set`
 * @throws NoModule, BadOverride
 */
export async function readValues(text: string, overrides: readonly string[], module: Uint8Array): Promise<ReadValues> {
  const source = new SourceText(text);
  const [document, ...others] = parseYaml(text);
  const problem =
    document?.problems[0] ?? (others.length > 0 ? { offset: 0, message: "several documents" } : undefined);
  if (document === undefined || problem !== undefined || document.tree === undefined) {
    const { offset, message } = problem ?? { offset: 0, message: "empty" };
    const position = source.positionAt(offset);
    return { diagnostics: [{ severity: "error", path: "", message, position, document: "" }], rendering: undefined };
  }
  return readTree(source, withOverrides(document.tree, overrides), module);
}

async function readTree(source: SourceText, root: Tree, module: Uint8Array): Promise<ReadValues> {
  const findings = new Findings(source, root);
  const values = parseValues(root, findings);
  const { config, used } = withClusters(values.config, values.callouts, findings);
  checkValues(values, used, findings);
  const roles = rolesOf(config);
  const diagnostics = [...findings.diagnostics, ...(await roleDiagnostics(source, root, roles, module))];
  const isUsable = diagnostics.every(({ severity }) => severity !== "error");
  return { diagnostics, rendering: isUsable ? { values, roles } : undefined };
}

/** What the module says about each role, once where both have it. */
async function roleDiagnostics(
  source: SourceText,
  root: Tree,
  roles: readonly Role[],
  module: Uint8Array,
): Promise<Diagnostic[]> {
  const found = new Map<string, Diagnostic>();
  const nameStart = member(root, "config")?.nameStart;
  for (const role of roles) {
    const config = configInTree({ source, label: "" }, role.tree, nameStart);
    for (const each of [...config.diagnostics, ...(await verdictOf(config.source, module))]) {
      const path = each.path === "" ? "config" : `config${each.path.startsWith("[") ? "" : "."}${each.path}`;
      found.set(`${path}: ${each.message}`, { ...each, path });
    }
  }
  return [...found.values()];
}
