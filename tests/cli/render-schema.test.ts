import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020, type AnySchemaObject } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { SourceText } from "../../cli/src/plugin-config/diagnostic.ts";
import { parseYaml } from "../../cli/src/plugin-config/yaml-tree.ts";
import { parseValues } from "../../cli/src/render/values/parse-values.ts";
import { RULES } from "../../cli/src/render/values/text-rules.ts";
import { Findings } from "../../cli/src/render/values/value-reader.ts";
import { ROOT } from "./support/cli.ts";
import { type Fields } from "./support/manifests.ts";
import { FULL_VALUES, SHIPPED_VALUES, VALUES, changed } from "./support/render.ts";

function schemaOf(name: string): AnySchemaObject {
  return JSON.parse(readFileSync(join(ROOT, "schema", name), "utf8")) as AnySchemaObject;
}

const schema = schemaOf("values.schema.json");
const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false });
ajv.addVocabulary(["errorMessage"]);
ajv.addSchema(schemaOf("plugin-config.schema.json"), "plugin-config.schema.json");
const validate = ajv.compile(schema);

/** What the command finds wrong with single values. */
function errorsOf(values: unknown): string[] {
  const text = JSON.stringify(values);
  const tree = parseYaml(text)[0]?.tree;
  if (tree === undefined) throw new Error(`no values: ${text}`);
  const findings = new Findings(new SourceText(text), tree);
  parseValues(tree, findings);
  return findings.diagnostics
    .filter(({ severity }) => severity === "error")
    .map(({ path, message }) => `${path}: ${message}`);
}

/** Paths of everything below a value but the filter's configuration, which has a schema and tests of its own. */
function pathsOf(value: unknown, path: readonly string[] = []): string[] {
  if (typeof value !== "object" || value === null) return [];
  const entries = Object.entries(value).filter(([name]) => path.length > 0 || name !== "config");
  return entries.flatMap(([name, inner]) => {
    const inside = [...path, name];
    return [inside.join("."), ...pathsOf(inner, inside)];
  });
}

const WRONG: readonly unknown[] = [
  null,
  true,
  0,
  1.5,
  -1,
  1e9,
  "",
  "x y",
  "X",
  "a".repeat(300),
  [],
  [null],
  {},
  { unknown: 1 },
];

describe("values.schema.json", () => {
  it.each<[string, unknown]>([
    ["what is shipped", parse(readFileSync(SHIPPED_VALUES, "utf8"))],
    ["the least there can be", VALUES],
    ["all sections", FULL_VALUES],
  ])("accepts what the command accepts: %s", (_, values) => {
    expect(errorsOf(values)).toEqual([]);
    expect(validate(values), ajv.errorsText(validate.errors)).toBe(true);
  });

  it("and the command say the same of every value changed in every way", () => {
    const differing: string[] = [];
    let refused = 0;
    for (const path of pathsOf(FULL_VALUES)) {
      for (const value of [undefined, ...WRONG]) {
        const values = changed(FULL_VALUES, { [path]: value });
        const errors = errorsOf(values);
        if (errors.length > 0) refused++;
        if (validate(values) !== (errors.length === 0)) {
          differing.push(`${path} = ${JSON.stringify(value)}: ${errors.join("; ") || ajv.errorsText(validate.errors)}`);
        }
      }
    }
    expect(differing).toEqual([]);
    expect(refused).toBeGreaterThan(500);
  });

  it("and the command know the same fields", () => {
    const objects = pathsOf(FULL_VALUES).filter((path) => {
      const value = path.split(".").reduce((at: unknown, name) => (at as Fields)[name], FULL_VALUES);
      return typeof value === "object" && !Array.isArray(value);
    });
    for (const path of objects) {
      const values = changed(FULL_VALUES, { [`${path}.zzz`]: "zzz" });
      expect(validate(values), path).toBe(errorsOf(values).length === 0);
    }
  });

  it("has the command's patterns", () => {
    const definitions = schema["$defs"] as Record<string, { pattern?: string; maxLength?: number }>;
    for (const [name, rule] of Object.entries(RULES)) {
      const most = "most" in rule ? { maxLength: rule.most } : {};
      expect(definitions[name], name).toEqual({ type: "string", pattern: rule.pattern.source, ...most });
    }
  });
});
