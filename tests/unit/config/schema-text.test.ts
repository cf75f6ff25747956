import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Ajv } from "ajv";
import { parse } from "yaml";
import { PATTERNS } from "../../../schema/patterns.ts";
import { jsonOf, withService } from "../../fixtures/config/fixture.ts";
import { INVALID } from "../../fixtures/config/invalid.ts";
import { pathsOf, replacedAt, valueAt } from "../../fixtures/config/mutations.ts";
import { VALID } from "../../fixtures/config/valid.ts";
import { WHOLE } from "../../fixtures/config/whole.ts";
import { SCHEMA_FILE, compare, schema, validatorOf, type Schema } from "../support/config-schema.ts";
import { UnitModule } from "../support/unit-module.ts";

const ROOT = join(import.meta.dirname, "../../..");
const CONFIG_SOURCES = join(ROOT, "assembly/config");

const module = new UnitModule();
const configure = module.function("configure", ["bytes"], "text");
const describeLookup = module.function("describeLookup", [], "text");
const describeSection = module.function("describeSection", ["text", "bytes"], "text");
const durationOf = module.function("durationOf", ["text"], "f64");
const sizeOf = module.function("sizeOf", ["text"], "f64");
const percentageOf = module.function("percentageOf", ["text"], "f64");

function definition(reference: string): Schema {
  const found = schema.$defs[reference.replace("#/$defs/", "")];
  if (!found) throw new Error(`the schema has no ${reference}`);
  return found;
}

/** A field with what it refers to, as editors put them together. */
function resolved(field: Schema): Schema {
  return field.$ref === undefined ? field : { ...field, ...resolved(definition(field.$ref)) };
}

function nodesIn(node: unknown): Schema[] {
  if (typeof node !== "object" || node === null) return [];
  return [node, ...Object.values(node).flatMap(nodesIn)];
}

const nodes = nodesIn(schema);

/** The schemas that say which fields an object has. */
const objects = nodes.filter((node) => node["additionalProperties"] === false);

const fields = objects.flatMap((node) => Object.entries(node.properties ?? {}));

/** The lists of fields that the filter tells in its errors about a field that nobody knows. */
function fieldsKnownToTheFilter(): string[][] {
  return pathsOf(WHOLE).flatMap((path) => {
    const value = valueAt(WHOLE, path);
    if (typeof value !== "object" || Array.isArray(value)) return [];
    const strange = { ...value, "no-field-is-called-anything-like-this": 1 };
    const errors = configure(JSON.stringify(path.length === 0 ? strange : replacedAt(WHOLE, path, strange)));
    const [, known] = /unknown field \(known here: (.*)\)$/m.exec(errors) ?? [];
    return known === undefined ? [] : [known.split(", ")];
  });
}

function asSets(lists: readonly string[][]): string[] {
  return [...new Set(lists.map((list) => [...list].sort().join(", ")))].sort();
}

describe("the schema knows the grammar:", () => {
  it("each object has the very fields that the filter knows there", () => {
    const known = asSets(fieldsKnownToTheFilter());
    expect(known.length).toBeGreaterThan(15);
    expect(asSets(objects.map((node) => Object.keys(node.properties ?? {})))).toEqual(known);
  });

  it("each field that the filter's sources ask for is one of the schema's", () => {
    const sources = readdirSync(CONFIG_SOURCES).map((file) => readFileSync(join(CONFIG_SOURCES, file), "utf8"));
    const asked = sources.flatMap((text) => [...text.matchAll(/\.get\("(\w+)"\)/g)].map(([, name]) => name));
    expect(asked.length).toBeGreaterThan(70);
    expect([...new Set(asked)].sort()).toEqual([...new Set(fields.map(([name]) => name))].sort());
  });
});

describe("every field", () => {
  it.each(fields)("has a title and a sentence about it: %s", (_, field) => {
    const { title, description } = resolved(field);
    expect(title).toMatch(/^[A-Z].*[^.]$/);
    expect(description).toMatch(/^.{8,}\.$/);
  });

  it.each(fields)("takes its own default and examples: %s", (_, field) => {
    const isValid = validatorOf(field);
    const { default: value, examples } = resolved(field) as { default?: unknown; examples?: unknown[] };
    const values = [...(value === undefined ? [] : [value]), ...(examples ?? [])];
    expect(values.filter((each) => !isValid(each))).toEqual([]);
  });
});

describe("a default is the one that the filter has:", () => {
  function defaultsOf(section: Schema | undefined): Record<string, unknown> {
    const properties = Object.entries(section?.properties ?? {});
    return Object.fromEntries(properties.map(([name, field]) => [name, resolved(field)["default"]]));
  }

  /** As the filter's numbers. */
  function numbers(defaults: Record<string, unknown>): Record<string, string> {
    const shown = Object.entries(defaults).map(([name, value]) => {
      const text = String(value);
      if (text.endsWith("%")) return [name, percentageOf(text).toFixed(1)];
      const read = text.endsWith("iB") ? sizeOf : /^\d+[a-z]+$/.test(text) ? durationOf : undefined;
      return [name, read ? String(read(text)) : text];
    });
    return Object.fromEntries(shown) as Record<string, string>;
  }

  function described(description: string): Record<string, string> {
    const lines = description.split("\n").map((line) => line.split("=", 2) as [string, string]);
    return Object.fromEntries(lines);
  }

  function breaker(): string {
    const { failures, open } = numbers(defaultsOf(definition("breaker")));
    return `${failures} ${open}`;
  }

  it("in webdis", () => {
    const { timeout, maxInFlight, database, keyPrefix } = numbers(defaultsOf(definition("webdis")));
    const queue = numbers(defaultsOf(definition("writeQueue")));
    expect(described(describeSection("webdis", '{"cluster": "w"}'))).toMatchObject({
      ...{ timeout, maxInFlight, database, keyPrefix },
      breaker: breaker(),
      writeQueue: `${queue["maxEntries"]} ${queue["maxBytes"]}`,
    });
  });

  it("in a lookup, its service and its local store", () => {
    configure(JSON.stringify(withService({})));
    const { timeout, maxInFlight, method, fill, fillTtl, maxBytes } = numbers(defaultsOf(definition("service")));
    const local = numbers(defaultsOf(definition("local").anyOf?.[1]));
    const { ttl, jitter, negativeTtl, refreshAhead, staleWhileRevalidate, staleIfError, maxEntries } = local;
    expect(defaultsOf(definition("lookup"))).toMatchObject({ onMiss: "continue", onError: "continue" });
    expect(described(describeLookup())).toMatchObject({
      ...{ timeout, maxInFlight, method, maxBytes, breaker: breaker(), fill: `${fill} ${fillTtl}` },
      ...{ ttl, jitter, negativeTtl, refreshAhead, staleWhileRevalidate, staleIfError, maxEntries },
      ...{ localMaxBytes: local["maxBytes"], onMiss: "0 (none)", onError: "0 (none)" },
    });
  });

  it("in a response cache, invalidation and tracing", () => {
    const cache = definition("responseCache");
    const { maxEntries, maxBytes } = numbers(defaultsOf(cache.properties?.["local"]));
    const { maxBodyBytes, heuristic, defaultTtl, staleWhileRevalidate, staleIfError, tagsHeader } = numbers(
      defaultsOf(cache),
    );
    expect(described(describeSection("responseCache", "{}"))).toMatchObject({
      ...{
        local: `${maxEntries} ${maxBytes}`,
        maxBodyBytes,
        heuristic,
        defaultTtl,
        staleWhileRevalidate,
        staleIfError,
      },
      ...{ tagsHeader, collapseWait: numbers(defaultsOf(cache.properties?.["collapse"]))["wait"] },
    });
    const { poll } = numbers(defaultsOf(definition("invalidation")));
    expect(describeSection("invalidation", "{}")).toBe(`poll=${poll}`);
    const { path, service } = numbers(defaultsOf(definition("tracing")));
    expect(described(describeSection("tracing", '{"cluster": "otel"}'))).toMatchObject({ path, service });
  });
});

describe("editors and other tools can read the schema:", () => {
  it("nothing stands beside a reference that the definition says, too: editors let either win", () => {
    const twice = nodes.flatMap((node) => {
      if (typeof node.$ref !== "string") return [];
      const meant = resolved(definition(node.$ref));
      return Object.keys(node).filter((key) => key !== "$ref" && key in meant);
    });
    expect(twice).toEqual([]);
  });

  it("no keyword is newer than draft 7, which older editors read", () => {
    const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false }).addVocabulary(["errorMessage"]);
    const validate = ajv.compile({ ...schema, $schema: "http://json-schema.org/draft-07/schema#" });
    const configs = [...VALID, ...INVALID].map((fixture) => [fixture.name, jsonOf(fixture)] as const);
    const other = configs.filter(([name, json]) => {
      const { isValid } = compare(name, json);
      return isValid !== null && json !== "" && validate(JSON.parse(json)) !== isValid;
    });
    expect(other).toEqual([]);
  });

  it("no pattern looks around, which few regular expressions outside of JavaScript do", () => {
    const patterns = nodes.map((node) => node["pattern"] as unknown).filter((pattern) => typeof pattern === "string");
    expect(patterns.length).toBeGreaterThan(30);
    expect(patterns.filter((pattern) => /\(\?[^:]|\\u|\\[1-9]/.test(pattern))).toEqual([]);
  });

  it("every pattern is the one of schema/patterns.ts, with a message in words", () => {
    const written = Object.entries(schema.$defs as Record<string, { pattern?: string; not?: { pattern?: string } }>)
      .filter(([name]) => name in PATTERNS)
      .map(([name, { pattern, not }]) => [name, { pattern, not: not?.pattern }] as const);
    expect(Object.fromEntries(written)).toEqual(PATTERNS);
    for (const name of Object.keys(PATTERNS)) expect(definition(name)["errorMessage"]).toMatch(/.{8,}/);
    const elsewhere = nodes.filter((node) => "pattern" in node).length;
    expect(elsewhere).toBe(
      Object.values(PATTERNS).reduce((sum, { pattern, not }) => sum + (pattern ? 1 : 0) + (not ? 1 : 0), 0),
    );
  });

  it("every definition is used", () => {
    const text = readFileSync(SCHEMA_FILE, "utf8");
    expect(Object.keys(schema.$defs).filter((name) => !text.includes(`"#/$defs/${name}"`))).toEqual([]);
  });

  it("its file is about one thing: it is not over 500 lines", () => {
    expect(readFileSync(SCHEMA_FILE, "utf8").split("\n").length).toBeLessThan(500);
  });
});

describe("the README's configurations", () => {
  const blocks = [...readFileSync(join(ROOT, "README.md"), "utf8").matchAll(/^```yaml\n(.*?)^```/gms)]
    .map(([, text = ""]) => text)
    .filter((text) => /^lookups:/m.test(text));

  it("are there", () => {
    expect(blocks.length).toBeGreaterThan(0);
  });

  it.each(blocks)("are valid: %s", (text) => {
    expect(compare("README.md", JSON.stringify(parse(text)))).toMatchObject({ invalid: "", errors: [] });
  });
});
