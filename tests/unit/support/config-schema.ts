import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020, type AnySchemaObject } from "ajv/dist/2020.js";
import { valueAt } from "../../fixtures/config/mutations.ts";
import { EXCEPTIONS, type ConfigError, type Exception } from "./config-schema-exceptions.ts";
import { UnitModule } from "./unit-module.ts";

export const SCHEMA_FILE = join(import.meta.dirname, "../../../schema/plugin-config.schema.json");

export interface Schema extends Omit<AnySchemaObject, "anyOf" | "properties"> {
  $ref?: string;
  $defs?: Record<string, Schema>;
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
}

export const schema = JSON.parse(readFileSync(SCHEMA_FILE, "utf8")) as Schema & { $defs: Record<string, Schema> };

const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false });
// What editors show in the place of "does not match the pattern …".
ajv.addVocabulary(["errorMessage"]);

/** A validator of what one field, or a definition, is. */
export function validatorOf(part: Schema): (value: unknown) => boolean {
  const validate = ajv.compile({ ...part, $defs: schema.$defs });
  return (value) => validate(value);
}

const validate = ajv.compile(schema);
const configure = new UnitModule().function("configure", ["bytes"], "text");

/** What the grammar has and the filter does not do yet: the schema is about the grammar. */
export const NOT_YET = /: not supported yet$/;

/** Stands behind the first hundred. */
const MORE_ERRORS = /^pluginConfig: (\d+|perhaps) more errors/;

/** What schema and filter say about one configuration. */
export interface Comparison {
  name: string;
  /** Whether it is valid by the schema; null when it is no JSON, about which a schema has no say. */
  isValid: boolean | null;
  /** Why not, where it is not. */
  invalid: string;
  /** What the filter finds wrong, apart from `notYet`. */
  errors: ConfigError[];
  notYet: string[];
}

export function compare(name: string, json: string | Uint8Array): Comparison {
  const found = configure(json).split("\n");
  const errors = found.filter((line) => line !== "" && !NOT_YET.test(line) && !MORE_ERRORS.test(line));
  const config = parsed(json);
  const isValid = config === undefined ? null : validate(config);
  return {
    name,
    isValid,
    invalid: isValid === false ? ajv.errorsText(validate.errors) : "",
    errors: errors.map((line) => errorOf(line, config)),
    notYet: found.filter((line) => NOT_YET.test(line)),
  };
}

/** How schema and filter disagree; empty when they do not, or only by a rule that JSON Schema cannot express. */
export function disagreementOf({ name, isValid, invalid, errors }: Comparison): string {
  const [error] = errors;
  if (isValid === null) return error ? "" : `${name}: no JSON, but the filter accepts it`;
  if (!error) return isValid ? "" : `${name}: refused by the schema only (${invalid})`;
  const unexplained = errors.find((other) => exceptionFor(other) === undefined);
  return isValid && unexplained ? `${name}: refused by the filter only (${unexplained.line})` : "";
}

/** The exceptions but for which schema and filter would disagree. */
export function exceptionsUsed({ isValid, errors }: Comparison): Exception[] {
  if (isValid !== true) return [];
  return errors.map(exceptionFor).filter((exception) => exception !== undefined);
}

function exceptionFor(error: ConfigError): Exception | undefined {
  return EXCEPTIONS.find(({ excuses }) => excuses(error));
}

function parsed(json: string | Uint8Array): unknown {
  // No text at all is the empty configuration.
  if (json.length === 0) return {};
  try {
    const text = typeof json === "string" ? json : new TextDecoder("utf-8", { fatal: true }).decode(json);
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** `lookups[0].match.headers["x y"]: problem`, and the value it is about. */
function errorOf(line: string, config: unknown): ConfigError {
  const [, place = "", problem = ""] = /^((?:[^:"]|"(?:[^"\\]|\\.)*")*): (.*)$/su.exec(line) ?? [];
  const keys = [...place.matchAll(/\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|([\w-]+)/g)].map(([, index, quoted, plain]) =>
    index === undefined ? (quoted ?? plain ?? "") : Number(index),
  );
  return { line, problem, value: valueAt(config, keys), siblings: valueAt(config, keys.slice(0, -1)) };
}
