import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parsePath } from "../../cli/src/plugin-config/config-path.ts";
import { type ConfigFixture, type PluginConfig, jsonOf } from "../fixtures/config/fixture.ts";
import { INVALID } from "../fixtures/config/invalid.ts";
import { VALID } from "../fixtures/config/valid.ts";
import { type JsonDiagnostic, type JsonReport, checkJson, signpost } from "./support/cli.ts";
import {
  envoyFilter,
  pluginMessage,
  stringValue,
  trafficExtension,
  typedConfig,
  wasmPlugin,
  yamlOf,
} from "./support/manifests.ts";

const directory = mkdtempSync(join(tmpdir(), "signpost-cli-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A fixture whose configuration is an object, so that it can be written in any form. */
type ObjectFixture = ConfigFixture & { config: PluginConfig };

function isObject(fixture: ConfigFixture): fixture is ObjectFixture {
  return typeof fixture.config === "object";
}

/** The forms a configuration can have in a file, and how to write it in each. */
const FORMS: Record<string, (config: PluginConfig) => string> = {
  "a pluginConfig in YAML": (config) => yamlOf(config),
  "a WasmPlugin": (config) => yamlOf(wasmPlugin(config)),
  "a TrafficExtension": (config) => yamlOf(trafficExtension(config)),
  "an EnvoyFilter": (config) =>
    yamlOf(envoyFilter(typedConfig(pluginMessage(stringValue(JSON.stringify(config, null, 2)))))),
};

/** Writes each fixture into a file; returns their names. */
function write(fixtures: readonly ConfigFixture[], name: string, textOf: (fixture: ConfigFixture) => string): string[] {
  return fixtures.map((fixture, index) => {
    const file = join(directory, `${index}-${name}`);
    writeFileSync(file, textOf(fixture));
    return file;
  });
}

/** Objects over several lines, so that a line says something. */
function jsonText(fixture: ConfigFixture): string {
  return isObject(fixture) ? JSON.stringify(fixture.config, null, 2) : jsonOf(fixture);
}

function errorsOf(diagnostics: readonly JsonDiagnostic[]): string[] {
  return diagnostics
    .filter(({ severity }) => severity === "error")
    .map(({ path, message }) => `${path === "" ? "pluginConfig" : path}: ${message}`);
}

describe("a configuration in JSON that the filter refuses", () => {
  let report: JsonReport & { code: number | null };

  beforeAll(async () => {
    report = await checkJson(write(INVALID, "invalid.json", jsonText));
  });

  it("makes the exit code 1", () => {
    expect(report.code).toBe(1);
  });

  it.each(INVALID.map((fixture, index) => ({ ...fixture, index })))(
    "is shown with the filter's own words: $name",
    ({ errors, index }) => {
      const file = report.files[index];
      expect(file?.valid).toBe(false);
      expect(errorsOf(file?.diagnostics ?? [])).toEqual(errors);
    },
  );

  it.each(INVALID.map((fixture, index) => ({ ...fixture, index })).filter(isObject))(
    "has every mistake where its path is: $name",
    ({ config, index }) => {
      const lines = JSON.stringify(config, null, 2).split("\n");
      for (const { path, line, column } of report.files[index]?.diagnostics ?? []) {
        const found = lines[(line ?? 0) - 1]?.slice((column ?? 0) - 1) ?? "";
        expect(found, path).toSatisfy((text: string) => textsFor(config, path).some((start) => text.startsWith(start)));
      }
    },
  );
});

/** With what the text may begin at the place a path names: its value, its name or that of what should hold it. */
function textsFor(config: unknown, path: string): string[] {
  let value = config;
  let name = "{";
  for (const step of parsePath(path)) {
    const next: unknown = typeof value === "object" && value !== null ? Reflect.get(value, step) : undefined;
    if (next === undefined) return [name];
    value = next;
    name = typeof step === "string" ? JSON.stringify(step) : (JSON.stringify(next, null, 2).split("\n")[0] ?? "");
  }
  return typeof value === "object" && value !== null ? [name] : [name, JSON.stringify(value)];
}

describe("a configuration that the filter accepts", () => {
  it("is valid in JSON, and the exit code is 0", async () => {
    const { code, files } = await checkJson(write(VALID, "valid.json", jsonText));
    expect(files.filter(({ valid }) => !valid)).toEqual([]);
    expect(code).toBe(0);
  });

  it.each(Object.entries(FORMS))("is valid in %s", async (form, textOf) => {
    const fixtures = VALID.filter(isObject);
    const { code, files } = await checkJson(
      write(fixtures, `${form}.yaml`, ({ config }) => textOf(config as PluginConfig)),
    );
    expect(files.filter(({ valid }) => !valid)).toEqual([]);
    expect(code).toBe(0);
  });
});

describe("what the filter refuses is refused with the same words", () => {
  it.each(Object.entries(FORMS))("in %s", async (form, textOf) => {
    const fixtures = INVALID.filter(isObject);
    const { code, files } = await checkJson(
      write(fixtures, `${form}.yaml`, ({ config }) => textOf(config as PluginConfig)),
    );
    expect(code).toBe(1);
    for (const [index, { name, errors }] of fixtures.entries()) {
      expect(errorsOf(files[index]?.diagnostics ?? []), name).toEqual(errors);
    }
  });
});

describe("the exit code for a file by itself", () => {
  it.each(INVALID.slice(0, 3))("is 1: $name", async (fixture) => {
    const [file = ""] = write([fixture], "alone.json", jsonText);
    expect((await signpost(["check", file])).code).toBe(1);
  });

  it.each(VALID.slice(0, 3))("is 0: $name", async (fixture) => {
    const [file = ""] = write([fixture], "alone.json", jsonText);
    expect((await signpost(["check", file])).code).toBe(0);
  });
});
