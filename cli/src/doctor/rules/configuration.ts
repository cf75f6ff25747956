import { undeclaredVariable } from "../../check/environment.ts";
import type { Diagnostic } from "../../plugin-config/index.ts";
import type { Examined, ExaminedInstance } from "../examined.ts";
import { type Finding, finding } from "../finding.ts";
import { placesOf } from "../instance.ts";

/** Whether the filter takes the configuration it was given. */
export function* configuration({ instances }: Examined): Iterable<Finding> {
  for (const instance of instances) yield* configurationOf(instance);
}

function* configurationOf(instance: ExaminedInstance): Iterable<Finding> {
  const { message, source, verdict, configuration: facts } = instance;
  const { isText, type, json } = message.configuration;
  const where = placesOf(instance);
  if (!isText) yield finding("config-not-text", { seen: `the configuration is a ${type}`, where });
  if (isText && isEmpty(json)) {
    // The filter says so in its own words, too.
    yield finding("config-empty", { seen: "there is nothing in it", where });
    return;
  }
  for (const diagnostic of verdict) {
    const id = diagnostic.severity === "error" ? "config-refused" : "config-warned";
    yield finding(id, { seen: textOf(diagnostic), where });
  }
  // The module may have said something about the name itself.
  const isNameJudged = verdict.some(({ path }) => path === "webdis.passwordEnv");
  for (const diagnostic of isNameJudged ? [] : undeclaredVariable(source)) {
    yield finding("password-variable-missing", { seen: textOf(diagnostic), where });
  }
  if (facts.isShadow) yield finding("shadow-mode", { seen: "shadow: true", where });
}

function isEmpty(json: string): boolean {
  return /^\s*(?:\{\s*\})?\s*$/.test(json);
}

function textOf({ path, message }: Diagnostic): string {
  return path === "" ? message : `${path}: ${message}`;
}
